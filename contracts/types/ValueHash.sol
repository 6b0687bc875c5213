// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

/// @dev `keccak256` of a 52-byte leaf record: what the tree commits to (docs/StateTree.md).
type ValueHash is bytes32;

using {equals as ==, differs as !=} for ValueHash global;

function equals(ValueHash a, ValueHash b) pure returns (bool) {
    return ValueHash.unwrap(a) == ValueHash.unwrap(b);
}

function differs(ValueHash a, ValueHash b) pure returns (bool) {
    return ValueHash.unwrap(a) != ValueHash.unwrap(b);
}
