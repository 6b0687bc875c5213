// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CommitGovernance} from "./CommitGovernance.sol";
import {CommitRules, ICommitGovernance} from "./interfaces/ICommitGovernance.sol";
import {CommitMessage} from "./libraries/CommitMessage.sol";
import {CommitHead} from "./types/CommitHead.sol";
import {StateCommit} from "./types/StateCommit.sol";
import {StateRecovery} from "./types/StateRecovery.sol";

/// @title CommitRecovery
/// @notice How a chain of roots goes on when the operators have lost the state behind the newest one: forward only, by
///         owner and quorum together, after the delay.
/// @dev The quorum signs for the proposal and again when it is enacted, in an epoch that is valid then: an epoch that an
///      emergency has ended in between counts for nothing, and operators who have found the lost state after all just
///      do not sign again. What they sign names no epoch, so it is the same digest both times.
abstract contract CommitRecovery is CommitGovernance {
    bytes32 private _recoveryDigest;
    /// @dev Zero while nothing is proposed.
    uint64 private _recoveryExecutableAt;
    /// @dev Sequence numbers of recoveries, rising. Not OpenZeppelin's checkpoints: their assembly is not declared
    ///      memory-safe, and one such block keeps the optimizer from inlining anything in the whole contract.
    uint64[] private _recoveries;

    /// @inheritdoc ICommitGovernance
    function proposeRecovery(StateRecovery calldata recovery, bytes calldata certificate) external onlyOwner {
        bytes32 digest = digestOfRecovery(recovery);
        _requireRecovery(recovery, digest, certificate);
        uint64 executableAt = _executableAt();
        (_recoveryDigest, _recoveryExecutableAt) = (digest, executableAt);
        emit RecoveryProposed(digest, recovery, executableAt);
    }

    /// @inheritdoc ICommitGovernance
    function enactRecovery(StateRecovery calldata recovery, bytes calldata certificate) external onlyOwner {
        _requireDue(_recoveryExecutableAt);
        bytes32 digest = digestOfRecovery(recovery);
        if (digest != _recoveryDigest) revert NotTheProposal();
        StateCommit memory step = _requireRecovery(recovery, digest, certificate);
        _forgetRecovery();
        _recoveries.push(recovery.sequenceNo);
        _setHead(_enter(_currentHead(), step));
        emit StateRecovered(
            recovery.sequenceNo,
            recovery.lostStateRoot,
            recovery.newStateRoot,
            recovery.reasonHash
        );
    }

    /// @inheritdoc ICommitGovernance
    function cancelRecoveryProposal() external onlyOwner {
        if (_recoveryExecutableAt == 0) revert NothingProposed();
        emit RecoveryProposalCancelled(_recoveryDigest);
        _forgetRecovery();
    }

    /// @inheritdoc ICommitGovernance
    function proposedRecovery() external view returns (bytes32 digest, uint64 executableAt) {
        return (_recoveryDigest, _recoveryExecutableAt);
    }

    /// @inheritdoc ICommitGovernance
    function digestOfRecovery(StateRecovery calldata recovery) public view returns (bytes32) {
        return _hashTypedDataV4(CommitMessage.recoveryHash(recovery));
    }

    /// @inheritdoc ICommitGovernance
    function lastRecoveryUpTo(uint64 sequenceNo) external view returns (uint64) {
        // Few: each takes a quorum and the delay.
        uint256 i = _recoveries.length;
        while (i != 0 && _recoveries[i - 1] > sequenceNo) --i;
        return i == 0 ? 0 : _recoveries[i - 1];
    }

    /// @dev The step that the recovery is. Reverts unless it may follow the head now and the quorum signed it. A timestamp
    ///      that was allowed at the proposal has long passed when it is enacted; `acceptedAt` is the time of that.
    function _requireRecovery(
        StateRecovery calldata recovery,
        bytes32 digest,
        bytes calldata certificate
    ) private view returns (StateCommit memory step) {
        step.sequenceNo = recovery.sequenceNo;
        step.prevStateRoot = recovery.lostStateRoot;
        step.newStateRoot = recovery.newStateRoot;
        step.timestamp = recovery.timestamp;
        step.daCertHash = recovery.daCertHash;
        CommitHead head = _currentHead();
        CommitRules memory rules = _rulesAt(head);
        if (head.sequenceNo() == 0 || recovery.newStateRoot == recovery.lostStateRoot) {
            revert NothingToRecover();
        }
        _requireStep(head, step, rules.maxSkewSeconds);
        if (recovery.daCertHash.isZero()) revert InvalidDaCert();
        if (recovery.reasonHash == bytes32(0)) revert MissingReason();
        _requireQuorumBy(rules.verifier, rules.quorumBps, digest, certificate);
    }

    function _forgetRecovery() private {
        delete _recoveryDigest;
        delete _recoveryExecutableAt;
    }
}
