// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

/// @dev Content address of a policy template (docs/Policies.md).
type PolicyTemplateRef is bytes32;

using {equals as ==, differs as !=, isZero} for PolicyTemplateRef global;

function equals(PolicyTemplateRef a, PolicyTemplateRef b) pure returns (bool) {
    return PolicyTemplateRef.unwrap(a) == PolicyTemplateRef.unwrap(b);
}

function differs(PolicyTemplateRef a, PolicyTemplateRef b) pure returns (bool) {
    return PolicyTemplateRef.unwrap(a) != PolicyTemplateRef.unwrap(b);
}

function isZero(PolicyTemplateRef a) pure returns (bool) {
    return PolicyTemplateRef.unwrap(a) == bytes32(0);
}
