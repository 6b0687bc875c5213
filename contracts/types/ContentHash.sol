// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

/// @dev `keccak256` of the exact stored bytes of an artifact; zero where an artifact is absent.
type ContentHash is bytes32;

using {equals as ==, differs as !=, isZero} for ContentHash global;

function equals(ContentHash a, ContentHash b) pure returns (bool) {
    return ContentHash.unwrap(a) == ContentHash.unwrap(b);
}

function differs(ContentHash a, ContentHash b) pure returns (bool) {
    return ContentHash.unwrap(a) != ContentHash.unwrap(b);
}

function isZero(ContentHash a) pure returns (bool) {
    return ContentHash.unwrap(a) == bytes32(0);
}
