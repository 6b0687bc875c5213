// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FaultLedger} from "./FaultLedger.sol";
import {IOperatorSetRegistry} from "./interfaces/IOperatorSetRegistry.sol";
import {IQuorumEvidence} from "./interfaces/IQuorumEvidence.sol";
import {BlsSigners} from "./libraries/BlsSigners.sol";
import {EpochKeys} from "./libraries/EpochKeys.sol";
import {CertificateFault} from "./types/CertificateFault.sol";
import {Verdict} from "./types/Challenge.sol";

/// @title QuorumEvidence
/// @notice What certificates prove against those who signed them.
/// @dev A certificate is judged as a commit's is now: by the registry's verifier, by its quorum, in an epoch that is valid.
///      So keys of an epoch that has ended prove nothing against anybody, whoever has them by then.
abstract contract QuorumEvidence is IQuorumEvidence, FaultLedger {
    uint256 private constant FULL_BPS = 10_000;

    IOperatorSetRegistry private immutable OPERATOR_SETS;
    /// @dev The verifier whose certificates have the format that names operators of those sets.
    address private immutable NAMING_VERIFIER;

    /// @param operatorSets_ those of the registry's verifier, if it takes BLS certificates (docs/CommitMessage.md); or zero
    constructor(IOperatorSetRegistry operatorSets_) {
        OPERATOR_SETS = operatorSets_;
        NAMING_VERIFIER = address(STATE_COMMIT_REGISTRY.verifier());
    }

    /// @dev `Proven` if the quorum signed every one of `digests`.
    function _judgeCertificate(
        bytes32[] memory digests,
        bytes calldata certificate
    ) internal view returns (Verdict) {
        (CertificateFault fault, uint256 signedWeight, uint256 totalWeight) = STATE_COMMIT_REGISTRY
            .verifier()
            .verifyBatch(digests, certificate);
        if (fault != CertificateFault.None) return Verdict.CertificateRefused;
        uint256 quorumBps = STATE_COMMIT_REGISTRY.quorumBps();
        // As a commit is measured: cross-multiplied, nothing is rounded.
        if (totalWeight == 0 || signedWeight * FULL_BPS < totalWeight * quorumBps) {
            return Verdict.InsufficientQuorum;
        }
        return Verdict.Proven;
    }

    /// @dev Epoch and signers of a certificate that proved `messageCount` messages, by index as bits; zeros if its format
    ///      names nobody.
    function _signersOf(
        uint256 messageCount,
        bytes calldata certificate
    ) internal view returns (uint32 epoch, uint256 signers) {
        if (address(OPERATOR_SETS) == address(0)) return (0, 0);
        if (address(STATE_COMMIT_REGISTRY.verifier()) != NAMING_VERIFIER) return (0, 0);
        epoch = BlsSigners.epochOf(certificate);
        uint256 operatorCount = OPERATOR_SETS.tryEpochOf(epoch).operatorCount;
        signers = BlsSigners.signersOf(certificate, messageCount, operatorCount);
    }

    function _weightOf(uint32 epoch, uint256 operators) internal view returns (uint256) {
        return BlsSigners.weightOf(EpochKeys.addressOf(address(OPERATOR_SETS), epoch), operators);
    }

    /// @inheritdoc IQuorumEvidence
    function operatorSets() external view returns (IOperatorSetRegistry) {
        return OPERATOR_SETS;
    }
}
