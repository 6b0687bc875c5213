// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {TreeKey} from "./TreeKey.sol";

/// @dev The faults of a quorum that `ChallengeVerifier` can judge. `None` comes first.
enum QuorumFault {
    None,
    // An append-only leaf was replaced by another record.
    LeafRewritten,
    // An append-only leaf was removed.
    LeafRemoved,
    // A committed leaf breaks a rule of docs/StateTree.md.
    MalformedLeaf
}

/// @dev What a challenge came to. `Proven` is the only verdict that records a fault.
enum Verdict {
    Unset,
    Proven,
    // The evidence holds, and shows no fault: the leaf is as it should be.
    NoFault,
    // The same fault was recorded before.
    AlreadyRecorded,
    // A named commit is not retained (too old, or not made yet).
    RootNotRetained,
    // The later commit is not later.
    SequenceOrder,
    // The key is not in an append-only namespace.
    NotAppendOnly,
    // A leaf record is not 52 bytes.
    InvalidRecord,
    // The proof that the leaf was committed is invalid.
    InvalidInclusionProof,
    // The proof against the later root is invalid.
    InvalidLaterProof,
    // A recovery lies between the two commits: the later state does not continue the earlier one, which was lost.
    RecoveredBetween
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
