// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {RootsStub} from "./RootsStub.sol";
import {IOperatorSetRegistry} from "../../../contracts/interfaces/IOperatorSetRegistry.sol";
import {IPolicyDataRegistry} from "../../../contracts/interfaces/IPolicyDataRegistry.sol";
import {IPolicyRegistry} from "../../../contracts/interfaces/IPolicyRegistry.sol";
import {IQuorumVerifier} from "../../../contracts/interfaces/IQuorumVerifier.sol";
import {EpochKeys} from "../../../contracts/libraries/EpochKeys.sol";
import {G1Point} from "../../../contracts/types/Bn254Points.sol";
import {CertificateFault} from "../../../contracts/types/CertificateFault.sol";
import {PolicyDataRef} from "../../../contracts/types/PolicyDataRef.sol";
import {PolicyInstanceId} from "../../../contracts/types/PolicyInstanceId.sol";
import {PolicyTemplateRef} from "../../../contracts/types/PolicyTemplateRef.sol";
import {StateCommit} from "../../../contracts/types/StateCommit.sol";

/// @dev Knows the certificates that it was told of, and refuses all others.
contract CertificateBook is IQuorumVerifier {
    struct Weights {
        uint256 signed;
        uint256 total;
        bool isWritten;
    }

    mapping(bytes32 id => Weights weights) private _weights;

    function write(
        bytes32[] memory digests,
        bytes memory certificate,
        uint256 signed,
        uint256 total
    ) external {
        _weights[keccak256(abi.encode(digests, certificate))] = Weights(signed, total, true);
    }

    function verify(
        bytes32 digest,
        bytes calldata certificate
    ) external view returns (CertificateFault, uint256, uint256) {
        bytes32[] memory digests = new bytes32[](1);
        digests[0] = digest;
        return _verify(digests, certificate);
    }

    function verifyBatch(
        bytes32[] calldata digests,
        bytes calldata certificate
    ) external view returns (CertificateFault, uint256, uint256) {
        return _verify(digests, certificate);
    }

    function _verify(
        bytes32[] memory digests,
        bytes calldata certificate
    ) private view returns (CertificateFault, uint256, uint256) {
        Weights memory weights = _weights[keccak256(abi.encode(digests, certificate))];
        if (!weights.isWritten) return (CertificateFault.InvalidSignature, 0, 0);
        return (CertificateFault.None, weights.signed, weights.total);
    }
}

/// @dev What challenges ask a state-commit registry.
contract JudgedRegistry is RootsStub {
    IQuorumVerifier public verifier;
    uint16 public constant quorumBps = 6_667;

    constructor(IQuorumVerifier verifier_) {
        verifier = verifier_;
    }

    function setVerifier(IQuorumVerifier verifier_) external {
        verifier = verifier_;
    }

    function digestOf(StateCommit calldata commit) external view returns (bytes32) {
        return keccak256(abi.encode(address(this), commit));
    }
}

/// @dev What challenges ask the registries of policies, both of them.
contract PoliciesStub {
    address public stateCommitRegistry;
    mapping(PolicyTemplateRef ref => IPolicyRegistry.TemplateRecord) private _templates;
    mapping(PolicyDataRef ref => IPolicyDataRegistry.DataTemplateRecord) private _data;
    mapping(PolicyInstanceId id => IPolicyRegistry.InstanceRecord) private _instances;
    mapping(address client => PolicyInstanceId id) private _current;
    mapping(address client => PolicyInstanceId id) private _former;
    uint256 private _movedIn;

    constructor(address registry) {
        stateCommitRegistry = registry;
    }

    function policyDataRegistry() external view returns (address) {
        return address(this);
    }

    function register(PolicyTemplateRef ref, uint40 sequenceNo) external {
        _templates[ref].registeredAt = 1;
        _templates[ref].sequenceNo = sequenceNo;
    }

    function registerData(PolicyDataRef ref, uint40 sequenceNo) external {
        _data[ref].registeredAt = 1;
        _data[ref].sequenceNo = sequenceNo;
    }

    function policyTemplate(
        PolicyTemplateRef ref
    ) external view returns (IPolicyRegistry.TemplateRecord memory) {
        return _templates[ref];
    }

    function policyData(
        PolicyDataRef ref
    ) external view returns (IPolicyDataRegistry.DataTemplateRecord memory) {
        return _data[ref];
    }

    /// @dev With its params in a leaf, or on chain where `sequenceNo` is zero.
    function deploy(PolicyInstanceId id, bytes32 paramsHash, uint64 sequenceNo) external {
        _instances[id].client = address(this);
        _instances[id].paramsHash = paramsHash;
        _instances[id].sequenceNo = sequenceNo;
    }

    function policyInstance(
        PolicyInstanceId id
    ) external view returns (IPolicyRegistry.InstanceRecord memory) {
        return _instances[id];
    }

    /// @dev From block `blockNumber` on.
    function move(address client, PolicyInstanceId id, uint256 blockNumber) external {
        _former[client] = _current[client];
        _current[client] = id;
        _movedIn = blockNumber;
    }

    function policyInstanceAt(address client, uint256 blockNumber) external view returns (PolicyInstanceId) {
        if (blockNumber >= block.number) revert IPolicyRegistry.BlockNotPast(blockNumber);
        return blockNumber >= _movedIn ? _current[client] : _former[client];
    }
}

/// @dev Epochs of operators with weights 1, 2, 3, …; their keys lie where a registry's would.
contract EpochsStub {
    uint32 private _newest;
    mapping(uint32 epoch => IOperatorSetRegistry.Epoch) private _epochs;

    function start(uint16 operatorCount) external {
        G1Point[] memory keys = new G1Point[](operatorCount);
        uint128[] memory weights = new uint128[](operatorCount);
        for (uint256 i = 0; i < operatorCount; ++i) (keys[i], weights[i]) = (G1Point(1, 2), uint128(i + 1));
        uint128 total = uint128((uint256(operatorCount) * (operatorCount + 1)) / 2);
        IOperatorSetRegistry.Epoch storage epoch = _epochs[++_newest];
        epoch.keys = EpochKeys.write(G1Point(1, 2), total, keys, weights);
        epoch.operatorCount = operatorCount;
        epoch.totalWeight = total;
    }

    function tryEpochOf(uint32 epoch) external view returns (IOperatorSetRegistry.Epoch memory) {
        return _epochs[epoch];
    }
}
