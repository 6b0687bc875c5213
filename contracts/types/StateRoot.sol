// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

/// @dev Root of one chain's Jellyfish Merkle Tree after a commit (docs/StateTree.md).
type StateRoot is bytes32;

using {equals as ==, differs as !=, isZero} for StateRoot global;

function equals(StateRoot a, StateRoot b) pure returns (bool) {
    return StateRoot.unwrap(a) == StateRoot.unwrap(b);
}

function differs(StateRoot a, StateRoot b) pure returns (bool) {
    return StateRoot.unwrap(a) != StateRoot.unwrap(b);
}

function isZero(StateRoot a) pure returns (bool) {
    return StateRoot.unwrap(a) == bytes32(0);
}
