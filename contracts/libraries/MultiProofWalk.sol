// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {MultiProofFault} from "../types/MultiProofFault.sol";
import {TreeKey} from "../types/TreeKey.sol";
import {ValueHash} from "../types/ValueHash.sol";
import {JellyfishMerkleProof} from "./JellyfishMerkleProof.sol";

/// @dev A walk over the segments of a multiproof, and the segment it stands on.
struct Walk {
    // The claims in calldata: where they start, bytes per claim, and how many. A claim starts with its key and
    // its value hash.
    uint256 claimsAt;
    uint256 claimBytes;
    uint256 claimCount;
    // Depths at which the paths of segments left behind part from those still ahead, in ascending order from index
    // 1. Index 0 holds a depth that there is not.
    uint256[] forks;
    uint256 forkCount;
    // Offset of the next segment.
    uint256 offset;
    // Claims of this segment: from `first` to before `end`.
    uint256 first;
    uint256 end;
    uint256 terminal;
    // Depth of the terminal, and depth at which the path joins that of the next segment: its subtree's.
    uint256 depth;
    uint256 top;
    // How many siblings the segment has, which of them are empty, and where in calldata the others are.
    uint256 siblingCount;
    uint256 bitmap;
    uint256 siblingsAt;
    // Hash of the terminal, and key of the other leaf where it is one.
    bytes32 node;
    uint256 otherKey;
}

