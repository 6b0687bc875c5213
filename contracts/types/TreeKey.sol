// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

/// @dev Key of a leaf: namespace byte, then the first 31 bytes of the leaf's id (docs/StateTree.md).
type TreeKey is bytes32;

using {equals as ==, differs as !=} for TreeKey global;

function equals(TreeKey a, TreeKey b) pure returns (bool) {
    return TreeKey.unwrap(a) == TreeKey.unwrap(b);
}

function differs(TreeKey a, TreeKey b) pure returns (bool) {
    return TreeKey.unwrap(a) != TreeKey.unwrap(b);
}
