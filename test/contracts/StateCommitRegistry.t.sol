// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Test} from "../Cheats.sol";
import {VerifierStub} from "./VerifierStub.sol";
import {StateCommitRegistry} from "../../contracts/StateCommitRegistry.sol";
import {IEnclaveRegistry} from "../../contracts/interfaces/IEnclaveRegistry.sol";
import {IQuorumVerifier} from "../../contracts/interfaces/IQuorumVerifier.sol";
import {IStateCommitRegistry} from "../../contracts/interfaces/IStateCommitRegistry.sol";
import {IStateRootCommittable} from "../../contracts/interfaces/IStateRootCommittable.sol";
import {CertificateFault} from "../../contracts/types/CertificateFault.sol";
import {DaCertHash} from "../../contracts/types/DaCertHash.sol";
import {StateCommit} from "../../contracts/types/StateCommit.sol";
import {StateRoot} from "../../contracts/types/StateRoot.sol";

contract EnclaveStub is IEnclaveRegistry {
    function isActiveVersion(bytes32 pcr0) external pure returns (bool) {
        return pcr0 == "active";
    }
}

contract StateCommitRegistryTest is Test {
    uint16 private constant QUORUM_BPS = 6_700;
    uint32 private constant SKEW_SECONDS = 60;
    uint32 private constant HEARTBEAT_SECONDS = 6 hours;
    uint64 private constant START = 1_800_000_000;
    /// @dev Storage slot of the ring: owner and pending owner, two words of EIP712, and the head come before.
    uint256 private constant RING_SLOT = 5;
    bytes32 private constant EMPTY_TREE_ROOT = "SPARSE_MERKLE_PLACEHOLDER_HASH__";

    VerifierStub private _verifier;
    StateCommitRegistry private _registry;
    /// @dev Block time, kept here because the optimizer takes `block.timestamp` for constant within a call.
    uint64 private _clock;

    function setUp() public {
        _warp(START);
        _verifier = new VerifierStub();
        _registry = _deploy(IEnclaveRegistry(address(0)));
    }

    function _warp(uint64 to) private {
        _clock = to;
        vm.warp(to);
    }

    function _deploy(IEnclaveRegistry enclaves) private returns (StateCommitRegistry) {
        return
            new StateCommitRegistry(
                address(this),
                _verifier,
                enclaves,
                QUORUM_BPS,
                SKEW_SECONDS,
                HEARTBEAT_SECONDS
            );
    }

    function _root(uint256 n) private pure returns (StateRoot) {
        return StateRoot.wrap(keccak256(abi.encode("root", n)));
    }

    /// @dev A commit that `registry` accepts now, with the root numbered as the commit.
    function _next(StateCommitRegistry registry) private view returns (StateCommit memory commit) {
        uint64 sequenceNo = registry.getSequenceNo() + 1;
        (uint64 last, ) = registry.lastCommitTimes();
        commit = StateCommit({
            version: 2,
            sequenceNo: sequenceNo,
            prevStateRoot: registry.getStateRoot(),
            newStateRoot: _root(sequenceNo),
            timestamp: last >= _clock ? last + 1 : _clock,
            daCertHash: DaCertHash.wrap(keccak256("manifest")),
            pcr0Commitment: bytes32(0)
        });
    }

    function _commitTimes(uint256 count) private {
        for (uint256 i = 0; i < count; ++i) {
            _warp(_clock + 120);
            _registry.commitStateRoot(_next(_registry), "");
        }
    }

    function _stateHash() private view returns (bytes32) {
        (uint64 timestamp, uint64 acceptedAt) = _registry.lastCommitTimes();
        uint64 n = _registry.getSequenceNo();
        bytes32 ring = keccak256(
            abi.encode(
                _registry.tryStateRootAt(n),
                _registry.tryStateRootAt(n + 1),
                vm.load(address(_registry), bytes32(RING_SLOT + ((n + 1) % 720)))
            )
        );
        return
            keccak256(
                abi.encode(n, _registry.getStateRoot(), timestamp, acceptedAt, _registry.isPaused(), ring)
            );
    }

    function _assertRejected(StateCommit memory commit, bytes memory reason) private {
        bytes32 before = _stateHash();
        vm.expectRevert(reason);
        _registry.commitStateRoot(commit, "");
        assertEq(_stateHash(), before, "unchanged");
    }

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
                1 hours
            );
        }
        StateCommitRegistry least = new StateCommitRegistry(
            address(this),
            _verifier,
            IEnclaveRegistry(address(0)),
            6_667,
            900,
            10 minutes
        );
        assertEq(least.quorumBps(), 6_667, "the floor");
        StateCommitRegistry most = new StateCommitRegistry(
            address(this),
            _verifier,
            IEnclaveRegistry(address(0)),
            10_000,
            0,
            7 days
        );
        assertEq(most.quorumBps(), 10_000, "everybody");
    }

    function test_constructor_argumentOutOfBounds_reverts() public {
        IEnclaveRegistry none = IEnclaveRegistry(address(0));
        vm.expectRevert(_invalid("maxSkewSeconds", 901));
        new StateCommitRegistry(address(this), _verifier, none, 6_667, 901, 1 hours);
        vm.expectRevert(_invalid("heartbeatSeconds", 599));
        new StateCommitRegistry(address(this), _verifier, none, 6_667, 60, 599);
        vm.expectRevert(_invalid("heartbeatSeconds", 7 days + 1));
        new StateCommitRegistry(address(this), _verifier, none, 6_667, 60, 7 days + 1);
        vm.expectRevert(_invalid("verifier", 0xdead));
        new StateCommitRegistry(address(this), IQuorumVerifier(address(0xdead)), none, 6_667, 60, 1 hours);
        vm.expectRevert(_invalid("enclaveRegistry", 0xdead));
        new StateCommitRegistry(
            address(this),
            _verifier,
            IEnclaveRegistry(address(0xdead)),
            6_667,
            60,
            1 hours
        );
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableInvalidOwner.selector, address(0)));
        new StateCommitRegistry(address(0), _verifier, none, 6_667, 60, 1 hours);
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

    // -- Rules --

    function test_SEQ12_commitStateRoot_otherVersion_reverts() public {
        StateCommit memory commit = _next(_registry);
        uint8[4] memory bad = [uint8(0), 1, 3, 255];
        for (uint256 i = 0; i < bad.length; ++i) {
            commit.version = bad[i];
            _assertRejected(
                commit,
                abi.encodeWithSelector(
                    IStateRootCommittable.UnsupportedStateCommitVersion.selector,
                    2,
                    bad[i]
                )
            );
        }
    }

    function testFuzz_SEQ01_commitStateRoot_otherSequence_reverts(uint64 sequenceNo) public {
        _commitTimes(3);
        vm.assume(sequenceNo != 4);
        StateCommit memory commit = _next(_registry);
        commit.sequenceNo = sequenceNo;
        _assertRejected(
            commit,
            abi.encodeWithSelector(IStateRootCommittable.SequenceGap.selector, 4, sequenceNo)
        );
    }

    function test_SEQ01_commitStateRoot_edgesOfSequence_revert() public {
        _commitTimes(1);
        StateCommit memory commit = _next(_registry);
        uint64[4] memory bad = [uint64(0), 1, 3, type(uint64).max];
        for (uint256 i = 0; i < bad.length; ++i) {
            commit.sequenceNo = bad[i];
            _assertRejected(
                commit,
                abi.encodeWithSelector(IStateRootCommittable.SequenceGap.selector, 2, bad[i])
            );
        }
    }

    function test_SEQ02_commitStateRoot_otherPreviousRoot_reverts() public {
        _commitTimes(2);
        StateCommit memory commit = _next(_registry);
        bytes32[4] memory bad = [
            bytes32(0),
            StateRoot.unwrap(_root(1)),
            keccak256("other chain"),
            EMPTY_TREE_ROOT
        ];
        for (uint256 i = 0; i < bad.length; ++i) {
            commit.prevStateRoot = StateRoot.wrap(bad[i]);
            _assertRejected(
                commit,
                abi.encodeWithSelector(IStateRootCommittable.StateRootMismatch.selector, _root(2), bad[i])
            );
        }
    }

    function test_SEQ02_commitStateRoot_firstOnANonZeroRoot_reverts() public {
        StateCommit memory commit = _next(_registry);
        commit.prevStateRoot = StateRoot.wrap(EMPTY_TREE_ROOT);
        _assertRejected(
            commit,
            abi.encodeWithSelector(
                IStateRootCommittable.StateRootMismatch.selector,
                bytes32(0),
                EMPTY_TREE_ROOT
            )
        );
    }

    function test_SEQ03_commitStateRoot_zeroRoot_reverts() public {
        StateCommit memory commit = _next(_registry);
        commit.newStateRoot = StateRoot.wrap(0);
        _assertRejected(commit, abi.encodeWithSelector(IStateRootCommittable.InvalidNewStateRoot.selector));
    }

    function test_SEQ05_commitStateRoot_emptyTreeRoot_reverts() public {
        _commitTimes(1);
        StateCommit memory commit = _next(_registry);
        commit.newStateRoot = StateRoot.wrap(EMPTY_TREE_ROOT);
        _assertRejected(commit, abi.encodeWithSelector(IStateCommitRegistry.EmptyTreeRoot.selector));
    }

    function test_SEQ04_commitStateRoot_unchangedRoot_onlyWhenHeartbeatIsDue() public {
        _commitTimes(1);
        uint64 dueAt = _clock + HEARTBEAT_SECONDS;
        _warp(dueAt - 1);
        StateCommit memory commit = _next(_registry);
        commit.newStateRoot = commit.prevStateRoot;
        commit.daCertHash = DaCertHash.wrap(0);
        _assertRejected(commit, abi.encodeWithSelector(IStateCommitRegistry.NoOpCommit.selector, dueAt));
        _warp(dueAt);
        _registry.commitStateRoot(commit, "");
        assertEq(_registry.getSequenceNo(), 2, "heartbeat");
        assertEq(StateRoot.unwrap(_registry.getStateRoot()), StateRoot.unwrap(_root(1)), "root unchanged");
        assertEq(
            StateRoot.unwrap(_registry.stateRootAt(2)),
            StateRoot.unwrap(_root(1)),
            "retained under both"
        );
    }

    function test_SEQ14_commitStateRoot_manifestHash_zeroIffUnchanged() public {
        _commitTimes(1);
        StateCommit memory commit = _next(_registry);
        commit.daCertHash = DaCertHash.wrap(0);
        _assertRejected(commit, abi.encodeWithSelector(IStateCommitRegistry.InvalidDaCert.selector));
        _warp(_clock + HEARTBEAT_SECONDS);
        commit = _next(_registry);
        commit.newStateRoot = commit.prevStateRoot;
        _assertRejected(commit, abi.encodeWithSelector(IStateCommitRegistry.InvalidDaCert.selector));
    }

    function test_SEQ06_commitStateRoot_timestampNotLater_reverts() public {
        _commitTimes(1);
        (uint64 last, ) = _registry.lastCommitTimes();
        StateCommit memory commit = _next(_registry);
        uint64[3] memory bad = [uint64(0), last - 1, last];
        for (uint256 i = 0; i < bad.length; ++i) {
            commit.timestamp = bad[i];
            _assertRejected(
                commit,
                abi.encodeWithSelector(IStateRootCommittable.TimestampRegression.selector, last, bad[i])
            );
        }
    }

    function test_SEQ06_commitStateRoot_timestampBeyondSkew_reverts() public {
        uint64 latest = _clock + SKEW_SECONDS;
        StateCommit memory commit = _next(_registry);
        uint64[2] memory bad = [latest + 1, type(uint64).max];
        for (uint256 i = 0; i < bad.length; ++i) {
            commit.timestamp = bad[i];
            _assertRejected(
                commit,
                abi.encodeWithSelector(IStateCommitRegistry.TimestampInFuture.selector, latest, bad[i])
            );
        }
        commit.timestamp = latest;
        _registry.commitStateRoot(commit, "");
        assertEq(_registry.getSequenceNo(), 1, "the latest allowed");
    }

    function test_SEQ07_commitStateRoot_twoInOneBlock_areAccepted() public {
        _registry.commitStateRoot(_next(_registry), "");
        _registry.commitStateRoot(_next(_registry), "");
        assertEq(_registry.getSequenceNo(), 2, "cadence is the commit loop's, not the chain's");
    }

    function test_SEQ10_commitStateRoot_landedTwice_secondIsASequenceGap() public {
        StateCommit memory commit = _next(_registry);
        vm.prank(address(0xfeed));
        _registry.commitStateRoot(commit, "");
        _assertRejected(commit, abi.encodeWithSelector(IStateRootCommittable.SequenceGap.selector, 2, 1));
    }

    function test_commitStateRoot_pcr0WithoutEnclaveRegistry_mustBeZero() public {
        StateCommit memory commit = _next(_registry);
        commit.pcr0Commitment = "active";
        _assertRejected(commit, abi.encodeWithSelector(IStateRootCommittable.InvalidPcr0Commitment.selector));
    }

    function test_commitStateRoot_pcr0WithEnclaveRegistry_mustBeActive() public {
        _registry = _deploy(new EnclaveStub());
        StateCommit memory commit = _next(_registry);
        bytes memory reason = abi.encodeWithSelector(IStateRootCommittable.InvalidPcr0Commitment.selector);
        _assertRejected(commit, reason);
        commit.pcr0Commitment = "retired";
        _assertRejected(commit, reason);
        commit.pcr0Commitment = "active";
        _registry.commitStateRoot(commit, "");
        assertEq(_registry.getSequenceNo(), 1, "active");
    }

    function test_commitStateRoot_severalRulesBroken_firstInOrderIsNamed() public {
        _commitTimes(1);
        (uint64 last, ) = _registry.lastCommitTimes();
        StateCommit memory good = _next(_registry);
        StateCommit memory bad = StateCommit(
            1,
            9,
            StateRoot.wrap("x"),
            StateRoot.wrap(0),
            last,
            DaCertHash.wrap(0),
            "x"
        );
        _verifier.answer(CertificateFault.UnknownEpoch, 0, 0);
        _registry.pauseCommits();
        _assertRejected(bad, abi.encodeWithSelector(IStateCommitRegistry.CommitsPaused.selector));
        _registry.resumeCommits();
        _assertRejected(
            bad,
            abi.encodeWithSelector(IStateRootCommittable.UnsupportedStateCommitVersion.selector, 2, 1)
        );
        bad.version = 2;
        _assertRejected(bad, abi.encodeWithSelector(IStateRootCommittable.InvalidPcr0Commitment.selector));
        bad.pcr0Commitment = 0;
        _assertRejected(bad, abi.encodeWithSelector(IStateRootCommittable.InvalidNewStateRoot.selector));
        bad.newStateRoot = StateRoot.wrap(EMPTY_TREE_ROOT);
        _assertRejected(bad, abi.encodeWithSelector(IStateCommitRegistry.EmptyTreeRoot.selector));
        bad.newStateRoot = good.prevStateRoot;
        _assertRejected(bad, abi.encodeWithSelector(IStateRootCommittable.SequenceGap.selector, 2, 9));
        bad.sequenceNo = 2;
        _assertRejected(
            bad,
            abi.encodeWithSelector(
                IStateRootCommittable.StateRootMismatch.selector,
                good.prevStateRoot,
                bytes32("x")
            )
        );
        bad.prevStateRoot = good.prevStateRoot;
        _assertRejected(
            bad,
            abi.encodeWithSelector(IStateRootCommittable.TimestampRegression.selector, last, last)
        );
        bad.timestamp = last + 1;
        _assertRejected(
            bad,
            abi.encodeWithSelector(IStateCommitRegistry.NoOpCommit.selector, _clock + HEARTBEAT_SECONDS)
        );
        bad.newStateRoot = good.newStateRoot;
        _assertRejected(bad, abi.encodeWithSelector(IStateCommitRegistry.InvalidDaCert.selector));
        bad.daCertHash = good.daCertHash;
        _assertRejected(bad, _rejected(CertificateFault.UnknownEpoch));
        _verifier.answer(CertificateFault.None, 0, 0);
        _assertRejected(bad, _insufficient(0, 0));
    }

    // -- Quorum --

    function test_commitStateRoot_faultyCertificate_namesEveryFault() public {
        StateCommit memory commit = _next(_registry);
        for (uint8 i = 1; i <= uint8(type(CertificateFault).max); ++i) {
            // Weights that would do, had the certificate no fault.
            _verifier.answer(CertificateFault(i), 3, 3);
            _assertRejected(commit, _rejected(CertificateFault(i)));
        }
    }

    function test_BLS13_commitStateRoot_signedWeightAtTheThreshold() public {
        StateCommit memory commit = _next(_registry);
        // 6,700 bps of 10,001 are 6,700.67: neither 6,700 nor a rounded 6,700 is enough.
        _verifier.answer(CertificateFault.None, 6_700, 10_001);
        _assertRejected(commit, _insufficient(6_700, 10_001));
        _verifier.answer(CertificateFault.None, 66_999_999, 100_000_000);
        _assertRejected(commit, _insufficient(66_999_999, 100_000_000));
        _verifier.answer(CertificateFault.None, 67_000_000, 100_000_000);
        _registry.commitStateRoot(commit, "");
        assertEq(_registry.getSequenceNo(), 1, "exactly the threshold");
    }

    function test_BLS14_commitStateRoot_zeroTotalWeight_reverts() public {
        _verifier.answer(CertificateFault.None, 0, 0);
        _assertRejected(_next(_registry), _insufficient(0, 0));
    }

    function testFuzz_BLS13_commitStateRoot_acceptedIffQuorum(uint128 signed, uint128 total) public {
        _verifier.answer(CertificateFault.None, signed, total);
        StateCommit memory commit = _next(_registry);
        bool isEnough = total > 0 && uint256(signed) * 10_000 >= uint256(total) * QUORUM_BPS;
        if (!isEnough) {
            _assertRejected(commit, _insufficient(signed, total));
            return;
        }
        _registry.commitStateRoot(commit, "");
        assertEq(_registry.getSequenceNo(), 1, "accepted");
    }

    function _rejected(CertificateFault fault) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IStateCommitRegistry.CertificateRejected.selector, fault);
    }

    function _insufficient(uint256 signed, uint256 total) private pure returns (bytes memory) {
        return
            abi.encodeWithSelector(
                IStateCommitRegistry.InsufficientQuorum.selector,
                signed,
                total,
                QUORUM_BPS
            );
    }

    // -- Ring --

    function test_SEQ17_stateRootAt_beforeTheFirst_reverts() public {
        (uint64 oldest, uint64 newest) = _registry.retainedRange();
        assertTrue(oldest == 0 && newest == 0, "empty range");
        for (uint64 n = 0; n < 2; ++n) _assertNotRetained(n, 0, 0);
    }

    function test_SEQ17_stateRootAt_aroundTheRing_neverAnotherCommitsRoot() public {
        _commitTimes(719);
        _assertRange(1, 719);
        _commitTimes(1);
        _assertRange(1, 720);
        _commitTimes(1);
        _assertRange(2, 721);
        _commitTimes(30);
        _assertRange(32, 751);
    }

    function _assertRange(uint64 oldest, uint64 newest) private {
        (uint64 gotOldest, uint64 gotNewest) = _registry.retainedRange();
        assertEq(gotOldest, oldest, "oldest");
        assertEq(gotNewest, newest, "newest");
        for (uint64 n = oldest; n <= newest; ++n) {
            assertEq(StateRoot.unwrap(_registry.stateRootAt(n)), StateRoot.unwrap(_root(n)), "root");
        }
        _assertNotRetained(oldest - 1, oldest, newest);
        _assertNotRetained(newest + 1, oldest, newest);
        _assertNotRetained(newest + 720, oldest, newest);
        _assertNotRetained(0, oldest, newest);
        _assertNotRetained(type(uint64).max, oldest, newest);
    }

    function _assertNotRetained(uint64 n, uint64 oldest, uint64 newest) private {
        assertTrue(_registry.tryStateRootAt(n).isZero(), "zero");
        vm.expectRevert(
            abi.encodeWithSelector(IStateCommitRegistry.RootNotRetained.selector, n, oldest, newest)
        );
        _registry.stateRootAt(n);
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

/// @dev Drives a registry with commits good and bad, and counts what it accepted.
contract CommitHandler is Test {
    StateCommitRegistry public immutable REGISTRY;
    uint64 public acceptedCount;
    StateRoot public lastRoot;
    uint64 public lastTimestamp;
    bool public hasRuleBeenBroken;
    uint64 private _clock = 1_800_000_000;

    constructor(IQuorumVerifier verifier) {
        REGISTRY = new StateCommitRegistry(
            address(this),
            verifier,
            IEnclaveRegistry(address(0)),
            6_667,
            60,
            10 minutes
        );
    }

    function commit(uint8 twist, bytes32 root, uint16 waitSeconds) external {
        _clock += waitSeconds;
        vm.warp(_clock);
        StateCommit memory next = StateCommit({
            version: 2,
            sequenceNo: acceptedCount + 1,
            prevStateRoot: lastRoot,
            newStateRoot: StateRoot.wrap(root),
            timestamp: _clock,
            daCertHash: DaCertHash.wrap("manifest"),
            pcr0Commitment: 0
        });
        if (twist % 8 == 0) next.sequenceNo += 1;
        if (twist % 8 == 1) next.prevStateRoot = StateRoot.wrap(root);
        if (twist % 8 == 2) (next.newStateRoot, next.daCertHash) = (lastRoot, DaCertHash.wrap(0));
        if (twist % 8 == 3) next.timestamp += 61;
        try REGISTRY.commitStateRoot(next, "") {
            bool isChained = next.prevStateRoot == lastRoot && next.sequenceNo == acceptedCount + 1;
            if (!isChained || next.timestamp <= lastTimestamp) hasRuleBeenBroken = true;
            (acceptedCount, lastRoot, lastTimestamp) = (next.sequenceNo, next.newStateRoot, next.timestamp);
        } catch {}
    }

    function pause() external {
        REGISTRY.pauseCommits();
    }

    function resume() external {
        REGISTRY.resumeCommits();
    }
}

contract StateCommitRegistryInvariantTest is Test {
    CommitHandler private _handler;

    function setUp() public {
        vm.warp(1_800_000_000);
        _handler = new CommitHandler(new VerifierStub());
        targetContract(address(_handler));
    }

    function invariant_SEQ18_sequenceCountsAcceptedCommits() public view {
        StateCommitRegistry registry = _handler.REGISTRY();
        assertEq(registry.getSequenceNo(), _handler.acceptedCount(), "sequence");
        assertEq(StateRoot.unwrap(registry.getStateRoot()), StateRoot.unwrap(_handler.lastRoot()), "root");
        assertTrue(!_handler.hasRuleBeenBroken(), "chained, rising");
    }
}