/// @title MultiProofWalk
/// @notice Reads a multiproof segment by segment (docs/StateTree.md, "Multiproofs").
library MultiProofWalk {
    /// @dev Most claims of one proof.
    uint256 internal constant MAX_CLAIMS = 512;
    uint256 internal constant TERMINAL_OWN_LEAF = 0;
    uint256 internal constant TERMINAL_OTHER_LEAF = 2;

    uint256 private constant HEADER_BYTES = 3;
    uint256 private constant MAX_DEPTH = 256;
    uint256 private constant OTHER_LEAF_BYTES = 64;

    /// @notice A walk before its first segment, over claims that are some, not too many, and in ascending order.
    function start(
        uint256 claimsAt,
        uint256 claimBytes,
        uint256 claimCount
    ) internal pure returns (MultiProofFault fault, Walk memory walk) {
        if (claimCount == 0) return (MultiProofFault.NoLeaves, walk);
        if (claimCount > MAX_CLAIMS) return (MultiProofFault.TooManyLeaves, walk);
        (walk.claimsAt, walk.claimBytes, walk.claimCount) = (claimsAt, claimBytes, claimCount);
        if (!isAscending(claimsAt, claimBytes, claimCount)) return (MultiProofFault.KeysNotAscending, walk);
        // Forks are of different depths, so there are no more than 256.
        walk.forks = new uint256[](Math.min(claimCount, MAX_DEPTH) + 1);
        walk.forks[0] = type(uint256).max;
    }

    /// @notice Moves on to the segment of the first claim not yet walked over.
    /// @return fault The first in the segment.
    function next(Walk memory walk, bytes calldata proof) internal pure returns (MultiProofFault fault) {
        // Every sum is below 2^32: lengths of calldata, depths up to 256, counts up to 512. No difference is negative:
        // a path joins the next one, and those left behind, above its terminal; offset <= proof.length.
        unchecked {
            uint256 offset = walk.offset;
            if (proof.length < offset + HEADER_BYTES) return MultiProofFault.ProofTooShort;
            uint256 head = uint256(wordAt(proof, offset));
            uint256 terminal = head >> 248;
            uint256 depth = (head >> 232) & 0xffff;
            if (terminal > TERMINAL_OTHER_LEAF) return MultiProofFault.UnknownTerminal;
            if (depth > MAX_DEPTH) return MultiProofFault.DepthOutOfRange;
            (walk.terminal, walk.depth) = (terminal, depth);
            fault = takeClaims(walk);
            if (fault != MultiProofFault.None) return fault;

            uint256 count = depth - walk.top - joinedForks(walk);
            uint256 bitmapBytes = (count + 7) >> 3;
            offset += HEADER_BYTES;
            if (proof.length < offset + bitmapBytes) return MultiProofFault.ProofTooShort;
            uint256 bitmap = uint256(wordAt(proof, offset)) >> (256 - 8 * bitmapBytes);
            if (bitmap >> count != 0) return MultiProofFault.NonCanonicalBitmap;
            offset += bitmapBytes;
            (walk.siblingCount, walk.bitmap) = (count, bitmap);
            walk.siblingsAt = positionOf(proof, offset);
            offset += 32 * (count - bitCount(bitmap));
            if (terminal == TERMINAL_OTHER_LEAF) {
                walk.offset = offset + OTHER_LEAF_BYTES;
                if (proof.length < walk.offset) return MultiProofFault.ProofTooShort;
                return takeOtherLeaf(walk, wordAt(proof, offset), wordAt(proof, offset + 32));
            }
            walk.offset = offset;
            return proof.length < offset ? MultiProofFault.ProofTooShort : MultiProofFault.None;
        }
    }

    /// @notice Key of claim `i`, as a number.
    function keyAt(Walk memory walk, uint256 i) internal pure returns (uint256) {
        return uint256(claimWord(walk, i, 0));
    }

    /// @notice The word at `offset` of claim `i`.
    function claimWord(Walk memory walk, uint256 i, uint256 offset) internal pure returns (bytes32) {
        // Calldata is far shorter than 2^256.
        unchecked {
            return wordOf(walk.claimsAt + i * walk.claimBytes + offset);
        }
    }

    /// @notice Whether two keys share their first `depth` bits.
    function isShared(uint256 a, uint256 b, uint256 depth) internal pure returns (bool) {
        // A shift by 256, at depth 0, gives zero. No underflow: depth <= 256.
        unchecked {
            return (a ^ b) >> (256 - depth) == 0;
        }
    }

    /// @notice How many leading bits two keys share that differ.
    function forkOf(uint256 a, uint256 b) internal pure returns (uint256) {
        // log2 is at most 255.
        unchecked {
            return 255 - Math.log2(a ^ b);
        }
    }

    function isAscending(
        uint256 claimsAt,
        uint256 claimBytes,
        uint256 claimCount
    ) private pure returns (bool ascending) {
        ascending = true;
        // Calldata is far shorter than 2^256.
        unchecked {
            uint256 end = claimsAt + claimCount * claimBytes;
            uint256 previous = uint256(wordOf(claimsAt));
            for (uint256 position = claimsAt + claimBytes; position < end; position += claimBytes) {
                uint256 key = uint256(wordOf(position));
                if (key <= previous) return false;
                previous = key;
            }
        }
    }

    /// @dev Takes the claims whose path ends at this terminal, of which at most one is a leaf.
    function takeClaims(Walk memory walk) private pure returns (MultiProofFault) {
        uint256 i = walk.end;
        uint256 count = walk.claimCount;
        uint256 depth = walk.depth;
        uint256 key = keyAt(walk, i);
        if (i > 0 && isShared(keyAt(walk, i - 1), key, depth)) return MultiProofFault.DepthMismatch;
        walk.first = i;
        walk.node = JellyfishMerkleProof.EMPTY_ROOT;
        bool hasLeaf = false;
        uint256 last = key;
        walk.top = 0;
        for (;;) {
            bytes32 valueHash = claimWord(walk, i, 32);
            if (valueHash != 0) {
                if (hasLeaf) return MultiProofFault.SlotOccupied;
                hasLeaf = true;
                walk.node = JellyfishMerkleProof.leafHash(
                    TreeKey.wrap(bytes32(last)),
                    ValueHash.wrap(valueHash)
                );
            }
            if (++i == count) break;
            uint256 following = keyAt(walk, i);
            if (!isShared(key, following, depth)) {
                walk.top = forkOf(last, following) + 1;
                break;
            }
            last = following;
        }
        walk.end = i;
        if ((walk.terminal == TERMINAL_OWN_LEAF) != hasLeaf) return MultiProofFault.ProofKindMismatch;
        return MultiProofFault.None;
    }

    /// @dev How many paths left behind join this one below its top.
    function joinedForks(Walk memory walk) private pure returns (uint256 joined) {
        uint256 kept = walk.forkCount;
        while (kept > 0 && walk.forks[kept] >= walk.top) {
            --kept;
            ++joined;
        }
    }

    /// @dev The other leaf is on the path of the claims, and of none of their keys.
    function takeOtherLeaf(
        Walk memory walk,
        bytes32 key,
        bytes32 valueHash
    ) private pure returns (MultiProofFault) {
        for (uint256 i = walk.first; i < walk.end; ++i) {
            if (keyAt(walk, i) == uint256(key)) return MultiProofFault.KeyPresent;
        }
        if (!isShared(keyAt(walk, walk.first), uint256(key), walk.depth)) {
            return MultiProofFault.NotANeighbour;
        }
        walk.otherKey = uint256(key);
        walk.node = JellyfishMerkleProof.leafHash(TreeKey.wrap(key), ValueHash.wrap(valueHash));
        return MultiProofFault.None;
    }

    /// @dev Number of set bits, a step for each: there are few.
    function bitCount(uint256 x) private pure returns (uint256 count) {
        // At most 256 steps, none of them with x = 0.
        unchecked {
            for (; x != 0; x &= x - 1) ++count;
        }
    }

    function wordOf(uint256 position) private pure returns (bytes32 word) {
        assembly ("memory-safe") {
            word := calldataload(position)
        }
    }

    function positionOf(bytes calldata proof, uint256 offset) private pure returns (uint256 position) {
        assembly ("memory-safe") {
            position := add(proof.offset, offset)
        }
    }

    /// @dev The 32 bytes of calldata from `offset` of `proof`. Bytes behind its end are whatever follows in calldata: no
    ///      verdict depends on them.
    function wordAt(bytes calldata proof, uint256 offset) private pure returns (bytes32 word) {
        assembly ("memory-safe") {
            word := calldataload(add(proof.offset, offset))
        }
    }
}
