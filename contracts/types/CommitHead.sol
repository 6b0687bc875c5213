// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {StateRoot} from "./StateRoot.sol";

/// @dev Where a registry stands, in one slot: sequenceNo (bits 0 to 39), timestamp (40 to 79), isPaused (80), isAmended
///      (81), acceptedAt (88 to 127), and in the upper half the first 16 bytes of `keccak256(root)`. A flag above the
///      timestamp makes it later than any time, so that whoever compares times sees the flags too.
///      40 bits of seconds last until the year 36,812. Every commit's timestamp is later than the one before, so
///      sequence numbers run out no sooner.
type CommitHead is uint256;

using {
    sequenceNo,
    timestamp,
    acceptedAt,
    isPaused,
    isAmended,
    isAtRoot,
    withPause,
    withAmendment,
    followedBy
} for CommitHead global;

uint256 constant TIMESTAMP_SHIFT = 40;
uint256 constant ACCEPTED_AT_SHIFT = 88;
uint256 constant PAUSED_BIT = 1 << 80;
uint256 constant AMENDED_BIT = 1 << 81;
uint256 constant TIME_MASK = type(uint40).max;
uint256 constant ROOT_MARK_MASK = type(uint256).max << 128;

/// @dev Number of the newest commit; zero before the first.
function sequenceNo(CommitHead head) pure returns (uint64) {
    return uint64(CommitHead.unwrap(head) & TIME_MASK);
}

/// @dev Timestamp of the newest commit, in seconds since 1970.
function timestamp(CommitHead head) pure returns (uint64) {
    return uint64((CommitHead.unwrap(head) >> TIMESTAMP_SHIFT) & TIME_MASK);
}

/// @dev Block time at which it was accepted, in seconds since 1970.
function acceptedAt(CommitHead head) pure returns (uint64) {
    return uint64((CommitHead.unwrap(head) >> ACCEPTED_AT_SHIFT) & TIME_MASK);
}

function isPaused(CommitHead head) pure returns (bool) {
    return CommitHead.unwrap(head) & PAUSED_BIT != 0;
}

/// @dev Whether other rules than those of the deployment are in force.
function isAmended(CommitHead head) pure returns (bool) {
    return CommitHead.unwrap(head) & AMENDED_BIT != 0;
}

/// @dev Whether `root` is the root after the newest commit, but for a chance of 2⁻¹²⁸: 16 bytes of its hash are
///      compared. What another root with the same 16 bytes would need besides is the quorum's signature.
function isAtRoot(CommitHead head, StateRoot root) pure returns (bool) {
    return (CommitHead.unwrap(head) ^ markOf(root)) >> 128 == 0;
}

/// @dev The head before the first commit: the root is zero.
function firstHead() pure returns (CommitHead) {
    return CommitHead.wrap(markOf(StateRoot.wrap(0)) & ROOT_MARK_MASK);
}

function withPause(CommitHead head, bool paused) pure returns (CommitHead) {
    uint256 bits = CommitHead.unwrap(head);
    return CommitHead.wrap(paused ? bits | PAUSED_BIT : bits & ~PAUSED_BIT);
}

function withAmendment(CommitHead head, bool amended) pure returns (CommitHead) {
    uint256 bits = CommitHead.unwrap(head);
    return CommitHead.wrap(amended ? bits | AMENDED_BIT : bits & ~AMENDED_BIT);
}

/// @dev The head once a commit was accepted, now. Its number and timestamp are below 2⁴⁰; pause and amendment stay.
function followedBy(
    CommitHead head,
    uint64 nextSequenceNo,
    uint64 nextTimestamp,
    StateRoot root
) view returns (CommitHead) {
    uint256 flags = CommitHead.unwrap(head) & (PAUSED_BIT | AMENDED_BIT);
    uint256 times = (block.timestamp << ACCEPTED_AT_SHIFT) | (uint256(nextTimestamp) << TIMESTAMP_SHIFT);
    return CommitHead.wrap((markOf(root) & ROOT_MARK_MASK) | times | flags | nextSequenceNo);
}

function markOf(StateRoot root) pure returns (uint256) {
    return uint256(keccak256(abi.encode(root)));
}
