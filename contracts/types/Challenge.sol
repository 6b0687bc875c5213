// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {TreeKey} from "./TreeKey.sol";

/// @dev The faults of a quorum that can be proven (docs/Challenges.md). `None` comes first; others are only appended.
enum QuorumFault {
    None,
    // An append-only leaf was replaced by another record.
    LeafRewritten,
    // An append-only leaf was removed.
    LeafRemoved,
    // A committed leaf breaks a rule of docs/StateTree.md.
    MalformedLeaf,
    // Two roots were certified for one sequence number.
    Equivocation,
    // An artifact of a registered template, or the params leaf of an instance, is not in the tree.
    DanglingRegistration,
    // A decision was certified whose refs or ids do not re-derive from its parts.
    WrongIdentity,
    // A decision was certified under an instance that was not the client's current one.
    StaleInstance,
    // A commit's root does not follow from the root before it and its delta, or the delta breaks a rule of its own.
    InvalidTransition,
    // A committed chunk that was asked for was not served.
    WithheldData
}

/// @dev What a challenge came to. `Proven` is the only verdict that records a fault. Others are only appended.
enum Verdict {
    Unset,
    Proven,
    // The evidence holds, and shows no fault.
    NoFault,
    // The same fault was recorded before.
    AlreadyRecorded,
    // A named commit is not retained (too old, or not made yet).
    RootNotRetained,
    // The later commit is not later.
    SequenceOrder,
    // The key is not in an append-only namespace.
    NotAppendOnly,
    // A leaf record is longer than any that is judged.
    InvalidRecord,
    // The proof that the leaf was committed is invalid.
    InvalidInclusionProof,
    // The proof against the later root is invalid.
    InvalidLaterProof,
    // A recovery lies between the two commits: the later state does not continue the earlier one, which was lost.
    RecoveredBetween,
    // The two commits have different sequence numbers.
    SequenceMismatch,
    // A certificate proves nothing now: it is invalid, of another message, or its epoch has ended.
    CertificateRefused,
    // A certificate is valid, and those who signed are not the quorum.
    InsufficientQuorum,
    // No template of these parts is registered, or it names no artifact under this index; no instance with a params leaf.
    UnknownRegistration,
    // The decision's reference block is not in the past.
    BlockNotPast
}

/// @dev Evidence that an append-only leaf was rewritten or removed between two retained commits.
/// @param key tree key of the leaf
/// @param earlierSequenceNo a commit under whose root the leaf had `earlierRecord`
/// @param earlierRecord the 52-byte leaf record then
/// @param earlierProof its inclusion proof
/// @param laterSequenceNo a later commit
/// @param laterRecord the record under the later root; empty if the leaf is absent there
/// @param laterProof inclusion proof of `laterRecord`, or absence proof of `key`
struct RewriteEvidence {
    TreeKey key;
    uint64 earlierSequenceNo;
    bytes earlierRecord;
    bytes earlierProof;
    uint64 laterSequenceNo;
    bytes laterRecord;
    bytes laterProof;
}

/// @dev Evidence that a committed leaf breaks a rule.
/// @param key tree key of the leaf
/// @param sequenceNo a commit under whose root the leaf is
/// @param record the leaf record
/// @param proof its inclusion proof
struct MalformedLeafEvidence {
    TreeKey key;
    uint64 sequenceNo;
    bytes record;
    bytes proof;
}
