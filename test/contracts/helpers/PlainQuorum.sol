// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {BlsCertificate} from "../../../contracts/libraries/BlsCertificate.sol";
import {CertificateFaults} from "../../../contracts/libraries/CertificateFaults.sol";
import {EpochTable} from "../../../contracts/libraries/EpochTable.sol";
import {CertificateFault} from "../../../contracts/types/CertificateFault.sol";
import {ProvenWeight} from "../../../contracts/types/ProvenWeight.sol";

/// @dev Both ways to judge a certificate, apart: the short one, and its plain twin.
contract PlainQuorum {
    using EpochTable for EpochTable.Table;

    address private immutable OPERATOR_SETS;
    EpochTable.Table private _table;

    constructor(address operatorSets_) {
        OPERATOR_SETS = operatorSets_;
    }

    function recordEpoch(uint32 epoch, uint64 expiresAt, uint16 count, bytes32 keyHash) external {
        _table.record(epoch, expiresAt, count, keyHash);
    }

    function prove(bytes32 digest, bytes calldata certificate) external view returns (ProvenWeight) {
        return BlsCertificate.prove(_table, OPERATOR_SETS, certificate, digest);
    }

    function proveBatch(
        bytes32[] calldata digests,
        bytes calldata certificate
    ) external view returns (ProvenWeight) {
        return BlsCertificate.proveBatch(_table, OPERATOR_SETS, certificate, digests);
    }

    function judge(
        bytes32[] calldata digests,
        bytes calldata certificate
    ) external view returns (CertificateFault) {
        return CertificateFaults.judge(_table, OPERATOR_SETS, certificate, digests);
    }

    function explain(
        bytes32[] calldata digests,
        bytes calldata certificate
    ) external view returns (CertificateFault) {
        return CertificateFaults.explain(_table, OPERATOR_SETS, certificate, digests);
    }
}
