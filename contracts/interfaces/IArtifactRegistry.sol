// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {ContentHash} from "../types/ContentHash.sol";
import {LeafFault} from "../types/LeafFault.sol";
import {ProofFault} from "../types/ProofFault.sol";
import {IStateCommitRegistry} from "./IStateCommitRegistry.sol";

/// @title IArtifactRegistry
/// @notice What the registries of templates have in common: artifacts are named with proofs that they are in the state tree,
///         a template's owner can deprecate it, and lists are read in pages.
interface IArtifactRegistry {
    /// @notice The number of proofs is not the number of artifacts named.
    error ProofCountMismatch(uint256 expected, uint256 got);
    /// @notice Artifact number `index` of the template, or the only one of an instance, is not in the tree as claimed.
    error DanglingArtifact(
        uint256 index,
        ContentHash contentHash,
        ProofFault proofFault,
        LeafFault leafFault
    );
    /// @notice The leaf's encrypted and TEE flags are not those that the artifact must have.
    error FlagsMismatch(uint16 expected, uint16 got);
    /// @notice Only the owner may do this.
    error NotOwner(address owner, address caller);
    /// @notice The caller does not act for the client.
    error NotClient(address client, address caller);
    /// @notice The reason is longer than the limit, in bytes.
    error ReasonTooLong(uint256 limit, uint256 got);
    /// @notice A page has at most this many entries.
    error PageTooLarge(uint256 limit, uint256 got);

    /// @notice The registry against whose roots proofs are checked.
    function stateCommitRegistry() external view returns (IStateCommitRegistry);
}
