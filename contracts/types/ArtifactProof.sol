// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

/// @dev Shows that an artifact's leaf is in the state tree. The verifier knows namespace and content hash;
///      with `header` they give the leaf record, its value hash and the tree key.
/// @param sequenceNo the commit whose root the proof is against; it must still be retained
/// @param header the leaf's 20-byte `LeafHeaderV1`
/// @param proof inclusion proof (docs/StateTree.md, "Proofs")
struct ArtifactProof {
    uint64 sequenceNo;
    bytes20 header;
    bytes proof;
}
