// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {G1Point, G2Point} from "../types/Bn254Points.sol";
import {CertificateFault} from "../types/CertificateFault.sol";
import {IOperatorSetRegistry} from "../interfaces/IOperatorSetRegistry.sol";
import {Bn254} from "./Bn254.sol";
import {BoundSignature} from "./BoundSignature.sol";
import {CommitMessage} from "./CommitMessage.sol";
import {EpochKeys} from "./EpochKeys.sol";
import {HashToG1} from "./HashToG1.sol";

/// @title BlsCertificate
/// @notice Reads a packed certificate and says what it proves (docs/CommitMessage.md, "Certificate").
/// @dev Faults are found in the order of the enum. Every non-signer costs one precompile call, and there are at
///      most 256: a longer certificate is refused by its length.
library BlsCertificate {
    using Bn254 for G1Point;
    using Bn254 for G2Point;

    uint256 private constant COUNTER_OFFSET = 4;
    uint256 private constant HINT_Y_OFFSET = 5;
    uint256 private constant SIGNATURE_OFFSET = 37;
    uint256 private constant AGGREGATE_KEY_OFFSET = 101;
    uint256 private constant NON_SIGNERS_OFFSET = 229;

    /// @dev What one index byte can name.
    uint256 private constant MAX_NON_SIGNERS = 256;

    /// @dev Weight that signed `digest`, and that of the whole epoch; both zero unless `fault` is `None`.
    function verify(
        bytes calldata certificate,
        bytes32 digest,
        IOperatorSetRegistry operatorSets
    ) internal view returns (CertificateFault fault, uint256 signedWeight, uint256 totalWeight) {
        if (
            certificate.length < NON_SIGNERS_OFFSET ||
            certificate.length > NON_SIGNERS_OFFSET + MAX_NON_SIGNERS
        ) {
            return (CertificateFault.InvalidEncoding, 0, 0);
        }
        uint32 epoch = epochOf(certificate);
        IOperatorSetRegistry.Epoch memory set = operatorSets.tryEpochOf(epoch);
        if (set.operatorCount == 0) return (CertificateFault.UnknownEpoch, 0, 0);
        if (block.timestamp > set.expiresAt) return (CertificateFault.EpochExpired, 0, 0);

        G1Point memory signersKeyG1;
        (fault, signersKeyG1, signedWeight) = signersOf(certificate[NON_SIGNERS_OFFSET:], set);
        if (fault == CertificateFault.None) {
            fault = judge(certificate, CommitMessage.quorumMessage(epoch, digest), signersKeyG1, set);
        }
        if (fault != CertificateFault.None) return (fault, 0, 0);
        totalWeight = set.totalWeight;
    }

    /// @dev The epoch a certificate of valid length names.
    function epochOf(bytes calldata certificate) internal pure returns (uint32) {
        return uint32(bytes4(certificate));
    }

    /// @dev G1 key and weight of those who signed. With nobody missing the key stays zero: it is not needed.
    function signersOf(
        bytes calldata nonSigners,
        IOperatorSetRegistry.Epoch memory set
    ) private view returns (CertificateFault fault, G1Point memory signersKey, uint256 signedWeight) {
        uint256 count = nonSigners.length;
        signedWeight = set.totalWeight;
        if (count == 0) return (CertificateFault.None, signersKey, signedWeight);
        for (uint256 i = 1; i < count; ++i) {
            if (nonSigners[i] <= nonSigners[i - 1]) {
                return (CertificateFault.NonSignersNotAscending, signersKey, 0);
            }
        }
        // Ascending: the last one is the greatest, and all of them in range are everybody.
        if (uint8(nonSigners[count - 1]) >= set.operatorCount) {
            return (CertificateFault.NonSignerOutOfRange, signersKey, 0);
        }
        if (count == set.operatorCount) return (CertificateFault.EmptySignerSet, signersKey, 0);

        signersKey = EpochKeys.aggregateKey(set.keys);
        for (uint256 i = 0; i < count; ++i) {
            (G1Point memory negatedKey, uint256 weight) = EpochKeys.recordAt(set.keys, uint8(nonSigners[i]));
            bool accepted;
            (accepted, signersKey) = signersKey.add(negatedKey);
            // Only a curve that changed under a live epoch gets here: the keys were proved when they entered.
            if (!accepted) return (CertificateFault.InvalidPoint, signersKey, 0);
            signedWeight -= weight;
        }
    }

    /// @dev What is wrong with the points, given who signed.
    function judge(
        bytes calldata certificate,
        bytes32 message,
        G1Point memory signersKeyG1,
        IOperatorSetRegistry.Epoch memory set
    ) private view returns (CertificateFault) {
        bool isFullSet = certificate.length == NON_SIGNERS_OFFSET;
        G1Point memory signature = pointG1At(certificate, SIGNATURE_OFFSET);
        if (signature.isZero()) return CertificateFault.ZeroSignature;
        G2Point memory keyG2 = pointG2At(certificate, AGGREGATE_KEY_OFFSET);
        if (keyG2.isZero() || (!isFullSet && signersKeyG1.isZero())) return CertificateFault.ZeroAggregateKey;
        (bool matches, G1Point memory hashed) = HashToG1.fromHint(
            message,
            uint8(certificate[COUNTER_OFFSET]),
            wordAt(certificate, HINT_Y_OFFSET)
        );
        if (!matches) return CertificateFault.MessageMismatch;
        return
            isFullSet
                ? judgeFullSet(hashed, signature, keyG2, set.aggregateKeyHash)
                : judgeSubset(message, hashed, signature, signersKeyG1, keyG2);
    }

    /// @dev Everybody signed: the key is known by its hash, and was checked when the epoch began.
    function judgeFullSet(
        G1Point memory hashed,
        G1Point memory signature,
        G2Point memory keyG2,
        bytes32 aggregateKeyHash
    ) private view returns (CertificateFault) {
        (bool accepted, bool isOne) = Bn254.pairing(signature, hashed, keyG2);
        if (!accepted) return CertificateFault.InvalidPoint;
        if (keccak256(abi.encode(keyG2)) != aggregateKeyHash) return CertificateFault.AggregateKeyMismatch;
        return isOne ? CertificateFault.None : CertificateFault.InvalidSignature;
    }

    /// @dev Somebody is missing: one pairing proves signature and key. Only after it fails does a second one
    ///      tell which of the two is wrong.
    function judgeSubset(
        bytes32 message,
        G1Point memory hashed,
        G1Point memory signature,
        G1Point memory keyG1,
        G2Point memory keyG2
    ) private view returns (CertificateFault) {
        (bool accepted, bool isValid) = BoundSignature.verify(message, hashed, signature, keyG1, keyG2);
        if (!accepted) return CertificateFault.InvalidPoint;
        if (isValid) return CertificateFault.None;
        (, bool sameSecret) = BoundSignature.agree(keyG1, keyG2);
        return sameSecret ? CertificateFault.InvalidSignature : CertificateFault.AggregateKeyMismatch;
    }

    function pointG1At(bytes calldata certificate, uint256 offset) private pure returns (G1Point memory) {
        return G1Point({x: wordAt(certificate, offset), y: wordAt(certificate, offset + 32)});
    }

    function pointG2At(bytes calldata certificate, uint256 offset) private pure returns (G2Point memory) {
        return
            G2Point({
                xImaginary: wordAt(certificate, offset),
                xReal: wordAt(certificate, offset + 32),
                yImaginary: wordAt(certificate, offset + 64),
                yReal: wordAt(certificate, offset + 96)
            });
    }

    /// @dev The word at `offset`. The length was checked, so bounds are not again; in Solidity:
    ///      `uint256(bytes32(certificate[offset:offset + 32]))`.
    function wordAt(bytes calldata certificate, uint256 offset) internal pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := calldataload(add(certificate.offset, offset))
        }
    }
}
