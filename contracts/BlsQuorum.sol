// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {QuorumVerifierBase} from "./QuorumVerifierBase.sol";
import {IBlsQuorumVerifier} from "./interfaces/IBlsQuorumVerifier.sol";
import {IEpochSink} from "./interfaces/IEpochSink.sol";
import {IOperatorSetRegistry} from "./interfaces/IOperatorSetRegistry.sol";
import {BlsCertificate} from "./libraries/BlsCertificate.sol";
import {CertificateFaults} from "./libraries/CertificateFaults.sol";
import {CommitMessage} from "./libraries/CommitMessage.sol";
import {EpochKeys} from "./libraries/EpochKeys.sol";
import {EpochTable} from "./libraries/EpochTable.sol";
import {SubsetProof} from "./libraries/SubsetProof.sol";
import {G2Point} from "./types/Bn254Points.sol";
import {CertificateFault} from "./types/CertificateFault.sol";
import {NOTHING, ProvenWeight} from "./types/ProvenWeight.sol";

/// @title BlsQuorum
/// @notice Judges BLS certificates by a table of epochs in its own storage, which the operator set registry keeps.
abstract contract BlsQuorum is IBlsQuorumVerifier, QuorumVerifierBase {
    using EpochTable for EpochTable.Table;
    using SubsetProof for EpochTable.Table;

    IOperatorSetRegistry private immutable OPERATOR_SETS;

    EpochTable.Table private _table;

    /// @param operatorSets_ tells of every epoch and deploys its keys
    constructor(IOperatorSetRegistry operatorSets_) {
        if (address(operatorSets_).code.length == 0) revert NotAContract(address(operatorSets_));
        OPERATOR_SETS = operatorSets_;
    }

    // -- Certificates --

    /// @inheritdoc IBlsQuorumVerifier
    function messageOf(uint32 epoch, bytes32 digest) external pure returns (bytes32) {
        return CommitMessage.quorumMessage(epoch, digest);
    }

    /// @inheritdoc QuorumVerifierBase
    function _verify(
        bytes32[] memory digests,
        bytes calldata certificate
    ) internal view override returns (CertificateFault fault, uint256 signedWeight, uint256 totalWeight) {
        ProvenWeight proven = _proveBatch(digests, certificate);
        if (proven.isNothing()) return (_faultOfBatch(digests, certificate), 0, 0);
        if (!proven.isEverybody()) return (fault, proven.signedWeight(), proven.totalWeight());
        uint32 epoch = BlsCertificate.epochOf(certificate);
        totalWeight = EpochKeys.totalWeightOf(EpochKeys.addressOf(address(OPERATOR_SETS), epoch));
        signedWeight = totalWeight;
    }

    /// @dev What `certificate` proves of `digest`.
    function _prove(bytes32 digest, bytes calldata certificate) internal view returns (ProvenWeight) {
        return BlsCertificate.prove(_table, address(OPERATOR_SETS), certificate, digest);
    }

    /// @dev What `certificate` proves of all of `digests`.
    function _proveBatch(
        bytes32[] memory digests,
        bytes calldata certificate
    ) internal view returns (ProvenWeight) {
        if (!_isBatch(digests)) return NOTHING;
        return BlsCertificate.proveBatch(_table, address(OPERATOR_SETS), certificate, digests);
    }

    /// @dev Why `certificate` does not prove `digest`.
    function _faultOf(bytes32 digest, bytes calldata certificate) internal view returns (CertificateFault) {
        bytes32[] memory digests = new bytes32[](1);
        digests[0] = digest;
        return _faultOfBatch(digests, certificate);
    }

    /// @dev Why `certificate` does not prove all of `digests`.
    function _faultOfBatch(
        bytes32[] memory digests,
        bytes calldata certificate
    ) internal view returns (CertificateFault) {
        if (!_isBatch(digests)) return CertificateFault.InvalidEncoding;
        return CertificateFaults.explain(_table, address(OPERATOR_SETS), certificate, digests);
    }

    function _isBatch(bytes32[] memory digests) private pure returns (bool) {
        return digests.length != 0 && digests.length <= BlsCertificate.MAX_BATCH;
    }

    // -- Subsets --

    /// @inheritdoc IBlsQuorumVerifier
    function cacheSubset(uint32 epoch, bytes calldata nonSigners, G2Point calldata aggregateKey) external {
        (CertificateFault fault, uint256 signedWeight, uint256 totalWeight) = _table.proveSubset(
            address(OPERATOR_SETS),
            epoch,
            nonSigners,
            aggregateKey
        );
        if (fault != CertificateFault.None) revert SubsetRefused(fault);
        emit SubsetCached(epoch, nonSigners, signedWeight, totalWeight);
    }

    // -- Epochs --

    /// @inheritdoc IEpochSink
    function recordEpoch(
        uint32 epoch,
        uint64 expiresAt,
        uint16 operatorCount,
        bytes32 aggregateKeyHash
    ) external {
        if (msg.sender != address(OPERATOR_SETS)) revert NotTheOperatorSets(msg.sender);
        _table.record(epoch, expiresAt, operatorCount, aggregateKeyHash);
        emit EpochRecorded(epoch, expiresAt);
    }

    /// @inheritdoc IEpochSink
    function operatorSets() external view returns (IOperatorSetRegistry) {
        return OPERATOR_SETS;
    }
}
