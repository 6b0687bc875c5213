// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ArtifactRegistry} from "./ArtifactRegistry.sol";
import {IAddressesProvider} from "./interfaces/IAddressesProvider.sol";
import {IPolicyDataRegistry} from "./interfaces/IPolicyDataRegistry.sol";
import {ArtifactProofs} from "./libraries/ArtifactProofs.sol";
import {ClientAuthority} from "./libraries/ClientAuthority.sol";
import {PolicyIds} from "./libraries/PolicyIds.sol";
import {ArtifactProof} from "./types/ArtifactProof.sol";
import {ContentHash} from "./types/ContentHash.sol";
import {PolicyDataTemplate} from "./types/Policy.sol";
import {PolicyDataInstanceId} from "./types/PolicyDataInstanceId.sol";
import {PolicyDataRef} from "./types/PolicyDataRef.sol";

/// @title PolicyDataRegistry
/// @dev Records are written once; only `isDeprecated` ever changes, from false to true. No role stands above the
///      owner of a template. The policy registry, fixed here, deploys data instances for clients it has checked.
/// @custom:invariant PDR1 PDR2 PDR3 PDR4 PDR5 PDR6 PDR7 PDR8 PDR9 PDR10 PDR11 PDR12
contract PolicyDataRegistry is IPolicyDataRegistry, ArtifactRegistry {
    /// @dev Facts about a data instance.
    struct DataInstanceRecord {
        PolicyDataRef ref;
        address client;
    }

    /// @dev Artifacts that a data template can name: plugin, args, output and secrets schema.
    uint256 private constant ARTIFACT_COUNT = 4;

    address private immutable POLICY_REGISTRY;

    mapping(PolicyDataRef ref => DataTemplateRecord record) private _templates;
    PolicyDataRef[] private _refs;
    mapping(PolicyDataInstanceId id => DataInstanceRecord record) private _instances;

    /// @param provider directory that the state commit registry's address is copied from
    /// @param policyRegistry_ registry of policies, which may be deployed later; it refuses to be unless this names it
    constructor(IAddressesProvider provider, address policyRegistry_) ArtifactRegistry(provider) {
        POLICY_REGISTRY = policyRegistry_;
    }

    // -- Templates --

    /// @inheritdoc IPolicyDataRegistry
    function registerPolicyData(
        PolicyDataRef ref,
        PolicyDataTemplate calldata template,
        ArtifactProof[] calldata proofs
    ) external {
        PolicyDataRef derived = PolicyIds.policyDataRefOf(template);
        if (derived != ref) revert PolicyDataRefMismatch(derived, ref);
        if (_templates[ref].registeredAt != 0) return;
        if (template.wasmHash.isZero()) revert MissingWasm();
        if (template.teeRequired && template.cleartextHash.isZero()) revert TeeWithoutEncryption();

        _checkArtifacts(template, proofs);
        uint64 sequenceNo = STATE_COMMIT_REGISTRY.getSequenceNo();
        // The casts hold for 34,000 years, at up to a commit a second.
        _templates[ref] = DataTemplateRecord({
            owner: msg.sender,
            registeredAt: uint40(block.timestamp),
            sequenceNo: uint40(sequenceNo),
            isDeprecated: false
        });
        _refs.push(ref);
        emit PolicyDataRegistered(ref, msg.sender, template, sequenceNo);
    }

    /// @inheritdoc IPolicyDataRegistry
    function deprecatePolicyData(PolicyDataRef ref, string calldata reason) external {
        DataTemplateRecord storage record = _templates[ref];
        if (record.registeredAt == 0) revert UnknownPolicyData(ref);
        _requireOwner(record.owner);
        if (record.isDeprecated) revert PolicyDataIsDeprecated(ref);
        _requireReason(reason);
        record.isDeprecated = true;
        emit PolicyDataDeprecated(ref, reason);
    }

    /// @inheritdoc IPolicyDataRegistry
    function policyData(PolicyDataRef ref) external view returns (DataTemplateRecord memory) {
        return _templates[ref];
    }

    /// @inheritdoc IPolicyDataRegistry
    function policyDataCount() external view returns (uint256) {
        return _refs.length;
    }

    /// @inheritdoc IPolicyDataRegistry
    function policyDataRefs(
        uint256 offset,
        uint256 limit
    ) external view returns (PolicyDataRef[] memory page) {
        page = new PolicyDataRef[](_pageSize(_refs.length, offset, limit));
        for (uint256 i = 0; i < page.length; ++i) page[i] = _refs[offset + i];
    }

    /// @inheritdoc IPolicyDataRegistry
    function policyDataRefOf(PolicyDataTemplate calldata template) external pure returns (PolicyDataRef) {
        return PolicyIds.policyDataRefOf(template);
    }

    /// @dev Every artifact named must be in the tree; the plugin with the template's flags, schemas in clear.
    function _checkArtifacts(
        PolicyDataTemplate calldata template,
        ArtifactProof[] calldata proofs
    ) private view {
        ContentHash[ARTIFACT_COUNT] memory hashes = [
            template.wasmHash,
            template.argsSchemaHash,
            template.outputSchemaHash,
            template.secretsSchemaHash
        ];
        uint8[ARTIFACT_COUNT] memory namespaces = [
            ArtifactProofs.NAMESPACE_WASM_PLUGIN,
            ArtifactProofs.NAMESPACE_INPUT_SCHEMA,
            ArtifactProofs.NAMESPACE_OUTPUT_SCHEMA,
            ArtifactProofs.NAMESPACE_SECRETS_SCHEMA
        ];
        uint256 named = 0;
        for (uint256 i = 0; i < ARTIFACT_COUNT; ++i) {
            if (!hashes[i].isZero()) ++named;
        }
        if (named != proofs.length) revert ProofCountMismatch(named, proofs.length);

        uint256 next = 0;
        for (uint256 i = 0; i < ARTIFACT_COUNT; ++i) {
            if (hashes[i].isZero()) continue;
            uint16 flags = i == 0 ? PolicyIds.flagsOf(template) : 0;
            _checkArtifact(next, namespaces[i], hashes[i], flags, proofs[next]);
            ++next;
        }
    }

    // -- Instances --

    /// @inheritdoc IPolicyDataRegistry
    function instantiatePolicyData(
        address client,
        PolicyDataRef ref
    ) external returns (PolicyDataInstanceId id) {
        // The policy registry has asked the client already.
        bool isTrusted = msg.sender == POLICY_REGISTRY;
        if (!isTrusted && !ClientAuthority.actsFor(msg.sender, client)) revert NotClient(client, msg.sender);
        id = PolicyIds.policyDataInstanceIdOf(block.chainid, client, ref);
        if (_instances[id].client != address(0)) return id;
        DataTemplateRecord storage record = _templates[ref];
        if (record.registeredAt == 0) revert UnknownPolicyData(ref);
        if (record.isDeprecated) revert PolicyDataIsDeprecated(ref);
        _instances[id] = DataInstanceRecord(ref, client);
        emit PolicyDataInstantiated(id, ref, client);
    }

    /// @inheritdoc IPolicyDataRegistry
    function policyDataInstance(
        PolicyDataInstanceId id
    ) external view returns (PolicyDataRef ref, address client) {
        DataInstanceRecord storage record = _instances[id];
        return (record.ref, record.client);
    }

    /// @inheritdoc IPolicyDataRegistry
    function policyDataInstanceIdOf(
        address client,
        PolicyDataRef ref
    ) external view returns (PolicyDataInstanceId) {
        return PolicyIds.policyDataInstanceIdOf(block.chainid, client, ref);
    }

    // -- Surroundings --

    /// @inheritdoc IPolicyDataRegistry
    function policyRegistry() external view returns (address) {
        return POLICY_REGISTRY;
    }
}
