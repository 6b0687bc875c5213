// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

/// @dev Content address of a policy data template (docs/Policies.md).
type PolicyDataRef is bytes32;

using {equals as ==, differs as !=, isZero} for PolicyDataRef global;

function equals(PolicyDataRef a, PolicyDataRef b) pure returns (bool) {
    return PolicyDataRef.unwrap(a) == PolicyDataRef.unwrap(b);
}

function differs(PolicyDataRef a, PolicyDataRef b) pure returns (bool) {
    return PolicyDataRef.unwrap(a) != PolicyDataRef.unwrap(b);
}

function isZero(PolicyDataRef a) pure returns (bool) {
    return PolicyDataRef.unwrap(a) == bytes32(0);
}
