// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAddressesProvider} from "./interfaces/IAddressesProvider.sol";
import {IPolicyDataRegistry} from "./interfaces/IPolicyDataRegistry.sol";
import {IStateCommitRegistry} from "./interfaces/IStateCommitRegistry.sol";
import {ArtifactProofs} from "./libraries/ArtifactProofs.sol";
import {ClientAuthority} from "./libraries/ClientAuthority.sol";
import {LeafRecord} from "./libraries/LeafRecord.sol";
import {Pages} from "./libraries/Pages.sol";
import {PolicyIds} from "./libraries/PolicyIds.sol";
import {ArtifactProof} from "./types/ArtifactProof.sol";
import {ContentHash} from "./types/ContentHash.sol";
import {LeafFault} from "./types/LeafFault.sol";
import {PolicyDataTemplate} from "./types/Policy.sol";
import {PolicyDataInstanceId} from "./types/PolicyDataInstanceId.sol";
import {PolicyDataRef} from "./types/PolicyDataRef.sol";
import {ProofFault} from "./types/ProofFault.sol";

/// @title PolicyDataRegistry
/// @dev Records are written once; only `isDeprecated` ever changes, from false to true. No role stands above the
///      owner of a template. The policy registry, fixed here, deploys data instances for clients it has checked.
/// @custom:invariant PDR1 PDR2 PDR3 PDR4 PDR5 PDR6 PDR7 PDR8 PDR9 PDR10 PDR11 PDR12
contract PolicyDataRegistry is IPolicyDataRegistry {
    /// @dev Facts about a data instance.
    struct DataInstanceRecord {
        PolicyDataRef ref;
        address client;
    }

    /// @notice Longest reason for a deprecation, in bytes.
    uint256 public constant MAX_REASON_BYTES = 256;

    /// @dev Key of the state commit registry in the directory.
    bytes32 private constant STATE_COMMIT_REGISTRY_ID = keccak256("STATE_COMMIT_REGISTRY");
    /// @dev Artifacts that a data template can name: plugin, args, output and secrets schema.
    uint256 private constant ARTIFACT_COUNT = 4;

    IStateCommitRegistry private immutable STATE_COMMIT_REGISTRY;
    address private immutable POLICY_REGISTRY;

    mapping(PolicyDataRef ref => DataTemplateRecord record) private _templates;
    PolicyDataRef[] private _refs;
    mapping(PolicyDataInstanceId id => DataInstanceRecord record) private _instances;

    /// @param provider directory that the state commit registry's address is copied from
    /// @param policyRegistry_ registry of policies, which may be deployed later; it refuses to be unless this names it
    constructor(IAddressesProvider provider, address policyRegistry_) {
        POLICY_REGISTRY = policyRegistry_;
        STATE_COMMIT_REGISTRY = IStateCommitRegistry(provider.getAddress(STATE_COMMIT_REGISTRY_ID));
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
        if (msg.sender != record.owner) revert NotOwner(record.owner, msg.sender);
        if (record.isDeprecated) revert PolicyDataIsDeprecated(ref);
        uint256 reasonBytes = bytes(reason).length;
        if (reasonBytes > MAX_REASON_BYTES) revert ReasonTooLong(MAX_REASON_BYTES, reasonBytes);
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
        if (limit > Pages.MAX_ENTRIES) revert PageTooLarge(Pages.MAX_ENTRIES, limit);
        page = new PolicyDataRef[](Pages.countOf(_refs.length, offset, limit));
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

    /// @dev Artifact number `index` must be in the tree with exactly these flags.
    function _checkArtifact(
        uint256 index,
        uint8 namespace,
        ContentHash contentHash,
        uint16 flags,
        ArtifactProof calldata proof
    ) private view {
        (ProofFault proofFault, LeafFault leafFault) = ArtifactProofs.check(
            STATE_COMMIT_REGISTRY,
            namespace,
            contentHash,
            proof
        );
        if (proofFault != ProofFault.None || leafFault != LeafFault.None) {
            revert DanglingArtifact(index, contentHash, proofFault, leafFault);
        }
        uint16 got = LeafRecord.flagsOf(proof.header);
        if (got != flags) revert FlagsMismatch(flags, got);
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

    /// @inheritdoc IPolicyDataRegistry
    function stateCommitRegistry() external view returns (IStateCommitRegistry) {
        return STATE_COMMIT_REGISTRY;
    }
}
