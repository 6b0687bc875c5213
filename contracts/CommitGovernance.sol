// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CommitLedger} from "./CommitLedger.sol";
import {Timelocked} from "./Timelocked.sol";
import {CommitRules, ICommitGovernance} from "./interfaces/ICommitGovernance.sol";
import {IQuorumVerifier} from "./interfaces/IQuorumVerifier.sol";
import {IStateCommitRegistry} from "./interfaces/IStateCommitRegistry.sol";
import {CertificateFault} from "./types/CertificateFault.sol";
import {CommitHead} from "./types/CommitHead.sol";

/// @title CommitGovernance
/// @notice The rules of a state-commit registry, and how its owner changes them.
/// @dev Rules of the deployment are immutables, so that a commit reads no storage for them. Others lie in a slot, and a
///      bit of the head says that they do.
abstract contract CommitGovernance is CommitLedger, Timelocked {
    /// @dev Two thirds, rounded up.
    uint16 private constant QUORUM_FLOOR_BPS = 6_667;
    uint16 private constant FULL_BPS = 10_000;
    uint32 private constant MAX_SKEW_SECONDS_LIMIT = 15 minutes;
    uint32 private constant SHORTEST_HEARTBEAT_SECONDS = 10 minutes;
    uint32 private constant LONGEST_HEARTBEAT_SECONDS = 7 days;

    IQuorumVerifier internal immutable VERIFIER;
    uint16 internal immutable QUORUM_BPS;
    uint256 internal immutable MAX_SKEW_SECONDS;
    uint32 private immutable HEARTBEAT_SECONDS;

    /// @dev Counts while the head says so.
    CommitRules private _amendment;
    CommitRules private _proposal;
    /// @dev Zero while nothing is proposed.
    uint64 private _rulesExecutableAt;

    /// @param rules those of the deployment
    /// @param changeDelaySeconds_ how long other rules and recoveries wait
    constructor(CommitRules memory rules, uint32 changeDelaySeconds_) Timelocked(changeDelaySeconds_) {
        _requireBounds(rules);
        VERIFIER = rules.verifier;
        QUORUM_BPS = rules.quorumBps;
        MAX_SKEW_SECONDS = rules.maxSkewSeconds;
        HEARTBEAT_SECONDS = rules.heartbeatSeconds;
    }

    // -- Rules --

    /// @inheritdoc ICommitGovernance
    function proposeRules(CommitRules calldata rules) external onlyOwner {
        _requireBounds(rules);
        uint64 executableAt = _executableAt();
        (_proposal, _rulesExecutableAt) = (rules, executableAt);
        emit RulesProposed(rules, executableAt);
    }

    /// @inheritdoc ICommitGovernance
    function enactRules(CommitRules calldata rules) external onlyOwner {
        _requireDue(_rulesExecutableAt);
        bytes32 rulesHash = keccak256(abi.encode(rules));
        if (rulesHash != keccak256(abi.encode(_proposal))) revert NotTheProposal();
        _forgetRules();
        // Back at the rules of the deployment, commits are cheap again.
        bool isAmendment = rulesHash != keccak256(abi.encode(_deployedRules()));
        _amendment = rules;
        _setHead(_currentHead().withAmendment(isAmendment));
        emit RulesEnacted(rules);
    }

    /// @inheritdoc ICommitGovernance
    function cancelRulesProposal() external onlyOwner {
        if (_rulesExecutableAt == 0) revert NothingProposed();
        _forgetRules();
        emit RulesProposalCancelled();
    }

    /// @inheritdoc ICommitGovernance
    function proposedRules() external view returns (CommitRules memory rules, uint64 executableAt) {
        return (_proposal, _rulesExecutableAt);
    }

    function _forgetRules() private {
        delete _proposal;
        delete _rulesExecutableAt;
    }

    function _requireBounds(CommitRules memory rules) private view {
        address judge = address(rules.verifier);
        // A contract that is its own verifier has no code before it is deployed.
        if (judge.code.length == 0 && judge != address(this)) {
            revert InvalidParameter("verifier", uint160(judge));
        }
        if (rules.quorumBps < QUORUM_FLOOR_BPS || rules.quorumBps > FULL_BPS) {
            revert InvalidQuorumBps(QUORUM_FLOOR_BPS, rules.quorumBps);
        }
        if (rules.maxSkewSeconds > MAX_SKEW_SECONDS_LIMIT) {
            revert InvalidParameter("maxSkewSeconds", rules.maxSkewSeconds);
        }
        uint32 heartbeat = rules.heartbeatSeconds;
        if (heartbeat < SHORTEST_HEARTBEAT_SECONDS || heartbeat > LONGEST_HEARTBEAT_SECONDS) {
            revert InvalidParameter("heartbeatSeconds", heartbeat);
        }
    }

    function _deployedRules() private view returns (CommitRules memory) {
        // The skew was a uint32 when it entered.
        return CommitRules(VERIFIER, QUORUM_BPS, uint32(MAX_SKEW_SECONDS), HEARTBEAT_SECONDS);
    }

    /// @dev The rules in force at `head`.
    function _rulesAt(CommitHead head) internal view returns (CommitRules memory) {
        return head.isAmended() ? _amendment : _deployedRules();
    }

    // -- Quorum --

    /// @dev Reverts unless `certificate` shows, by `judge`, that this quorum signed `digest`.
    function _requireQuorumBy(
        IQuorumVerifier judge,
        uint16 quorumBps_,
        bytes32 digest,
        bytes calldata certificate
    ) internal view {
        (CertificateFault fault, uint256 signedWeight, uint256 totalWeight) = judge.verify(
            digest,
            certificate
        );
        if (fault != CertificateFault.None) revert CertificateRejected(fault);
        _requireShare(signedWeight, totalWeight, quorumBps_);
    }

    /// @dev Reverts unless `certificate` shows, by `judge`, that this quorum signed every one of `digests`.
    function _requireBatchQuorumBy(
        IQuorumVerifier judge,
        uint16 quorumBps_,
        bytes32[] memory digests,
        bytes calldata certificate
    ) internal view {
        (CertificateFault fault, uint256 signedWeight, uint256 totalWeight) = judge.verifyBatch(
            digests,
            certificate
        );
        if (fault != CertificateFault.None) revert CertificateRejected(fault);
        _requireShare(signedWeight, totalWeight, quorumBps_);
    }

    /// @dev Cross-multiplied, so that nothing is rounded in anybody's favour.
    function _requireShare(uint256 signedWeight, uint256 totalWeight, uint16 quorumBps_) internal pure {
        if (totalWeight == 0 || signedWeight * FULL_BPS < totalWeight * quorumBps_) {
            revert InsufficientQuorum(signedWeight, totalWeight, quorumBps_);
        }
    }

    // -- Settings --

    /// @inheritdoc IStateCommitRegistry
    function quorumBps() external view returns (uint16) {
        return _rulesAt(_currentHead()).quorumBps;
    }

    /// @inheritdoc IStateCommitRegistry
    function maxSkewSeconds() external view returns (uint32) {
        return _rulesAt(_currentHead()).maxSkewSeconds;
    }

    /// @inheritdoc IStateCommitRegistry
    function heartbeatSeconds() external view returns (uint32) {
        return _rulesAt(_currentHead()).heartbeatSeconds;
    }

    /// @inheritdoc IStateCommitRegistry
    function verifier() external view returns (IQuorumVerifier) {
        return _rulesAt(_currentHead()).verifier;
    }
}
