// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {ContentHash} from "./ContentHash.sol";
import {PolicyDataInstanceId} from "./PolicyDataInstanceId.sol";
import {PolicyDataRef} from "./PolicyDataRef.sol";
import {PolicyTemplateRef} from "./PolicyTemplateRef.sol";

/// @dev The parts of a policy data template: a WASM plugin and its schemas. A schema hash is zero where absent.
/// @param wasmHash content hash of the stored plugin (of the ciphertext where encrypted)
/// @param argsSchemaHash schema of the plugin's call arguments (namespace 0x05)
/// @param outputSchemaHash schema of what the plugin returns (namespace 0x07)
/// @param secretsSchemaHash schema of the secrets the plugin reads (namespace 0x08)
/// @param teeRequired the plugin may run only inside an attested enclave; implies encrypted
/// @param cleartextHash content hash of the decrypted plugin; zero iff stored in clear
struct PolicyDataTemplate {
    ContentHash wasmHash;
    ContentHash argsSchemaHash;
    ContentHash outputSchemaHash;
    ContentHash secretsSchemaHash;
    bool teeRequired;
    ContentHash cleartextHash;
}

/// @dev A data template under the name by which the Rego reads it: `data.wasm.<name>`.
struct DataBinding {
    string name;
    PolicyDataRef ref;
}

/// @dev The parts of a policy template.
/// @param regoHash content hash of the Rego module (namespace 0x04)
/// @param paramsSchemaHash schema of the policy's params (namespace 0x05)
/// @param entrypoint rule that decides, as `package.rule`
/// @param environment number of the Rego environment (builtins, input shape) the policy is written for
/// @param data data templates it reads, in ascending order of `keccak256(name)`
struct PolicyTemplate {
    ContentHash regoHash;
    ContentHash paramsSchemaHash;
    string entrypoint;
    uint16 environment;
    DataBinding[] data;
}

/// @dev The parts of a policy instance, beside the chain.
/// @param client account whose intents the policy decides
/// @param templateRef the template
/// @param params JSON bytes given to the Rego as `data.params`, verbatim
/// @param dataInstances one per binding of the template, in the same order
/// @param expireAfterBlocks how many blocks a decision stays valid
struct PolicyInstance {
    address client;
    PolicyTemplateRef templateRef;
    bytes params;
    PolicyDataInstanceId[] dataInstances;
    uint32 expireAfterBlocks;
}

/// @dev The parts of a policy instance whose params are too large for the chain: their hash stands for them. It is the id of
///      the same instance.
/// @param paramsHash `keccak256` of the params, whose leaf is in namespace 0x09
struct HashedPolicyInstance {
    address client;
    PolicyTemplateRef templateRef;
    ContentHash paramsHash;
    PolicyDataInstanceId[] dataInstances;
    uint32 expireAfterBlocks;
}
