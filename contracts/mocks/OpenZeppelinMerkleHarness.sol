// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";

/// @title OpenZeppelinMerkleHarness
/// @notice OpenZeppelin's verifier in a harness shaped as `TreeHarness`, to compare gas with.
contract OpenZeppelinMerkleHarness {
    /// @notice The proof does not lead from the leaf to the root.
    error InvalidProof();

    /// @notice Reverts unless `proof` shows `leaf`, a hash that the caller has made, under `root`.
    function verifyInclusion(bytes32 root, bytes32 leaf, bytes32[] calldata proof) external pure {
        if (!MerkleProof.verifyCalldata(proof, root, leaf)) revert InvalidProof();
    }

    /// @notice Reverts unless `proof` shows the leaf of `key` and `valueHash`, as `@openzeppelin/merkle-tree` hashes
    ///         it, under `root`.
    function verifyLeaf(
        bytes32 root,
        bytes32 key,
        bytes32 valueHash,
        bytes32[] calldata proof
    ) external pure {
        bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encode(key, valueHash))));
        if (!MerkleProof.verifyCalldata(proof, root, leaf)) revert InvalidProof();
    }

    /// @notice Gas that `MerkleProof.verifyCalldata` itself takes, without dispatch and decoding.
    function inclusionGas(
        bytes32 root,
        bytes32 leaf,
        bytes32[] calldata proof
    ) external view returns (uint256 gasUsed, bool holds) {
        uint256 before = gasleft();
        holds = MerkleProof.verifyCalldata(proof, root, leaf);
        gasUsed = before - gasleft();
    }
}
