// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import {IAddressesProvider} from "./interfaces/IAddressesProvider.sol";
import {IPolicyDataRegistry} from "./interfaces/IPolicyDataRegistry.sol";
import {IPolicyRegistry} from "./interfaces/IPolicyRegistry.sol";
import {IStateCommitRegistry} from "./interfaces/IStateCommitRegistry.sol";
import {ArtifactProofs} from "./libraries/ArtifactProofs.sol";
import {ClientAuthority} from "./libraries/ClientAuthority.sol";
import {LeafRecord} from "./libraries/LeafRecord.sol";
import {PolicyIds} from "./libraries/PolicyIds.sol";
import {ArtifactProof} from "./types/ArtifactProof.sol";
import {ContentHash} from "./types/ContentHash.sol";
import {LeafFault} from "./types/LeafFault.sol";
import {DataBinding, PolicyInstance, PolicyTemplate} from "./types/Policy.sol";
import {PolicyDataInstanceId} from "./types/PolicyDataInstanceId.sol";
import {PolicyDataRef} from "./types/PolicyDataRef.sol";
import {PolicyInstanceId} from "./types/PolicyInstanceId.sol";
import {PolicyTemplateRef} from "./types/PolicyTemplateRef.sol";
import {ProofFault} from "./types/ProofFault.sol";

