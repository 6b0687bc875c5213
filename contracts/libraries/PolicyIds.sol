// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {ContentHash} from "../types/ContentHash.sol";
import {
    DataBinding,
    HashedPolicyInstance,
    PolicyDataTemplate,
    PolicyInstance,
    PolicyTemplate
} from "../types/Policy.sol";
import {PolicyDataInstanceId} from "../types/PolicyDataInstanceId.sol";
import {PolicyDataRef} from "../types/PolicyDataRef.sol";
import {PolicyInstanceId} from "../types/PolicyInstanceId.sol";
import {PolicyTemplateRef} from "../types/PolicyTemplateRef.sol";
import {LeafRecord} from "./LeafRecord.sol";

/// @title PolicyIds
/// @notice Refs and ids of policies: content addresses, the same on every redeploy (docs/Policies.md).
/// @dev Every preimage starts with its own domain byte and has fields of fixed width only, so packing is unambiguous
///      and no ref is an id. Lists enter by their hash. Nothing is sorted or checked here.
library PolicyIds {
    uint8 private constant DOMAIN_DATA_INSTANCE = 0x01;
    uint8 private constant DOMAIN_INSTANCE = 0x02;
    uint8 private constant DOMAIN_TEMPLATE = 0x03;
    uint8 private constant DOMAIN_DATA_TEMPLATE = 0x04;

    /// @notice Ref of a data template.
    function policyDataRefOf(PolicyDataTemplate calldata template) internal pure returns (PolicyDataRef) {
        bytes memory preimage = abi.encodePacked(
            DOMAIN_DATA_TEMPLATE,
            template.wasmHash,
            template.argsSchemaHash,
            template.outputSchemaHash,
            template.secretsSchemaHash,
            uint8(flagsOf(template)),
            template.cleartextHash
        );
        return PolicyDataRef.wrap(keccak256(preimage));
    }

    /// @notice Flags that the plugin's leaf must carry: `LeafRecord.FLAG_ENCRYPTED`, `LeafRecord.FLAG_TEE_REQUIRED`.
    function flagsOf(PolicyDataTemplate calldata template) internal pure returns (uint16 flags) {
        if (!template.cleartextHash.isZero()) flags |= LeafRecord.FLAG_ENCRYPTED;
        if (template.teeRequired) flags |= LeafRecord.FLAG_TEE_REQUIRED;
    }

    /// @notice Ref of a template. Its bindings are taken in the order given.
    function policyTemplateRefOf(PolicyTemplate calldata template) internal pure returns (PolicyTemplateRef) {
        bytes memory preimage = abi.encodePacked(
            DOMAIN_TEMPLATE,
            template.regoHash,
            template.paramsSchemaHash,
            keccak256(bytes(template.entrypoint)),
            template.environment,
            bindingsHashOf(template.data)
        );
        return PolicyTemplateRef.wrap(keccak256(preimage));
    }

    /// @notice Hash of a list of bindings: name hash and ref of each, in the order given.
    function bindingsHashOf(DataBinding[] calldata bindings) internal pure returns (bytes32) {
        bytes32[] memory words = new bytes32[](2 * bindings.length);
        for (uint256 i = 0; i < bindings.length; ++i) {
            words[2 * i] = nameHashOf(bindings[i]);
            words[2 * i + 1] = PolicyDataRef.unwrap(bindings[i].ref);
        }
        return keccak256(abi.encodePacked(words));
    }

    /// @notice What bindings are ordered by.
    function nameHashOf(DataBinding calldata binding) internal pure returns (bytes32) {
        return keccak256(bytes(binding.name));
    }

    /// @notice Id of `client`'s instance of the data template `ref` on chain `chainId`.
    function policyDataInstanceIdOf(
        uint256 chainId,
        address client,
        PolicyDataRef ref
    ) internal pure returns (PolicyDataInstanceId) {
        bytes memory preimage = abi.encodePacked(DOMAIN_DATA_INSTANCE, chainId, client, ref);
        return PolicyDataInstanceId.wrap(keccak256(preimage));
    }

    /// @notice Id of an instance on chain `chainId`.
    function policyInstanceIdOf(
        uint256 chainId,
        PolicyInstance calldata instance
    ) internal pure returns (PolicyInstanceId) {
        bytes memory preimage = abi.encodePacked(
            DOMAIN_INSTANCE,
            chainId,
            instance.client,
            instance.templateRef,
            keccak256(instance.params),
            dataInstancesHashOf(instance.dataInstances),
            instance.expireAfterBlocks
        );
        return PolicyInstanceId.wrap(keccak256(preimage));
    }

    /// @notice Id of an instance on chain `chainId` whose params only their hash is known of.
    function policyInstanceIdOf(
        uint256 chainId,
        HashedPolicyInstance calldata instance
    ) internal pure returns (PolicyInstanceId) {
        bytes memory preimage = abi.encodePacked(
            DOMAIN_INSTANCE,
            chainId,
            instance.client,
            instance.templateRef,
            ContentHash.unwrap(instance.paramsHash),
            dataInstancesHashOf(instance.dataInstances),
            instance.expireAfterBlocks
        );
        return PolicyInstanceId.wrap(keccak256(preimage));
    }

    /// @notice Hash of a list of data instances, in the order given.
    function dataInstancesHashOf(PolicyDataInstanceId[] calldata ids) internal pure returns (bytes32) {
        bytes32[] memory words = new bytes32[](ids.length);
        for (uint256 i = 0; i < ids.length; ++i) {
            words[i] = PolicyDataInstanceId.unwrap(ids[i]);
        }
        return keccak256(abi.encodePacked(words));
    }
}
