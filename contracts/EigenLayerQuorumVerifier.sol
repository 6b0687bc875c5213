// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {QuorumVerifierBase} from "./QuorumVerifierBase.sol";
import {IEigenLayerCertificateVerifier} from "./interfaces/IEigenLayerCertificateVerifier.sol";
import {IEigenLayerQuorumVerifier} from "./interfaces/IEigenLayerQuorumVerifier.sol";
import {Bn254} from "./libraries/Bn254.sol";
import {CommitMessage} from "./libraries/CommitMessage.sol";
import {CertificateFault} from "./types/CertificateFault.sol";

/// @title EigenLayerQuorumVerifier
/// @notice Lets the operators of an EigenLayer operator set sign commits. Holds nothing and has no owner; trusts
///         EigenLayer's verifier, which is upgradeable by EigenLayer, for tables, weights and signatures.
contract EigenLayerQuorumVerifier is IEigenLayerQuorumVerifier, QuorumVerifierBase {
    uint256 private constant KEY_OFFSET = 4;
    uint256 private constant SIGNATURES_OFFSET = 132;
    uint256 private constant SIGNATURE_BYTES = 64;
    uint256 private constant INDEX_BYTES = 4;
    uint256 private constant MAX_NON_SIGNERS = 256;
    uint256 private constant MAX_BATCH = 32;
    uint32 private constant SHORTEST_AGE_SECONDS = 1 hours;
    uint32 private constant LONGEST_AGE_SECONDS = 30 days;

    /// @dev Measured on the deployed code: about 190,000 gas with nobody missing, 13,600 per non-signer. EigenLayer
    ///      itself hands its pairing 400,000.
    uint256 private constant VERIFY_GAS = 1_000_000;
    uint256 private constant NON_SIGNER_GAS = 70_000;
    /// @dev Gas spent between reading `gasleft()` and the call, rounded up generously; encoding comes in between.
    uint256 private constant CALL_MARGIN_GAS = 50_000;

    IEigenLayerCertificateVerifier private immutable CERTIFICATE_VERIFIER;
    address private immutable AVS;
    uint32 private immutable SET_ID;
    uint256 private immutable WEIGHT_INDEX;
    uint32 private immutable MAX_AGE_SECONDS;

    /// @param certificateVerifier_ EigenLayer's verifier on this chain
    /// @param operatorSet_ the operator set that signs
    /// @param weightIndex_ which kind of its weights counts
    /// @param maxAgeSeconds_ how old a table may be: 1 hour to 30 days
    constructor(
        IEigenLayerCertificateVerifier certificateVerifier_,
        IEigenLayerCertificateVerifier.OperatorSet memory operatorSet_,
        uint256 weightIndex_,
        uint32 maxAgeSeconds_
    ) {
        if (address(certificateVerifier_).code.length == 0)
            revert NotAContract(address(certificateVerifier_));
        if (maxAgeSeconds_ < SHORTEST_AGE_SECONDS || maxAgeSeconds_ > LONGEST_AGE_SECONDS) {
            revert InvalidParameter("maxAgeSeconds", maxAgeSeconds_);
        }
        CERTIFICATE_VERIFIER = certificateVerifier_;
        (AVS, SET_ID) = (operatorSet_.avs, operatorSet_.id);
        WEIGHT_INDEX = weightIndex_;
        MAX_AGE_SECONDS = maxAgeSeconds_;
    }

    // -- Certificates --

    /// @inheritdoc IEigenLayerQuorumVerifier
    function messageOf(uint32 referenceTimestamp, bytes32 digest) public pure returns (bytes32) {
        return CommitMessage.quorumMessage(referenceTimestamp, digest);
    }

    /// @inheritdoc QuorumVerifierBase
    /// @dev EigenLayer judges one message at a time, so a batch saves calldata but no pairing.
    function _verify(
        bytes32[] memory digests,
        bytes calldata packed
    ) internal view override returns (CertificateFault fault, uint256 signedWeight, uint256 totalWeight) {
        if (!_hasValidLength(packed.length, digests.length)) return (CertificateFault.InvalidEncoding, 0, 0);
        uint32 referenceTimestamp = uint32(bytes4(packed));
        IEigenLayerCertificateVerifier.OperatorSetInfo memory table = CERTIFICATE_VERIFIER.getOperatorSetInfo(
            operatorSet(),
            referenceTimestamp
        );
        if (table.operatorInfoTreeRoot == bytes32(0)) return (CertificateFault.UnknownEpoch, 0, 0);
        if (block.timestamp > uint256(referenceTimestamp) + MAX_AGE_SECONDS) {
            return (CertificateFault.EpochExpired, 0, 0);
        }
        if (WEIGHT_INDEX >= table.totalWeights.length) revert InconsistentWeights();

        IEigenLayerCertificateVerifier.Certificate memory certificate;
        certificate.referenceTimestamp = referenceTimestamp;
        bytes calldata indices = packed[SIGNATURES_OFFSET + digests.length * SIGNATURE_BYTES:];
        (fault, certificate.nonSignerWitnesses) = _witnessesOf(indices, table.numOperators);
        if (fault == CertificateFault.None) fault = _setKey(certificate, packed);
        uint256 count = digests.length;
        for (uint256 i = 0; i < count && fault == CertificateFault.None; ++i) {
            certificate.messageHash = messageOf(referenceTimestamp, digests[i]);
            fault = _setSignature(certificate, packed, i);
            if (fault == CertificateFault.None) (fault, signedWeight) = _ask(certificate, table);
        }
        if (fault != CertificateFault.None) return (fault, 0, 0);
        totalWeight = table.totalWeights[WEIGHT_INDEX];
    }

    function _hasValidLength(uint256 length, uint256 digestCount) private pure returns (bool) {
        if (digestCount == 0 || digestCount > MAX_BATCH) return false;
        uint256 shortest = SIGNATURES_OFFSET + digestCount * SIGNATURE_BYTES;
        if (length < shortest || length > shortest + MAX_NON_SIGNERS * INDEX_BYTES) return false;
        return (length - shortest) % INDEX_BYTES == 0;
    }

    /// @dev Witnesses of operators whose records EigenLayer keeps: their indices, and nothing else.
    function _witnessesOf(
        bytes calldata indices,
        uint256 operatorCount
    )
        private
        pure
        returns (
            CertificateFault fault,
            IEigenLayerCertificateVerifier.OperatorInfoWitness[] memory witnesses
        )
    {
        uint256 count = indices.length / INDEX_BYTES;
        witnesses = new IEigenLayerCertificateVerifier.OperatorInfoWitness[](count);
        for (uint256 i = 0; i < count; ++i) {
            uint32 index = uint32(bytes4(indices[i * INDEX_BYTES:]));
            if (i != 0 && index <= witnesses[i - 1].operatorIndex) {
                return (CertificateFault.NonSignersNotAscending, witnesses);
            }
            witnesses[i].operatorIndex = index;
        }
        // Ascending: the last one is the greatest, and all of them in range are everybody.
        if (count != 0 && witnesses[count - 1].operatorIndex >= operatorCount) {
            return (CertificateFault.NonSignerOutOfRange, witnesses);
        }
        if (count == operatorCount) return (CertificateFault.EmptySignerSet, witnesses);
    }

    function _setKey(
        IEigenLayerCertificateVerifier.Certificate memory certificate,
        bytes calldata packed
    ) private pure returns (CertificateFault) {
        uint256[4] memory words;
        for (uint256 i = 0; i < 4; ++i) {
            words[i] = uint256(bytes32(packed[KEY_OFFSET + 32 * i:]));
            if (words[i] >= Bn254.P) return CertificateFault.InvalidPoint;
        }
        if ((words[0] | words[1] | words[2] | words[3]) == 0) return CertificateFault.ZeroAggregateKey;
        certificate.apk.x = [words[0], words[1]];
        certificate.apk.y = [words[2], words[3]];
        return CertificateFault.None;
    }

    /// @dev A point off the curve would burn all the gas EigenLayer has, so it is not handed on.
    function _setSignature(
        IEigenLayerCertificateVerifier.Certificate memory certificate,
        bytes calldata packed,
        uint256 index
    ) private pure returns (CertificateFault) {
        uint256 offset = SIGNATURES_OFFSET + index * SIGNATURE_BYTES;
        uint256 x = uint256(bytes32(packed[offset:]));
        uint256 y = uint256(bytes32(packed[offset + 32:]));
        if ((x | y) == 0) return CertificateFault.ZeroSignature;
        uint256 cube = mulmod(mulmod(x, x, Bn254.P), x, Bn254.P);
        if (x >= Bn254.P || y >= Bn254.P || mulmod(y, y, Bn254.P) != addmod(cube, 3, Bn254.P)) {
            return CertificateFault.InvalidPoint;
        }
        (certificate.signature.x, certificate.signature.y) = (x, y);
        return CertificateFault.None;
    }

    // -- EigenLayer --

    /// @dev What EigenLayer says, and how much of the weight that counts has signed.
    function _ask(
        IEigenLayerCertificateVerifier.Certificate memory certificate,
        IEigenLayerCertificateVerifier.OperatorSetInfo memory table
    ) private view returns (CertificateFault fault, uint256 signedWeight) {
        uint256 stipendGas = VERIFY_GAS + NON_SIGNER_GAS * certificate.nonSignerWitnesses.length;
        uint256 availableGas = gasleft();
        try CERTIFICATE_VERIFIER.verifyCertificate{gas: stipendGas}(operatorSet(), certificate) returns (
            uint256[] memory signedWeights
        ) {
            if (signedWeights.length != table.totalWeights.length) revert InconsistentWeights();
            signedWeight = signedWeights[WEIGHT_INDEX];
            if (signedWeight > table.totalWeights[WEIGHT_INDEX]) revert InconsistentWeights();
        } catch (bytes memory reason) {
            // At most 63/64 of what is left is passed on (EIP-150).
            if (availableGas - availableGas / 64 < stipendGas + CALL_MARGIN_GAS) {
                revert CertificateVerifierOutOfGas(stipendGas);
            }
            _requireCached(certificate);
            fault = _faultOf(bytes4(reason));
        }
    }

    /// @dev Reverts with `NonSignerNotCached` if EigenLayer could not judge for want of a record.
    function _requireCached(IEigenLayerCertificateVerifier.Certificate memory certificate) private view {
        uint256 count = certificate.nonSignerWitnesses.length;
        for (uint256 i = 0; i < count; ++i) {
            uint32 index = certificate.nonSignerWitnesses[i].operatorIndex;
            bool isCached = CERTIFICATE_VERIFIER.isNonsignerCached(
                operatorSet(),
                certificate.referenceTimestamp,
                index
            );
            if (!isCached) revert NonSignerNotCached(index);
        }
    }

    /// @dev `VerificationFailed` covers the signature and the key alike.
    function _faultOf(bytes4 reason) private pure returns (CertificateFault) {
        if (reason == IEigenLayerCertificateVerifier.VerificationFailed.selector)
            return CertificateFault.InvalidSignature;
        if (reason == IEigenLayerCertificateVerifier.CertificateStale.selector)
            return CertificateFault.EpochExpired;
        if (reason == IEigenLayerCertificateVerifier.RootDisabled.selector)
            return CertificateFault.EpochExpired;
        if (reason == IEigenLayerCertificateVerifier.ReferenceTimestampDoesNotExist.selector)
            return CertificateFault.UnknownEpoch;
        if (reason == IEigenLayerCertificateVerifier.InvalidOperatorIndex.selector)
            return CertificateFault.NonSignerOutOfRange;
        if (reason == IEigenLayerCertificateVerifier.NonSignerIndicesNotSorted.selector)
            return CertificateFault.NonSignersNotAscending;
        revert CertificateVerifierFailed(reason);
    }

    // -- Settings --

    /// @inheritdoc IEigenLayerQuorumVerifier
    function certificateVerifier() external view returns (IEigenLayerCertificateVerifier) {
        return CERTIFICATE_VERIFIER;
    }

    /// @inheritdoc IEigenLayerQuorumVerifier
    function operatorSet() public view returns (IEigenLayerCertificateVerifier.OperatorSet memory) {
        return IEigenLayerCertificateVerifier.OperatorSet({avs: AVS, id: SET_ID});
    }

    /// @inheritdoc IEigenLayerQuorumVerifier
    function weightIndex() external view returns (uint256) {
        return WEIGHT_INDEX;
    }

    /// @inheritdoc IEigenLayerQuorumVerifier
    function maxAgeSeconds() external view returns (uint32) {
        return MAX_AGE_SECONDS;
    }
}
