// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {EpochEntry} from "../types/EpochEntry.sol";
import {EVERYBODY, NOTHING, ProvenWeight, provenWeight} from "../types/ProvenWeight.sol";
import {Bn254} from "./Bn254.sol";
import {BlsWorkspace} from "./BlsWorkspace.sol";
import {CommitMessage} from "./CommitMessage.sol";
import {EpochKeys} from "./EpochKeys.sol";
import {EpochTable} from "./EpochTable.sol";
import {HashToG1} from "./HashToG1.sol";

/// @title BlsCertificate
/// @notice Says what packed certificates prove (docs/CommitMessage.md, "Certificate" and "Batch certificate").
/// @dev This is the way of a valid certificate, as short as it can be: it only ever says yes. For whatever it does
///      not say yes to, `CertificateFaults`, its twin in plain Solidity, names the fault.
library BlsCertificate {
    using EpochTable for EpochTable.Table;

    /// @dev Most messages of one certificate.
    uint256 internal constant MAX_BATCH = 32;

    uint256 private constant EPOCH_BYTES = 4;
    /// @dev Counter and y.
    uint256 private constant HINT_BYTES = 33;
    uint256 private constant SIGNATURE_BYTES = 64;
    /// @dev Signature and key.
    uint256 private constant POINTS_BYTES = 192;
    /// @dev What one index byte can name.
    uint256 private constant MAX_NON_SIGNERS = 256;

    /// @dev What `certificate` proves of `digest`.
    /// @param operatorSets deployer of the epochs' keys
    function prove(
        EpochTable.Table storage table,
        address operatorSets,
        bytes calldata certificate,
        bytes32 digest
    ) internal view returns (ProvenWeight) {
        (uint256 mismatch, bytes32 message, uint256 x, uint256 y) = hashed(certificate, digest);
        uint256 offset = EPOCH_BYTES + HINT_BYTES;
        return proveHashed(table, operatorSets, certificate, offset, mismatch, message, x, y);
    }

    /// @dev What `certificate` proves of all of 1 to 32 `digests`.
    function proveBatch(
        EpochTable.Table storage table,
        address operatorSets,
        bytes calldata certificate,
        bytes32[] memory digests
    ) internal view returns (ProvenWeight) {
        (uint256 mismatch, bytes32 message, uint256 x, uint256 y) = hashedSum(certificate, digests);
        uint256 offset = EPOCH_BYTES + digests.length * HINT_BYTES;
        return proveHashed(table, operatorSets, certificate, offset, mismatch, message, x, y);
    }

    /// @dev The epoch that a certificate names.
    function epochOf(bytes calldata certificate) internal pure returns (uint32) {
        return uint32(wordAt(certificate, 0) >> 224);
    }

    /// @dev What the signers of `certificate`, whose points begin at `offset`, signed of what hashes to (`x`, `y`);
    ///      nothing if there is a mismatch.
    function proveHashed(
        EpochTable.Table storage table,
        address operatorSets,
        bytes calldata certificate,
        uint256 offset,
        uint256 mismatch,
        bytes32 message,
        uint256 x,
        uint256 y
    ) private view returns (ProvenWeight proven) {
        EpochEntry entry = table.entryOf(epochOf(certificate));
        uint256 work = BlsWorkspace.open(certificate, offset, x, y);
        if (certificate.length == offset + POINTS_BYTES) {
            if (mismatch | entry.misfit(BlsWorkspace.keyHash(work)) != 0) return NOTHING;
            proven = EVERYBODY;
        } else {
            if (mismatch != 0) return NOTHING;
            proven = proveSubset(table, operatorSets, entry, certificate, offset, work, message);
            if (proven.isNothing()) return NOTHING;
        }
        // With a proven key, which is not zero, a signature of zero solves no equation.
        (, bool isOne) = Bn254.pairingAt(work);
        if (!isOne) return NOTHING;
    }

    /// @dev The weight of the operators left by the non-signers, if theirs is the G2 key; or, if that is not known,
    ///      prepares the workspace so that the pairing proves it.
    function proveSubset(
        EpochTable.Table storage table,
        address operatorSets,
        EpochEntry entry,
        bytes calldata certificate,
        uint256 offset,
        uint256 work,
        bytes32 message
    ) private view returns (ProvenWeight proven) {
        uint256 nonSignerCount;
        unchecked {
            // Wraps around for a certificate that is too short.
            nonSignerCount = certificate.length - offset - POINTS_BYTES;
        }
        if (nonSignerCount > MAX_NON_SIGNERS || entry.isExpired()) return NOTHING;
        BlsWorkspace.keep(work);
        uint32 epoch = epochOf(certificate);
        if (entry.hasSubsets()) {
            bytes32 id = BlsWorkspace.subsetId(epoch, certificate, offset + SIGNATURE_BYTES);
            proven = table.subsetWeights[id];
            if (!proven.isNothing()) return proven;
        }
        if (!isSubset(entry, certificate, nonSignerCount)) return NOTHING;
        (bool proceeds, uint256 signedWeight, uint256 totalWeight) = EpochKeys.leaveOut(
            EpochKeys.addressOf(operatorSets, epoch),
            tailOf(certificate, nonSignerCount),
            BlsWorkspace.signersKey(work)
        );
        if (!proceeds || !BlsWorkspace.bindKey(work, message)) return NOTHING;
        return provenWeight(signedWeight, totalWeight);
    }

    /// @dev Whether the last index, the certificate's last byte, is in range, and somebody is not on the list. If the
    ///      list ascends, all of it is in range.
    function isSubset(
        EpochEntry entry,
        bytes calldata certificate,
        uint256 nonSignerCount
    ) private pure returns (bool) {
        unchecked {
            uint256 last = wordAt(certificate, certificate.length - 1) >> 248;
            uint256 count = entry.operatorCount();
            return last < count && nonSignerCount < count;
        }
    }

    /// @dev The last `length` bytes. In Solidity: `certificate[certificate.length - length:]`.
    function tailOf(bytes calldata certificate, uint256 length) private pure returns (bytes calldata tail) {
        assembly ("memory-safe") {
            tail.offset := add(certificate.offset, sub(certificate.length, length))
            tail.length := length
        }
    }

    // -- Messages --

    /// @dev The message that a certificate of one is for, and its hash to G1; `mismatch` is zero iff the hint matches.
    ///      In Solidity: `CommitMessage.quorumMessage` and `HashToG1.xFromHint`.
    function hashed(
        bytes calldata certificate,
        bytes32 digest
    ) private pure returns (uint256 mismatch, bytes32 message, uint256 x, uint256 y) {
        bytes32 tag = CommitMessage.MESSAGE_TAG;
        uint256 p = Bn254.P;
        assembly ("memory-safe") {
            let head := calldataload(certificate.offset)
            y := calldataload(add(certificate.offset, 5))
            // Tag, epoch, digest: 18 + 4 + 32 bytes.
            mstore(0x00, or(tag, shr(144, head)))
            mstore(0x16, digest)
            message := keccak256(0x00, 0x36)
            // Message, counter, which is byte 4 of the certificate.
            mstore(0x00, message)
            mstore8(0x20, shr(216, head))
            x := mod(keccak256(0x00, 0x21), p)
            let square := addmod(mulmod(mulmod(x, x, p), x, p), 3, p)
            mismatch := or(xor(mulmod(y, y, p), square), iszero(lt(and(y, 1), lt(y, p))))
        }
    }

    /// @dev The sum of the hashes of all messages, and the word that stands for them: one message itself, or the
    ///      hash of several. `mismatch` is zero iff all hints match.
    function hashedSum(
        bytes calldata certificate,
        bytes32[] memory digests
    ) private view returns (uint256 mismatch, bytes32 message, uint256 x, uint256 y) {
        uint32 epoch = epochOf(certificate);
        uint256 count = digests.length;
        uint256 sum = BlsWorkspace.openSum(count);
        uint256 offset = EPOCH_BYTES;
        for (uint256 i = 0; i < count; ++i) {
            message = CommitMessage.quorumMessage(epoch, digests[i]);
            y = wordAt(certificate, offset + 1);
            (mismatch, x) = HashToG1.xFromHint(message, wordAt(certificate, offset) >> 248, y);
            // Only a point on the curve is added, so none is refused.
            if (mismatch != 0 || !BlsWorkspace.addHashed(sum, i, message, x, y)) return (1, message, 0, 0);
            offset += HINT_BYTES;
        }
        (message, x, y) = BlsWorkspace.closeSum(sum, count);
    }

    /// @dev The word at `offset`; beyond the certificate it holds what follows in calldata, so the length is checked
    ///      before anything is proven. In Solidity: `uint256(bytes32(certificate[offset:offset + 32]))`.
    function wordAt(bytes calldata certificate, uint256 offset) internal pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := calldataload(add(certificate.offset, offset))
        }
    }
}
