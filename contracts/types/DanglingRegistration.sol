// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {PolicyDataTemplate, PolicyTemplate} from "./Policy.sol";
import {PolicyInstanceId} from "./PolicyInstanceId.sol";

/// @dev What a later root holds in the place of an artifact.
/// @param sequenceNo a commit later than the newest one at the registration
/// @param record the leaf record there; empty if there is none
/// @param proof inclusion proof of `record`, or absence proof
struct LaterLeaf {
    uint64 sequenceNo;
    bytes record;
    bytes proof;
}

/// @dev Evidence that an artifact of a registered template is lost.
/// @param template parts of the template; its ref is derived from them
/// @param artifactIndex 0 the Rego module, 1 the params schema
/// @param later what is in its place
struct DanglingTemplateEvidence {
    PolicyTemplate template;
    uint256 artifactIndex;
    LaterLeaf later;
}

/// @dev Evidence that an artifact of a registered data template is lost.
/// @param template parts of the data template; its ref is derived from them
/// @param artifactIndex 0 the plugin, 1 args, 2 output, 3 secrets schema
/// @param later what is in its place
struct DanglingDataEvidence {
    PolicyDataTemplate template;
    uint256 artifactIndex;
    LaterLeaf later;
}

/// @dev Evidence that the params leaf of an instance is lost.
/// @param policyInstanceId the instance, deployed with its params as a leaf
/// @param later what is in its place
struct DanglingParamsEvidence {
    PolicyInstanceId policyInstanceId;
    LaterLeaf later;
}