/// @title PolicyRegistry
/// @dev Records are written once; only a template's `isDeprecated` and a client's pointer ever change. Params are the
///      code of a contract, one per distinct params: above 100 bytes cheaper than storage (200 instead of 690 gas per
///      byte), and clients that share params share it.
/// @custom:invariant POL1 POL2 POL3 POL4 POL5 POL6
contract PolicyRegistry is IPolicyRegistry {
    using Checkpoints for Checkpoints.Trace256;

    /// @notice Longest entrypoint, in bytes.
    uint256 public constant MAX_ENTRYPOINT_BYTES = 128;
    /// @notice Data templates that one template can read.
    uint256 public constant MAX_BINDINGS = 16;
    /// @notice Longest name of a binding, in bytes.
    uint256 public constant MAX_NAME_BYTES = 64;
    /// @notice Longest params, in bytes.
    uint256 public constant MAX_PARAMS_BYTES = 8_192;
    /// @notice Longest reason for a deprecation, in bytes.
    uint256 public constant MAX_REASON_BYTES = 256;

    /// @dev Keys of the registries in the directory.
    bytes32 private constant STATE_COMMIT_REGISTRY_ID = keccak256("STATE_COMMIT_REGISTRY");
    bytes32 private constant POLICY_DATA_REGISTRY_ID = keccak256("POLICY_DATA_REGISTRY");

    IStateCommitRegistry private immutable STATE_COMMIT_REGISTRY;
    IPolicyDataRegistry private immutable POLICY_DATA_REGISTRY;

    mapping(PolicyTemplateRef ref => TemplateRecord record) private _templates;
    mapping(PolicyTemplateRef ref => mapping(uint256 index => PolicyDataRef dataRef)) private _bindings;
    mapping(PolicyInstanceId id => InstanceRecord record) private _instances;
    mapping(bytes32 paramsHash => address code) private _paramsCode;
    mapping(address client => Checkpoints.Trace256 history) private _pointers;

    /// @param provider directory that the addresses of the other registries are copied from
    constructor(IAddressesProvider provider) {
        STATE_COMMIT_REGISTRY = IStateCommitRegistry(provider.getAddress(STATE_COMMIT_REGISTRY_ID));
        POLICY_DATA_REGISTRY = IPolicyDataRegistry(provider.getAddress(POLICY_DATA_REGISTRY_ID));
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
        // The casts hold: 34,000 years, at up to a commit a second, and at most MAX_BINDINGS.
        _templates[ref] = TemplateRecord({
            owner: msg.sender,
            registeredAt: uint40(block.timestamp),
            sequenceNo: uint40(STATE_COMMIT_REGISTRY.getSequenceNo()),
            isDeprecated: false,
            dataCount: uint8(dataCount)
        });
        emit PolicyTemplateRegistered(ref, msg.sender, template);
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
    function policyTemplateRefOf(PolicyTemplate calldata template) external pure returns (PolicyTemplateRef) {
        return PolicyIds.policyTemplateRefOf(template);
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

    /// @dev Artifact number `index` must be in the tree, in clear.
    function _checkArtifact(
        uint256 index,
        uint8 namespace,
        ContentHash contentHash,
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
        uint16 flags = LeafRecord.flagsOf(proof.header);
        if (flags != 0) revert FlagsMismatch(0, flags);
    }

    // -- Instances --

    /// @inheritdoc IPolicyRegistry
    function instantiate(PolicyInstance calldata instance) external returns (PolicyInstanceId id) {
        _requireClient(instance.client);
        uint256 paramsBytes = instance.params.length;
        if (paramsBytes > MAX_PARAMS_BYTES) revert ParamsTooLarge(MAX_PARAMS_BYTES, paramsBytes);
        id = PolicyIds.policyInstanceIdOf(block.chainid, instance);
        if (_instances[id].client == address(0)) _deploy(id, instance);
        _movePointer(instance.client, id);
    }

    /// @inheritdoc IPolicyRegistry
    function policyInstance(PolicyInstanceId id) external view returns (InstanceRecord memory) {
        return _instances[id];
    }

    /// @inheritdoc IPolicyRegistry
    function policyParams(PolicyInstanceId id) external view returns (bytes memory params) {
        InstanceRecord storage record = _instances[id];
        if (record.client == address(0)) revert UnknownInstance(id);
        address code = _paramsCode[record.paramsHash];
        // Empty params have no code.
        if (code != address(0)) params = Clones.fetchCloneArgs(code);
    }

    /// @inheritdoc IPolicyRegistry
    function policyInstanceIdOf(PolicyInstance calldata instance) external view returns (PolicyInstanceId) {
        return PolicyIds.policyInstanceIdOf(block.chainid, instance);
    }

    /// @dev Writes a new instance.
    function _deploy(PolicyInstanceId id, PolicyInstance calldata instance) private {
        TemplateRecord storage template = _templates[instance.templateRef];
        if (template.registeredAt == 0) revert UnknownTemplate(instance.templateRef);
        if (template.isDeprecated) revert TemplateDeprecated(instance.templateRef);
        _checkDataInstances(instance, template.dataCount);
        _instances[id] = InstanceRecord({
            client: instance.client,
            // The cast holds for 584 billion years.
            deployedAt: uint64(block.timestamp),
            expireAfterBlocks: instance.expireAfterBlocks,
            templateRef: instance.templateRef,
            paramsHash: _storeParams(instance.params)
        });
        emit PolicyInstantiated(
            id,
            instance.templateRef,
            instance.client,
            instance.params,
            instance.dataInstances,
            instance.expireAfterBlocks
        );
    }

    /// @dev One data instance per binding, each the client's own and deployed.
    function _checkDataInstances(PolicyInstance calldata instance, uint256 dataCount) private view {
        uint256 got = instance.dataInstances.length;
        if (got != dataCount) revert DataInstanceCountMismatch(dataCount, got);
        for (uint256 i = 0; i < dataCount; ++i) {
            PolicyDataInstanceId given = instance.dataInstances[i];
            PolicyDataInstanceId expected = PolicyIds.policyDataInstanceIdOf(
                block.chainid,
                instance.client,
                _bindings[instance.templateRef][i]
            );
            if (given != expected) revert DataInstanceMismatch(i, expected, given);
            (, address client) = POLICY_DATA_REGISTRY.policyDataInstance(given);
            if (client == address(0)) revert UnknownDataInstance(i, given);
        }
    }

    /// @dev Keeps params, unless the same are kept already. The clone's implementation is the zero address: it has
    ///      no code, so a call to the clone does nothing.
    function _storeParams(bytes calldata params) private returns (bytes32 paramsHash) {
        paramsHash = keccak256(params);
        if (params.length != 0 && _paramsCode[paramsHash] == address(0)) {
            _paramsCode[paramsHash] = Clones.cloneWithImmutableArgs(address(0), params);
        }
    }

    // -- Current instance --

    /// @inheritdoc IPolicyRegistry
    function moveCurrentPolicyInstance(address client, PolicyInstanceId id) external {
        _requireClient(client);
        if (!id.isZero() && _instances[id].client != client) revert UnknownInstance(id);
        _movePointer(client, id);
    }

    /// @inheritdoc IPolicyRegistry
    function currentPolicyInstance(address client) external view returns (PolicyInstanceId) {
        return PolicyInstanceId.wrap(bytes32(_pointers[client].latest()));
    }

    /// @inheritdoc IPolicyRegistry
    function policyInstanceAt(address client, uint256 blockNumber) external view returns (PolicyInstanceId) {
        if (blockNumber >= block.number) revert BlockNotPast(blockNumber);
        return PolicyInstanceId.wrap(bytes32(_pointers[client].upperLookupRecent(blockNumber)));
    }

    /// @dev Appends to the client's history; moving to where it is leaves no trace.
    function _movePointer(address client, PolicyInstanceId newId) private {
        Checkpoints.Trace256 storage history = _pointers[client];
        PolicyInstanceId oldId = PolicyInstanceId.wrap(bytes32(history.latest()));
        if (oldId == newId) return;
        history.push(block.number, uint256(PolicyInstanceId.unwrap(newId)));
        emit CurrentPolicyInstanceMoved(client, oldId, newId);
    }

    /// @dev The caller must be the client or its owner.
    function _requireClient(address client) private view {
        if (!ClientAuthority.actsFor(msg.sender, client)) revert NotClient(client, msg.sender);
    }

    // -- Surroundings --

    /// @inheritdoc IPolicyRegistry
    function policyDataRegistry() external view returns (IPolicyDataRegistry) {
        return POLICY_DATA_REGISTRY;
    }

    /// @inheritdoc IPolicyRegistry
    function stateCommitRegistry() external view returns (IStateCommitRegistry) {
        return STATE_COMMIT_REGISTRY;
    }
}
