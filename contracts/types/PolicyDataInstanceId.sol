// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

/// @dev Identity of a policy data template bound to (chain, client) (docs/Policies.md).
type PolicyDataInstanceId is bytes32;

using {equals as ==, differs as !=, isZero} for PolicyDataInstanceId global;

function equals(PolicyDataInstanceId a, PolicyDataInstanceId b) pure returns (bool) {
    return PolicyDataInstanceId.unwrap(a) == PolicyDataInstanceId.unwrap(b);
}

function differs(PolicyDataInstanceId a, PolicyDataInstanceId b) pure returns (bool) {
    return PolicyDataInstanceId.unwrap(a) != PolicyDataInstanceId.unwrap(b);
}

function isZero(PolicyDataInstanceId a) pure returns (bool) {
    return PolicyDataInstanceId.unwrap(a) == bytes32(0);
}
