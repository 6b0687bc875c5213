// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {IStateCommitRegistry} from "../interfaces/IStateCommitRegistry.sol";
import {ArtifactProof} from "../types/ArtifactProof.sol";
import {ContentHash} from "../types/ContentHash.sol";
import {LeafFault} from "../types/LeafFault.sol";
import {ProofFault} from "../types/ProofFault.sol";
import {StateRoot} from "../types/StateRoot.sol";
import {TreeKey} from "../types/TreeKey.sol";
import {JellyfishMerkleProof} from "./JellyfishMerkleProof.sol";
import {LeafRecord} from "./LeafRecord.sol";

/// @title ArtifactProofs
/// @notice Whether an artifact is in the state tree of this chain.
/// @dev The namespace comes from the caller's code and the key from the content hash, never from the proof: a leaf of
///      another kind with the same content has another key and proves nothing here.
library ArtifactProofs {
    /// @dev Namespaces of the artifact kinds (docs/StateTree.md, "Tree keys").
    uint8 internal constant NAMESPACE_REGO = 0x04;
    uint8 internal constant NAMESPACE_INPUT_SCHEMA = 0x05;
    uint8 internal constant NAMESPACE_WASM_PLUGIN = 0x06;
    uint8 internal constant NAMESPACE_OUTPUT_SCHEMA = 0x07;
    uint8 internal constant NAMESPACE_SECRETS_SCHEMA = 0x08;
    uint8 internal constant NAMESPACE_PARAMS = 0x09;

    /// @notice What is wrong with the claim that the artifact is in the tree; two `None` if nothing is.
    /// @dev Reverts with `RootNotRetained` if the registry does not hold the root.
    function check(
        IStateCommitRegistry registry,
        uint8 namespace,
        ContentHash contentHash,
        ArtifactProof calldata proof
    ) internal view returns (ProofFault proofFault, LeafFault leafFault) {
        StateRoot root = registry.stateRootAt(proof.sequenceNo);
        TreeKey key = LeafRecord.contentKey(namespace, contentHash);
        leafFault = LeafRecord.check(key, proof.header, contentHash, proof.sequenceNo);
        proofFault = JellyfishMerkleProof.tryInclusion(
            root,
            key,
            LeafRecord.valueHashOf(proof.header, contentHash),
            proof.proof
        );
    }
}
