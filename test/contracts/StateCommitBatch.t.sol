// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EnclaveStub} from "./helpers/EnclaveStub.sol";
import {StateCommitFixture} from "./helpers/StateCommitFixture.sol";
import {StateCommitRegistry} from "../../contracts/StateCommitRegistry.sol";
import {IStateCommitRegistry} from "../../contracts/interfaces/IStateCommitRegistry.sol";
import {IStateRootCommittable} from "../../contracts/interfaces/IStateRootCommittable.sol";
import {CertificateFault} from "../../contracts/types/CertificateFault.sol";
import {DaCertHash} from "../../contracts/types/DaCertHash.sol";
import {StateCommit} from "../../contracts/types/StateCommit.sol";
import {StateRoot} from "../../contracts/types/StateRoot.sol";

contract StateCommitBatchTest is StateCommitFixture {
    function _assertBatchRejected(StateCommit[] memory commits, bytes memory reason) private {
        bytes32 before = _stateHash();
        vm.expectRevert(reason);
        _registry.commitStateRoots(commits, "");
        assertEq(_stateHash(), before, "unchanged");
    }

    function test_commitStateRoots_consecutive_areAllRetainedAndAnnounced() public {
        _commitTimes(1);
        _warp(_clock + 120);
        StateCommit[] memory commits = _nextBatch(_registry, 5);
        for (uint256 i = 0; i < commits.length; ++i) {
            vm.expectEmit();
            emit IStateRootCommittable.StateRootCommitted(
                commits[i].sequenceNo,
                commits[i].prevStateRoot,
                commits[i].newStateRoot,
                commits[i].timestamp,
                commits[i].daCertHash,
                commits[i].pcr0Commitment
            );
        }
        _registry.commitStateRoots(commits, "");
        assertEq(_registry.getSequenceNo(), 6, "head");
        (uint64 timestamp, uint64 acceptedAt) = _registry.lastCommitTimes();
        assertEq(timestamp, commits[4].timestamp, "timestamp");
        assertEq(acceptedAt, _clock, "acceptedAt");
        for (uint64 n = 1; n <= 6; ++n) {
            assertEq(StateRoot.unwrap(_registry.stateRootAt(n)), StateRoot.unwrap(_root(n)), "root");
        }
        _commitTimes(1);
    }

    function testFuzz_commitStateRoots_leavesWhatSingleCommitsLeave(uint8 seed) public {
        uint256 count = 1 + (uint256(seed) % 32);
        StateCommitRegistry other = _registry;
        StateCommit[] memory commits = _nextBatch(_registry, count);
        for (uint256 i = 0; i < count; ++i) other.commitStateRoot(commits[i], "");
        bytes32 expected = _stateHash();
        setUp();
        _registry.commitStateRoots(commits, "");
        assertEq(_stateHash(), expected, "same state");
    }

    function test_commitStateRoots_noneOrTooMany_revert() public {
        _assertBatchRejected(_nextBatch(_registry, 0), _badSize(0));
        _assertBatchRejected(_nextBatch(_registry, 33), _badSize(33));
        _registry.commitStateRoots(_nextBatch(_registry, 32), "");
        assertEq(_registry.getSequenceNo(), 32, "the most");
    }

    function _badSize(uint256 got) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IStateCommitRegistry.InvalidBatchSize.selector, 32, got);
    }

    function test_SEQ01_commitStateRoots_orderGapOrRepeat_reverts() public {
        StateCommit[] memory commits = _nextBatch(_registry, 3);
        (commits[0], commits[1]) = (commits[1], commits[0]);
        _assertBatchRejected(commits, _gap(1, 2));
        commits = _nextBatch(_registry, 3);
        commits[1] = commits[2];
        _assertBatchRejected(commits, _gap(2, 3));
        commits = _nextBatch(_registry, 3);
        commits[2] = commits[1];
        _assertBatchRejected(commits, _gap(3, 2));
        commits = _nextBatch(_registry, 3);
        _registry.commitStateRoots(commits, "");
        _assertBatchRejected(commits, _gap(4, 1));
    }

    function _gap(uint64 expected, uint64 got) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IStateRootCommittable.SequenceGap.selector, expected, got);
    }

    function test_SEQ02_commitStateRoots_memberOnAnotherRoot_reverts() public {
        StateCommit[] memory commits = _nextBatch(_registry, 3);
        commits[2].prevStateRoot = StateRoot.wrap("other");
        // What the ring holds at that moment is the root that the member before put there.
        _assertBatchRejected(
            commits,
            abi.encodeWithSelector(
                IStateRootCommittable.StateRootMismatch.selector,
                commits[1].newStateRoot,
                bytes32("other")
            )
        );
    }

    function test_SEQ06_commitStateRoots_memberNotLaterOrTooLate_reverts() public {
        StateCommit[] memory commits = _nextBatch(_registry, 2);
        commits[1].timestamp = commits[0].timestamp;
        _assertBatchRejected(
            commits,
            abi.encodeWithSelector(
                IStateRootCommittable.TimestampRegression.selector,
                commits[0].timestamp,
                commits[0].timestamp
            )
        );
        commits[1].timestamp = _clock + SKEW_SECONDS + 1;
        _assertBatchRejected(
            commits,
            abi.encodeWithSelector(
                IStateCommitRegistry.TimestampInFuture.selector,
                _clock + SKEW_SECONDS,
                _clock + SKEW_SECONDS + 1
            )
        );
    }

    function test_SEQ04_commitStateRoots_heartbeatWithin_isNotDue() public {
        StateCommit[] memory commits = _nextBatch(_registry, 2);
        (commits[1].newStateRoot, commits[1].daCertHash) = (commits[1].prevStateRoot, DaCertHash.wrap(0));
        _assertBatchRejected(
            commits,
            abi.encodeWithSelector(IStateCommitRegistry.NoOpCommit.selector, _clock + HEARTBEAT_SECONDS)
        );
    }

    function test_SEQ04_commitStateRoots_heartbeatFirst_isAccepted() public {
        _commitTimes(1);
        _warp(_clock + HEARTBEAT_SECONDS);
        StateCommit[] memory commits = _nextBatch(_registry, 2);
        (commits[0].newStateRoot, commits[0].daCertHash) = (commits[0].prevStateRoot, DaCertHash.wrap(0));
        commits[1].prevStateRoot = commits[0].newStateRoot;
        _registry.commitStateRoots(commits, "");
        assertEq(_registry.getSequenceNo(), 3, "both");
    }

    function test_ACL07_commitStateRoots_whilePaused_reverts() public {
        _registry.pauseCommits();
        _assertBatchRejected(
            _nextBatch(_registry, 2),
            abi.encodeWithSelector(IStateCommitRegistry.CommitsPaused.selector)
        );
    }

    function test_commitStateRoots_faultOrTooFewSigners_takesAllBack() public {
        StateCommit[] memory commits = _nextBatch(_registry, 4);
        for (uint8 i = 1; i <= uint8(type(CertificateFault).max); ++i) {
            _verifier.answer(CertificateFault(i), 3, 3);
            _assertBatchRejected(commits, _rejected(CertificateFault(i)));
        }
        _verifier.answer(CertificateFault.None, 6_699, 10_000);
        _assertBatchRejected(commits, _insufficient(6_699, 10_000));
        _verifier.answer(CertificateFault.None, 0, 0);
        _assertBatchRejected(commits, _insufficient(0, 0));
        _verifier.answer(CertificateFault.None, 6_700, 10_000);
        _registry.commitStateRoots(commits, "");
        assertEq(_registry.getSequenceNo(), 4, "accepted");
    }

    function test_commitStateRoots_withEnclaves_checksEveryMember() public {
        _registry = _deploy(new EnclaveStub());
        StateCommit[] memory commits = _nextBatch(_registry, 3);
        for (uint256 i = 0; i < 3; ++i) commits[i].pcr0Commitment = "active";
        commits[2].pcr0Commitment = "retired";
        _assertBatchRejected(
            commits,
            abi.encodeWithSelector(IStateRootCommittable.InvalidPcr0Commitment.selector)
        );
        commits[2].pcr0Commitment = "active";
        _registry.commitStateRoots(commits, "");
        assertEq(_registry.getSequenceNo(), 3, "active");
    }

    function test_ABI02_commitStateRoots_dirtyUpperBits_reverts() public {
        bytes memory data = abi.encodeCall(_registry.commitStateRoots, (_nextBatch(_registry, 2), ""));
        // Behind selector, two offsets and the length: fields 0, 1 and 4 of the second member.
        uint256 second = 4 + 3 * 32 + 7 * 32;
        uint256[3] memory offsets = [second + 30, second + 32 + 23, second + 4 * 32 + 23];
        for (uint256 i = 0; i < offsets.length; ++i) {
            bytes memory dirty = bytes.concat(data);
            dirty[offsets[i]] = 0x01;
            (bool ok, ) = address(_registry).call(dirty);
            assertTrue(!ok && _registry.getSequenceNo() == 0, "reverts");
        }
        (bool accepted, ) = address(_registry).call(data);
        assertTrue(accepted, "clean");
    }
}
