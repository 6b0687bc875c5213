// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

/// @title ChunkSegments
/// @notice Commitments of chunks by their 4,096-byte segments (docs/StateTree.md, "Chunks and the delta manifest").
library ChunkSegments {
    uint256 internal constant SEGMENT_BYTES = 4_096;

    bytes16 private constant LEAF_TAG = "OPS::SegmentLeaf";
    bytes16 private constant NODE_TAG = "OPS::SegmentNode";
    bytes14 private constant ROOT_TAG = "OPS::ChunkRoot";

    /// @notice Segments of a chunk of so many bytes.
    function countOf(uint256 chunkLength) internal pure returns (uint256) {
        return (chunkLength + SEGMENT_BYTES - 1) / SEGMENT_BYTES;
    }

    /// @notice The commitment of a whole chunk; zero of an empty one.
    /// @param chunk some; a hash for every segment and all but one again
    function commitmentOf(bytes calldata chunk) internal pure returns (bytes32) {
        uint256 count = countOf(chunk.length);
        if (count == 0) return bytes32(0);
        bytes32[] memory level = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            uint256 end = (i + 1) * SEGMENT_BYTES;
            if (end > chunk.length) end = chunk.length;
            level[i] = leafHash(i, chunk[i * SEGMENT_BYTES:end]);
        }
        while (count > 1) {
            uint256 parents = (count + 1) / 2;
            for (uint256 i = 0; i < parents; ++i) {
                bool isPair = 2 * i + 1 < count;
                level[i] = isPair ? nodeHash(level[2 * i], level[2 * i + 1]) : level[2 * i];
            }
            count = parents;
        }
        return rootHash(chunk.length, level[0]);
    }

    /// @notice Whether `segment` is the one with this index, of a chunk of so many bytes with this commitment.
    /// @param siblings from the segment up, one for each level on which it has one
    function isSegment(
        bytes32 commitment,
        uint256 chunkLength,
        uint256 index,
        bytes calldata segment,
        bytes32[] calldata siblings
    ) internal pure returns (bool) {
        uint256 count = countOf(chunkLength);
        if (index >= count) return false;
        bool isLast = index + 1 == count;
        uint256 expected = isLast ? chunkLength - index * SEGMENT_BYTES : SEGMENT_BYTES;
        if (segment.length != expected) return false;
        bytes32 node = leafHash(index, segment);
        uint256 taken = 0;
        while (count > 1) {
            // A node without a sibling moves up unchanged.
            if (index % 2 == 1 || index + 1 < count) {
                if (taken == siblings.length) return false;
                bytes32 sibling = siblings[taken++];
                node = index % 2 == 1 ? nodeHash(sibling, node) : nodeHash(node, sibling);
            }
            index /= 2;
            count = (count + 1) / 2;
        }
        return taken == siblings.length && rootHash(chunkLength, node) == commitment;
    }

    /// @notice `count` different indexes below `total`, which is no less, that follow from `seed`.
    function drawn(
        bytes32 seed,
        uint256 count,
        uint256 total
    ) internal pure returns (uint256[] memory indexes) {
        indexes = new uint256[](count);
        for (uint256 i = 0; i < count; ++i) {
            uint256 index = uint256(keccak256(abi.encode(seed, i))) % total;
            // There are more indexes than are taken.
            while (isAmong(indexes, i, index)) index = (index + 1) % total;
            indexes[i] = index;
        }
    }

    function isAmong(uint256[] memory indexes, uint256 count, uint256 index) private pure returns (bool) {
        for (uint256 i = 0; i < count; ++i) {
            if (indexes[i] == index) return true;
        }
        return false;
    }

    /// @dev Index and length are below 2³²: chunks have at most 16,252,897 bytes.
    function leafHash(uint256 index, bytes calldata segment) private pure returns (bytes32) {
        return keccak256(abi.encodePacked(LEAF_TAG, uint32(index), uint32(segment.length), segment));
    }

    function nodeHash(bytes32 left, bytes32 right) private pure returns (bytes32) {
        return keccak256(abi.encodePacked(NODE_TAG, left, right));
    }

    function rootHash(uint256 chunkLength, bytes32 root) private pure returns (bytes32) {
        return keccak256(abi.encodePacked(ROOT_TAG, uint32(chunkLength), root));
    }
}
