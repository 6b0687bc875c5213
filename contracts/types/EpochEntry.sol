// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

/// @dev What judging a certificate takes to know of its epoch, in one slot: expiresAt (bits 0 to 39, all set while
///      the epoch is the newest), operatorCount − 1 (40 to 47), whether subsets are cached (48), and in bits 56 to
///      255 the first 25 bytes of the hash of the aggregate G2 key of all operators. Two keys that share them take
///      2¹⁰⁰ attempts to find, no less than a secret on BN254.
type EpochEntry is uint256;

using {
    isKnown,
    isExpired,
    hasSubsets,
    operatorCount,
    isOfKey,
    misfit,
    withSubsets,
    replacing
} for EpochEntry global;

uint256 constant EXPIRES_AT_MASK = type(uint40).max;
uint256 constant COUNT_SHIFT = 40;
uint256 constant SUBSETS_BIT = 1 << 48;
uint256 constant KEY_HASH_SHIFT = 56;

/// @dev The entry of an epoch with 1 to 256 operators. A later `expiresAt` than 40 bits hold is never.
function epochEntry(uint64 expiresAt, uint16 count, bytes32 aggregateKeyHash) pure returns (EpochEntry) {
    uint256 expiry = expiresAt < EXPIRES_AT_MASK ? expiresAt : EXPIRES_AT_MASK;
    uint256 keyBits = (uint256(aggregateKeyHash) >> KEY_HASH_SHIFT) << KEY_HASH_SHIFT;
    return EpochEntry.wrap(keyBits | ((uint256(count) - 1) << COUNT_SHIFT) | expiry);
}

function isKnown(EpochEntry entry) pure returns (bool) {
    return EpochEntry.unwrap(entry) != 0;
}

function isExpired(EpochEntry entry) view returns (bool) {
    return block.timestamp > EpochEntry.unwrap(entry) & EXPIRES_AT_MASK;
}

function hasSubsets(EpochEntry entry) pure returns (bool) {
    return EpochEntry.unwrap(entry) & SUBSETS_BIT != 0;
}

function operatorCount(EpochEntry entry) pure returns (uint256) {
    return uint8(EpochEntry.unwrap(entry) >> COUNT_SHIFT) + uint256(1);
}

/// @dev Whether the aggregate G2 key of all operators has this hash.
function isOfKey(EpochEntry entry, bytes32 keyHash) pure returns (bool) {
    return (EpochEntry.unwrap(entry) ^ uint256(keyHash)) >> KEY_HASH_SHIFT == 0;
}

/// @dev Zero iff the epoch is valid now and the aggregate G2 key of all its operators has this hash. An epoch that is
///      not known expired in 1970. In Solidity: `!entry.isExpired() && entry.isOfKey(keyHash)`.
function misfit(EpochEntry entry, bytes32 keyHash) view returns (uint256) {
    uint256 bits = EpochEntry.unwrap(entry);
    unchecked {
        // Negative, with the highest bit set, once it has expired.
        uint256 remaining = (bits & EXPIRES_AT_MASK) - block.timestamp;
        return ((bits ^ uint256(keyHash)) >> KEY_HASH_SHIFT) | (remaining >> 255);
    }
}

function withSubsets(EpochEntry entry) pure returns (EpochEntry) {
    return EpochEntry.wrap(EpochEntry.unwrap(entry) | SUBSETS_BIT);
}

/// @dev `entry` in the place of `earlier`, whose cached subsets stay.
function replacing(EpochEntry entry, EpochEntry earlier) pure returns (EpochEntry) {
    return earlier.hasSubsets() ? entry.withSubsets() : entry;
}
