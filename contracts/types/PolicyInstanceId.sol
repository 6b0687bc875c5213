// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

/// @dev Identity of a policy template bound to (chain, client, params, data) (docs/Policies.md).
type PolicyInstanceId is bytes32;

using {equals as ==, differs as !=, isZero} for PolicyInstanceId global;

function equals(PolicyInstanceId a, PolicyInstanceId b) pure returns (bool) {
    return PolicyInstanceId.unwrap(a) == PolicyInstanceId.unwrap(b);
}

function differs(PolicyInstanceId a, PolicyInstanceId b) pure returns (bool) {
    return PolicyInstanceId.unwrap(a) != PolicyInstanceId.unwrap(b);
}

function isZero(PolicyInstanceId a) pure returns (bool) {
    return PolicyInstanceId.unwrap(a) == bytes32(0);
}
