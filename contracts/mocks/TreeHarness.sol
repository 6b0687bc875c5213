// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {JellyfishMerkleProof} from "../libraries/JellyfishMerkleProof.sol";
import {LeafRecord} from "../libraries/LeafRecord.sol";
import {ContentHash} from "../types/ContentHash.sol";
import {LeafFault} from "../types/LeafFault.sol";
import {ProofFault} from "../types/ProofFault.sol";
import {StateRoot} from "../types/StateRoot.sol";
import {TreeKey} from "../types/TreeKey.sol";
import {ValueHash} from "../types/ValueHash.sol";

/// @title TreeHarness
/// @notice Lets tests and gas measurements call the libraries of the state tree.
contract TreeHarness {
    bytes32 public constant EMPTY_ROOT = JellyfishMerkleProof.EMPTY_ROOT;

    /// @notice See `JellyfishMerkleProof.tryInclusion`.
    function tryInclusion(
        StateRoot root,
        TreeKey key,
        ValueHash valueHash,
        bytes calldata proof
    ) external pure returns (ProofFault) {
        return JellyfishMerkleProof.tryInclusion(root, key, valueHash, proof);
    }

    /// @notice See `JellyfishMerkleProof.tryAbsence`.
    function tryAbsence(
        StateRoot root,
        TreeKey key,
        bytes calldata proof
    ) external pure returns (ProofFault) {
        return JellyfishMerkleProof.tryAbsence(root, key, proof);
    }

    /// @notice See `JellyfishMerkleProof.verifyInclusion`.
    function verifyInclusion(
        StateRoot root,
        TreeKey key,
        ValueHash valueHash,
        bytes calldata proof
    ) external pure {
        JellyfishMerkleProof.verifyInclusion(root, key, valueHash, proof);
    }

    /// @notice See `JellyfishMerkleProof.verifyAbsence`.
    function verifyAbsence(StateRoot root, TreeKey key, bytes calldata proof) external pure {
        JellyfishMerkleProof.verifyAbsence(root, key, proof);
    }

    /// @notice Gas that `JellyfishMerkleProof.tryInclusion` itself takes, without dispatch and decoding.
    function inclusionGas(
        StateRoot root,
        TreeKey key,
        ValueHash valueHash,
        bytes calldata proof
    ) external view returns (uint256 gasUsed, ProofFault fault) {
        uint256 before = gasleft();
        fault = JellyfishMerkleProof.tryInclusion(root, key, valueHash, proof);
        gasUsed = before - gasleft();
    }

    /// @notice Gas that `JellyfishMerkleProof.tryAbsence` itself takes, without dispatch and decoding.
    function absenceGas(
        StateRoot root,
        TreeKey key,
        bytes calldata proof
    ) external view returns (uint256 gasUsed, ProofFault fault) {
        uint256 before = gasleft();
        fault = JellyfishMerkleProof.tryAbsence(root, key, proof);
        gasUsed = before - gasleft();
    }

    /// @notice See `LeafRecord.check`.
    function checkLeaf(
        TreeKey key,
        bytes calldata record,
        uint64 provedUnder
    ) external pure returns (LeafFault) {
        return LeafRecord.check(key, record, provedUnder);
    }

    /// @notice See `LeafRecord.check`.
    function checkLeaf(
        TreeKey key,
        bytes20 header,
        ContentHash contentHash,
        uint64 provedUnder
    ) external pure returns (LeafFault) {
        return LeafRecord.check(key, header, contentHash, provedUnder);
    }

    /// @notice See `LeafRecord.valueHashOf`.
    function valueHashOf(bytes calldata record) external pure returns (ValueHash) {
        return LeafRecord.valueHashOf(record);
    }

    /// @notice See `LeafRecord.valueHashOf`.
    function valueHashOf(bytes20 header, ContentHash contentHash) external pure returns (ValueHash) {
        return LeafRecord.valueHashOf(header, contentHash);
    }

    /// @notice See `LeafRecord.contentKey`.
    function contentKey(uint8 namespace, ContentHash contentHash) external pure returns (TreeKey) {
        return LeafRecord.contentKey(namespace, contentHash);
    }

    /// @notice See `LeafRecord.namespaceOf` and `LeafRecord.isAppendOnly`.
    function namespaceOf(TreeKey key) external pure returns (uint8 namespace, bool isAppendOnly) {
        namespace = LeafRecord.namespaceOf(key);
        isAppendOnly = LeafRecord.isAppendOnly(namespace);
    }

    /// @notice See `LeafRecord.flagsOf`, `LeafRecord.contentLengthOf` and `LeafRecord.sequenceNoOf`.
    function headerFields(
        bytes20 header
    ) external pure returns (uint16 flags, uint64 contentLength, uint64 sequenceNo) {
        return (
            LeafRecord.flagsOf(header),
            LeafRecord.contentLengthOf(header),
            LeafRecord.sequenceNoOf(header)
        );
    }
}
