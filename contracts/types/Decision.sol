// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {ContentHash} from "./ContentHash.sol";
import {PolicyDataInstanceId} from "./PolicyDataInstanceId.sol";
import {PolicyDataRef} from "./PolicyDataRef.sol";
import {PolicyInstanceId} from "./PolicyInstanceId.sol";
import {PolicyTemplateRef} from "./PolicyTemplateRef.sol";

/// @dev What a policy decided for one task, as the quorum signs it (docs/Decisions.md): every ref and id it used, and
///      beside them every part they are derived from.
/// @param taskId what was asked; unique per question
/// @param client account it decides for
/// @param policyInstanceId the client's current instance at `referenceBlock`
/// @param policyTemplateRef the instance's template
/// @param paramsHash `keccak256` of the instance's params
/// @param policyDataInstanceIds one per binding of the template, in its order
/// @param expireAfterBlocks how many blocks the decision stays valid
/// @param regoHash content hash of the template's Rego module
/// @param paramsSchemaHash that of its params schema, or zero
/// @param entrypointHash `keccak256` of its entrypoint
/// @param environment number of its Rego environment
/// @param bindingNameHashes `keccak256` of the name of each of its bindings, in its order
/// @param policyDataRefs the data template of each binding
/// @param referenceBlock the block at whose end the chain was read
/// @param isAllowed what the policy said
struct Decision {
    bytes32 taskId;
    address client;
    PolicyInstanceId policyInstanceId;
    PolicyTemplateRef policyTemplateRef;
    bytes32 paramsHash;
    PolicyDataInstanceId[] policyDataInstanceIds;
    uint32 expireAfterBlocks;
    ContentHash regoHash;
    ContentHash paramsSchemaHash;
    bytes32 entrypointHash;
    uint16 environment;
    bytes32[] bindingNameHashes;
    PolicyDataRef[] policyDataRefs;
    uint64 referenceBlock;
    bool isAllowed;
}

/// @dev A decision with the quorum's certificate over it.
struct DecisionEvidence {
    Decision decision;
    bytes certificate;
}
