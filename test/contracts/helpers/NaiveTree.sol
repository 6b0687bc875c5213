// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev The state tree by its definition (docs/StateTree.md, "Hashing"), for tests: it sorts nothing and keeps nothing.
library NaiveTree {
    bytes32 private constant EMPTY = "SPARSE_MERKLE_PLACEHOLDER_HASH__";

    struct Leaf {
        bytes32 key;
        bytes32 valueHash;
    }

    /// @dev Hash of the subtree at `depth` that holds `leaves`.
    function subtree(Leaf[] memory leaves, uint256 depth) internal pure returns (bytes32) {
        if (leaves.length == 0) return EMPTY;
        if (leaves.length == 1) {
            return keccak256(abi.encodePacked("JMT::LeafNode", leaves[0].key, leaves[0].valueHash));
        }
        bytes32 left = subtree(side(leaves, depth, false), depth + 1);
        bytes32 right = subtree(side(leaves, depth, true), depth + 1);
        return keccak256(abi.encodePacked("JMT::IntrnalNode", left, right));
    }

    /// @dev Inclusion proof of `key` if it is among `leaves`, or else its absence proof.
    function prove(Leaf[] memory leaves, bytes32 key) internal pure returns (bytes memory) {
        uint256 depth = 0;
        uint256 bitmap = 0;
        bytes memory siblings;
        while (leaves.length > 1) {
            bool isRight = bit(key, depth);
            bytes32 sibling = subtree(side(leaves, depth, !isRight), depth + 1);
            if (sibling == EMPTY) bitmap |= 1 << depth;
            else siblings = bytes.concat(sibling, siblings);
            leaves = side(leaves, depth, isRight);
            ++depth;
        }
        uint256 bitmapBytes = (depth + 7) / 8;
        bytes memory packed = new bytes(bitmapBytes);
        for (uint256 i = 0; i < bitmapBytes; ++i)
            packed[i] = bytes1(uint8(bitmap >> (8 * (bitmapBytes - 1 - i))));
        bytes memory body = bytes.concat(bytes2(uint16(depth)), packed, siblings);
        if (leaves.length == 0) return bytes.concat(hex"01", body);
        if (leaves[0].key == key) return bytes.concat(hex"00", body);
        return bytes.concat(hex"02", body, leaves[0].key, leaves[0].valueHash);
    }

    function side(
        Leaf[] memory leaves,
        uint256 depth,
        bool isRight
    ) private pure returns (Leaf[] memory kept) {
        uint256 count = 0;
        for (uint256 i = 0; i < leaves.length; ++i) if (bit(leaves[i].key, depth) == isRight) ++count;
        kept = new Leaf[](count);
        count = 0;
        for (uint256 i = 0; i < leaves.length; ++i) {
            if (bit(leaves[i].key, depth) == isRight) kept[count++] = leaves[i];
        }
    }

    function bit(bytes32 key, uint256 depth) private pure returns (bool) {
        return (uint256(key) >> (255 - depth)) & 1 == 1;
    }
}
