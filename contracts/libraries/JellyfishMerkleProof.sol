// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {ProofFault} from "../types/ProofFault.sol";
import {StateRoot} from "../types/StateRoot.sol";
import {TreeKey} from "../types/TreeKey.sol";
import {ValueHash} from "../types/ValueHash.sol";

/// @title JellyfishMerkleProof
/// @notice Verifies that a leaf is, or that no leaf of a key is, in the state tree (docs/StateTree.md, "Proofs").
/// @dev Sound for any root, also one made by an adversary: the queried key's own bits pick the path, and leaf,
///      internal node and placeholder have disjoint preimages, so presence and absence of one key exclude each
///      other. Assembly has a plain-Solidity twin in test/contracts/helpers/PlainJellyfishMerkleProof.sol.
library JellyfishMerkleProof {
    /// @dev Root of the tree without leaves and hash of every empty slot: the ASCII of its name, not a digest.
    bytes32 internal constant EMPTY_ROOT = "SPARSE_MERKLE_PLACEHOLDER_HASH__";

    uint256 private constant TERMINAL_OWN_LEAF = 0;
    uint256 private constant TERMINAL_OTHER_LEAF = 2;

    uint256 private constant HEADER_BYTES = 3;
    uint256 private constant MAX_DEPTH = 256;
    uint256 private constant OTHER_LEAF_BYTES = 64;

    /// @dev Lanes for counting bits, 1, 2, 4 and 8 bits wide.
    uint256 private constant LANES_1 = type(uint256).max / 3;
    uint256 private constant LANES_2 = type(uint256).max / 5;
    uint256 private constant LANES_4 = type(uint256).max / 17;
    uint256 private constant LANES_8 = type(uint256).max / 257;
    /// @dev One in each 16-bit lane: multiplying by it leaves the sum of all lanes in the top one.
    uint256 private constant ONES_16 = type(uint256).max / 65_535;

    /// @notice The proof proves nothing.
    error InvalidProof(ProofFault fault);

    /// @notice Reverts with `InvalidProof` unless `proof` shows `key` with `valueHash` under `root`.
    function verifyInclusion(
        StateRoot root,
        TreeKey key,
        ValueHash valueHash,
        bytes calldata proof
    ) internal pure {
        ProofFault fault = tryInclusion(root, key, valueHash, proof);
        if (fault != ProofFault.None) revert InvalidProof(fault);
    }

    /// @notice Reverts with `InvalidProof` unless `proof` shows that `key` has no leaf under `root`.
    function verifyAbsence(StateRoot root, TreeKey key, bytes calldata proof) internal pure {
        ProofFault fault = tryAbsence(root, key, proof);
        if (fault != ProofFault.None) revert InvalidProof(fault);
    }

    /// @notice The first fault that keeps `proof` from showing `key` with `valueHash` under `root`.
    function tryInclusion(
        StateRoot root,
        TreeKey key,
        ValueHash valueHash,
        bytes calldata proof
    ) internal pure returns (ProofFault) {
        (ProofFault fault, , uint256 depth, uint256 bitmap) = open(proof, true);
        if (fault != ProofFault.None) return fault;

        (bytes32 folded, bool hasPlaceholder) = fold(leafHash(key, valueHash), key, depth, bitmap, proof);
        if (hasPlaceholder) return ProofFault.PlaceholderSibling;
        return folded == StateRoot.unwrap(root) ? ProofFault.None : ProofFault.RootMismatch;
    }

    /// @notice The first fault that keeps `proof` from showing that `key` has no leaf under `root`.
    function tryAbsence(
        StateRoot root,
        TreeKey key,
        bytes calldata proof
    ) internal pure returns (ProofFault) {
        (ProofFault fault, uint256 terminal, uint256 depth, uint256 bitmap) = open(proof, false);
        if (fault != ProofFault.None) return fault;

        bytes32 node = EMPTY_ROOT;
        ProofFault neighbourFault = ProofFault.None;
        if (terminal == TERMINAL_OTHER_LEAF) {
            // No underflow: `open` found the 64 bytes of the other leaf behind the siblings.
            uint256 tail;
            unchecked {
                tail = proof.length - OTHER_LEAF_BYTES;
            }
            TreeKey other = TreeKey.wrap(wordAt(proof, tail));
            neighbourFault = checkNeighbour(key, other, depth);
            node = leafHash(other, ValueHash.wrap(wordAt(proof, tail + 32)));
        }

        (bytes32 folded, bool hasPlaceholder) = fold(node, key, depth, bitmap, proof);
        if (hasPlaceholder) return ProofFault.PlaceholderSibling;
        if (neighbourFault != ProofFault.None) return neighbourFault;
        return folded == StateRoot.unwrap(root) ? ProofFault.None : ProofFault.RootMismatch;
    }

    /// @notice Hash of the leaf of `key`: `keccak256("JMT::LeafNode" ‖ key ‖ valueHash)`.
    /// @dev Twin: `keccak256(abi.encodePacked("JMT::LeafNode", key, valueHash))`.
    function leafHash(TreeKey key, ValueHash valueHash) internal pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            let preimage := mload(0x40)
            mstore(preimage, "JMT::LeafNode")
            mstore(add(preimage, 0x0d), key)
            mstore(add(preimage, 0x2d), valueHash)
            hash := keccak256(preimage, 0x4d)
        }
    }

    /// @notice Hash of the node over two subtrees: `keccak256("JMT::IntrnalNode" ‖ left ‖ right)`.
    /// @dev Over the scratch space and the free memory pointer, which is put back. Twin:
    ///      `keccak256(abi.encodePacked("JMT::IntrnalNode", left, right))`.
    function internalHash(bytes32 left, bytes32 right) internal pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            let freeMemory := mload(0x40)
            mstore(0x00, "JMT::IntrnalNode")
            mstore(0x10, left)
            mstore(0x30, right)
            hash := keccak256(0x00, 0x50)
            mstore(0x40, freeMemory)
        }
    }

    /// @dev Reads and checks what stands before the siblings, and the length. A depth above 256 has no layout, so
    ///      nothing behind the header is looked at; an unknown terminal has nothing behind the siblings.
    function open(
        bytes calldata proof,
        bool isInclusion
    ) private pure returns (ProofFault fault, uint256 terminal, uint256 depth, uint256 bitmap) {
        // Every sum is below 2^16.
        unchecked {
            if (proof.length < HEADER_BYTES) return (ProofFault.ProofTooShort, 0, 0, 0);
            uint256 head = uint256(wordAt(proof, 0));
            terminal = head >> 248;
            depth = (head >> 232) & 0xffff;
            if (depth <= MAX_DEPTH) {
                uint256 bitmapBytes = (depth + 7) >> 3;
                bitmap = uint256(wordAt(proof, HEADER_BYTES)) >> (256 - 8 * bitmapBytes);
                // Only bits below `depth` say that a sibling is left out, so the difference is not negative.
                uint256 given = depth - bitCount(bitmap & ((1 << depth) - 1));
                uint256 wanted = HEADER_BYTES + bitmapBytes + 32 * given;
                if (terminal == TERMINAL_OTHER_LEAF) wanted += OTHER_LEAF_BYTES;
                // A bitmap cut short was read with what follows in calldata, and `wanted` exceeds the length for any.
                if (proof.length < wanted) return (ProofFault.ProofTooShort, 0, 0, 0);
                if (proof.length > wanted) return (ProofFault.ProofTooLong, 0, 0, 0);
            }
            if (terminal > TERMINAL_OTHER_LEAF) return (ProofFault.UnknownTerminal, 0, 0, 0);
            if ((terminal == TERMINAL_OWN_LEAF) != isInclusion) {
                return (ProofFault.ProofKindMismatch, 0, 0, 0);
            }
            if (depth > MAX_DEPTH) return (ProofFault.DepthOutOfRange, 0, 0, 0);
            if (bitmap >> depth != 0) return (ProofFault.NonCanonicalBitmap, 0, 0, 0);
        }
    }

    /// @dev Whether `other`, at `depth`, stands where `key` would be.
    function checkNeighbour(TreeKey key, TreeKey other, uint256 depth) private pure returns (ProofFault) {
        if (other == key) return ProofFault.KeyPresent;
        uint256 difference = uint256(TreeKey.unwrap(key)) ^ uint256(TreeKey.unwrap(other));
        // A shift by 256, at depth 0, gives zero: the root is everybody's neighbour. No underflow: depth <= 256.
        unchecked {
            return difference >> (256 - depth) == 0 ? ProofFault.None : ProofFault.NotANeighbour;
        }
    }

    /// @dev Joins `node` at `depth` with the siblings up to the root; also whether a sibling given in full is the
    ///      placeholder. `open` has checked that every sibling is inside `proof`; depth <= 256.
    ///      Preimage in the scratch space and over the free memory pointer, which is put back: 0x00 tag, 0x10 left,
    ///      0x30 right. `side` is 0x20 where the node is the right child.
    function fold(
        bytes32 node,
        TreeKey key,
        uint256 depth,
        uint256 bitmap,
        bytes calldata proof
    ) private pure returns (bytes32 root, bool hasPlaceholder) {
        assembly ("memory-safe") {
            let freeMemory := mload(0x40)
            mstore(0x00, "JMT::IntrnalNode")
            let cursor := add(proof.offset, add(HEADER_BYTES, shr(3, add(depth, 7))))
            for {
                let path := shr(sub(256, depth), key)
            } depth {
                path := shr(1, path)
            } {
                depth := sub(depth, 1)
                let side := shl(5, and(path, 1))
                mstore(xor(0x10, side), node)
                switch and(shr(depth, bitmap), 1)
                case 0 {
                    let sibling := calldataload(cursor)
                    cursor := add(cursor, 32)
                    mstore(xor(0x30, side), sibling)
                    if eq(sibling, EMPTY_ROOT) {
                        hasPlaceholder := 1
                    }
                }
                default {
                    mstore(xor(0x30, side), EMPTY_ROOT)
                }
                node := keccak256(0x00, 0x50)
            }
            mstore(0x40, freeMemory)
        }
        root = node;
    }

    /// @dev Number of set bits, 0 to 256. Twin: test each bit. Sums per lane fit: at most 16 in 8 bits, 256 in 16.
    function bitCount(uint256 x) private pure returns (uint256) {
        unchecked {
            x -= (x >> 1) & LANES_1;
            x = (x & LANES_2) + ((x >> 2) & LANES_2);
            x = (x + (x >> 4)) & LANES_4;
            x = (x + (x >> 8)) & LANES_8;
            return (x * ONES_16) >> 240;
        }
    }

    /// @dev The 32 bytes of calldata from `offset` of `proof`. Bytes behind the end of `proof` are whatever follows
    ///      in calldata: no verdict depends on them.
    function wordAt(bytes calldata proof, uint256 offset) private pure returns (bytes32 word) {
        assembly ("memory-safe") {
            word := calldataload(add(proof.offset, offset))
        }
    }
}
