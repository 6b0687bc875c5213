// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {ProofFault} from "../../../contracts/types/ProofFault.sol";

/// @dev docs/StateTree.md, "Proofs", written down again without assembly or arithmetic tricks: the twin of
///      `JellyfishMerkleProof`.
library PlainJellyfishMerkleProof {
    bytes32 internal constant EMPTY = "SPARSE_MERKLE_PLACEHOLDER_HASH__";

    struct Proof {
        uint8 terminal;
        uint256 depth;
        bytes bitmap;
        bytes32[] siblings;
        bytes32 otherKey;
        bytes32 otherValueHash;
    }

    function tryInclusion(
        bytes32 root,
        bytes32 key,
        bytes32 valueHash,
        bytes memory proof
    ) internal pure returns (ProofFault) {
        (ProofFault fault, Proof memory p) = parse(proof);
        if (fault != ProofFault.None) return fault;
        if (p.terminal != 0) return ProofFault.ProofKindMismatch;
        fault = checkPath(p);
        if (fault != ProofFault.None) return fault;
        return fold(leafHash(key, valueHash), key, p) == root ? ProofFault.None : ProofFault.RootMismatch;
    }

    function tryAbsence(bytes32 root, bytes32 key, bytes memory proof) internal pure returns (ProofFault) {
        (ProofFault fault, Proof memory p) = parse(proof);
        if (fault != ProofFault.None) return fault;
        if (p.terminal == 0) return ProofFault.ProofKindMismatch;
        fault = checkPath(p);
        if (fault != ProofFault.None) return fault;
        bytes32 node = EMPTY;
        if (p.terminal == 2) {
            if (p.otherKey == key) return ProofFault.KeyPresent;
            for (uint256 i = 0; i < p.depth; ++i) {
                if (bitOf(abi.encodePacked(p.otherKey), i) != bitOf(abi.encodePacked(key), i)) {
                    return ProofFault.NotANeighbour;
                }
            }
            node = leafHash(p.otherKey, p.otherValueHash);
        }
        return fold(node, key, p) == root ? ProofFault.None : ProofFault.RootMismatch;
    }

    function leafHash(bytes32 key, bytes32 valueHash) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked("JMT::LeafNode", key, valueHash));
    }

    function parse(bytes memory proof) private pure returns (ProofFault, Proof memory p) {
        if (proof.length < 3) return (ProofFault.ProofTooShort, p);
        p.terminal = uint8(proof[0]);
        p.depth = uint256(uint8(proof[1])) * 256 + uint8(proof[2]);
        if (p.depth <= 256) {
            uint256 bitmapLength = p.depth / 8 + (p.depth % 8 == 0 ? 0 : 1);
            if (proof.length < 3 + bitmapLength) return (ProofFault.ProofTooShort, p);
            p.bitmap = slice(proof, 3, bitmapLength);
            uint256 given = 0;
            for (uint256 i = 0; i < p.depth; ++i) {
                if (!isEmptyAt(p, i)) ++given;
            }
            uint256 end = 3 + bitmapLength + 32 * given;
            if (proof.length < end + (p.terminal == 2 ? 64 : 0)) return (ProofFault.ProofTooShort, p);
            if (proof.length > end + (p.terminal == 2 ? 64 : 0)) return (ProofFault.ProofTooLong, p);
            p.siblings = new bytes32[](given);
            for (uint256 i = 0; i < given; ++i) {
                p.siblings[i] = bytes32(slice(proof, 3 + bitmapLength + 32 * i, 32));
            }
            if (p.terminal == 2) {
                p.otherKey = bytes32(slice(proof, end, 32));
                p.otherValueHash = bytes32(slice(proof, end + 32, 32));
            }
        }
        if (p.terminal > 2) return (ProofFault.UnknownTerminal, p);
        return (ProofFault.None, p);
    }

    function checkPath(Proof memory p) private pure returns (ProofFault) {
        if (p.depth > 256) return ProofFault.DepthOutOfRange;
        for (uint256 i = p.depth; i < 8 * p.bitmap.length; ++i) {
            if (isEmptyAt(p, i)) return ProofFault.NonCanonicalBitmap;
        }
        for (uint256 i = 0; i < p.siblings.length; ++i) {
            if (p.siblings[i] == EMPTY) return ProofFault.PlaceholderSibling;
        }
        return ProofFault.None;
    }

    function fold(bytes32 node, bytes32 key, Proof memory p) private pure returns (bytes32) {
        uint256 next = 0;
        for (uint256 i = p.depth; i > 0; --i) {
            bytes32 sibling = isEmptyAt(p, i - 1) ? EMPTY : p.siblings[next++];
            node =
                bitOf(abi.encodePacked(key), i - 1)
                    ? keccak256(abi.encodePacked("JMT::IntrnalNode", sibling, node))
                    : keccak256(abi.encodePacked("JMT::IntrnalNode", node, sibling));
        }
        return node;
    }

    /// @dev Bit `i` of the bitmap, a big-endian number, counted from its least significant bit.
    function isEmptyAt(Proof memory p, uint256 i) private pure returns (bool) {
        return bitOf(p.bitmap, 8 * p.bitmap.length - 1 - i);
    }

    /// @dev Bit `i`, counted from the most significant bit of the first byte.
    function bitOf(bytes memory data, uint256 i) private pure returns (bool) {
        return (uint8(data[i / 8]) / 2 ** (7 - (i % 8))) % 2 == 1;
    }

    function slice(bytes memory data, uint256 from, uint256 length) private pure returns (bytes memory out) {
        out = new bytes(length);
        for (uint256 i = 0; i < length; ++i) out[i] = data[from + i];
    }
}
