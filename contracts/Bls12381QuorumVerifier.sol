// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Owned} from "./Owned.sol";
import {QuorumVerifierBase} from "./QuorumVerifierBase.sol";
import {Timelocked} from "./Timelocked.sol";
import {IBls12381QuorumVerifier} from "./interfaces/IBls12381QuorumVerifier.sol";
import {Bls12381} from "./libraries/Bls12381.sol";
import {Bls12381EpochKeys} from "./libraries/Bls12381EpochKeys.sol";
import {CommitMessage} from "./libraries/CommitMessage.sol";
import {HashToBls12381G1} from "./libraries/HashToBls12381G1.sol";
import {Bls12381G1, Bls12381G2} from "./types/Bls12381Points.sol";
import {CertificateFault} from "./types/CertificateFault.sol";

/// @title Bls12381QuorumVerifier
/// @notice Judges BLS12-381 certificates of the operator set that its owner appoints among registered keys.
/// @dev A key is in its subgroup because its proof of possession went through the pairing; only such keys are added.
contract Bls12381QuorumVerifier is IBls12381QuorumVerifier, QuorumVerifierBase, Owned, Timelocked, EIP712 {
    using Bls12381 for Bls12381G1;
    using Bls12381 for Bls12381G2;

    /// @dev The newest epoch, and until when the one before it is valid. No other epoch is.
    struct Head {
        uint32 epoch;
        uint64 previousExpiresAt;
    }

    /// @param executableAt zero while nothing is proposed
    struct Proposal {
        bytes32 setHash;
        uint64 executableAt;
    }

    bytes32 private constant POSSESSION_TYPEHASH = keccak256("ProofOfPossession(address operator,bytes key)");
    bytes private constant QUORUM_TAG = "OPS-V01-QUORUM_BLS12381G1_XMD:SHA-256_SSWU_RO_";
    bytes private constant POSSESSION_TAG = "OPS-V01-POSSESSION_BLS12381G1_XMD:SHA-256_SSWU_RO_";

    uint256 private constant SIGNATURE_OFFSET = 4;
    uint256 private constant NON_SIGNERS_OFFSET = 100;
    uint256 private constant MAX_OPERATORS = 64;
    /// @dev Each message beyond the first costs about 18,000 gas.
    uint256 private constant MAX_BATCH = 32;
    /// @dev 64 of these sum to less than 2¹²⁸.
    uint128 private constant MAX_WEIGHT = type(uint128).max >> 8;
    uint32 private constant LONGEST_OVERLAP_SECONDS = 1 days;

    Head private _head;
    mapping(uint32 epoch => Epoch summary) private _epochs;
    mapping(address operator => Bls12381G2 key) private _keys;
    /// @dev Entries stay, so a key is used once.
    mapping(bytes32 keyHash => address operator) private _operatorOf;

    Proposal private _proposal;

    /// @param initialOwner appoints operators
    /// @param changeDelaySeconds_ how long every epoch but the first waits, 2 to 30 days
    constructor(
        address initialOwner,
        uint32 changeDelaySeconds_
    ) Owned(initialOwner) Timelocked(changeDelaySeconds_) EIP712("Bls12381QuorumVerifier", "1") {}

    // -- Certificates --

    /// @inheritdoc QuorumVerifierBase
    /// @dev The signatures of one set of signers over several messages add up:
    ///      e(Σσ, −G2) · e(ΣH(mᵢ), key) = 1. The certificate has the same layout, and holds the sum.
    function _verify(
        bytes32[] memory digests,
        bytes calldata certificate
    ) internal view override returns (CertificateFault fault, uint256 signedWeight, uint256 totalWeight) {
        if (
            certificate.length < NON_SIGNERS_OFFSET ||
            certificate.length > NON_SIGNERS_OFFSET + MAX_OPERATORS ||
            digests.length == 0 ||
            digests.length > MAX_BATCH
        ) {
            return (CertificateFault.InvalidEncoding, 0, 0);
        }
        uint32 epoch = uint32(bytes4(certificate));
        Epoch memory set = _epochs[epoch];
        if (set.operatorCount == 0) return (CertificateFault.UnknownEpoch, 0, 0);
        if (_hasExpired(epoch)) return (CertificateFault.EpochExpired, 0, 0);

        Bls12381G2 memory signersKey;
        (fault, signersKey, signedWeight) = _signersOf(certificate[NON_SIGNERS_OFFSET:], set);
        if (fault == CertificateFault.None) fault = _judge(certificate, epoch, digests, signersKey);
        if (fault != CertificateFault.None) return (fault, 0, 0);
        totalWeight = set.totalWeight;
    }

    /// @inheritdoc IBls12381QuorumVerifier
    function messageOf(uint32 epoch, bytes32 digest) public pure returns (bytes32) {
        return CommitMessage.quorumMessage(epoch, digest);
    }

    /// @dev Key and weight of those who signed: all, minus the sum of the others.
    function _signersOf(
        bytes calldata nonSigners,
        Epoch memory set
    ) private view returns (CertificateFault, Bls12381G2 memory key, uint256 weight) {
        uint256 count = nonSigners.length;
        for (uint256 i = 1; i < count; ++i) {
            if (nonSigners[i] <= nonSigners[i - 1]) return (CertificateFault.NonSignersNotAscending, key, 0);
        }
        // Ascending: the last one is the greatest, and all of them in range are everybody.
        if (count != 0 && uint8(nonSigners[count - 1]) >= set.operatorCount) {
            return (CertificateFault.NonSignerOutOfRange, key, 0);
        }
        if (count == set.operatorCount) return (CertificateFault.EmptySignerSet, key, 0);

        key = Bls12381EpochKeys.aggregateKey(set.keys);
        weight = set.totalWeight;
        if (count == 0) return (CertificateFault.None, key, weight);
        Bls12381G2 memory missing;
        bool accepted;
        for (uint256 i = 0; i < count; ++i) {
            (Bls12381G2 memory one, uint256 oneWeight) = Bls12381EpochKeys.recordAt(
                set.keys,
                uint8(nonSigners[i])
            );
            (accepted, missing) = missing.add(one);
            // Only a curve that changed under a live epoch gets here: the keys were proved when they entered.
            if (!accepted) return (CertificateFault.InvalidPoint, key, 0);
            weight -= oneWeight;
        }
        (accepted, key) = key.add(missing.negate());
        return (accepted ? CertificateFault.None : CertificateFault.InvalidPoint, key, weight);
    }

    /// @dev What is wrong with the signature, given who signed.
    function _judge(
        bytes calldata certificate,
        uint32 epoch,
        bytes32[] memory digests,
        Bls12381G2 memory key
    ) private view returns (CertificateFault) {
        Bls12381G1 memory signature = _signatureOf(certificate);
        if (signature.isZero()) return CertificateFault.ZeroSignature;
        if (key.isZero()) return CertificateFault.ZeroAggregateKey;
        Bls12381G1 memory hashed = HashToBls12381G1.hash(messageOf(epoch, digests[0]), QUORUM_TAG);
        bool accepted;
        for (uint256 i = 1; i < digests.length; ++i) {
            (accepted, hashed) = hashed.add(HashToBls12381G1.hash(messageOf(epoch, digests[i]), QUORUM_TAG));
            // Sums of points that a precompile made are accepted by every EVM with EIP-2537.
            if (!accepted) return CertificateFault.InvalidPoint;
        }
        bool isOne;
        (accepted, isOne) = Bls12381.pairing(signature, hashed, key);
        if (!accepted) return CertificateFault.InvalidPoint;
        return isOne ? CertificateFault.None : CertificateFault.InvalidSignature;
    }

    /// @dev The signature of a certificate of valid length: 48 bytes per coordinate, without EIP-2537's padding.
    function _signatureOf(bytes calldata certificate) private pure returns (Bls12381G1 memory) {
        return
            Bls12381G1({
                xHigh: uint128(bytes16(certificate[SIGNATURE_OFFSET:SIGNATURE_OFFSET + 16])),
                xLow: uint256(bytes32(certificate[SIGNATURE_OFFSET + 16:SIGNATURE_OFFSET + 48])),
                yHigh: uint128(bytes16(certificate[SIGNATURE_OFFSET + 48:SIGNATURE_OFFSET + 64])),
                yLow: uint256(bytes32(certificate[SIGNATURE_OFFSET + 64:SIGNATURE_OFFSET + 96]))
            });
    }

    // -- Keys --

    /// @inheritdoc IBls12381QuorumVerifier
    function register(Bls12381G2 calldata key, Bls12381G1 calldata possession) external {
        Bls12381G2 memory held = _keys[msg.sender];
        if (!held.isZero()) revert AlreadyRegistered(msg.sender);
        Bls12381G1 memory signature = possession;
        Bls12381G2 memory ownKey = key;
        if (signature.isZero() || ownKey.isZero()) revert ZeroKey();
        bytes32 keyHash = _hashOf(ownKey);
        if (_operatorOf[keyHash] != address(0)) revert KeyInUse(keyHash);
        Bls12381G1 memory hashed = HashToBls12381G1.hash(possessionMessage(msg.sender, key), POSSESSION_TAG);
        (, bool isProven) = Bls12381.pairing(signature, hashed, ownKey);
        if (!isProven) revert InvalidProofOfPossession(msg.sender);

        _operatorOf[keyHash] = msg.sender;
        _keys[msg.sender] = ownKey;
        emit KeyRegistered(msg.sender, ownKey);
    }

    /// @inheritdoc IBls12381QuorumVerifier
    function possessionMessage(address operator, Bls12381G2 calldata key) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(POSSESSION_TYPEHASH, operator, _hashOf(key))));
    }

    /// @dev A key has one hash: coordinates not below P never pass a precompile.
    function _hashOf(Bls12381G2 memory key) private pure returns (bytes32) {
        return keccak256(abi.encode(key));
    }

    // -- Epochs --

    /// @inheritdoc IBls12381QuorumVerifier
    function proposeEpoch(address[] calldata operators, uint128[] calldata weights) external onlyOwner {
        uint64 executableAt = _executableAt();
        _proposal = Proposal({setHash: _setHashOf(operators, weights), executableAt: executableAt});
        emit EpochProposed(operators, weights, executableAt);
    }

    /// @inheritdoc IBls12381QuorumVerifier
    function cancelEpochProposal() external onlyOwner {
        if (_proposal.executableAt == 0) revert NothingProposed();
        delete _proposal;
        emit EpochProposalCancelled();
    }

    /// @inheritdoc IBls12381QuorumVerifier
    function startEpoch(
        address[] calldata operators,
        uint128[] calldata weights,
        uint32 overlapSeconds
    ) external onlyOwner {
        uint256 count = operators.length;
        if (count == 0 || count > MAX_OPERATORS || count != weights.length) {
            revert InvalidOperatorCount(count, weights.length);
        }
        if (overlapSeconds > LONGEST_OVERLAP_SECONDS) {
            revert OverlapTooLong(LONGEST_OVERLAP_SECONDS, overlapSeconds);
        }
        uint32 epoch = _head.epoch + 1;
        if (epoch != 1) _takeProposal(operators, weights);
        (Bls12381G2 memory aggregate, Bls12381G2[] memory keys, uint128 totalWeight) = _setOf(
            operators,
            weights
        );
        address store = Bls12381EpochKeys.write(aggregate, keys, weights);

        // Without overlap the epoch before was valid up to the last second, and is not in this one.
        uint64 previousExpiresAt = uint64(block.timestamp) + overlapSeconds;
        if (overlapSeconds == 0) --previousExpiresAt;
        _head = Head({epoch: epoch, previousExpiresAt: previousExpiresAt});
        _epochs[epoch] = Epoch({keys: store, operatorCount: uint16(count), totalWeight: totalWeight});
        emit EpochStarted(epoch, store, operators, weights, previousExpiresAt);
    }

    /// @dev Reverts unless this very set was proposed, and its time has come; it is then no longer proposed.
    function _takeProposal(address[] calldata operators, uint128[] calldata weights) private {
        _requireDue(_proposal.executableAt);
        bytes32 given = _setHashOf(operators, weights);
        if (given != _proposal.setHash) revert NotTheProposedEpoch(_proposal.setHash, given);
        delete _proposal;
    }

    function _setHashOf(
        address[] calldata operators,
        uint128[] calldata weights
    ) private pure returns (bytes32) {
        return keccak256(abi.encode(operators, weights));
    }

    /// @inheritdoc IBls12381QuorumVerifier
    function proposedEpoch() external view returns (bytes32 setHash, uint64 executableAt) {
        return (_proposal.setHash, _proposal.executableAt);
    }

    /// @inheritdoc IBls12381QuorumVerifier
    function currentEpoch() external view returns (uint32) {
        return _head.epoch;
    }

    /// @inheritdoc IBls12381QuorumVerifier
    function tryEpochOf(uint32 epoch) external view returns (Epoch memory) {
        return _epochs[epoch];
    }

    /// @inheritdoc IBls12381QuorumVerifier
    function operatorAt(
        uint32 epoch,
        uint256 index
    ) external view returns (Bls12381G2 memory key, uint128 weight) {
        Epoch memory set = _epochs[epoch];
        if (index >= set.operatorCount) revert UnknownOperator(epoch, index);
        uint256 stored;
        (key, stored) = Bls12381EpochKeys.recordAt(set.keys, index);
        // It was written from a uint128.
        weight = uint128(stored);
    }

    /// @dev Sum of the keys, the keys themselves, and the sum of the weights, after every check of them.
    function _setOf(
        address[] calldata operators,
        uint128[] calldata weights
    ) private view returns (Bls12381G2 memory aggregate, Bls12381G2[] memory keys, uint128 totalWeight) {
        keys = new Bls12381G2[](operators.length);
        address last = address(0);
        for (uint256 i = 0; i < operators.length; ++i) {
            address operator = operators[i];
            if (operator <= last) revert OperatorsNotAscending(operator);
            if (weights[i] == 0 || weights[i] > MAX_WEIGHT) revert InvalidWeight(operator, weights[i]);
            keys[i] = _keys[operator];
            if (keys[i].isZero()) revert NotRegistered(operator);
            (, aggregate) = aggregate.add(keys[i]);
            totalWeight += weights[i];
            last = operator;
        }
        if (aggregate.isZero()) revert ZeroKey();
    }

    function _hasExpired(uint32 epoch) private view returns (bool) {
        Head memory head = _head;
        if (epoch == head.epoch) return false;
        return epoch + 1 != head.epoch || block.timestamp > head.previousExpiresAt;
    }
}
