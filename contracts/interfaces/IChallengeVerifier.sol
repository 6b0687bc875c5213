// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {MalformedLeafEvidence, QuorumFault, RewriteEvidence, Verdict} from "../types/Challenge.sol";
import {TreeKey} from "../types/TreeKey.sol";
import {IStateCommitRegistry} from "./IStateCommitRegistry.sol";

/// @title IChallengeVerifier
/// @notice Judges evidence that a quorum signed a root it should not have signed. Anyone may bring it.
/// @dev Bad evidence gives a verdict, never a revert. A proven fault is recorded once, under an id made of
///      what the evidence authenticates, not of its bytes.
interface IChallengeVerifier {
    /// @notice A recorded fault.
    /// @param fault what the quorum did
    /// @param sequenceNo the commit that did it, as far as the evidence narrows it down
    /// @param recordedAt block time, in seconds since 1970
    /// @param challenger account credited with the proof
    struct FaultRecord {
        QuorumFault fault;
        uint64 sequenceNo;
        uint64 recordedAt;
        address challenger;
    }

    /// @notice A fault was proven and recorded.
    event FaultProven(
        bytes32 indexed faultId,
        QuorumFault indexed fault,
        TreeKey indexed key,
        uint64 sequenceNo,
        address challenger
    );

    /// @notice A constructor argument is the zero address.
    error ZeroAddress();

    /// @notice Judges that an append-only leaf was rewritten or removed, and records the fault if proven.
    /// @param evidence what was committed, then and later
    /// @param challenger account to credit; bound by the caller's choice, so a copied call credits the same account
    function challengeRewrite(
        RewriteEvidence calldata evidence,
        address challenger
    ) external returns (Verdict);

    /// @notice Judges that a committed leaf breaks a rule, and records the fault if proven.
    function challengeMalformedLeaf(
        MalformedLeafEvidence calldata evidence,
        address challenger
    ) external returns (Verdict);

    /// @notice The verdict `challengeRewrite` would give now, and the id of the fault.
    function judgeRewrite(RewriteEvidence calldata evidence) external view returns (Verdict, bytes32 faultId);

    /// @notice The verdict `challengeMalformedLeaf` would give now, and the id of the fault.
    function judgeMalformedLeaf(
        MalformedLeafEvidence calldata evidence
    ) external view returns (Verdict, bytes32 faultId);

    /// @notice A recorded fault; all zero if there is none under this id.
    function faultRecord(bytes32 faultId) external view returns (FaultRecord memory);

    /// @notice Number of recorded faults.
    function faultCount() external view returns (uint256);

    /// @notice The registry on whose retained roots this contract judges.
    function stateCommitRegistry() external view returns (IStateCommitRegistry);
}
