// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {G1Point, G2Point} from "../types/Bn254Points.sol";
import {CertificateFault} from "../types/CertificateFault.sol";
import {EpochEntry} from "../types/EpochEntry.sol";
import {Bn254} from "./Bn254.sol";
import {BoundSignature} from "./BoundSignature.sol";
import {CommitMessage} from "./CommitMessage.sol";
import {EpochKeys} from "./EpochKeys.sol";
import {EpochTable} from "./EpochTable.sol";
import {HashToG1} from "./HashToG1.sol";

/// @title CertificateFaults
/// @notice Names what is wrong with a certificate, in the order of the enum. The plain twin of `BlsCertificate`.
library CertificateFaults {
    using Bn254 for G1Point;
    using Bn254 for G2Point;

    uint256 private constant MAX_NON_SIGNERS = 256;

    /// @dev What `certificate` says, read with bounds checked.
    struct Parts {
        uint32 epoch;
        bytes hints;
        G1Point signature;
        G2Point keyG2;
        bytes nonSigners;
    }

    /// @dev Why `certificate` does not prove all of `digests`. Never `None`: what was not proven stays refused.
    function explain(
        EpochTable.Table storage table,
        address operatorSets,
        bytes calldata certificate,
        bytes32[] memory digests
    ) internal view returns (CertificateFault fault) {
        fault = judge(table, operatorSets, certificate, digests);
        return fault == CertificateFault.None ? CertificateFault.InvalidSignature : fault;
    }

    /// @dev What is wrong with `certificate` over `digests`; `None` if it proves them.
    function judge(
        EpochTable.Table storage table,
        address operatorSets,
        bytes calldata certificate,
        bytes32[] memory digests
    ) internal view returns (CertificateFault fault) {
        uint256 headBytes = 196 + 33 * digests.length;
        if (certificate.length < headBytes || certificate.length > headBytes + MAX_NON_SIGNERS) {
            return CertificateFault.InvalidEncoding;
        }
        Parts memory parts = partsOf(certificate, digests.length);
        EpochEntry entry = table.entries[parts.epoch];
        fault = ofEpoch(entry);
        if (fault != CertificateFault.None) return fault;
        fault = ofSigners(parts.nonSigners, entry);
        if (fault != CertificateFault.None) return fault;

        if (parts.signature.isZero()) return CertificateFault.ZeroSignature;
        bool isFullSet = parts.nonSigners.length == 0;
        (bool accepted, G1Point memory keyG1, , ) = signersOf(
            EpochKeys.addressOf(operatorSets, parts.epoch),
            parts.nonSigners
        );
        // Only a curve that changed under a live epoch gets here: the keys were proved when they entered.
        if (!accepted) return CertificateFault.InvalidPoint;
        if (parts.keyG2.isZero() || keyG1.isZero()) return CertificateFault.ZeroAggregateKey;
        (bool matches, bytes32 message, G1Point memory hashed) = hashedSum(parts, digests);
        if (!matches) return CertificateFault.MessageMismatch;
        return
            isFullSet
                ? ofFullSet(hashed, parts.signature, parts.keyG2, entry)
                : ofSubset(message, hashed, parts.signature, keyG1, parts.keyG2);
    }

    function partsOf(bytes calldata certificate, uint256 messageCount) private pure returns (Parts memory) {
        uint256 points = 4 + 33 * messageCount;
        return
            Parts({
                epoch: uint32(bytes4(certificate)),
                hints: certificate[4:points],
                signature: abi.decode(certificate[points:points + 64], (G1Point)),
                keyG2: abi.decode(certificate[points + 64:points + 192], (G2Point)),
                nonSigners: certificate[points + 192:]
            });
    }

    // -- Epoch and signers --

    /// @dev What is wrong with the epoch that has this entry.
    function ofEpoch(EpochEntry entry) internal view returns (CertificateFault) {
        if (!entry.isKnown()) return CertificateFault.UnknownEpoch;
        return entry.isExpired() ? CertificateFault.EpochExpired : CertificateFault.None;
    }

    /// @dev What is wrong with the list of non-signers.
    function ofSigners(bytes memory nonSigners, EpochEntry entry) internal pure returns (CertificateFault) {
        uint256 count = nonSigners.length;
        if (count == 0) return CertificateFault.None;
        for (uint256 i = 1; i < count; ++i) {
            if (nonSigners[i] <= nonSigners[i - 1]) return CertificateFault.NonSignersNotAscending;
        }
        // Ascending: the last one is the greatest, and all of them in range are everybody.
        if (uint8(nonSigners[count - 1]) >= entry.operatorCount())
            return CertificateFault.NonSignerOutOfRange;
        return count == entry.operatorCount() ? CertificateFault.EmptySignerSet : CertificateFault.None;
    }

    /// @dev G1 key and weight of those who signed, and the weight of all.
    function signersOf(
        address keys,
        bytes memory nonSigners
    ) internal view returns (bool accepted, G1Point memory keyG1, uint256 signedWeight, uint256 totalWeight) {
        keyG1 = EpochKeys.aggregateKeyOf(keys);
        totalWeight = EpochKeys.totalWeightOf(keys);
        signedWeight = totalWeight;
        accepted = true;
        for (uint256 i = 0; i < nonSigners.length && accepted; ++i) {
            (G1Point memory negatedKey, uint256 weight) = EpochKeys.recordAt(keys, uint8(nonSigners[i]));
            (accepted, keyG1) = keyG1.add(negatedKey);
            signedWeight -= weight;
        }
    }

    // -- Points --

    /// @dev The sum of the hashes of all messages, and the word that stands for them: one message itself, or the
    ///      hash of several.
    function hashedSum(
        Parts memory parts,
        bytes32[] memory digests
    ) private view returns (bool matches, bytes32 message, G1Point memory sum) {
        bytes32[] memory messages = new bytes32[](digests.length);
        for (uint256 i = 0; i < digests.length; ++i) {
            messages[i] = CommitMessage.quorumMessage(parts.epoch, digests[i]);
            uint256 y = 0;
            for (uint256 j = 1; j < 33; ++j) y = (y << 8) | uint8(parts.hints[33 * i + j]);
            G1Point memory hashed;
            (matches, hashed) = HashToG1.fromHint(messages[i], uint8(parts.hints[33 * i]), y);
            if (!matches) return (false, message, sum);
            (, sum) = sum.add(hashed);
        }
        message = messages.length == 1 ? messages[0] : keccak256(abi.encodePacked(messages));
        return (true, message, sum);
    }

    /// @dev Everybody signed: the key is known by its hash, and was checked when the epoch began.
    function ofFullSet(
        G1Point memory hashed,
        G1Point memory signature,
        G2Point memory keyG2,
        EpochEntry entry
    ) private view returns (CertificateFault) {
        (bool accepted, bool isOne) = Bn254.pairing(signature, hashed, keyG2);
        if (!accepted) return CertificateFault.InvalidPoint;
        if (!entry.isOfKey(keccak256(abi.encode(keyG2)))) return CertificateFault.AggregateKeyMismatch;
        return isOne ? CertificateFault.None : CertificateFault.InvalidSignature;
    }

    /// @dev Somebody is missing: one pairing proves signature and key. Only after it fails does a second one
    ///      tell which of the two is wrong.
    function ofSubset(
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
}
