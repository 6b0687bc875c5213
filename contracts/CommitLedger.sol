// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Owned} from "./Owned.sol";
import {IStateCommitRegistry} from "./interfaces/IStateCommitRegistry.sol";
import {IStateRootCommittable} from "./interfaces/IStateRootCommittable.sol";
import {JellyfishMerkleProof} from "./libraries/JellyfishMerkleProof.sol";
import {CommitHead, firstHead} from "./types/CommitHead.sol";
import {StateCommit} from "./types/StateCommit.sol";
import {StateRoot} from "./types/StateRoot.sol";

/// @title CommitLedger
/// @notice The head and the retained roots of a state-commit registry, and its pause.
/// @dev Two functions write a root: `_enter` here, and `CommitWords.retain` for the usual commit.
abstract contract CommitLedger is IStateCommitRegistry, Owned, EIP712 {
    /// @dev One day of commits every 120 seconds.
    uint64 internal constant RETAINED_COUNT = 720;
    StateRoot internal constant EMPTY_TREE_ROOT = StateRoot.wrap(JellyfishMerkleProof.EMPTY_ROOT);
    /// @dev Far from what the head's 40 bits hold: a chain whose clock is later counts in something else.
    uint256 private constant LATEST_DEPLOYMENT = 1 << 39;

    CommitHead private _head;
    /// @dev Root of commit n at index n % 720.
    StateRoot[RETAINED_COUNT] private _roots;

    constructor() {
        if (block.timestamp > LATEST_DEPLOYMENT) revert InvalidParameter("blockTimestamp", block.timestamp);
        _head = firstHead();
    }

    // -- Head --

    function _currentHead() internal view returns (CommitHead) {
        return _head;
    }

    function _setHead(CommitHead head) internal {
        _head = head;
    }

    function _ring() internal view returns (StateRoot[RETAINED_COUNT] storage roots) {
        return _roots;
    }

    /// @dev Retains and announces a commit that is accepted now. Returns the head after it.
    function _enter(CommitHead head, StateCommit memory commit) internal returns (CommitHead) {
        _roots[commit.sequenceNo % RETAINED_COUNT] = commit.newStateRoot;
        emit StateRootCommitted(
            commit.sequenceNo,
            commit.prevStateRoot,
            commit.newStateRoot,
            commit.timestamp,
            commit.daCertHash,
            commit.pcr0Commitment
        );
        return head.followedBy(commit.sequenceNo, commit.timestamp, commit.newStateRoot);
    }

    /// @dev The rules that commits and recoveries have in common, in the order in which they are named.
    /// @param maxSkewSeconds_ how far the timestamp may lie ahead of block time
    function _requireStep(CommitHead head, StateCommit memory step, uint32 maxSkewSeconds_) internal view {
        if (step.newStateRoot.isZero()) revert InvalidNewStateRoot();
        if (step.newStateRoot == EMPTY_TREE_ROOT) revert EmptyTreeRoot();

        uint64 expected = head.sequenceNo() + 1;
        if (step.sequenceNo != expected) revert SequenceGap(expected, step.sequenceNo);
        if (!head.isAtRoot(step.prevStateRoot)) {
            revert StateRootMismatch(_roots[head.sequenceNo() % RETAINED_COUNT], step.prevStateRoot);
        }

        if (step.timestamp <= head.timestamp()) {
            revert TimestampRegression(head.timestamp(), step.timestamp);
        }
        uint64 latest = _now() + maxSkewSeconds_;
        if (step.timestamp > latest) revert TimestampInFuture(latest, step.timestamp);
    }

    function _now() internal view returns (uint64) {
        // Seconds since 1970 fit for 584 billion years.
        return uint64(block.timestamp);
    }

    // -- Roots --

    /// @inheritdoc IStateRootCommittable
    function getStateRoot() external view returns (StateRoot) {
        return _roots[_head.sequenceNo() % RETAINED_COUNT];
    }

    /// @inheritdoc IStateRootCommittable
    function getSequenceNo() external view returns (uint64) {
        return _head.sequenceNo();
    }

    /// @inheritdoc IStateCommitRegistry
    function stateRootAt(uint64 sequenceNo) external view returns (StateRoot root) {
        root = tryStateRootAt(sequenceNo);
        if (root.isZero()) {
            (uint64 oldest, uint64 newest) = retainedRange();
            revert RootNotRetained(sequenceNo, oldest, newest);
        }
    }

    /// @inheritdoc IStateCommitRegistry
    function tryStateRootAt(uint64 sequenceNo) public view returns (StateRoot root) {
        (uint64 oldest, uint64 newest) = retainedRange();
        // Before the first commit the range is 0 to 0, and slot 0 is zero.
        if (sequenceNo >= oldest && sequenceNo <= newest) root = _roots[sequenceNo % RETAINED_COUNT];
    }

    /// @inheritdoc IStateCommitRegistry
    function retainedRange() public view returns (uint64 oldest, uint64 newest) {
        newest = _head.sequenceNo();
        if (newest > RETAINED_COUNT) oldest = newest - RETAINED_COUNT + 1;
        else if (newest != 0) oldest = 1;
    }

    /// @inheritdoc IStateCommitRegistry
    function lastCommitTimes() external view returns (uint64 timestamp, uint64 acceptedAt) {
        CommitHead head = _head;
        return (head.timestamp(), head.acceptedAt());
    }

    // -- Pause --

    /// @inheritdoc IStateCommitRegistry
    function isPaused() external view returns (bool) {
        return _head.isPaused();
    }

    /// @inheritdoc IStateCommitRegistry
    function pauseCommits() external onlyOwner {
        _head = _head.withPause(true);
        emit CommitPauseChanged(true);
    }

    /// @inheritdoc IStateCommitRegistry
    function resumeCommits() external onlyOwner {
        _head = _head.withPause(false);
        emit CommitPauseChanged(false);
    }
}
