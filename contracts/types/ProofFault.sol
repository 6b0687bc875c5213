// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

/// @dev Why a Jellyfish Merkle proof proves nothing (docs/StateTree.md, "Proofs"). `None` comes first.
enum ProofFault {
    None,
    // Fewer bytes than the header and its counts demand; an empty proof included.
    ProofTooShort,
    // Bytes are left over behind the last element.
    ProofTooLong,
    // The first byte is no terminal kind.
    UnknownTerminal,
    // The terminal proves presence where absence was asked, or the reverse.
    ProofKindMismatch,
    // Depth above 256.
    DepthOutOfRange,
    // A bitmap bit at or above the depth is set.
    NonCanonicalBitmap,
    // A sibling given in full is the placeholder, which the bitmap must express.
    PlaceholderSibling,
    // Absence shown by the queried key's own leaf.
    KeyPresent,
    // Absence shown by a leaf that does not share the queried key's first `depth` bits.
    NotANeighbour,
    // The folded root is another.
    RootMismatch
}
