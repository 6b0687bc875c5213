// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {EnclaveStub} from "./helpers/EnclaveStub.sol";
import {StateCommitFixture} from "./helpers/StateCommitFixture.sol";
import {StateCommitRegistry} from "../../contracts/StateCommitRegistry.sol";
import {IEnclaveRegistry} from "../../contracts/interfaces/IEnclaveRegistry.sol";
import {IQuorumVerifier} from "../../contracts/interfaces/IQuorumVerifier.sol";
import {IStateCommitRegistry} from "../../contracts/interfaces/IStateCommitRegistry.sol";
import {IStateRootCommittable} from "../../contracts/interfaces/IStateRootCommittable.sol";
import {CertificateFault} from "../../contracts/types/CertificateFault.sol";
import {DaCertHash} from "../../contracts/types/DaCertHash.sol";
import {StateCommit} from "../../contracts/types/StateCommit.sol";
import {StateRoot} from "../../contracts/types/StateRoot.sol";

contract StateCommitRegistryTest is StateCommitFixture {
    // -- ABI --

    function test_ABI10_selectorsAndTopic_areThoseOfTheDeployedRegistry() public pure {
        assertTrue(IStateRootCommittable.commitStateRoot.selector == 0x135d225a, "commitStateRoot");
        assertTrue(
            IStateRootCommittable.getStateRoot.selector == bytes4(keccak256("getStateRoot()")),
            "root"
        );
        assertTrue(
            IStateRootCommittable.getSequenceNo.selector == bytes4(keccak256("getSequenceNo()")),
            "sequence"
        );
        assertEq(
            IStateRootCommittable.StateRootCommitted.selector,
            0x188a7bee69a04b7b37c954b254e19aae58009d77ec35d93b3eef095066f9dfe3,
            "event"
        );
    }

    function test_ABI02_commitStateRoot_dirtyUpperBits_reverts() public {
        StateCommit memory commit = _next(_registry);
        bytes memory data = abi.encodeCall(_registry.commitStateRoot, (commit, ""));
        // Field 0 is a uint8, fields 1 and 4 are uint64: set one bit above each.
        uint256[3] memory offsets = [uint256(4 + 30), 4 + 32 + 23, 4 + 4 * 32 + 23];
        for (uint256 i = 0; i < offsets.length; ++i) {
            bytes memory dirty = bytes.concat(data);
            dirty[offsets[i]] = 0x01;
            (bool ok, ) = address(_registry).call(dirty);
            assertTrue(!ok && _registry.getSequenceNo() == 0, "reverts");
        }
        (bool accepted, ) = address(_registry).call(data);
        assertTrue(accepted, "clean");
    }

    function test_ABI01_commitStateRoot_cutCalldata_reverts() public {
        bytes memory data = abi.encodeCall(_registry.commitStateRoot, (_next(_registry), hex"c0ffee"));
        // The padding of the certificate's last word carries nothing.
        for (uint256 length = 0; length < data.length - 29; ++length) {
            bytes memory cut = new bytes(length);
            for (uint256 i = 0; i < length; ++i) cut[i] = data[i];
            (bool ok, ) = address(_registry).call(cut);
            assertTrue(!ok && _registry.getSequenceNo() == 0, "reverts");
        }
    }

    // -- Constructor --

    function test_BLS14_constructor_quorumOutOfBounds_reverts() public {
        uint16[4] memory bad = [uint16(0), 1, 6_666, 10_001];
        for (uint256 i = 0; i < bad.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(IStateCommitRegistry.InvalidQuorumBps.selector, 6_667, bad[i])
            );
            new StateCommitRegistry(
                address(this),
                _verifier,
                IEnclaveRegistry(address(0)),
                bad[i],
                60,
                1 hours,
                CHANGE_DELAY_SECONDS
            );
        }
        StateCommitRegistry least = new StateCommitRegistry(
            address(this),
            _verifier,
            IEnclaveRegistry(address(0)),
            6_667,
            900,
            10 minutes,
            CHANGE_DELAY_SECONDS
        );
        assertEq(least.quorumBps(), 6_667, "the floor");
        StateCommitRegistry most = new StateCommitRegistry(
            address(this),
            _verifier,
            IEnclaveRegistry(address(0)),
            10_000,
            0,
            7 days,
            CHANGE_DELAY_SECONDS
        );
        assertEq(most.quorumBps(), 10_000, "everybody");
    }

    function test_constructor_argumentOutOfBounds_reverts() public {
        IEnclaveRegistry none = IEnclaveRegistry(address(0));
        vm.expectRevert(_invalid("maxSkewSeconds", 901));
        new StateCommitRegistry(address(this), _verifier, none, 6_667, 901, 1 hours, CHANGE_DELAY_SECONDS);
        vm.expectRevert(_invalid("heartbeatSeconds", 599));
        new StateCommitRegistry(address(this), _verifier, none, 6_667, 60, 599, CHANGE_DELAY_SECONDS);
        vm.expectRevert(_invalid("heartbeatSeconds", 7 days + 1));
        new StateCommitRegistry(address(this), _verifier, none, 6_667, 60, 7 days + 1, CHANGE_DELAY_SECONDS);
        vm.expectRevert(_invalid("verifier", 0xdead));
        new StateCommitRegistry(
            address(this),
            IQuorumVerifier(address(0xdead)),
            none,
            6_667,
            60,
            1 hours,
            CHANGE_DELAY_SECONDS
        );
        vm.expectRevert(_invalid("enclaveRegistry", 0xdead));
        new StateCommitRegistry(
            address(this),
            _verifier,
            IEnclaveRegistry(address(0xdead)),
            6_667,
            60,
            1 hours,
            CHANGE_DELAY_SECONDS
        );
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableInvalidOwner.selector, address(0)));
        new StateCommitRegistry(address(0), _verifier, none, 6_667, 60, 1 hours, CHANGE_DELAY_SECONDS);
    }

    function _invalid(bytes32 name, uint256 got) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IStateCommitRegistry.InvalidParameter.selector, name, got);
    }

    function test_getters_returnWhatWasSet() public {
        EnclaveStub enclaves = new EnclaveStub();
        StateCommitRegistry registry = _deploy(enclaves);
        assertEq(registry.quorumBps(), QUORUM_BPS, "quorumBps");
        assertEq(registry.maxSkewSeconds(), SKEW_SECONDS, "maxSkewSeconds");
        assertEq(registry.heartbeatSeconds(), HEARTBEAT_SECONDS, "heartbeatSeconds");
        assertTrue(address(registry.verifier()) == address(_verifier), "verifier");
        assertTrue(address(registry.enclaveRegistry()) == address(enclaves), "enclaveRegistry");
        assertEq(StateRoot.unwrap(registry.getStateRoot()), bytes32(0), "no root yet");
    }

    // -- Acceptance --

    function test_commitStateRoot_nextCommit_isHead() public {
        StateCommit memory commit = _next(_registry);
        vm.expectEmit();
        emit IStateRootCommittable.StateRootCommitted(
            1,
            StateRoot.wrap(0),
            commit.newStateRoot,
            commit.timestamp,
            commit.daCertHash,
            bytes32(0)
        );
        _registry.commitStateRoot(commit, "");
        (uint64 timestamp, uint64 acceptedAt) = _registry.lastCommitTimes();
        assertEq(_registry.getSequenceNo(), 1, "sequence");
        assertEq(StateRoot.unwrap(_registry.getStateRoot()), StateRoot.unwrap(_root(1)), "root");
        assertEq(vm.load(address(_registry), bytes32(RING_SLOT + 1)), StateRoot.unwrap(_root(1)), "ring");
        assertEq(timestamp, commit.timestamp, "timestamp");
        assertEq(acceptedAt, _clock, "acceptedAt");
    }

    function test_BLS12_commitStateRoot_digestOfOtherRegistry_isRejected() public {
        StateCommitRegistry other = _deploy(IEnclaveRegistry(address(0)));
        StateCommit memory commit = _next(_registry);
        _verifier.expect(other.digestOf(commit));
        _assertRejected(commit, _rejected(CertificateFault.MessageMismatch));
        other.commitStateRoot(commit, "");
        assertEq(other.getSequenceNo(), 1, "accepted where it belongs");
    }

    function test_BLS11_commitStateRoot_digestOfOtherChain_isRejected() public {
        StateCommit memory commit = _next(_registry);
        bytes32 here = _registry.digestOf(commit);
        _verifier.expect(here);
        vm.chainId(block.chainid + 1);
        assertTrue(_registry.digestOf(commit) != here, "a fork of the chain has another domain");
        _assertRejected(commit, _rejected(CertificateFault.MessageMismatch));
        vm.chainId(block.chainid - 1);
        _registry.commitStateRoot(commit, "");
        assertEq(_registry.getSequenceNo(), 1, "accepted where it belongs");
    }

    function testFuzz_digestOf_anyFieldDiffers_differs(StateCommit calldata commit, uint8 field) public view {
        StateCommit memory other = commit;
        field = field % 7;
        if (field == 0) other.version ^= 1;
        else if (field == 1) other.sequenceNo ^= 1;
        else if (field == 2) other.prevStateRoot = _flip(other.prevStateRoot);
        else if (field == 3) other.newStateRoot = _flip(other.newStateRoot);
        else if (field == 4) other.timestamp ^= 1;
        else if (field == 5)
            other.daCertHash = DaCertHash.wrap(DaCertHash.unwrap(other.daCertHash) ^ hex"01");
        else other.pcr0Commitment ^= hex"01";
        assertTrue(_registry.digestOf(commit) != _registry.digestOf(other), "differs");
    }

    function _flip(StateRoot root) private pure returns (StateRoot) {
        return StateRoot.wrap(StateRoot.unwrap(root) ^ hex"01");
    }

    // -- Pause --

    function test_ACL07_pauseCommits_stopsCommitsAndKeepsReads() public {
        _commitTimes(2);
        vm.expectEmit();
        emit IStateCommitRegistry.CommitPauseChanged(true);
        _registry.pauseCommits();
        _assertRejected(
            _next(_registry),
            abi.encodeWithSelector(IStateCommitRegistry.CommitsPaused.selector)
        );
        assertEq(StateRoot.unwrap(_registry.stateRootAt(1)), StateRoot.unwrap(_root(1)), "reads go on");
        vm.expectEmit();
        emit IStateCommitRegistry.CommitPauseChanged(false);
        _registry.resumeCommits();
        _commitTimes(1);
        assertEq(_registry.getSequenceNo(), 3, "resumed");
    }

    /// @dev For every bit that the head holds beside the number: none of them can be taken for part of it.
    function test_ACL07_pauseCommits_sequenceNoThatCountsThePause_isRefused() public {
        _commitTimes(2);
        _registry.pauseCommits();
        for (uint256 bit = 2; bit < 64; ++bit) {
            StateCommit memory commit = _next(_registry);
            commit.sequenceNo += uint64(1) << uint64(bit);
            _assertRejected(commit, abi.encodeWithSelector(IStateCommitRegistry.CommitsPaused.selector));
        }
    }

    function test_ACL07_pauseCommits_isOnlyForTheOwner() public {
        bytes memory reason = abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, address(7));
        vm.startPrank(address(7));
        vm.expectRevert(reason);
        _registry.pauseCommits();
        assertTrue(!_registry.isPaused(), "not paused");
        vm.stopPrank();
        _registry.pauseCommits();
        vm.startPrank(address(7));
        vm.expectRevert(reason);
        _registry.resumeCommits();
        vm.stopPrank();
        assertTrue(_registry.isPaused(), "still paused");
    }
}
