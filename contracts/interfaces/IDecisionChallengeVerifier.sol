// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {Verdict} from "../types/Challenge.sol";
import {Decision, DecisionEvidence} from "../types/Decision.sol";
import {IPolicyEvidence} from "./IPolicyEvidence.sol";
import {IQuorumEvidence} from "./IQuorumEvidence.sol";

/// @title IDecisionChallengeVerifier
/// @notice Judges decisions that the quorum certified for tasks (docs/Decisions.md), as `IChallengeVerifier` judges commits.
interface IDecisionChallengeVerifier is IQuorumEvidence, IPolicyEvidence {
    /// @notice A certified decision names `signed` where it must be `actual`, which is zero if nothing fits.
    event DecisionRefuted(
        bytes32 indexed faultId,
        address indexed client,
        bytes32 signed,
        bytes32 actual,
        uint32 epoch,
        uint256 signers
    );

    /// @notice Judges that a certified decision used a ref or an id that does not re-derive from its parts.
    function challengeWrongIdentity(
        DecisionEvidence calldata evidence,
        address challenger
    ) external returns (Verdict);

    /// @notice Judges that a certified decision used another instance than the client's at its reference block.
    function challengeStaleInstance(
        DecisionEvidence calldata evidence,
        address challenger
    ) external returns (Verdict);

    /// @notice See `challengeWrongIdentity`.
    function judgeWrongIdentity(
        DecisionEvidence calldata evidence
    ) external view returns (Verdict, bytes32 faultId);

    /// @notice See `challengeStaleInstance`.
    function judgeStaleInstance(
        DecisionEvidence calldata evidence
    ) external view returns (Verdict, bytes32 faultId);

    /// @notice EIP-712 digest of `decision` for this chain and policy registry, before an epoch is bound to it.
    function digestOfDecision(Decision calldata decision) external view returns (bytes32);
}
