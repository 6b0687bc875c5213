// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {GovernanceFixture} from "./helpers/GovernanceFixture.sol";
import {StateCommitRegistry} from "../../contracts/StateCommitRegistry.sol";
import {CommitRules, ICommitGovernance} from "../../contracts/interfaces/ICommitGovernance.sol";
import {IStateCommitRegistry} from "../../contracts/interfaces/IStateCommitRegistry.sol";
import {IStateRootCommittable} from "../../contracts/interfaces/IStateRootCommittable.sol";
import {CertificateFault} from "../../contracts/types/CertificateFault.sol";
import {DaCertHash} from "../../contracts/types/DaCertHash.sol";
import {StateCommit} from "../../contracts/types/StateCommit.sol";
import {StateRecovery} from "../../contracts/types/StateRecovery.sol";
import {StateRoot} from "../../contracts/types/StateRoot.sol";

contract CommitRecoveryTest is GovernanceFixture {
    address private constant STRANGER = address(0xbad);

    function setUp() public override {
        super.setUp();
        _commitTimes(3);
        _warp(_clock + 1);
    }

    /// @dev The recovery from the current root, asked for now.
    function _recovery() private view returns (StateRecovery memory) {
        return
            StateRecovery({
                sequenceNo: _registry.getSequenceNo() + 1,
                lostStateRoot: _registry.getStateRoot(),
                newStateRoot: StateRoot.wrap(keccak256(abi.encode("recovered", _clock))),
                timestamp: _clock,
                daCertHash: DaCertHash.wrap("manifest"),
                reasonHash: "fire"
            });
    }

    function _proposeCall(StateRecovery memory recovery) private view returns (bytes memory) {
        return abi.encodeCall(_registry.proposeRecovery, (recovery, ""));
    }

    function _enactCall(StateRecovery memory recovery) private view returns (bytes memory) {
        return abi.encodeCall(_registry.enactRecovery, (recovery, ""));
    }

    function _recover() private returns (StateRecovery memory recovery) {
        _warp(_clock + 1);
        recovery = _recovery();
        _registry.proposeRecovery(recovery, "");
        _warp(_clock + CHANGE_DELAY_SECONDS);
        _registry.enactRecovery(recovery, "");
    }

    // -- Digest --

    function test_SEQ13_digestOfRecovery_vectors_equal() public {
        string memory json = vm.readFile("./test/vectors/stateRecovery.json");
        uint256[] memory chainIds = vm.parseJsonUintArray(json, ".chainIds");
        bytes[] memory registries = vm.parseJsonBytesArray(json, ".registries");
        uint256[] memory sequenceNos = vm.parseJsonUintArray(json, ".sequenceNos");
        bytes32[] memory lost = vm.parseJsonBytes32Array(json, ".lostStateRoots");
        bytes32[] memory next = vm.parseJsonBytes32Array(json, ".newStateRoots");
        uint256[] memory timestamps = vm.parseJsonUintArray(json, ".timestamps");
        bytes32[] memory manifests = vm.parseJsonBytes32Array(json, ".daCertHashes");
        bytes32[] memory reasons = vm.parseJsonBytes32Array(json, ".reasonHashes");
        bytes32[] memory digests = vm.parseJsonBytes32Array(json, ".digests");
        assertTrue(digests.length > 30, "vectors");
        for (uint256 i = 0; i < digests.length; ++i) {
            StateCommitRegistry registry = StateCommitRegistry(address(bytes20(registries[i])));
            vm.etch(address(registry), address(_registry).code);
            vm.chainId(chainIds[i]);
            StateRecovery memory recovery;
            recovery.sequenceNo = uint64(sequenceNos[i]);
            recovery.lostStateRoot = StateRoot.wrap(lost[i]);
            recovery.newStateRoot = StateRoot.wrap(next[i]);
            recovery.timestamp = uint64(timestamps[i]);
            recovery.daCertHash = DaCertHash.wrap(manifests[i]);
            recovery.reasonHash = reasons[i];
            assertEq(registry.digestOfRecovery(recovery), digests[i], "digest");
        }
    }

    /// @dev What a quorum signed as the one never serves as the other.
    function testFuzz_SEQ13_digestOfRecovery_isNeverThatOfACommit(
        StateRecovery calldata recovery,
        uint8 version
    ) public view {
        StateCommit memory commit = StateCommit(
            version,
            recovery.sequenceNo,
            recovery.lostStateRoot,
            recovery.newStateRoot,
            recovery.timestamp,
            recovery.daCertHash,
            recovery.reasonHash
        );
        assertTrue(_registry.digestOfRecovery(recovery) != _registry.digestOf(commit), "apart");
    }

    function test_SEQ13_certificateOfTheOneKind_isRefusedForTheOther() public {
        StateRecovery memory recovery = _recovery();
        StateCommit memory commit = _next(_registry);
        commit.newStateRoot = recovery.newStateRoot;
        commit.daCertHash = recovery.daCertHash;
        _verifier.expect(_registry.digestOf(commit));
        _assertRefused(_proposeCall(recovery), _rejected(CertificateFault.MessageMismatch));
        _verifier.expect(_registry.digestOfRecovery(recovery));
        _assertRejected(commit, _rejected(CertificateFault.MessageMismatch));
        _registry.proposeRecovery(recovery, "");
        (bytes32 digest, ) = _registry.proposedRecovery();
        assertEq(digest, _registry.digestOfRecovery(recovery), "its own");
    }

    // -- Two steps --

    function test_SEQ13_recovery_goesForwardAndKeepsHistory() public {
        _registry.pauseCommits();
        StateRecovery memory recovery = _recovery();
        uint64 executableAt = _clock + CHANGE_DELAY_SECONDS;
        bytes32 digest = _registry.digestOfRecovery(recovery);
        vm.expectEmit();
        emit ICommitGovernance.RecoveryProposed(digest, recovery, executableAt);
        _registry.proposeRecovery(recovery, "");
        assertEq(_registry.getSequenceNo(), 3, "not yet");
        _warp(executableAt - 1);
        _assertRefused(_enactCall(recovery), _active(executableAt));
        _warp(executableAt);
        vm.expectEmit();
        emit IStateRootCommittable.StateRootCommitted(
            4,
            recovery.lostStateRoot,
            recovery.newStateRoot,
            recovery.timestamp,
            recovery.daCertHash,
            bytes32(0)
        );
        vm.expectEmit();
        emit ICommitGovernance.StateRecovered(
            4,
            recovery.lostStateRoot,
            recovery.newStateRoot,
            recovery.reasonHash
        );
        _registry.enactRecovery(recovery, "");
        (uint64 timestamp, uint64 acceptedAt) = _registry.lastCommitTimes();
        assertEq(_registry.getSequenceNo(), 4, "one further");
        assertEq(StateRoot.unwrap(_registry.getStateRoot()), StateRoot.unwrap(recovery.newStateRoot), "root");
        assertTrue(timestamp == recovery.timestamp && acceptedAt == _clock, "times");
        for (uint64 n = 1; n <= 3; ++n) {
            assertEq(StateRoot.unwrap(_registry.stateRootAt(n)), StateRoot.unwrap(_root(n)), "history");
        }
        assertTrue(_registry.isPaused(), "still paused");
        _assertRefused(_enactCall(recovery), _nothing());
        _registry.resumeCommits();
        _commitTimes(1);
        assertEq(_registry.getSequenceNo(), 5, "commits go on from there");
    }

    function test_SEQ13_recovery_belowTheQuorum_isRefusedAtBothSteps() public {
        StateRecovery memory recovery = _recovery();
        // A certificate of next to nothing, in the words of the verifier.
        CertificateFault[3] memory faults = [
            CertificateFault.InvalidEncoding,
            CertificateFault.UnknownEpoch,
            CertificateFault.InvalidSignature
        ];
        for (uint256 i = 0; i < faults.length; ++i) {
            _verifier.answer(faults[i], 0, 0);
            _assertRefused(_proposeCall(recovery), _rejected(faults[i]));
        }
        _verifier.answer(CertificateFault.None, 66, 100);
        _assertRefused(_proposeCall(recovery), _insufficient(66, 100));
        _verifier.answer(CertificateFault.None, 67, 100);
        _registry.proposeRecovery(recovery, "");
        _warp(_clock + CHANGE_DELAY_SECONDS);
        // The epoch has ended since, or the operators do not sign again.
        _verifier.answer(CertificateFault.EpochExpired, 0, 0);
        _assertRefused(_enactCall(recovery), _rejected(CertificateFault.EpochExpired));
        _verifier.answer(CertificateFault.None, 66, 100);
        _assertRefused(_enactCall(recovery), _insufficient(66, 100));
        _verifier.answer(CertificateFault.None, 67, 100);
        _registry.enactRecovery(recovery, "");
        assertEq(_registry.getSequenceNo(), 4, "with the quorum");
    }

    function test_SEQ13_recovery_takesOwnerBesidesQuorum() public {
        StateRecovery memory recovery = _recovery();
        bytes memory reason = abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, STRANGER);
        vm.startPrank(STRANGER);
        _assertRefused(_proposeCall(recovery), reason);
        vm.stopPrank();
        _registry.proposeRecovery(recovery, "");
        _warp(_clock + CHANGE_DELAY_SECONDS);
        vm.startPrank(STRANGER);
        _assertRefused(_enactCall(recovery), reason);
        _assertRefused(abi.encodeCall(_registry.cancelRecoveryProposal, ()), reason);
        vm.stopPrank();
        _registry.enactRecovery(recovery, "");
        assertEq(_registry.getSequenceNo(), 4, "by the owner");
    }

    function test_SEQ13_commitInBetween_makesTheRecoveryStale() public {
        StateRecovery memory recovery = _recovery();
        _registry.proposeRecovery(recovery, "");
        _commitTimes(1);
        _warp(_clock + CHANGE_DELAY_SECONDS);
        _assertRefused(
            _enactCall(recovery),
            abi.encodeWithSelector(IStateRootCommittable.SequenceGap.selector, 5, 4)
        );
    }

    function test_SEQ13_proposeRecovery_notOneStepForward_isRefused() public {
        StateRecovery memory recovery = _recovery();
        uint64[4] memory badNumbers = [uint64(0), 2, 3, 5];
        for (uint256 i = 0; i < badNumbers.length; ++i) {
            recovery.sequenceNo = badNumbers[i];
            _assertRefused(
                _proposeCall(recovery),
                abi.encodeWithSelector(IStateRootCommittable.SequenceGap.selector, 4, badNumbers[i])
            );
        }
        recovery = _recovery();
        recovery.lostStateRoot = _root(2);
        _assertRefused(
            _proposeCall(recovery),
            abi.encodeWithSelector(IStateRootCommittable.StateRootMismatch.selector, _root(3), _root(2))
        );
        (uint64 last, ) = _registry.lastCommitTimes();
        recovery = _recovery();
        recovery.timestamp = last;
        _assertRefused(
            _proposeCall(recovery),
            abi.encodeWithSelector(IStateRootCommittable.TimestampRegression.selector, last, last)
        );
        recovery.timestamp = _clock + SKEW_SECONDS + 1;
        _assertRefused(
            _proposeCall(recovery),
            abi.encodeWithSelector(
                IStateCommitRegistry.TimestampInFuture.selector,
                _clock + SKEW_SECONDS,
                recovery.timestamp
            )
        );
    }

    function test_SEQ13_proposeRecovery_toNothingOrWithoutReason_isRefused() public {
        StateRecovery memory recovery = _recovery();
        recovery.newStateRoot = StateRoot.wrap(0);
        _assertNamed(recovery, IStateRootCommittable.InvalidNewStateRoot.selector);
        recovery.newStateRoot = StateRoot.wrap(EMPTY_TREE_ROOT);
        _assertNamed(recovery, IStateCommitRegistry.EmptyTreeRoot.selector);
        recovery.newStateRoot = recovery.lostStateRoot;
        _assertNamed(recovery, ICommitGovernance.NothingToRecover.selector);
        recovery = _recovery();
        recovery.daCertHash = DaCertHash.wrap(0);
        _assertNamed(recovery, IStateCommitRegistry.InvalidDaCert.selector);
        recovery = _recovery();
        recovery.reasonHash = 0;
        _assertNamed(recovery, ICommitGovernance.MissingReason.selector);
        super.setUp();
        _assertNamed(_recovery(), ICommitGovernance.NothingToRecover.selector);
    }

    function _assertNamed(StateRecovery memory recovery, bytes4 selector) private {
        _assertRefused(_proposeCall(recovery), abi.encodeWithSelector(selector));
    }

    function test_enactRecovery_otherThanProposed_isRefused() public {
        StateRecovery memory recovery = _recovery();
        _assertRefused(_enactCall(recovery), _nothing());
        _registry.proposeRecovery(recovery, "");
        _warp(_clock + CHANGE_DELAY_SECONDS);
        StateRecovery memory other = recovery;
        other.newStateRoot = _root(77);
        bytes memory reason = abi.encodeWithSelector(ICommitGovernance.NotTheProposal.selector);
        _assertRefused(_enactCall(other), reason);
    }

    function test_proposeRecovery_again_restartsTheClock() public {
        _registry.proposeRecovery(_recovery(), "");
        _warp(_clock + CHANGE_DELAY_SECONDS);
        StateRecovery memory later = _recovery();
        _registry.proposeRecovery(later, "");
        _assertRefused(_enactCall(later), _active(_clock + CHANGE_DELAY_SECONDS));
        uint64 expiredAt = _clock + CHANGE_DELAY_SECONDS + GRACE_SECONDS;
        _warp(expiredAt + 1);
        _assertRefused(_enactCall(later), _expired(expiredAt));
    }

    function test_cancelRecoveryProposal_takesItBack() public {
        bytes memory cancel = abi.encodeCall(_registry.cancelRecoveryProposal, ());
        _assertRefused(cancel, _nothing());
        StateRecovery memory recovery = _recovery();
        _registry.proposeRecovery(recovery, "");
        vm.expectEmit();
        emit ICommitGovernance.RecoveryProposalCancelled(_registry.digestOfRecovery(recovery));
        _registry.cancelRecoveryProposal();
        _warp(_clock + CHANGE_DELAY_SECONDS);
        _assertRefused(_enactCall(recovery), _nothing());
        _assertRefused(cancel, _nothing());
    }

    function test_recovery_underAmendedRules_obeysAndKeepsThem() public {
        _enact(CommitRules(_verifier, 9_000, 10, 1 hours));
        StateRecovery memory recovery = _recovery();
        recovery.timestamp = _clock + 11;
        _assertRefused(
            _proposeCall(recovery),
            abi.encodeWithSelector(
                IStateCommitRegistry.TimestampInFuture.selector,
                _clock + 10,
                recovery.timestamp
            )
        );
        _verifier.answer(CertificateFault.None, 8_999, 10_000);
        _assertRefused(
            _proposeCall(_recovery()),
            abi.encodeWithSelector(IStateCommitRegistry.InsufficientQuorum.selector, 8_999, 10_000, 9_000)
        );
        _verifier.answer(CertificateFault.None, 9_000, 10_000);
        _recover();
        assertEq(_registry.quorumBps(), 9_000, "still in force");
    }

    // -- History --

    function test_lastRecoveryUpTo_namesTheNewestNoLater() public {
        assertEq(_registry.lastRecoveryUpTo(type(uint64).max), 0, "none");
        _recover();
        _commitTimes(2);
        _recover();
        _commitTimes(1);
        uint64[9] memory wanted = [uint64(0), 0, 0, 0, 4, 4, 4, 7, 7];
        for (uint64 n = 0; n < wanted.length; ++n) {
            assertEq(_registry.lastRecoveryUpTo(n), wanted[n], "newest no later");
        }
        assertEq(_registry.lastRecoveryUpTo(type(uint64).max), 7, "last");
        assertEq(_registry.getSequenceNo(), 8, "sequence");
    }
}
