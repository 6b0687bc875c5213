// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {MalformedLeafEvidence, RewriteEvidence, Verdict} from "../types/Challenge.sol";
import {ContentHash} from "../types/ContentHash.sol";
import {
    DanglingDataEvidence,
    DanglingParamsEvidence,
    DanglingTemplateEvidence
} from "../types/DanglingRegistration.sol";
import {EquivocationEvidence} from "../types/Equivocation.sol";
import {StateRoot} from "../types/StateRoot.sol";
import {IPolicyEvidence} from "./IPolicyEvidence.sol";
import {IQuorumEvidence} from "./IQuorumEvidence.sol";

/// @title IChallengeVerifier
/// @notice Judges evidence that a quorum signed what it should not have signed (docs/Challenges.md). Anyone may bring it.
/// @dev Bad evidence gives a verdict, never a revert. A proven fault is recorded once, under an id made of what the
///      evidence authenticates, not of its bytes. Each `challenge…` records what is proven for `challenger`, or for the
///      caller where that is zero; each `judge…` gives the verdict the challenge would have now, and the fault's id.
interface IChallengeVerifier is IQuorumEvidence, IPolicyEvidence {
    /// @notice Operators signed `root` where another was certified for the same number. Bit i of `signers` stands for the
    ///         operator at index i of the epoch; both are zero where the certificate's format names nobody.
    event RivalRootSigned(
        bytes32 indexed faultId,
        StateRoot indexed root,
        uint32 indexed epoch,
        uint256 signers
    );
    /// @notice Operators are now known to have signed both roots in one epoch.
    event EquivocatorsNamed(
        bytes32 indexed faultId,
        uint32 indexed epoch,
        uint256 equivocators,
        uint256 weight
    );
    /// @notice A registered artifact is not what the root after `sequenceNo` holds in its place. `ref` is that of the
    ///         template or data template, or the id of the instance whose params it is.
    event ArtifactLost(
        bytes32 indexed faultId,
        bytes32 indexed ref,
        ContentHash contentHash,
        uint64 sequenceNo
    );
    /// @notice Judges that an append-only leaf was rewritten or removed.
    function challengeRewrite(
        RewriteEvidence calldata evidence,
        address challenger
    ) external returns (Verdict);

    /// @notice Judges that a committed leaf breaks a rule.
    function challengeMalformedLeaf(
        MalformedLeafEvidence calldata evidence,
        address challenger
    ) external returns (Verdict);

    /// @notice Judges that two roots were certified for one sequence number. Signers that certificates of a recorded
    ///         equivocation show are named beside those that are named already.
    function challengeEquivocation(
        EquivocationEvidence calldata evidence,
        address challenger
    ) external returns (Verdict);

    /// @notice Judges that an artifact of a registered template is lost.
    function challengeDanglingTemplate(
        DanglingTemplateEvidence calldata evidence,
        address challenger
    ) external returns (Verdict);

    /// @notice Judges that an artifact of a registered data template is lost.
    function challengeDanglingData(
        DanglingDataEvidence calldata evidence,
        address challenger
    ) external returns (Verdict);

    /// @notice Judges that the params leaf of an instance is lost.
    function challengeDanglingParams(
        DanglingParamsEvidence calldata evidence,
        address challenger
    ) external returns (Verdict);

    /// @notice See `challengeRewrite`.
    function judgeRewrite(RewriteEvidence calldata evidence) external view returns (Verdict, bytes32 faultId);

    /// @notice See `challengeMalformedLeaf`.
    function judgeMalformedLeaf(
        MalformedLeafEvidence calldata evidence
    ) external view returns (Verdict, bytes32 faultId);

    /// @notice See `challengeEquivocation`.
    function judgeEquivocation(
        EquivocationEvidence calldata evidence
    ) external view returns (Verdict, bytes32 faultId);

    /// @notice See `challengeDanglingTemplate`.
    function judgeDanglingTemplate(
        DanglingTemplateEvidence calldata evidence
    ) external view returns (Verdict, bytes32 faultId);

    /// @notice See `challengeDanglingData`.
    function judgeDanglingData(
        DanglingDataEvidence calldata evidence
    ) external view returns (Verdict, bytes32 faultId);

    /// @notice See `challengeDanglingParams`.
    function judgeDanglingParams(
        DanglingParamsEvidence calldata evidence
    ) external view returns (Verdict, bytes32 faultId);

    /// @notice Operators of `epoch` that certificates for `root` of a recorded equivocation named, by index as bits.
    function signersOf(bytes32 faultId, StateRoot root, uint32 epoch) external view returns (uint256 signers);
}
