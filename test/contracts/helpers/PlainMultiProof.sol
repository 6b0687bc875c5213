// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {MultiProofFault} from "../../../contracts/types/MultiProofFault.sol";
import {LeafClaim} from "../../../contracts/types/LeafClaim.sol";
import {TreeKey} from "../../../contracts/types/TreeKey.sol";
import {ValueHash} from "../../../contracts/types/ValueHash.sol";

/// @dev docs/StateTree.md, "Multiproofs", written down again without assembly, stacks or arithmetic tricks: the twin of
///      `JellyfishMerkleMultiProof`. Segments are joined level by level, from the deepest up.
library PlainMultiProof {
    bytes32 private constant EMPTY = "SPARSE_MERKLE_PLACEHOLDER_HASH__";

    struct Segment {
        uint256 terminal;
        uint256 depth;
        uint256 first;
        uint256 end;
        bytes32[] siblings;
        bytes32 otherKey;
        bytes32 otherValueHash;
        // While levels are joined.
        bytes32 node;
        uint256 taken;
        bool isJoined;
    }

    function tryLeaves(
        bytes32 root,
        LeafClaim[] memory leaves,
        bytes memory proof
    ) internal pure returns (MultiProofFault) {
        if (leaves.length == 0) return MultiProofFault.NoLeaves;
        if (leaves.length > 512) return MultiProofFault.TooManyLeaves;
        for (uint256 i = 1; i < leaves.length; ++i) {
            if (keyOf(leaves, i) <= keyOf(leaves, i - 1)) return MultiProofFault.KeysNotAscending;
        }
        Segment[] memory segments = new Segment[](leaves.length);
        uint256 count = 0;
        uint256 offset = 0;
        uint256 first = 0;
        while (first < leaves.length) {
            Segment memory s = segments[count++];
            s.first = first;
            MultiProofFault fault;
            (fault, offset) = parse(s, leaves, proof, offset);
            if (fault != MultiProofFault.None) return fault;
            first = s.end;
        }
        if (offset != proof.length) return MultiProofFault.ProofTooLong;
        return
            foldLevels(segments, count, leaves) == root ? MultiProofFault.None : MultiProofFault.RootMismatch;
    }

    function parse(
        Segment memory s,
        LeafClaim[] memory leaves,
        bytes memory proof,
        uint256 offset
    ) private pure returns (MultiProofFault, uint256) {
        if (proof.length < offset + 3) return (MultiProofFault.ProofTooShort, 0);
        s.terminal = uint8(proof[offset]);
        s.depth = uint256(uint8(proof[offset + 1])) * 256 + uint8(proof[offset + 2]);
        offset += 3;
        if (s.terminal > 2) return (MultiProofFault.UnknownTerminal, 0);
        if (s.depth > 256) return (MultiProofFault.DepthOutOfRange, 0);
        MultiProofFault fault = takeClaims(s, leaves);
        if (fault != MultiProofFault.None) return (fault, 0);

        uint256 count = siblingCount(s, leaves);
        uint256 bitmapBytes = count / 8 + (count % 8 == 0 ? 0 : 1);
        if (proof.length < offset + bitmapBytes) return (MultiProofFault.ProofTooShort, 0);
        uint256 body = offset + bitmapBytes;
        for (uint256 bit = count; bit < 8 * bitmapBytes; ++bit) {
            if (isSet(proof, body, bit)) return (MultiProofFault.NonCanonicalBitmap, 0);
        }
        s.siblings = new bytes32[](count);
        uint256 end = body;
        for (uint256 i = 0; i < count; ++i) {
            s.siblings[i] = EMPTY;
            if (isSet(proof, body, count - 1 - i)) continue;
            end += 32;
            if (proof.length >= end) s.siblings[i] = word(proof, end - 32);
        }
        uint256 whole = end + (s.terminal == 2 ? 64 : 0);
        if (proof.length < whole) return (MultiProofFault.ProofTooShort, 0);
        if (s.terminal == 2) {
            (s.otherKey, s.otherValueHash) = (word(proof, end), word(proof, end + 32));
            fault = checkOther(s, leaves);
            if (fault != MultiProofFault.None) return (fault, 0);
            s.node = leafHash(s.otherKey, s.otherValueHash);
        }
        for (uint256 i = 0; i < count; ++i) {
            if (!isSet(proof, body, count - 1 - i) && s.siblings[i] == EMPTY) {
                return (MultiProofFault.PlaceholderSibling, 0);
            }
        }
        return (MultiProofFault.None, whole);
    }

    function takeClaims(Segment memory s, LeafClaim[] memory leaves) private pure returns (MultiProofFault) {
        bytes32 key = keyOf(leaves, s.first);
        if (s.first > 0 && shares(keyOf(leaves, s.first - 1), key, s.depth)) {
            return MultiProofFault.DepthMismatch;
        }
        uint256 present = 0;
        s.node = EMPTY;
        for (s.end = s.first; s.end < leaves.length; ++s.end) {
            bytes32 claimed = keyOf(leaves, s.end);
            if (!shares(key, claimed, s.depth)) break;
            bytes32 valueHash = ValueHash.unwrap(leaves[s.end].valueHash);
            if (valueHash == 0) continue;
            ++present;
            s.node = leafHash(claimed, valueHash);
        }
        if (present > 1) return MultiProofFault.SlotOccupied;
        if ((present == 1) != (s.terminal == 0)) return MultiProofFault.ProofKindMismatch;
        return MultiProofFault.None;
    }

    function checkOther(Segment memory s, LeafClaim[] memory leaves) private pure returns (MultiProofFault) {
        for (uint256 i = s.first; i < s.end; ++i) {
            if (keyOf(leaves, i) == s.otherKey) return MultiProofFault.KeyPresent;
        }
        return
            shares(keyOf(leaves, s.first), s.otherKey, s.depth)
                ? MultiProofFault.None
                : MultiProofFault.NotANeighbour;
    }

    /// @dev Siblings without claimed keys, on the levels on which no later key is on the segment's own path.
    function siblingCount(Segment memory s, LeafClaim[] memory leaves) private pure returns (uint256 count) {
        bytes32 key = keyOf(leaves, s.first);
        for (uint256 level = s.depth; level > 0; --level) {
            bool isClaimed = false;
            for (uint256 i = 0; i < leaves.length; ++i) {
                bytes32 other = keyOf(leaves, i);
                if (i >= s.end && shares(key, other, level - 1)) return count;
                if (i < s.first && shares(key, other, level - 1) && !shares(key, other, level)) {
                    isClaimed = true;
                }
            }
            if (!isClaimed) ++count;
        }
    }

    /// @dev Joins every node of a level before those of the level above it. A joined pair goes on as its right half.
    function foldLevels(
        Segment[] memory segments,
        uint256 count,
        LeafClaim[] memory leaves
    ) private pure returns (bytes32) {
        for (uint256 level = 256; level > 0; --level) {
            for (uint256 i = 0; i < count; ++i) {
                Segment memory s = segments[i];
                if (s.isJoined || s.depth != level) continue;
                bytes32 key = keyOf(leaves, s.first);
                s.depth = level - 1;
                uint256 j = i + 1;
                while (j < count && segments[j].isJoined) ++j;
                if (j < count && shares(key, keyOf(leaves, segments[j].first), level - 1)) {
                    segments[j].node = internalHash(s.node, segments[j].node);
                    segments[j].depth = level - 1;
                    s.isJoined = true;
                    continue;
                }
                bytes32 sibling = s.siblings[s.taken++];
                bool isRight = bitOf(key, level - 1);
                s.node = isRight ? internalHash(sibling, s.node) : internalHash(s.node, sibling);
            }
        }
        return segments[count - 1].node;
    }

    function keyOf(LeafClaim[] memory leaves, uint256 i) private pure returns (bytes32) {
        return TreeKey.unwrap(leaves[i].key);
    }

    function leafHash(bytes32 key, bytes32 valueHash) private pure returns (bytes32) {
        return keccak256(abi.encodePacked("JMT::LeafNode", key, valueHash));
    }

    function internalHash(bytes32 left, bytes32 right) private pure returns (bytes32) {
        return keccak256(abi.encodePacked("JMT::IntrnalNode", left, right));
    }

    function shares(bytes32 a, bytes32 b, uint256 bits) private pure returns (bool) {
        for (uint256 i = 0; i < bits; ++i) if (bitOf(a, i) != bitOf(b, i)) return false;
        return true;
    }

    function bitOf(bytes32 key, uint256 i) private pure returns (bool) {
        return (uint8(key[i / 8]) / 2 ** (7 - (i % 8))) % 2 == 1;
    }

    /// @dev Bit `bit` of the big-endian number that ends before `end`.
    function isSet(bytes memory data, uint256 end, uint256 bit) private pure returns (bool) {
        return (uint8(data[end - 1 - bit / 8]) / 2 ** (bit % 8)) % 2 == 1;
    }

    function word(bytes memory data, uint256 from) private pure returns (bytes32 out) {
        for (uint256 i = 0; i < 32; ++i) out |= bytes32(data[from + i]) >> (8 * i);
    }
}
