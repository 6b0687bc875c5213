// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {ContentHash} from "../types/ContentHash.sol";
import {LeafFault} from "../types/LeafFault.sol";
import {TreeKey} from "../types/TreeKey.sol";
import {ValueHash} from "../types/ValueHash.sol";

/// @title LeafRecord
/// @notice Keys, headers and value hashes of leaves, and the rules they obey (docs/StateTree.md, "Leaf records").
/// @dev Header, as a bytes20 from the top: version 8 · namespace 8 · flags 16 · contentLength 64 · sequenceNo 64.
library LeafRecord {
    /// @dev Header, then content hash.
    uint256 internal constant RECORD_BYTES = 52;
    uint256 private constant HEADER_BYTES = 20;
    uint8 private constant HEADER_VERSION = 1;

    uint8 private constant FIRST_NAMESPACE = 0x01;
    uint8 private constant FIRST_APPEND_ONLY_NAMESPACE = 0x04;
    uint8 private constant LAST_NAMESPACE = 0x09;

    /// @dev The stored bytes are ciphertext.
    uint16 internal constant FLAG_ENCRYPTED = 1;
    /// @dev The content may be used only inside an attested enclave; only with FLAG_ENCRYPTED.
    uint16 internal constant FLAG_TEE_REQUIRED = 2;

    /// @notice What the tree commits to for a leaf of this header and content.
    /// @dev Twin: `keccak256(abi.encodePacked(header, contentHash))`. Both words fit the scratch space.
    function valueHashOf(
        bytes20 header,
        ContentHash contentHash
    ) internal pure returns (ValueHash valueHash) {
        assembly ("memory-safe") {
            mstore(0x00, header)
            mstore(0x14, contentHash)
            valueHash := keccak256(0x00, 0x34)
        }
    }

    /// @notice What the tree commits to for a leaf of this record.
    /// @dev Hashes `record` at any length, so that malformed leaves can be proved; `check` names a wrong length.
    function valueHashOf(bytes calldata record) internal pure returns (ValueHash) {
        return ValueHash.wrap(keccak256(record));
    }

    /// @notice Key of a content-addressed leaf.
    function contentKey(uint8 namespace, ContentHash contentHash) internal pure returns (TreeKey) {
        uint256 suffix = uint256(ContentHash.unwrap(contentHash)) >> 8;
        return TreeKey.wrap(bytes32((uint256(namespace) << 248) | suffix));
    }

    /// @notice First byte of `key`.
    function namespaceOf(TreeKey key) internal pure returns (uint8) {
        return uint8(uint256(TreeKey.unwrap(key)) >> 248);
    }

    /// @notice Whether leaves of `namespace` are content-addressed, never changed and never removed.
    function isAppendOnly(uint8 namespace) internal pure returns (bool) {
        return namespace >= FIRST_APPEND_ONLY_NAMESPACE && namespace <= LAST_NAMESPACE;
    }

    /// @notice `FLAG_ENCRYPTED` and `FLAG_TEE_REQUIRED`, and any bit without meaning.
    function flagsOf(bytes20 header) internal pure returns (uint16) {
        return uint16(uint160(header) >> 128);
    }

    /// @notice Bytes of content.
    function contentLengthOf(bytes20 header) internal pure returns (uint64) {
        return uint64(uint160(header) >> 64);
    }

    /// @notice The commit that wrote the leaf.
    function sequenceNoOf(bytes20 header) internal pure returns (uint64) {
        return uint64(uint160(header));
    }

    /// @notice The first rule that the record of the leaf at `key` breaks.
    /// @param provedUnder sequence number of the commit whose root the leaf is proved under
    function check(TreeKey key, bytes calldata record, uint64 provedUnder) internal pure returns (LeafFault) {
        if (record.length != RECORD_BYTES) return LeafFault.RecordLength;
        ContentHash contentHash = ContentHash.wrap(bytes32(record[HEADER_BYTES:]));
        return check(key, bytes20(record[:HEADER_BYTES]), contentHash, provedUnder);
    }

    /// @notice The first rule that the leaf at `key`, with this header and content hash, breaks.
    /// @param provedUnder sequence number of the commit whose root the leaf is proved under
    function check(
        TreeKey key,
        bytes20 header,
        ContentHash contentHash,
        uint64 provedUnder
    ) internal pure returns (LeafFault) {
        uint8 namespace = uint8(header[1]);
        if (uint8(header[0]) != HEADER_VERSION) return LeafFault.HeaderVersion;
        if (namespace < FIRST_NAMESPACE || namespace > LAST_NAMESPACE) return LeafFault.UnknownNamespace;
        if (namespace != namespaceOf(key)) return LeafFault.NamespaceMismatch;

        uint16 flags = flagsOf(header);
        // Of 0 (clear), 1 (encrypted), 2 (TEE alone) and 3 (encrypted, TEE), the third has no meaning.
        if (flags == FLAG_TEE_REQUIRED || flags > (FLAG_ENCRYPTED | FLAG_TEE_REQUIRED)) {
            return LeafFault.ReservedFlags;
        }
        if (contentLengthOf(header) == 0) return LeafFault.EmptyContent;

        uint64 sequenceNo = sequenceNoOf(header);
        if (sequenceNo == 0 || sequenceNo > provedUnder) return LeafFault.SequenceOutOfRange;
        if (isAppendOnly(namespace) && key != contentKey(namespace, contentHash)) {
            return LeafFault.KeyMismatch;
        }
        return LeafFault.None;
    }
}
