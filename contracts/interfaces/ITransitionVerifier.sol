// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {LeafChange} from "../types/LeafClaim.sol";
import {MultiProofFault} from "../types/MultiProofFault.sol";
import {StateRoot} from "../types/StateRoot.sol";
import {TransitionEvidence, TransitionFault, TransitionVerdict} from "../types/Transition.sol";
import {ISignedCommits} from "./ISignedCommits.sol";

/// @title ITransitionVerifier
/// @notice Judges evidence that a quorum signed a root that does not follow from the root before and the delta, or a delta
///         that breaks a rule of its own (docs/Transitions.md). Anyone may bring it.
/// @dev Bad evidence gives a verdict, never a revert. A fault is recorded once for a commit and root, whatever shows it.
interface ITransitionVerifier is ISignedCommits {
    /// @notice The step to a commit breaks a rule; `fault` is the first that the evidence showed to be broken.
    event TransitionRefuted(
        bytes32 indexed faultId,
        uint64 indexed sequenceNo,
        StateRoot indexed newStateRoot,
        TransitionFault fault
    );

    /// @notice Judges a transition, and records the fault if proven.
    /// @param evidence a commit of at most 65,536 bytes of delta and 320 leaves; of any size where the manifest is at fault
    /// @param challenger account to credit; zero for the caller
    function challengeTransition(
        TransitionEvidence calldata evidence,
        address challenger
    ) external returns (TransitionVerdict verdict, TransitionFault fault);

    /// @notice What `challengeTransition` would say now, and the id of the fault: of chain, registry, sequence number and new
    ///         root. The id is zero unless the fault is proven or recorded.
    function judgeTransition(
        TransitionEvidence calldata evidence
    ) external view returns (TransitionVerdict verdict, TransitionFault fault, bytes32 faultId);

    /// @notice The root that changes make of another, or why that is not shown (docs/StateTree.md, "Updates").
    function updatedRoot(
        StateRoot oldRoot,
        LeafChange[] calldata changes,
        bytes calldata proof,
        bytes calldata openings
    ) external pure returns (MultiProofFault fault, StateRoot newRoot);

    /// @notice The rule that a recorded fault was shown to break; `None` if there is none under this id.
    function transitionFault(bytes32 faultId) external view returns (TransitionFault);
}
