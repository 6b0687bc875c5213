// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CertificateFault} from "./types/CertificateFault.sol";
import {IBlsQuorumVerifier} from "./interfaces/IBlsQuorumVerifier.sol";
import {IOperatorSetRegistry} from "./interfaces/IOperatorSetRegistry.sol";
import {IQuorumVerifier} from "./interfaces/IQuorumVerifier.sol";
import {BlsCertificate} from "./libraries/BlsCertificate.sol";
import {CommitMessage} from "./libraries/CommitMessage.sol";

/// @title BlsQuorumVerifier
/// @notice Judges BLS certificates of one operator set registry. Holds nothing and has no owner.
contract BlsQuorumVerifier is IBlsQuorumVerifier {
    IOperatorSetRegistry private immutable OPERATOR_SETS;

    /// @param operatorSets_ holds the keys and weights of every epoch
    constructor(IOperatorSetRegistry operatorSets_) {
        if (address(operatorSets_).code.length == 0) revert NotAContract(address(operatorSets_));
        OPERATOR_SETS = operatorSets_;
    }

    /// @inheritdoc IQuorumVerifier
    function verify(
        bytes32 digest,
        bytes calldata certificate
    ) external view returns (CertificateFault fault, uint256 signedWeight, uint256 totalWeight) {
        return BlsCertificate.verify(certificate, digest, OPERATOR_SETS);
    }

    /// @inheritdoc IBlsQuorumVerifier
    function operatorSets() external view returns (IOperatorSetRegistry) {
        return OPERATOR_SETS;
    }

    /// @inheritdoc IBlsQuorumVerifier
    function messageOf(uint32 epoch, bytes32 digest) external pure returns (bytes32) {
        return CommitMessage.quorumMessage(epoch, digest);
    }
}
