// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {LeafClaim} from "../types/LeafClaim.sol";
import {MultiProofFault} from "../types/MultiProofFault.sol";
import {StateRoot} from "../types/StateRoot.sol";
import {JellyfishMerkleProof} from "./JellyfishMerkleProof.sol";
import {MultiProofWalk, Walk} from "./MultiProofWalk.sol";

/// @title JellyfishMerkleMultiProof
/// @notice Verifies what several keys have, or have not, in the state tree, with one proof (docs/StateTree.md,
///         "Multiproofs").
/// @dev Sound for any root, as `JellyfishMerkleProof` is: each key's own bits pick its path. Assembly has a
///      plain-Solidity twin in test/contracts/helpers/PlainMultiProof.sol.
library JellyfishMerkleMultiProof {
    /// @dev As `JellyfishMerkleProof.EMPTY_ROOT`: assembly reads only constants that are literals.
    bytes32 private constant EMPTY_ROOT = "SPARSE_MERKLE_PLACEHOLDER_HASH__";

    /// @notice The proof proves nothing.
    error InvalidMultiProof(MultiProofFault fault);

    /// @notice Reverts with `InvalidMultiProof` unless `proof` shows every one of `leaves` under `root`.
    function verifyLeaves(StateRoot root, LeafClaim[] calldata leaves, bytes calldata proof) internal pure {
        MultiProofFault fault = tryLeaves(root, leaves, proof);
        if (fault != MultiProofFault.None) revert InvalidMultiProof(fault);
    }

    /// @notice The first fault that keeps `proof` from showing every one of `leaves`, in ascending key order, under
    ///         `root`.
    function tryLeaves(
        StateRoot root,
        LeafClaim[] calldata leaves,
        bytes calldata proof
    ) internal pure returns (MultiProofFault) {
        uint256 claimsAt;
        assembly ("memory-safe") {
            claimsAt := leaves.offset
        }
        (MultiProofFault fault, Walk memory walk) = MultiProofWalk.start(claimsAt, 64, leaves.length);
        if (fault != MultiProofFault.None) return fault;

        bytes32[] memory lefts = new bytes32[](walk.forks.length);
        bytes32 node;
        bool hasPlaceholder;
        while (walk.end < walk.claimCount) {
            fault = MultiProofWalk.next(walk, proof);
            if (fault != MultiProofFault.None) return fault;
            (node, hasPlaceholder) = fold(walk, lefts);
            if (hasPlaceholder) return MultiProofFault.PlaceholderSibling;
            // No underflow: only the last segment's top is 0. A fork is left behind where there was room for it.
            if (walk.top != 0) {
                unchecked {
                    uint256 index = ++walk.forkCount;
                    (walk.forks[index], lefts[index]) = (walk.top - 1, node);
                }
            }
        }
        if (walk.offset != proof.length) return MultiProofFault.ProofTooLong;
        return node == StateRoot.unwrap(root) ? MultiProofFault.None : MultiProofFault.RootMismatch;
    }

    /// @dev Joins the segment's terminal with its siblings and the subtrees left behind, up to its top; also whether a
    ///      sibling given in full is the placeholder. A subtree left behind is on the left: `lefts` has its hash at the
    ///      index that `walk.forks` has its depth at.
    function fold(
        Walk memory walk,
        bytes32[] memory lefts
    ) private pure returns (bytes32 node, bool hasPlaceholder) {
        // No underflow: the terminal is below every fork and the top. Without a fork, the sum is 0.
        unchecked {
            uint256 path = MultiProofWalk.keyAt(walk, walk.first);
            uint256 depth = walk.depth;
            uint256 top = walk.top;
            // The next sibling's bit comes first. A shift by 256 gives zero, where there are no siblings.
            uint256 bitmap = walk.bitmap << (256 - walk.siblingCount);
            uint256 cursor = walk.siblingsAt;
            node = walk.node;
            for (;;) {
                uint256 forkCount = walk.forkCount;
                // Just below the last path left behind, or at the top.
                uint256 stop = walk.forks[forkCount] + 1;
                if (stop < top) stop = top;
                bool found;
                (node, bitmap, cursor, found) = rise(
                    node,
                    path >> (256 - depth),
                    depth - stop,
                    bitmap,
                    cursor
                );
                if (found) hasPlaceholder = true;
                if (stop == top) break;
                node = JellyfishMerkleProof.internalHash(lefts[forkCount], node);
                walk.forkCount = forkCount - 1;
                depth = stop - 1;
            }
        }
    }

    /// @dev Joins `node` with the siblings of so many levels. `path` leads to it, its last turn in the lowest bit; the
    ///      first bit of `bitmap` says whether the first sibling is empty, and others are in calldata from `cursor`.
    ///      `MultiProofWalk.next` has checked that they are inside the proof.
    ///      Preimage in the scratch space and over the free memory pointer, which is put back: 0x00 tag, 0x10 left,
    ///      0x30 right. `side` is 0x20 where the node is the right child.
    function rise(
        bytes32 node,
        uint256 path,
        uint256 levels,
        uint256 bitmap,
        uint256 cursor
    ) private pure returns (bytes32, uint256, uint256, bool hasPlaceholder) {
        assembly ("memory-safe") {
            let freeMemory := mload(0x40)
            mstore(0x00, "JMT::IntrnalNode")
            for {} levels {
                path := shr(1, path)
                bitmap := shl(1, bitmap)
                levels := sub(levels, 1)
            } {
                let side := shl(5, and(path, 1))
                mstore(xor(0x10, side), node)
                switch slt(bitmap, 0)
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
        return (node, bitmap, cursor, hasPlaceholder);
    }
}
