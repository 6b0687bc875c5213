// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

/// @dev Why a multiproof or an update proves nothing (docs/StateTree.md, "Multiproofs"). `None` comes first.
enum MultiProofFault {
    None,
    // Nothing is claimed.
    NoLeaves,
    // More leaves than one proof may have.
    TooManyLeaves,
    // A claimed key does not come after the one before it; a key twice included.
    KeysNotAscending,
    // Fewer bytes than the segments of the claimed keys demand.
    ProofTooShort,
    // Bytes are left over behind the last segment.
    ProofTooLong,
    // The first byte of a segment is no terminal kind.
    UnknownTerminal,
    // Depth above 256.
    DepthOutOfRange,
    // A segment's slot would hold a key of the segment before it.
    DepthMismatch,
    // Two claimed leaves in one slot.
    SlotOccupied,
    // A leaf is claimed where the terminal has none, or none where it has one.
    ProofKindMismatch,
    // A bitmap bit at or above the number of siblings is set.
    NonCanonicalBitmap,
    // Absence shown by the leaf of a claimed key.
    KeyPresent,
    // Absence shown by a leaf that does not share the first `depth` bits of the claimed keys.
    NotANeighbour,
    // A sibling given in full is the placeholder, which the bitmap must express.
    PlaceholderSibling,
    // The folded root is another.
    RootMismatch,
    // A sibling that a removal may move up is not opened.
    OpeningsTooShort,
    // Bytes are left over behind the last opening.
    OpeningsTooLong,
    // An opening is of no kind of node, or of another node.
    OpeningMismatch,
    // The changes make another root.
    NewRootMismatch
}
