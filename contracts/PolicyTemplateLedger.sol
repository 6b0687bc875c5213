// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAddressesProvider} from "./interfaces/IAddressesProvider.sol";
import {IPolicyDataRegistry} from "./interfaces/IPolicyDataRegistry.sol";
import {IPolicyRegistry} from "./interfaces/IPolicyRegistry.sol";
import {IStateCommitRegistry} from "./interfaces/IStateCommitRegistry.sol";
import {ArtifactProofs} from "./libraries/ArtifactProofs.sol";
import {LeafRecord} from "./libraries/LeafRecord.sol";
import {Pages} from "./libraries/Pages.sol";
import {PolicyIds} from "./libraries/PolicyIds.sol";
import {ArtifactProof} from "./types/ArtifactProof.sol";
import {ContentHash} from "./types/ContentHash.sol";
import {LeafFault} from "./types/LeafFault.sol";
import {DataBinding, PolicyTemplate} from "./types/Policy.sol";
import {PolicyDataRef} from "./types/PolicyDataRef.sol";
import {PolicyTemplateRef} from "./types/PolicyTemplateRef.sol";
import {ProofFault} from "./types/ProofFault.sol";

/// @title PolicyTemplateLedger
/// @notice The templates of a policy registry, written once; only `isDeprecated` ever changes, from false to true.
abstract contract PolicyTemplateLedger is IPolicyRegistry {
    /// @notice Longest entrypoint, in bytes.
    uint256 public constant MAX_ENTRYPOINT_BYTES = 128;
    /// @notice Data templates that one template can read.
    uint256 public constant MAX_BINDINGS = 16;
    /// @notice Longest name of a binding, in bytes.
    uint256 public constant MAX_NAME_BYTES = 64;
    /// @notice Longest reason for a deprecation, in bytes.
    uint256 public constant MAX_REASON_BYTES = 256;

    /// @dev Keys of the registries in the directory.
    bytes32 private constant STATE_COMMIT_REGISTRY_ID = keccak256("STATE_COMMIT_REGISTRY");
    bytes32 private constant POLICY_DATA_REGISTRY_ID = keccak256("POLICY_DATA_REGISTRY");

    IStateCommitRegistry private immutable STATE_COMMIT_REGISTRY;
    IPolicyDataRegistry private immutable POLICY_DATA_REGISTRY;

    mapping(PolicyTemplateRef ref => TemplateRecord record) private _templates;
    mapping(PolicyTemplateRef ref => mapping(uint256 index => PolicyDataRef dataRef)) private _bindings;
    PolicyTemplateRef[] private _refs;

    /// @param provider directory that the addresses of the other registries are copied from
    constructor(IAddressesProvider provider) {
        STATE_COMMIT_REGISTRY = IStateCommitRegistry(provider.getAddress(STATE_COMMIT_REGISTRY_ID));
        POLICY_DATA_REGISTRY = IPolicyDataRegistry(provider.getAddress(POLICY_DATA_REGISTRY_ID));
        address expected = POLICY_DATA_REGISTRY.policyRegistry();
        if (expected != address(this)) revert PolicyDataRegistryOfAnother(expected, address(this));
    }

    // -- Templates --

    /// @inheritdoc IPolicyRegistry
    function registerTemplate(
        PolicyTemplateRef ref,
        PolicyTemplate calldata template,
        ArtifactProof[] calldata proofs
    ) external {
        uint256 dataCount = template.data.length;
        if (dataCount > MAX_BINDINGS) revert TooManyBindings(MAX_BINDINGS, dataCount);
        PolicyTemplateRef derived = PolicyIds.policyTemplateRefOf(template);
        if (derived != ref) revert PolicyTemplateRefMismatch(derived, ref);
        if (_templates[ref].registeredAt != 0) return;
        if (template.regoHash.isZero()) revert EmptyTemplate();
        uint256 entrypointBytes = bytes(template.entrypoint).length;
        if (entrypointBytes == 0 || entrypointBytes > MAX_ENTRYPOINT_BYTES) {
            revert InvalidEntrypoint(MAX_ENTRYPOINT_BYTES, entrypointBytes);
        }

        _bindData(ref, template.data);
        _checkArtifacts(template, proofs);
        _record(ref, dataCount);
        emit PolicyTemplateRegistered(ref, msg.sender, template, _templates[ref].sequenceNo);
    }

    /// @inheritdoc IPolicyRegistry
    function deprecateTemplate(PolicyTemplateRef ref, string calldata reason) external {
        TemplateRecord storage record = _templates[ref];
        if (record.registeredAt == 0) revert UnknownTemplate(ref);
        if (msg.sender != record.owner) revert NotOwner(record.owner, msg.sender);
        if (record.isDeprecated) revert TemplateDeprecated(ref);
        uint256 reasonBytes = bytes(reason).length;
        if (reasonBytes > MAX_REASON_BYTES) revert ReasonTooLong(MAX_REASON_BYTES, reasonBytes);
        record.isDeprecated = true;
        emit PolicyTemplateDeprecated(ref, reason);
    }

    /// @inheritdoc IPolicyRegistry
    function policyTemplate(PolicyTemplateRef ref) external view returns (TemplateRecord memory) {
        return _templates[ref];
    }

    /// @inheritdoc IPolicyRegistry
    function policyTemplateCount() external view returns (uint256) {
        return _refs.length;
    }

    /// @inheritdoc IPolicyRegistry
    function policyTemplateRefs(
        uint256 offset,
        uint256 limit
    ) external view returns (PolicyTemplateRef[] memory page) {
        if (limit > Pages.MAX_ENTRIES) revert PageTooLarge(Pages.MAX_ENTRIES, limit);
        page = new PolicyTemplateRef[](Pages.countOf(_refs.length, offset, limit));
        for (uint256 i = 0; i < page.length; ++i) page[i] = _refs[offset + i];
    }

    /// @inheritdoc IPolicyRegistry
    function policyTemplateRefOf(PolicyTemplate calldata template) external pure returns (PolicyTemplateRef) {
        return PolicyIds.policyTemplateRefOf(template);
    }

    /// @dev How many data instances an instance of the template must name. It must be registered and not deprecated.
    function _dataCountForNewInstance(PolicyTemplateRef ref) internal view returns (uint256) {
        TemplateRecord storage record = _templates[ref];
        if (record.registeredAt == 0) revert UnknownTemplate(ref);
        if (record.isDeprecated) revert TemplateDeprecated(ref);
        return record.dataCount;
    }

    /// @dev Data template that binding number `index` of a template names.
    function _bindingOf(PolicyTemplateRef ref, uint256 index) internal view returns (PolicyDataRef) {
        return _bindings[ref][index];
    }

    function _record(PolicyTemplateRef ref, uint256 dataCount) private {
        // The casts hold: 34,000 years, at up to a commit a second, and at most MAX_BINDINGS.
        _templates[ref] = TemplateRecord({
            owner: msg.sender,
            registeredAt: uint40(block.timestamp),
            sequenceNo: uint40(STATE_COMMIT_REGISTRY.getSequenceNo()),
            isDeprecated: false,
            dataCount: uint8(dataCount)
        });
        _refs.push(ref);
    }

    /// @dev Checks order, names and refs of the bindings, and keeps the refs. Reverting undoes what was kept.
    function _bindData(PolicyTemplateRef ref, DataBinding[] calldata bindings) private {
        bytes32 lastNameHash = bytes32(0);
        for (uint256 i = 0; i < bindings.length; ++i) {
            DataBinding calldata binding = bindings[i];
            uint256 nameBytes = bytes(binding.name).length;
            if (nameBytes > MAX_NAME_BYTES) revert BindingNameTooLong(i, MAX_NAME_BYTES, nameBytes);
            bytes32 nameHash = PolicyIds.nameHashOf(binding);
            // No name hashes to zero, so the first one is above it.
            if (nameBytes == 0 || nameHash <= lastNameHash) revert BindingsNotSorted(i);
            lastNameHash = nameHash;
            if (POLICY_DATA_REGISTRY.policyData(binding.ref).registeredAt == 0) revert UnknownBinding(i);
            _bindings[ref][i] = binding.ref;
        }
    }

    /// @dev The Rego module and, if named, the params schema must be in the tree, in clear.
    function _checkArtifacts(PolicyTemplate calldata template, ArtifactProof[] calldata proofs) private view {
        bool hasSchema = !template.paramsSchemaHash.isZero();
        uint256 named = hasSchema ? 2 : 1;
        if (proofs.length != named) revert ProofCountMismatch(named, proofs.length);
        _checkArtifact(0, ArtifactProofs.NAMESPACE_REGO, template.regoHash, proofs[0]);
        if (hasSchema) {
            _checkArtifact(1, ArtifactProofs.NAMESPACE_INPUT_SCHEMA, template.paramsSchemaHash, proofs[1]);
        }
    }

    // -- Artifacts --

    /// @dev Artifact number `index` must be in the tree, in clear.
    function _checkArtifact(
        uint256 index,
        uint8 namespace,
        ContentHash contentHash,
        ArtifactProof calldata proof
    ) internal view {
        (ProofFault proofFault, LeafFault leafFault) = ArtifactProofs.check(
            STATE_COMMIT_REGISTRY,
            namespace,
            contentHash,
            proof
        );
        if (proofFault != ProofFault.None || leafFault != LeafFault.None) {
            revert DanglingArtifact(index, contentHash, proofFault, leafFault);
        }
        uint16 flags = LeafRecord.flagsOf(proof.header);
        if (flags != 0) revert FlagsMismatch(0, flags);
    }

    // -- Surroundings --

    /// @inheritdoc IPolicyRegistry
    function policyDataRegistry() public view returns (IPolicyDataRegistry) {
        return POLICY_DATA_REGISTRY;
    }

    /// @inheritdoc IPolicyRegistry
    function stateCommitRegistry() public view returns (IStateCommitRegistry) {
        return STATE_COMMIT_REGISTRY;
    }
}
