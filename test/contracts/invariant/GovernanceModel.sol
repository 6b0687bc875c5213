// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {CommitRules, ICommitGovernance} from "../../../contracts/interfaces/ICommitGovernance.sol";
import {IStateCommitRegistry} from "../../../contracts/interfaces/IStateCommitRegistry.sol";
import {IStateRootCommittable} from "../../../contracts/interfaces/IStateRootCommittable.sol";
import {ITimelocked} from "../../../contracts/interfaces/ITimelocked.sol";
import {CertificateFault} from "../../../contracts/types/CertificateFault.sol";
import {StateCommit} from "../../../contracts/types/StateCommit.sol";
import {StateRecovery} from "../../../contracts/types/StateRecovery.sol";
import {StateRoot} from "../../../contracts/types/StateRoot.sol";

/// @dev What governance of a registry must do, written as plainly as can be. A selector of zero stands for success.
abstract contract GovernanceModel {
    uint32 internal constant DELAY_SECONDS = 2 days;
    uint64 internal constant GRACE_SECONDS = 14 days;

    struct Head {
        uint64 sequenceNo;
        bytes32 root;
        uint64 timestamp;
        uint64 acceptedAt;
        bool isPaused;
    }

    /// @dev What the verifier in force says of a certificate.
    struct Answer {
        CertificateFault fault;
        uint256 signedWeight;
        uint256 totalWeight;
    }

    /// @dev Zero time while nothing is proposed.
    struct Proposal {
        bytes32 hash;
        uint64 executableAt;
    }

    Head internal _head;
    CommitRules internal _rules;
    Proposal internal _proposedRules;
    Proposal internal _proposedRecovery;
    uint64[] internal _recoveries;
    mapping(uint64 sequenceNo => bytes32) internal _rootOf;

    function _isDue(Proposal memory proposal, uint64 time) internal pure returns (bool) {
        return _dueFault(proposal, time) == 0;
    }

    function _dueFault(Proposal memory proposal, uint64 time) internal pure returns (bytes4) {
        if (proposal.executableAt == 0) return ITimelocked.NothingProposed.selector;
        if (time < proposal.executableAt) return ITimelocked.TimelockActive.selector;
        if (time > proposal.executableAt + GRACE_SECONDS) return ITimelocked.ProposalExpired.selector;
        return 0;
    }

    function _ownerFault(bool isStranger) internal pure returns (bytes4) {
        return isStranger ? Ownable.OwnableUnauthorizedAccount.selector : bytes4(0);
    }

    function _boundsFault(CommitRules memory rules) internal view returns (bytes4) {
        if (address(rules.verifier).code.length == 0) return IStateCommitRegistry.InvalidParameter.selector;
        if (rules.quorumBps < 6_667 || rules.quorumBps > 10_000)
            return IStateCommitRegistry.InvalidQuorumBps.selector;
        bool isSound =
            rules.maxSkewSeconds <= 900 && rules.heartbeatSeconds >= 600 && rules.heartbeatSeconds <= 604_800;
        return isSound ? bytes4(0) : IStateCommitRegistry.InvalidParameter.selector;
    }

    function _quorumFault(Answer memory answer) internal view returns (bytes4) {
        if (answer.fault != CertificateFault.None) return IStateCommitRegistry.CertificateRejected.selector;
        bool isReached = answer.signedWeight * 10_000 >= answer.totalWeight * _rules.quorumBps;
        return
            isReached && answer.totalWeight != 0
                ? bytes4(0)
                : IStateCommitRegistry.InsufficientQuorum.selector;
    }

    /// @dev Of a commit with the right number, predecessor, version and manifest.
    function _commitFault(
        StateCommit memory commit,
        Answer memory answer,
        uint64 time
    ) internal view returns (bytes4) {
        if (_head.isPaused) return IStateCommitRegistry.CommitsPaused.selector;
        if (commit.timestamp > time + _rules.maxSkewSeconds)
            return IStateCommitRegistry.TimestampInFuture.selector;
        bool isUnchanged = StateRoot.unwrap(commit.newStateRoot) == _head.root;
        if (isUnchanged && time < _head.acceptedAt + _rules.heartbeatSeconds)
            return IStateCommitRegistry.NoOpCommit.selector;
        return _quorumFault(answer);
    }

    function _recoveryFault(
        StateRecovery memory recovery,
        Answer memory answer,
        uint64 time
    ) internal view returns (bytes4) {
        if (
            _head.sequenceNo == 0 ||
            StateRoot.unwrap(recovery.newStateRoot) == StateRoot.unwrap(recovery.lostStateRoot)
        ) {
            return ICommitGovernance.NothingToRecover.selector;
        }
        if (recovery.newStateRoot.isZero()) return IStateRootCommittable.InvalidNewStateRoot.selector;
        if (recovery.sequenceNo != _head.sequenceNo + 1) return IStateRootCommittable.SequenceGap.selector;
        if (StateRoot.unwrap(recovery.lostStateRoot) != _head.root)
            return IStateRootCommittable.StateRootMismatch.selector;
        if (recovery.timestamp <= _head.timestamp) return IStateRootCommittable.TimestampRegression.selector;
        if (recovery.timestamp > time + _rules.maxSkewSeconds)
            return IStateCommitRegistry.TimestampInFuture.selector;
        if (recovery.daCertHash.isZero()) return IStateCommitRegistry.InvalidDaCert.selector;
        if (recovery.reasonHash == 0) return ICommitGovernance.MissingReason.selector;
        return _quorumFault(answer);
    }

    /// @dev Number of the newest recovery up to a commit; zero if there is none.
    function _lastRecoveryUpTo(uint64 sequenceNo) internal view returns (uint64 last) {
        for (uint256 i = 0; i < _recoveries.length; ++i) {
            if (_recoveries[i] <= sequenceNo) last = _recoveries[i];
        }
    }

    function _advance(uint64 sequenceNo, bytes32 root, uint64 timestamp, uint64 time) internal {
        _head = Head(sequenceNo, root, timestamp, time, _head.isPaused);
        _rootOf[sequenceNo] = root;
    }
}
