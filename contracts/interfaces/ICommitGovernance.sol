// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {StateRecovery} from "../types/StateRecovery.sol";
import {StateRoot} from "../types/StateRoot.sol";
import {IQuorumVerifier} from "./IQuorumVerifier.sol";
import {ITimelocked} from "./ITimelocked.sol";

/// @dev What a commit is measured by, in one slot.
/// @param verifier judges certificates
/// @param quorumBps share of the total weight that must sign, 6,667 to 10,000 basis points
/// @param maxSkewSeconds how far a commit's timestamp may lie ahead of block time, at most 15 minutes
/// @param heartbeatSeconds after so long without a commit, one with an unchanged root is accepted; 10 minutes to 7 days
struct CommitRules {
    IQuorumVerifier verifier;
    uint16 quorumBps;
    uint32 maxSkewSeconds;
    uint32 heartbeatSeconds;
}

/// @title ICommitGovernance
/// @notice How the rules of a state-commit registry change, and how its chain of roots goes on when the state behind
///         the newest one is lost. Both take two steps of the owner with the delay between them; a recovery takes the
///         quorum's signature at each of them, too.
interface ICommitGovernance is ITimelocked {
    /// @notice Rules were proposed, in the place of any proposed before. Time in seconds since 1970.
    event RulesProposed(CommitRules rules, uint64 executableAt);
    /// @notice The proposed rules were cancelled.
    event RulesProposalCancelled();
    /// @notice Rules are in force.
    event RulesEnacted(CommitRules rules);
    /// @notice A recovery was proposed, in the place of any proposed before. Time in seconds since 1970.
    event RecoveryProposed(bytes32 indexed digest, StateRecovery recovery, uint64 executableAt);
    /// @notice The proposed recovery was cancelled.
    event RecoveryProposalCancelled(bytes32 indexed digest);
    /// @notice The root after commit `sequenceNo` does not continue the state behind `lostStateRoot`. Comes with
    ///         `StateRootCommitted`, as every root does.
    event StateRecovered(
        uint64 indexed sequenceNo,
        StateRoot lostStateRoot,
        StateRoot newStateRoot,
        bytes32 reasonHash
    );

    /// @notice What is to come into force is not what was proposed.
    error NotTheProposal();
    /// @notice There is no commit yet, or the new root is the lost one.
    error NothingToRecover();
    /// @notice A recovery states no reason.
    error MissingReason();

    /// @notice Proposes rules, within the bounds of those at deployment. Owner only.
    function proposeRules(CommitRules calldata rules) external;

    /// @notice Puts the proposed rules into force, once the delay has passed. Owner only.
    /// @param rules what was proposed
    function enactRules(CommitRules calldata rules) external;

    /// @notice Cancels the proposed rules. Owner only.
    function cancelRulesProposal() external;

    /// @notice The proposed rules and when they may come into force, in seconds since 1970; zeros if there are none.
    function proposedRules() external view returns (CommitRules memory rules, uint64 executableAt);

    /// @notice Proposes to go on from the current root with another state. Owner only.
    /// @param recovery the next step; no commit may land before it is enacted
    /// @param certificate over `digestOfRecovery(recovery)`, by the quorum
    function proposeRecovery(StateRecovery calldata recovery, bytes calldata certificate) external;

    /// @notice Makes the proposed step, once the delay has passed. Commits may be paused. Owner only.
    /// @param recovery what was proposed
    /// @param certificate over `digestOfRecovery(recovery)`, by the quorum of an epoch that is valid now
    function enactRecovery(StateRecovery calldata recovery, bytes calldata certificate) external;

    /// @notice Cancels the proposed recovery. Owner only.
    function cancelRecoveryProposal() external;

    /// @notice Digest of the proposed recovery and when it may be made, in seconds since 1970; zeros if there is none.
    function proposedRecovery() external view returns (bytes32 digest, uint64 executableAt);

    /// @notice EIP-712 digest of `recovery` for this chain and registry, before an epoch is bound to it.
    function digestOfRecovery(StateRecovery calldata recovery) external view returns (bytes32);

    /// @notice Number of the newest recovery that is no later than commit `sequenceNo`; zero if there is none. Between
    ///         it and that commit, each root continues the state of the one before.
    function lastRecoveryUpTo(uint64 sequenceNo) external view returns (uint64);
}
