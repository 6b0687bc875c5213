// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

/// @dev `keccak256` of the delta manifest of a commit; zero only for a heartbeat (docs/CommitMessage.md).
type DaCertHash is bytes32;

using {equals as ==, differs as !=, isZero} for DaCertHash global;

function equals(DaCertHash a, DaCertHash b) pure returns (bool) {
    return DaCertHash.unwrap(a) == DaCertHash.unwrap(b);
}

function differs(DaCertHash a, DaCertHash b) pure returns (bool) {
    return DaCertHash.unwrap(a) != DaCertHash.unwrap(b);
}

function isZero(DaCertHash a) pure returns (bool) {
    return DaCertHash.unwrap(a) == bytes32(0);
}
