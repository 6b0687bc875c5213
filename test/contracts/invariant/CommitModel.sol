// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IStateCommitRegistry} from "../../../contracts/interfaces/IStateCommitRegistry.sol";
import {IStateRootCommittable} from "../../../contracts/interfaces/IStateRootCommittable.sol";
import {JellyfishMerkleProof} from "../../../contracts/libraries/JellyfishMerkleProof.sol";
import {CertificateFault} from "../../../contracts/types/CertificateFault.sol";
import {StateCommit} from "../../../contracts/types/StateCommit.sol";
import {StateRoot} from "../../../contracts/types/StateRoot.sol";

/// @dev What a state-commit registry must do, written as plainly as can be: all roots in a list that never ends.
abstract contract CommitModel {
    uint256 internal constant QUORUM_BPS = 6_700;
    uint64 internal constant SKEW_SECONDS = 60;
    uint64 internal constant HEARTBEAT_SECONDS = 10 minutes;
    uint64 internal constant RETAINED_COUNT = 720;
    uint256 internal constant MAX_BATCH = 32;
    bytes32 internal constant EMPTY_TREE_ROOT = JellyfishMerkleProof.EMPTY_ROOT;

    struct Head {
        uint64 sequenceNo;
        bytes32 root;
        uint64 timestamp;
        uint64 acceptedAt;
        bool isPaused;
    }

    /// @dev What the verifier says of a certificate.
    struct Answer {
        CertificateFault fault;
        uint256 signedWeight;
        uint256 totalWeight;
    }

    Head internal _model;
    mapping(uint64 sequenceNo => bytes32) internal _rootOf;

    /// @dev Selector of the first rule that `commit` breaks after `head` at `time`; zero if it breaks none.
    function _ruleBrokenBy(
        StateCommit memory commit,
        Head memory head,
        uint64 time
    ) internal pure returns (bytes4) {
        bytes32 root = StateRoot.unwrap(commit.newStateRoot);
        if (head.isPaused) return IStateCommitRegistry.CommitsPaused.selector;
        if (commit.version != 2) return IStateRootCommittable.UnsupportedStateCommitVersion.selector;
        if (commit.pcr0Commitment != 0) return IStateRootCommittable.InvalidPcr0Commitment.selector;
        if (root == 0) return IStateRootCommittable.InvalidNewStateRoot.selector;
        if (root == EMPTY_TREE_ROOT) return IStateCommitRegistry.EmptyTreeRoot.selector;
        if (commit.sequenceNo != head.sequenceNo + 1) return IStateRootCommittable.SequenceGap.selector;
        if (StateRoot.unwrap(commit.prevStateRoot) != head.root)
            return IStateRootCommittable.StateRootMismatch.selector;
        if (commit.timestamp <= head.timestamp) return IStateRootCommittable.TimestampRegression.selector;
        if (commit.timestamp > time + SKEW_SECONDS) return IStateCommitRegistry.TimestampInFuture.selector;
        bool isUnchanged = root == head.root;
        if (isUnchanged && time < head.acceptedAt + HEARTBEAT_SECONDS)
            return IStateCommitRegistry.NoOpCommit.selector;
        if (isUnchanged != commit.daCertHash.isZero()) return IStateCommitRegistry.InvalidDaCert.selector;
        return bytes4(0);
    }

    /// @dev Selector of what is wrong with the quorum; zero if it is there.
    function _quorumFault(Answer memory answer) internal pure returns (bytes4) {
        if (answer.fault != CertificateFault.None) return IStateCommitRegistry.CertificateRejected.selector;
        bool isReached = answer.signedWeight * 10_000 >= answer.totalWeight * QUORUM_BPS;
        if (answer.totalWeight == 0 || !isReached) return IStateCommitRegistry.InsufficientQuorum.selector;
        return bytes4(0);
    }

    /// @dev The head after `commit` was accepted at `time`.
    function _after(
        StateCommit memory commit,
        Head memory head,
        uint64 time
    ) internal pure returns (Head memory) {
        bytes32 root = StateRoot.unwrap(commit.newStateRoot);
        return Head(commit.sequenceNo, root, commit.timestamp, time, head.isPaused);
    }

    /// @dev The oldest root held; zero before the first commit.
    function _oldestRetained() internal view returns (uint64) {
        uint64 newest = _model.sequenceNo;
        if (newest == 0) return 0;
        return newest <= RETAINED_COUNT ? 1 : newest - (RETAINED_COUNT - 1);
    }
}
