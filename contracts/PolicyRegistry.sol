// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import {PolicyTemplateLedger} from "./PolicyTemplateLedger.sol";
import {IAddressesProvider} from "./interfaces/IAddressesProvider.sol";
import {IPolicyDataRegistry} from "./interfaces/IPolicyDataRegistry.sol";
import {IPolicyRegistry} from "./interfaces/IPolicyRegistry.sol";
import {ArtifactProofs} from "./libraries/ArtifactProofs.sol";
import {ClientAuthority} from "./libraries/ClientAuthority.sol";
import {LeafRecord} from "./libraries/LeafRecord.sol";
import {PolicyIds} from "./libraries/PolicyIds.sol";
import {ArtifactProof} from "./types/ArtifactProof.sol";
import {ContentHash} from "./types/ContentHash.sol";
import {HashedPolicyInstance, PolicyInstance} from "./types/Policy.sol";
import {PolicyDataInstanceId} from "./types/PolicyDataInstanceId.sol";
import {PolicyDataRef} from "./types/PolicyDataRef.sol";
import {PolicyInstanceId} from "./types/PolicyInstanceId.sol";
import {PolicyTemplateRef} from "./types/PolicyTemplateRef.sol";
import {TreeKey} from "./types/TreeKey.sol";

/// @title PolicyRegistry
/// @dev Records are written once; only a template's `isDeprecated` and a client's pointer ever change. Params are the
///      code of a contract, one per distinct params: above 100 bytes cheaper than storage (200 instead of 690 gas per
///      byte), and clients that share params share it. Larger ones are a leaf, of which the record has the hash.
/// @custom:invariant POL1 POL2 POL3 POL4 POL5 POL6 POL7 POL8 POL9 POL10 POL11 POL12 POL13 POL14 POL15
/// @custom:invariant POL16 POL17
contract PolicyRegistry is PolicyTemplateLedger {
    using Checkpoints for Checkpoints.Trace256;

    /// @dev An instance as it is kept. `params` is the address of the code that holds them, or their hash where there is no
    ///      such code: they are empty, or a leaf. A hash whose upper 96 bits are zero cannot be found.
    struct StoredInstance {
        address client;
        uint64 deployedAt;
        uint32 expireAfterBlocks;
        PolicyTemplateRef templateRef;
        bytes32 params;
    }

    /// @notice Longest params kept on chain, in bytes.
    uint256 public constant MAX_PARAMS_BYTES = 8_192;

    /// @dev Hash of empty params, which are neither code nor a leaf.
    bytes32 private constant NO_PARAMS_HASH = keccak256("");

    mapping(PolicyInstanceId id => StoredInstance stored) private _instances;
    /// @dev The newest commit at the deployment, of instances whose params are a leaf.
    mapping(PolicyInstanceId id => uint64 sequenceNo) private _sequenceNos;
    mapping(address client => PolicyInstanceId[] ids) private _idsOf;
    mapping(address client => Checkpoints.Trace256 history) private _pointers;

    /// @param provider directory that the addresses of the other registries are copied from
    constructor(IAddressesProvider provider) PolicyTemplateLedger(provider) {}

    // -- Deployment --

    /// @inheritdoc IPolicyRegistry
    function instantiate(PolicyInstance calldata instance) external returns (PolicyInstanceId) {
        return _instantiate(instance, false);
    }

    /// @inheritdoc IPolicyRegistry
    function instantiateBundle(PolicyInstance calldata instance) external returns (PolicyInstanceId) {
        return _instantiate(instance, true);
    }

    /// @inheritdoc IPolicyRegistry
    function instantiateWithParamsLeaf(
        HashedPolicyInstance calldata instance,
        ArtifactProof calldata proof
    ) external returns (PolicyInstanceId id) {
        _requireClient(instance.client);
        id = PolicyIds.policyInstanceIdOf(block.chainid, instance);
        if (_instances[id].client == address(0)) {
            _settleData(instance.client, instance.templateRef, instance.dataInstances, true);
            _checkParamsLeaf(instance.paramsHash, proof);
            _record(
                id,
                instance.client,
                instance.templateRef,
                ContentHash.unwrap(instance.paramsHash),
                instance.expireAfterBlocks
            );
            uint64 sequenceNo = STATE_COMMIT_REGISTRY.getSequenceNo();
            _sequenceNos[id] = sequenceNo;
            emit PolicyInstantiatedWithParamsLeaf(
                id,
                instance.templateRef,
                instance.client,
                instance.paramsHash,
                instance.dataInstances,
                instance.expireAfterBlocks,
                sequenceNo
            );
        }
        _movePointer(instance.client, id);
    }

    /// @dev Deploys an instance with its params unless it is there, and points to it.
    function _instantiate(
        PolicyInstance calldata instance,
        bool deploysData
    ) private returns (PolicyInstanceId id) {
        _requireClient(instance.client);
        uint256 paramsBytes = instance.params.length;
        if (paramsBytes > MAX_PARAMS_BYTES) revert ParamsTooLarge(MAX_PARAMS_BYTES, paramsBytes);
        id = PolicyIds.policyInstanceIdOf(block.chainid, instance);
        if (_instances[id].client == address(0)) {
            _settleData(instance.client, instance.templateRef, instance.dataInstances, deploysData);
            bytes32 params = _storeParams(instance.params);
            _record(id, instance.client, instance.templateRef, params, instance.expireAfterBlocks);
            emit PolicyInstantiated(
                id,
                instance.templateRef,
                instance.client,
                instance.params,
                instance.dataInstances,
                instance.expireAfterBlocks
            );
        }
        _movePointer(instance.client, id);
    }

    /// @dev One data instance per binding, each the client's own, and deployed: by now, or before.
    function _settleData(
        address client,
        PolicyTemplateRef templateRef,
        PolicyDataInstanceId[] calldata given,
        bool deploysData
    ) private {
        uint256 dataCount = _dataCountForNewInstance(templateRef);
        if (given.length != dataCount) revert DataInstanceCountMismatch(dataCount, given.length);
        IPolicyDataRegistry data = policyDataRegistry();
        for (uint256 i = 0; i < dataCount; ++i) {
            PolicyDataRef ref = _bindingOf(templateRef, i);
            PolicyDataInstanceId expected = PolicyIds.policyDataInstanceIdOf(block.chainid, client, ref);
            if (given[i] != expected) revert DataInstanceMismatch(i, expected, given[i]);
            if (deploysData) {
                data.instantiatePolicyData(client, ref);
            } else {
                (, address deployedFor) = data.policyDataInstance(expected);
                if (deployedFor == address(0)) revert UnknownDataInstance(i, expected);
            }
        }
    }

    /// @dev Writes a new instance.
    function _record(
        PolicyInstanceId id,
        address client,
        PolicyTemplateRef templateRef,
        bytes32 params,
        uint32 expireAfterBlocks
    ) private {
        _instances[id] = StoredInstance({
            client: client,
            // The cast holds for 584 billion years.
            deployedAt: uint64(block.timestamp),
            expireAfterBlocks: expireAfterBlocks,
            templateRef: templateRef,
            params: params
        });
        _idsOf[client].push(id);
    }

    // -- Instances --

    /// @inheritdoc IPolicyRegistry
    function policyInstance(PolicyInstanceId id) external view returns (InstanceRecord memory record) {
        StoredInstance storage stored = _instances[id];
        if (stored.client == address(0)) return record;
        bytes32 params = stored.params;
        address code = _codeOf(params);
        record = InstanceRecord({
            client: stored.client,
            deployedAt: stored.deployedAt,
            expireAfterBlocks: stored.expireAfterBlocks,
            templateRef: stored.templateRef,
            paramsHash: code == address(0) ? params : keccak256(Clones.fetchCloneArgs(code)),
            sequenceNo: _sequenceNos[id]
        });
    }

    /// @inheritdoc IPolicyRegistry
    function policyInstanceCount(address client) external view returns (uint256) {
        return _idsOf[client].length;
    }

    /// @inheritdoc IPolicyRegistry
    function policyInstanceIds(
        address client,
        uint256 offset,
        uint256 limit
    ) external view returns (PolicyInstanceId[] memory page) {
        PolicyInstanceId[] storage ids = _idsOf[client];
        page = new PolicyInstanceId[](_pageSize(ids.length, offset, limit));
        for (uint256 i = 0; i < page.length; ++i) page[i] = ids[offset + i];
    }

    /// @inheritdoc IPolicyRegistry
    function policyInstanceIdOf(PolicyInstance calldata instance) external view returns (PolicyInstanceId) {
        return PolicyIds.policyInstanceIdOf(block.chainid, instance);
    }

    /// @inheritdoc IPolicyRegistry
    function hashedPolicyInstanceIdOf(
        HashedPolicyInstance calldata instance
    ) external view returns (PolicyInstanceId) {
        return PolicyIds.policyInstanceIdOf(block.chainid, instance);
    }

    // -- Params --

    /// @inheritdoc IPolicyRegistry
    function policyParams(PolicyInstanceId id) external view returns (bytes memory params) {
        (address code, TreeKey leaf) = policyParamsPlace(id);
        if (TreeKey.unwrap(leaf) != 0) revert ParamsInLeaf(id, leaf);
        // Empty params have no code.
        if (code != address(0)) params = Clones.fetchCloneArgs(code);
    }

    /// @inheritdoc IPolicyRegistry
    function policyParamsPlace(PolicyInstanceId id) public view returns (address code, TreeKey leaf) {
        StoredInstance storage stored = _instances[id];
        if (stored.client == address(0)) revert UnknownInstance(id);
        bytes32 params = stored.params;
        code = _codeOf(params);
        if (code == address(0) && params != NO_PARAMS_HASH) {
            leaf = LeafRecord.contentKey(ArtifactProofs.NAMESPACE_PARAMS, ContentHash.wrap(params));
        }
    }

    /// @dev Keeps params, unless the same are kept already: their code's address follows from them. The clone's
    ///      implementation is the zero address: it has no code, so a call to the clone does nothing.
    function _storeParams(bytes calldata params) private returns (bytes32) {
        if (params.length == 0) return NO_PARAMS_HASH;
        address code = Clones.predictDeterministicAddressWithImmutableArgs(address(0), params, 0);
        if (code.code.length == 0) Clones.cloneDeterministicWithImmutableArgs(address(0), params, 0);
        return bytes32(uint256(uint160(code)));
    }

    /// @dev Contract whose code holds an instance's params; zero if `params` is their hash.
    function _codeOf(bytes32 params) private pure returns (address) {
        return uint256(params) >> 160 == 0 ? address(uint160(uint256(params))) : address(0);
    }

    /// @dev Params must be in the tree, in clear, and too large to be kept here.
    function _checkParamsLeaf(ContentHash paramsHash, ArtifactProof calldata proof) private view {
        _checkArtifact(0, ArtifactProofs.NAMESPACE_PARAMS, paramsHash, 0, proof);
        uint256 paramsBytes = LeafRecord.contentLengthOf(proof.header);
        if (paramsBytes <= MAX_PARAMS_BYTES) revert ParamsFitOnChain(MAX_PARAMS_BYTES, paramsBytes);
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
}
