// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {IOperatorSetRegistry} from "./IOperatorSetRegistry.sol";
import {IQuorumVerifier} from "./IQuorumVerifier.sol";

/// @title IBlsQuorumVerifier
/// @notice Quorum certificates by BLS signatures on BN254; format in docs/CommitMessage.md, "Certificate".
/// @dev Safety assumes that every key in the operator set came with a proof of possession.
interface IBlsQuorumVerifier is IQuorumVerifier {
    /// @notice The operator set registry given has no code.
    error NotAContract(address operatorSets);

    /// @notice Holds the keys and weights of every epoch.
    function operatorSets() external view returns (IOperatorSetRegistry);

    /// @notice The message whose hash to G1 the operators of `epoch` sign for `digest`.
    function messageOf(uint32 epoch, bytes32 digest) external view returns (bytes32);
}
