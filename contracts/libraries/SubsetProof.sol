// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {G1Point, G2Point} from "../types/Bn254Points.sol";
import {CertificateFault} from "../types/CertificateFault.sol";
import {EpochEntry} from "../types/EpochEntry.sol";
import {provenWeight} from "../types/ProvenWeight.sol";
import {Bn254} from "./Bn254.sol";
import {BoundSignature} from "./BoundSignature.sol";
import {CertificateFaults} from "./CertificateFaults.sol";
import {EpochKeys} from "./EpochKeys.sol";
import {EpochTable} from "./EpochTable.sol";

/// @title SubsetProof
/// @notice Proves once which G2 key the signers left by a list of non-signers have.
library SubsetProof {
    using Bn254 for G1Point;
    using Bn254 for G2Point;
    using EpochTable for EpochTable.Table;

    uint256 private constant MAX_NON_SIGNERS = 256;

    /// @dev Caches the subset of `epoch` without `nonSigners`, 1 to 256, if `keyG2` is its key; else names the fault
    ///      that a certificate of it would have. e(keyG1, −G2) · e(G1, keyG2) = 1 is the whole proof.
    function proveSubset(
        EpochTable.Table storage table,
        address operatorSets,
        uint32 epoch,
        bytes calldata nonSigners,
        G2Point calldata keyG2
    ) internal returns (CertificateFault fault, uint256 signedWeight, uint256 totalWeight) {
        if (nonSigners.length == 0 || nonSigners.length > MAX_NON_SIGNERS) {
            return (CertificateFault.InvalidEncoding, 0, 0);
        }
        EpochEntry entry = table.entryOf(epoch);
        fault = CertificateFaults.ofEpoch(entry);
        if (fault == CertificateFault.None) fault = CertificateFaults.ofSigners(nonSigners, entry);
        if (fault != CertificateFault.None) return (fault, 0, 0);

        G1Point memory keyG1;
        bool accepted;
        (accepted, keyG1, signedWeight, totalWeight) = CertificateFaults.signersOf(
            EpochKeys.addressOf(operatorSets, epoch),
            nonSigners
        );
        if (!accepted) return (CertificateFault.InvalidPoint, 0, 0);
        G2Point memory key = keyG2;
        if (keyG1.isZero() || key.isZero()) return (CertificateFault.ZeroAggregateKey, 0, 0);
        bool sameSecret;
        (accepted, sameSecret) = BoundSignature.agree(keyG1, key);
        if (!accepted) return (CertificateFault.InvalidPoint, 0, 0);
        if (!sameSecret) return (CertificateFault.AggregateKeyMismatch, 0, 0);

        // As `BlsWorkspace.subsetId`.
        bytes32 id = keccak256(
            abi.encodePacked(epoch, key.xImaginary, key.xReal, key.yImaginary, key.yReal, nonSigners)
        );
        table.recordSubset(epoch, id, provenWeight(signedWeight, totalWeight));
    }
}
