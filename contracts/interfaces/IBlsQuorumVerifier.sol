// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {G2Point} from "../types/Bn254Points.sol";
import {CertificateFault} from "../types/CertificateFault.sol";
import {IEpochSink} from "./IEpochSink.sol";
import {IQuorumVerifier} from "./IQuorumVerifier.sol";

/// @title IBlsQuorumVerifier
/// @notice Quorum certificates by BLS signatures on BN254; format in docs/CommitMessage.md, "Certificate".
/// @dev Safety assumes that every key in the operator set came with a proof of possession. A verifier knows only
///      the epochs it was told of: before its operator set registry lists it as a sink, it knows none.
interface IBlsQuorumVerifier is IQuorumVerifier, IEpochSink {
    /// @notice The key of a subset was proven; its certificates are cheaper from now on.
    /// @param nonSigners indices of those who are not in it, one byte each, ascending
    event SubsetCached(uint32 indexed epoch, bytes nonSigners, uint256 signedWeight, uint256 totalWeight);

    /// @notice The operator set registry given has no code.
    error NotAContract(address operatorSets);
    /// @notice The key is not that of the epoch's operators without `nonSigners`.
    error SubsetRefused(CertificateFault fault);

    /// @notice Proves once that `aggregateKey` is the sum of the G2 keys of all operators of `epoch` without
    ///         `nonSigners`. Changes what certificates of that subset cost, not what they prove. Anyone may call.
    /// @dev Until an epoch has a cached subset, no certificate pays for the lookup.
    /// @param nonSigners 1 to 256 indices, one byte each, ascending
    function cacheSubset(uint32 epoch, bytes calldata nonSigners, G2Point calldata aggregateKey) external;

    /// @notice The message whose hash to G1 the operators of `epoch` sign for `digest`.
    function messageOf(uint32 epoch, bytes32 digest) external view returns (bytes32);
}
