// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {SignedCommit} from "./SignedCommit.sol";
import {ValueHash} from "./ValueHash.sol";

/// @dev Which rule of docs/StateTree.md a commit's manifest or delta breaks, in the order in which they are found. `None`
///      comes first.
enum TransitionFault {
    None,
    // The manifest is cut, has bytes left over, or is longer than any may be.
    ManifestLength,
    // The manifest's version is not 1.
    ManifestVersion,
    // The manifest names another chain.
    ManifestChain,
    // The manifest names another commit.
    ManifestSequence,
    // The manifest's codec is none.
    ManifestCodec,
    // The announced delta is shorter or longer than any may be.
    ManifestDeltaLength,
    // There is no chunk, or there are more than 8.
    ManifestChunkCount,
    // A chunk is empty, longer than any may be, not full before the last, or its pointer is too long.
    ManifestChunk,
    // The chunks do not add up to the payload that codec and delta demand.
    ManifestPayload,
    // A delta that must be raw is compressed.
    SmallDeltaCompressed,
    // The delta is cut, or has bytes left over.
    DeltaLength,
    // The delta's version is not 1.
    DeltaVersion,
    // The delta names another chain.
    DeltaChain,
    // The delta names another commit.
    DeltaSequence,
    // The delta names other roots than the commit.
    DeltaRoots,
    // A key does not come after the one before it.
    KeysNotAscending,
    // A key is in no namespace.
    UnknownNamespace,
    // A leaf is neither written nor removed.
    UnknownOperation,
    // A leaf of an append-only namespace is removed.
    AppendOnlyRemoved,
    // A written leaf breaks a rule of leaf records.
    MalformedLeaf,
    // A written leaf names another commit as that which wrote it.
    LeafSequence,
    // The delta makes another root of the previous one.
    RootMismatch,
    // A leaf of an append-only namespace is written that was there.
    AppendOnlyRewritten,
    // A leaf is removed that was not there.
    AbsentLeafRemoved
}

/// @dev What evidence of an invalid transition came to. `Proven` is the only verdict that records a fault.
enum TransitionVerdict {
    Unset,
    Proven,
    // The evidence holds, and the new root follows from the previous one.
    NoFault,
    // The same fault was recorded before.
    AlreadyRecorded,
    // As in `CommitStanding`.
    RootNotRetained,
    OtherRoots,
    RecoveryStep,
    NotSigned,
    // A part of the evidence is longer than any that is needed.
    EvidenceTooLarge,
    // The commit has no delta.
    Heartbeat,
    // The manifest is not the one that the commit names.
    WrongManifest,
    // The delta is too long or has too many leaves to be judged on chain, and breaks no rule that shows without its leaves.
    OutOfReach,
    // The delta is not the one that the manifest names.
    WrongDelta,
    // Old values and update proof do not hold under the previous root.
    InvalidUpdateProof
}

/// @dev Evidence that a commit's new root does not follow from the previous root and the delta.
/// @param signed the commit, retained with the one before it
/// @param manifest bytes whose keccak256 is the commit's `daCertHash`
/// @param delta the encoded delta; empty where the manifest alone breaks a rule
/// @param oldValueHashes under the previous root, of each key of the delta in its order; zero where there was no leaf
/// @param proof multiproof of the old values
/// @param openings of the update (docs/StateTree.md, "Updates")
struct TransitionEvidence {
    SignedCommit signed;
    bytes manifest;
    bytes delta;
    ValueHash[] oldValueHashes;
    bytes proof;
    bytes openings;
}
