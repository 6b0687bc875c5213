// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

/// @dev What a certificate proved, in one word: `NOTHING`, `EVERYBODY` (whose weight nobody had to look up), or the
///      weight that signed in the upper half, never zero, and that of the whole epoch in the lower.
type ProvenWeight is uint256;

using {isNothing, isEverybody, signedWeight, totalWeight} for ProvenWeight global;

ProvenWeight constant NOTHING = ProvenWeight.wrap(0);
ProvenWeight constant EVERYBODY = ProvenWeight.wrap(type(uint256).max);

/// @dev Both are below 2¹²⁸ − 1: sums of at most 256 weights below 2¹²⁰.
function provenWeight(uint256 signed, uint256 total) pure returns (ProvenWeight) {
    return ProvenWeight.wrap((signed << 128) | total);
}

function isNothing(ProvenWeight proven) pure returns (bool) {
    return ProvenWeight.unwrap(proven) == 0;
}

function isEverybody(ProvenWeight proven) pure returns (bool) {
    return ProvenWeight.unwrap(proven) == type(uint256).max;
}

function signedWeight(ProvenWeight proven) pure returns (uint256) {
    return ProvenWeight.unwrap(proven) >> 128;
}

function totalWeight(ProvenWeight proven) pure returns (uint256) {
    return uint128(ProvenWeight.unwrap(proven));
}
