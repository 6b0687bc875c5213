// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IEigenLayerCertificateVerifier as EL} from "../interfaces/IEigenLayerCertificateVerifier.sol";
import {Bn254} from "../libraries/Bn254.sol";
import {G1Point, G2Point} from "../types/Bn254Points.sol";

/// @dev Stands in for EigenLayer's deployed verifier: the same ABI, digest, hash to G1, Merkle leaves, cache and errors,
///      with real signatures. Tables are set by whoever asks instead of being transported.
contract EigenLayerCertificateVerifierMock {
    bytes32 private constant CERTIFICATE_TYPEHASH = keccak256(
        "BN254Certificate(uint32 referenceTimestamp,bytes32 messageHash)"
    );
    /// @dev In front of a hashed operator record.
    uint8 private constant LEAF_SALT = 0x75;

    mapping(bytes32 table => EL.OperatorSetInfo info) private _tables;
    mapping(bytes32 table => mapping(uint256 index => EL.OperatorInfo info)) private _records;
    mapping(bytes32 table => bool isDisabled) private _disabled;
    uint32 private _maxStalenessSeconds;

    function setTable(
        EL.OperatorSet calldata operatorSet,
        uint32 referenceTimestamp,
        EL.OperatorSetInfo calldata info
    ) external {
        _tables[_key(operatorSet, referenceTimestamp)] = info;
    }

    function setMaxStaleness(uint32 seconds_) external {
        _maxStalenessSeconds = seconds_;
    }

    function disable(EL.OperatorSet calldata operatorSet, uint32 referenceTimestamp) external {
        _disabled[_key(operatorSet, referenceTimestamp)] = true;
    }

    function getOperatorSetInfo(
        EL.OperatorSet calldata operatorSet,
        uint32 referenceTimestamp
    ) external view returns (EL.OperatorSetInfo memory) {
        return _tables[_key(operatorSet, referenceTimestamp)];
    }

    function isNonsignerCached(
        EL.OperatorSet calldata operatorSet,
        uint32 referenceTimestamp,
        uint256 operatorIndex
    ) public view returns (bool) {
        EL.G1 storage pubkey = _records[_key(operatorSet, referenceTimestamp)][operatorIndex].pubkey;
        return pubkey.x != 0 || pubkey.y != 0;
    }

    /// @dev Not `view`: keeps a non-signer's record when it first sees one, as the deployed contract does.
    function verifyCertificate(
        EL.OperatorSet calldata operatorSet,
        EL.Certificate calldata certificate
    ) external returns (uint256[] memory signedWeights) {
        bytes32 key = _key(operatorSet, certificate.referenceTimestamp);
        uint32 staleness = _maxStalenessSeconds;
        if (staleness != 0 && block.timestamp > certificate.referenceTimestamp + staleness) {
            revert EL.CertificateStale();
        }
        EL.OperatorSetInfo memory table = _tables[key];
        if (table.operatorInfoTreeRoot == bytes32(0)) revert EL.ReferenceTimestampDoesNotExist();
        if (_disabled[key]) revert EL.RootDisabled();
        signedWeights = table.totalWeights;
        G1Point memory signers = G1Point(table.aggregatePubkey.x, table.aggregatePubkey.y);
        for (uint256 i = 0; i < certificate.nonSignerWitnesses.length; ++i) {
            EL.OperatorInfoWitness calldata witness = certificate.nonSignerWitnesses[i];
            if (i > 0 && witness.operatorIndex <= certificate.nonSignerWitnesses[i - 1].operatorIndex) {
                revert EL.NonSignerIndicesNotSorted();
            }
            if (witness.operatorIndex >= table.numOperators) revert EL.InvalidOperatorIndex();
            EL.OperatorInfo memory info = _recordOf(key, table.operatorInfoTreeRoot, witness);
            (, signers) = Bn254.add(signers, Bn254.negate(G1Point(info.pubkey.x, info.pubkey.y)));
            for (uint256 j = 0; j < signedWeights.length; ++j) signedWeights[j] -= info.weights[j];
        }
        bytes32 digest = keccak256(
            abi.encode(CERTIFICATE_TYPEHASH, certificate.referenceTimestamp, certificate.messageHash)
        );
        if (!_isSigned(digest, signers, certificate)) revert EL.VerificationFailed();
    }

    function leafOf(EL.OperatorInfo memory info) public pure returns (bytes32) {
        return keccak256(abi.encodePacked(LEAF_SALT, abi.encode(info)));
    }

    function _recordOf(
        bytes32 key,
        bytes32 root,
        EL.OperatorInfoWitness calldata witness
    ) private returns (EL.OperatorInfo memory) {
        EL.OperatorInfo storage record = _records[key][witness.operatorIndex];
        if (record.pubkey.x != 0 || record.pubkey.y != 0) return record;
        bytes32 node = leafOf(witness.operatorInfo);
        uint256 index = witness.operatorIndex;
        for (uint256 i = 0; i < witness.operatorInfoProof.length; i += 32) {
            bytes32 sibling = bytes32(witness.operatorInfoProof[i:i + 32]);
            node = keccak256(index % 2 == 0 ? abi.encode(node, sibling) : abi.encode(sibling, node));
            index /= 2;
        }
        if (node != root) revert EL.VerificationFailed();
        _records[key][witness.operatorIndex] = witness.operatorInfo;
        return witness.operatorInfo;
    }

    function _isSigned(
        bytes32 digest,
        G1Point memory keyG1,
        EL.Certificate calldata certificate
    ) private view returns (bool isValid) {
        G1Point memory signature = G1Point(certificate.signature.x, certificate.signature.y);
        G2Point memory keyG2 = G2Point(
            certificate.apk.x[0],
            certificate.apk.x[1],
            certificate.apk.y[0],
            certificate.apk.y[1]
        );
        uint256 gamma = uint256(keccak256(abi.encode(digest, signature, keyG1, keyG2))) % Bn254.R;
        (, G1Point memory scaledKey) = Bn254.mul(keyG1, gamma);
        (, G1Point memory scaledOne) = Bn254.mul(Bn254.generatorG1(), gamma);
        (bool accepted, G1Point memory left) = Bn254.add(signature, scaledKey);
        if (!accepted) return false;
        (, G1Point memory right) = Bn254.add(hashToG1(digest), scaledOne);
        (, isValid) = Bn254.pairing(left, right, keyG2);
    }

    /// @dev The first x from `digest` upwards for which x³ + 3 is a square, with its principal root.
    function hashToG1(bytes32 digest) public view returns (G1Point memory) {
        uint256 x = uint256(digest) % Bn254.P;
        while (true) {
            uint256 square = addmod(mulmod(mulmod(x, x, Bn254.P), x, Bn254.P), 3, Bn254.P);
            // P ≡ 3 mod 4, so a root of a square is its power to (P + 1) / 4.
            uint256 root = _power(square, (Bn254.P + 1) / 4);
            if (mulmod(root, root, Bn254.P) == square) return G1Point(x, root);
            x = addmod(x, 1, Bn254.P);
        }
        return G1Point(0, 0);
    }

    function _power(uint256 base, uint256 exponent) private view returns (uint256) {
        (, bytes memory answer) = address(0x05).staticcall(abi.encode(32, 32, 32, base, exponent, Bn254.P));
        return abi.decode(answer, (uint256));
    }

    function _key(
        EL.OperatorSet calldata operatorSet,
        uint32 referenceTimestamp
    ) private pure returns (bytes32) {
        return keccak256(abi.encode(operatorSet, referenceTimestamp));
    }
}
