// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {CommitStanding, SignedCommit} from "../types/SignedCommit.sol";
import {IFaultLedger} from "./IFaultLedger.sol";

/// @title ISignedCommits
/// @notice Tells which commits of a registry the quorum signed. The registry retains roots only; manifest hashes are in its
///         events, which no contract reads, so whoever speaks of a delta brings the commit with its certificate.
/// @dev A certificate proves nothing once its epoch has ended. Attested in time, a commit stays attested.
interface ISignedCommits is IFaultLedger {
    /// @notice The quorum signed this commit, which stands on the chain.
    event CommitAttested(bytes32 indexed digest, uint64 indexed sequenceNo);

    /// @notice The commit does not stand on the chain, or the quorum is not shown to have signed it.
    error InvalidCommit(CommitStanding standing);

    /// @notice Keeps that the quorum signed a commit, for when its epoch has ended. Anyone may call; again changes nothing.
    function attestCommit(SignedCommit calldata signed) external;

    /// @notice Whether a commit with this EIP-712 digest is attested.
    function isAttested(bytes32 digest) external view returns (bool);
}
