// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAddressesProvider} from "./interfaces/IAddressesProvider.sol";
import {IArtifactRegistry} from "./interfaces/IArtifactRegistry.sol";
import {IStateCommitRegistry} from "./interfaces/IStateCommitRegistry.sol";
import {ArtifactProofs} from "./libraries/ArtifactProofs.sol";
import {LeafRecord} from "./libraries/LeafRecord.sol";
import {Pages} from "./libraries/Pages.sol";
import {ArtifactProof} from "./types/ArtifactProof.sol";
import {ContentHash} from "./types/ContentHash.sol";
import {LeafFault} from "./types/LeafFault.sol";
import {ProofFault} from "./types/ProofFault.sol";

/// @title ArtifactRegistry
/// @notice What the registries of templates check alike: artifacts, owners, reasons and pages.
abstract contract ArtifactRegistry is IArtifactRegistry {
    /// @notice Longest reason for a deprecation, in bytes.
    uint256 public constant MAX_REASON_BYTES = 256;

    /// @dev Key of the state commit registry in the directory.
    bytes32 private constant STATE_COMMIT_REGISTRY_ID = keccak256("STATE_COMMIT_REGISTRY");

    IStateCommitRegistry internal immutable STATE_COMMIT_REGISTRY;

    /// @param provider directory that the state commit registry's address is copied from
    constructor(IAddressesProvider provider) {
        STATE_COMMIT_REGISTRY = IStateCommitRegistry(provider.getAddress(STATE_COMMIT_REGISTRY_ID));
    }

    /// @inheritdoc IArtifactRegistry
    function stateCommitRegistry() external view returns (IStateCommitRegistry) {
        return STATE_COMMIT_REGISTRY;
    }

    /// @dev Artifact number `index` must be in the tree with exactly these flags.
    function _checkArtifact(
        uint256 index,
        uint8 namespace,
        ContentHash contentHash,
        uint16 flags,
        ArtifactProof calldata proof
    ) internal view {
        (ProofFault proofFault, LeafFault leafFault) = ArtifactProofs.check(
            STATE_COMMIT_REGISTRY,
            namespace,
            contentHash,
            proof
        );
        if (proofFault != ProofFault.None || leafFault != LeafFault.None) {
            revert DanglingArtifact(index, contentHash, proofFault, leafFault);
        }
        uint16 got = LeafRecord.flagsOf(proof.header);
        if (got != flags) revert FlagsMismatch(flags, got);
    }

    function _requireOwner(address owner) internal view {
        if (msg.sender != owner) revert NotOwner(owner, msg.sender);
    }

    function _requireReason(string calldata reason) internal pure {
        uint256 reasonBytes = bytes(reason).length;
        if (reasonBytes > MAX_REASON_BYTES) revert ReasonTooLong(MAX_REASON_BYTES, reasonBytes);
    }

    /// @dev Entries of the page at `offset` of a list of `length`.
    function _pageSize(uint256 length, uint256 offset, uint256 limit) internal pure returns (uint256) {
        if (limit > Pages.MAX_ENTRIES) revert PageTooLarge(Pages.MAX_ENTRIES, limit);
        return Pages.countOf(length, offset, limit);
    }
}
