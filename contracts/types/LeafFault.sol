// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

/// @dev Which rule of docs/StateTree.md, "Leaf records", a leaf breaks. `None` comes first.
enum LeafFault {
    None,
    // The record is not 52 bytes.
    RecordLength,
    // Header version is not 1.
    HeaderVersion,
    // The namespace is none of 0x01 to 0x09.
    UnknownNamespace,
    // The header's namespace is not the key's first byte.
    NamespaceMismatch,
    // A flag without meaning is set, or "TEE required" without "encrypted".
    ReservedFlags,
    // Content length is zero.
    EmptyContent,
    // The leaf claims to be written by commit 0, or by a later commit than the one it is proved under.
    SequenceOutOfRange,
    // A content-addressed key is not namespace and first 31 bytes of the content hash.
    KeyMismatch
}
