// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {LeafChange} from "../types/LeafClaim.sol";
import {MultiProofFault} from "../types/MultiProofFault.sol";
import {StateRoot} from "../types/StateRoot.sol";
import {TreeKey} from "../types/TreeKey.sol";
import {ValueHash} from "../types/ValueHash.sol";
import {JellyfishMerkleProof} from "./JellyfishMerkleProof.sol";
import {MultiProofWalk, Walk} from "./MultiProofWalk.sol";

/// @title JellyfishMerkleUpdate
/// @notice Computes the root that changes of several leaves make of another (docs/StateTree.md, "Updates").
/// @dev The old values need a multiproof. A removal may leave a sibling alone, which moves up if it is a leaf and stays if it
///      is not: such siblings are opened, in the order in which the multiproof has them.
library JellyfishMerkleUpdate {
    bytes32 private constant EMPTY_ROOT = JellyfishMerkleProof.EMPTY_ROOT;

    uint256 private constant MAX_DEPTH = 256;
    uint256 private constant OPENING_BYTES = 65;
    bytes1 private constant OPENED_LEAF = 0x00;
    bytes1 private constant OPENED_INTERNAL = 0x01;

    /// @dev A subtree as the changes leave it. A leaf is one at any depth: it stands as high as it is alone.
    struct Subtree {
        bytes32 hash;
        bool isInternal;
    }

    /// @dev What a computation has come to.
    struct Progress {
        // Subtrees left behind, before and after, at the index that the walk's forks have their depth at.
        bytes32[] olds;
        Subtree[] news;
        // Offset of the next opening, and the first fault of one.
        uint256 offset;
        MultiProofFault fault;
    }

    /// @notice The changes are not shown to lead from the one root to the other.
    error InvalidUpdate(MultiProofFault fault);

    /// @notice Reverts with `InvalidUpdate` unless `proof` and `openings` show that `changes` make `newRoot` of `oldRoot`.
    function verifyUpdate(
        StateRoot oldRoot,
        StateRoot newRoot,
        LeafChange[] calldata changes,
        bytes calldata proof,
        bytes calldata openings
    ) internal pure {
        (MultiProofFault fault, StateRoot made) = tryUpdate(oldRoot, changes, proof, openings);
        if (fault == MultiProofFault.None && made != newRoot) fault = MultiProofFault.NewRootMismatch;
        if (fault != MultiProofFault.None) revert InvalidUpdate(fault);
    }

    /// @notice The root that `changes`, in ascending key order, make of the tree with `oldRoot`.
    /// @return fault The first that keeps `proof` from showing the old values, or `openings` from being those needed.
    /// @return newRoot Zero if there is a fault.
    function tryUpdate(
        StateRoot oldRoot,
        LeafChange[] calldata changes,
        bytes calldata proof,
        bytes calldata openings
    ) internal pure returns (MultiProofFault fault, StateRoot newRoot) {
        uint256 claimsAt;
        assembly ("memory-safe") {
            claimsAt := changes.offset
        }
        Walk memory walk;
        (fault, walk) = MultiProofWalk.start(claimsAt, 96, changes.length);
        if (fault != MultiProofFault.None) return (fault, newRoot);

        Progress memory progress;
        progress.olds = new bytes32[](walk.forks.length);
        progress.news = new Subtree[](walk.forks.length);
        bytes32 old;
        Subtree memory made;
        while (walk.end < walk.claimCount) {
            fault = MultiProofWalk.next(walk, proof);
            if (fault != MultiProofFault.None) return (fault, newRoot);
            made = slotAfter(walk, changes);
            (fault, old) = rise(walk, progress, made, openings);
            if (fault != MultiProofFault.None) return (fault, newRoot);
            if (walk.top != 0) {
                uint256 index = ++walk.forkCount;
                (walk.forks[index], progress.olds[index]) = (walk.top - 1, old);
                progress.news[index] = made;
            }
        }
        if (walk.offset != proof.length) return (MultiProofFault.ProofTooLong, newRoot);
        if (old != StateRoot.unwrap(oldRoot)) return (MultiProofFault.RootMismatch, newRoot);
        if (progress.fault != MultiProofFault.None) return (progress.fault, newRoot);
        if (progress.offset != openings.length) return (MultiProofFault.OpeningsTooLong, newRoot);
        return (MultiProofFault.None, StateRoot.wrap(made.hash));
    }

    /// @dev The subtree of what is in the segment's slot after the changes: the changed leaves that are not removed, and the
    ///      other leaf. They are joined in key order, each with those before it from the deepest fork up.
    function slotAfter(
        Walk memory walk,
        LeafChange[] calldata changes
    ) private pure returns (Subtree memory subtree) {
        (uint256[] memory keys, bytes32[] memory hashes, uint256 count) = leavesAfter(walk, changes);
        Subtree[] memory lefts = new Subtree[](count);
        uint256[] memory forks = new uint256[](count);
        uint256 forkCount = 0;
        subtree.hash = EMPTY_ROOT;
        for (uint256 i = 0; i < count; ++i) {
            subtree = Subtree(hashes[i], false);
            bool isLast = i + 1 == count;
            uint256 top = isLast ? walk.depth : MultiProofWalk.forkOf(keys[i], keys[i + 1]) + 1;
            uint256 depth = MAX_DEPTH;
            while (forkCount > 0 && forks[forkCount - 1] >= top) {
                --forkCount;
                widen(subtree, keys[i], depth, forks[forkCount] + 1);
                depth = forks[forkCount];
                Subtree memory beside = lefts[forkCount];
                (subtree.hash, subtree.isInternal) = joined(
                    beside.hash,
                    beside.isInternal,
                    subtree.hash,
                    subtree.isInternal
                );
            }
            widen(subtree, keys[i], depth, top);
            if (isLast) break;
            (forks[forkCount], lefts[forkCount]) = (top - 1, subtree);
            ++forkCount;
        }
    }

    /// @dev Keys, in ascending order, and hashes of what is in the slot after the changes.
    function leavesAfter(
        Walk memory walk,
        LeafChange[] calldata changes
    ) private pure returns (uint256[] memory keys, bytes32[] memory hashes, uint256 count) {
        uint256 most = walk.end - walk.first + 1;
        (keys, hashes) = (new uint256[](most), new bytes32[](most));
        bool isPlaced = walk.terminal != MultiProofWalk.TERMINAL_OTHER_LEAF;
        for (uint256 i = walk.first; i < walk.end; ++i) {
            LeafChange calldata change = changes[i];
            if (!isPlaced && walk.otherKey < uint256(TreeKey.unwrap(change.key))) {
                (keys[count], hashes[count++]) = (walk.otherKey, walk.node);
                isPlaced = true;
            }
            if (ValueHash.unwrap(change.newValueHash) == 0) continue;
            keys[count] = uint256(TreeKey.unwrap(change.key));
            hashes[count++] = JellyfishMerkleProof.leafHash(change.key, change.newValueHash);
        }
        if (!isPlaced) (keys[count], hashes[count++]) = (walk.otherKey, walk.node);
    }

    /// @dev `subtree` on the path of `key`, at `depth`, with nothing beside it up to `top`.
    function widen(Subtree memory subtree, uint256 key, uint256 depth, uint256 top) private pure {
        if (!subtree.isInternal) return;
        while (depth > top) {
            --depth;
            subtree.hash =
                isRight(key, depth)
                    ? JellyfishMerkleProof.internalHash(EMPTY_ROOT, subtree.hash)
                    : JellyfishMerkleProof.internalHash(subtree.hash, EMPTY_ROOT);
        }
    }

    /// @dev Joins the segment's terminal, before, and `made`, after, with the siblings and the subtrees left behind, up to
    ///      the segment's top. `made` becomes the outcome.
    function rise(
        Walk memory walk,
        Progress memory progress,
        Subtree memory made,
        bytes calldata openings
    ) private pure returns (MultiProofFault, bytes32 old) {
        uint256 key = MultiProofWalk.keyAt(walk, walk.first);
        uint256 cursor = walk.siblingsAt;
        uint256 left = walk.siblingCount;
        (bytes32 hash, bool isInternal) = (made.hash, made.isInternal);
        old = walk.node;
        // No underflow: depth > top >= 0, and as many siblings as levels without a fork.
        unchecked {
            for (uint256 depth = walk.depth; depth > walk.top;) {
                --depth;
                bool onRight = (key >> (255 - depth)) & 1 == 1;
                bytes32 sibling = EMPTY_ROOT;
                if (walk.forks[walk.forkCount] == depth) {
                    Subtree memory beside = progress.news[walk.forkCount];
                    sibling = progress.olds[walk.forkCount--];
                    // What was left behind is on the left.
                    (hash, isInternal) = joined(beside.hash, beside.isInternal, hash, isInternal);
                } else {
                    bool isGiven = (walk.bitmap >> --left) & 1 == 0;
                    if (isGiven) {
                        sibling = wordOf(cursor);
                        cursor += 32;
                        if (sibling == EMPTY_ROOT) return (MultiProofFault.PlaceholderSibling, 0);
                    }
                    // Whether the sibling is a leaf matters only where nothing is left beside it; beside an empty slot
                    // none is.
                    bool besideInternal =
                        isGiven &&
                            hash == EMPTY_ROOT &&
                            (old == EMPTY_ROOT || opensInternal(progress, sibling, openings));
                    (hash, isInternal) = onRight
                        ? joined(sibling, besideInternal, hash, isInternal)
                        : joined(hash, isInternal, sibling, besideInternal);
                }
                old =
                    onRight
                        ? JellyfishMerkleProof.internalHash(sibling, old)
                        : JellyfishMerkleProof.internalHash(old, sibling);
            }
        }
        (made.hash, made.isInternal) = (hash, isInternal);
        return (MultiProofFault.None, old);
    }

    /// @dev Whether the next opening shows that `sibling` is an internal node; notes the first fault.
    function opensInternal(
        Progress memory progress,
        bytes32 sibling,
        bytes calldata openings
    ) private pure returns (bool) {
        if (progress.fault != MultiProofFault.None) return false;
        uint256 offset = progress.offset;
        if (openings.length < offset + OPENING_BYTES) {
            progress.fault = MultiProofFault.OpeningsTooShort;
            return false;
        }
        bytes1 kind = openings[offset];
        bytes32 first = bytes32(openings[offset + 1:offset + 33]);
        bytes32 second = bytes32(openings[offset + 33:offset + 65]);
        progress.offset = offset + OPENING_BYTES;
        bool isInternal = kind == OPENED_INTERNAL;
        bytes32 hash =
            isInternal
                ? JellyfishMerkleProof.internalHash(first, second)
                : JellyfishMerkleProof.leafHash(TreeKey.wrap(first), ValueHash.wrap(second));
        if (hash != sibling || (!isInternal && kind != OPENED_LEAF)) {
            progress.fault = MultiProofFault.OpeningMismatch;
        }
        return isInternal;
    }

    /// @dev The subtree over two: nothing over nothing, a leaf alone as it is, else a node of its own.
    function joined(
        bytes32 left,
        bool leftIsInternal,
        bytes32 right,
        bool rightIsInternal
    ) private pure returns (bytes32 hash, bool isInternal) {
        if (left == EMPTY_ROOT && !rightIsInternal) return (right, false);
        if (right == EMPTY_ROOT && !leftIsInternal) return (left, false);
        return (JellyfishMerkleProof.internalHash(left, right), true);
    }

    /// @dev Whether the path of `key` turns right at `depth`.
    function isRight(uint256 key, uint256 depth) private pure returns (bool) {
        return (key >> (255 - depth)) & 1 == 1;
    }

    function wordOf(uint256 position) private pure returns (bytes32 word) {
        assembly ("memory-safe") {
            word := calldataload(position)
        }
    }
}
