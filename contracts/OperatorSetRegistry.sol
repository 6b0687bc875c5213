// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {EpochLedger} from "./EpochLedger.sol";
import {Owned} from "./Owned.sol";
import {WeightRaises} from "./WeightRaises.sol";
import {IOperatorSetRegistry} from "./interfaces/IOperatorSetRegistry.sol";
import {Bn254} from "./libraries/Bn254.sol";
import {BoundSignature} from "./libraries/BoundSignature.sol";
import {EpochKeys} from "./libraries/EpochKeys.sol";
import {HashToG1} from "./libraries/HashToG1.sol";
import {G1Point, G2Point} from "./types/Bn254Points.sol";

/// @title OperatorSetRegistry
/// @notice Operators, their proven keys and weights, and the epochs made of them.
/// @dev What is queued is the live state; an epoch is a snapshot of it. Accounts without weight are not on the
///      list that a snapshot walks, so registering many of them makes nothing dearer.
contract OperatorSetRegistry is EpochLedger, WeightRaises, EIP712 {
    using Bn254 for G1Point;
    using Bn254 for G2Point;

    struct Member {
        G1Point keyG1;
        uint128 weight;
    }

    struct KeyRecord {
        address operator;
        G2Point keyG2;
    }

    bytes32 private constant POSSESSION_TYPEHASH = keccak256(
        "ProofOfPossession(address operator,uint256 g1x,uint256 g1y,uint256 g2xImaginary,uint256 g2xReal,uint256 g2yImaginary,uint256 g2yReal)"
    );

    /// @dev What one index byte of a certificate can name.
    uint256 private constant MAX_OPERATORS = 256;
    /// @dev 256 of these sum to less than 2¹²⁸.
    uint128 private constant MAX_WEIGHT = type(uint128).max >> 8;
    uint32 private constant SHORTEST_EPOCH_SECONDS = 1 minutes;
    uint32 private constant LONGEST_EPOCH_SECONDS = 30 days;

    uint32 private immutable MIN_EPOCH_SECONDS;
    uint32 private immutable OVERLAP_SECONDS;

    mapping(address operator => Member member) private _members;
    /// @dev Every key ever registered; entries stay, so a key is used once.
    mapping(bytes32 keyHash => KeyRecord record) private _keys;
    /// @dev Operators with weight, in the order in which they got it.
    address[] private _queue;

    /// @param initialOwner sets weights and starts emergency epochs
    /// @param minEpochSeconds_ 1 minute to 30 days
    /// @param overlapSeconds_ less than `minEpochSeconds_`, so that at most two epochs are valid at any time
    /// @param changeDelaySeconds_ how long a raise of a weight waits, 2 to 30 days
    constructor(
        address initialOwner,
        uint32 minEpochSeconds_,
        uint32 overlapSeconds_,
        uint32 changeDelaySeconds_
    ) Owned(initialOwner) WeightRaises(changeDelaySeconds_) EIP712("OperatorSetRegistry", "1") {
        if (minEpochSeconds_ < SHORTEST_EPOCH_SECONDS || minEpochSeconds_ > LONGEST_EPOCH_SECONDS) {
            revert InvalidParameter("minEpochSeconds", minEpochSeconds_);
        }
        if (overlapSeconds_ >= minEpochSeconds_) revert InvalidParameter("overlapSeconds", overlapSeconds_);
        MIN_EPOCH_SECONDS = minEpochSeconds_;
        OVERLAP_SECONDS = overlapSeconds_;
    }

    // -- Keys --

    /// @inheritdoc IOperatorSetRegistry
    function register(
        G1Point calldata keyG1,
        G2Point calldata keyG2,
        Possession calldata possession
    ) external {
        if (!_members[msg.sender].keyG1.isZero()) revert AlreadyRegistered(msg.sender);
        _claimKey(keyG1, keyG2, possession);
        emit OperatorRegistered(msg.sender, keyG1, keyG2);
    }

    /// @inheritdoc IOperatorSetRegistry
    function rotateKey(
        G1Point calldata keyG1,
        G2Point calldata keyG2,
        Possession calldata possession
    ) external {
        _requireRegistered(msg.sender);
        _claimKey(keyG1, keyG2, possession);
        emit KeyRotationQueued(msg.sender, keyG1, keyG2);
    }

    /// @inheritdoc IOperatorSetRegistry
    function deregister() external {
        _requireRegistered(msg.sender);
        uint128 oldWeight = _members[msg.sender].weight;
        _cancelRaise(msg.sender);
        delete _members[msg.sender];
        if (oldWeight != 0) {
            _leaveQueue(msg.sender);
            emit WeightQueued(msg.sender, oldWeight, 0);
        }
        emit OperatorDeregistered(msg.sender);
    }

    /// @inheritdoc IOperatorSetRegistry
    function possessionMessage(
        address operator,
        G1Point memory keyG1,
        G2Point memory keyG2
    ) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(POSSESSION_TYPEHASH, operator, keyG1, keyG2)));
    }

    /// @dev Makes the proven key that of the caller, and nobody else's for ever.
    function _claimKey(G1Point memory keyG1, G2Point memory keyG2, Possession calldata possession) private {
        G1Point memory signature = possession.signature;
        if (keyG1.isZero() || keyG2.isZero() || signature.isZero()) revert ZeroKey();
        bytes32 keyHash = _hashOf(keyG1);
        if (_keys[keyHash].operator != address(0)) revert KeyInUse(keyHash);

        bytes32 message = possessionMessage(msg.sender, keyG1, keyG2);
        (bool isProven, G1Point memory hashed) = HashToG1.fromHint(
            message,
            possession.counter,
            possession.hintY
        );
        if (isProven) (, isProven) = BoundSignature.verify(message, hashed, signature, keyG1, keyG2);
        if (!isProven) revert InvalidProofOfPossession(msg.sender);

        _keys[keyHash] = KeyRecord({operator: msg.sender, keyG2: keyG2});
        _members[msg.sender].keyG1 = keyG1;
    }

    function _requireRegistered(address operator) private view {
        if (_members[operator].keyG1.isZero()) revert NotRegistered(operator);
    }

    /// @dev A key has one hash: coordinates not below P never pass a precompile.
    function _hashOf(G1Point memory keyG1) private pure returns (bytes32) {
        return keccak256(abi.encode(keyG1));
    }

    // -- Weights --

    /// @inheritdoc IOperatorSetRegistry
    function setWeight(address operator, uint128 weight) external onlyOwner {
        _requireRegistered(operator);
        if (weight > MAX_WEIGHT) revert InvalidParameter("weight", weight);
        uint128 oldWeight = _members[operator].weight;
        // More weight for one, above all for a newcomer, can make a quorum of fewer: everybody may see it coming.
        if (weight > oldWeight && currentEpoch() != 0) return _proposeRaise(operator, oldWeight, weight);
        _cancelRaise(operator);
        _queueWeight(operator, oldWeight, weight);
    }

    /// @inheritdoc IOperatorSetRegistry
    function enactWeight(address operator) external {
        uint128 weight = _takeRaise(operator);
        _queueWeight(operator, _members[operator].weight, weight);
    }

    function _queueWeight(address operator, uint128 oldWeight, uint128 weight) private {
        if (oldWeight == 0 && weight != 0) {
            if (_queue.length == MAX_OPERATORS) revert TooManyOperators(MAX_OPERATORS);
            _queue.push(operator);
        } else if (oldWeight != 0 && weight == 0) {
            _leaveQueue(operator);
        }
        _members[operator].weight = weight;
        emit WeightQueued(operator, oldWeight, weight);
    }

    /// @dev Closes the gap, so that the others keep their order. `operator` is on the queue: it has weight.
    function _leaveQueue(address operator) private {
        uint256 last = _queue.length - 1;
        uint256 index = 0;
        while (_queue[index] != operator) ++index;
        for (; index < last; ++index) _queue[index] = _queue[index + 1];
        _queue.pop();
    }

    // -- Epochs --

    /// @inheritdoc IOperatorSetRegistry
    function startEpoch(G2Point calldata aggregateKey) external {
        uint32 previous = currentEpoch();
        uint64 previousExpiresAt = 0;
        if (previous != 0) {
            uint64 earliestAt = tryEpochOf(previous).startedAt + MIN_EPOCH_SECONDS;
            if (_now() < earliestAt) revert EpochTooShort(earliestAt, _now());
            previousExpiresAt = _now() + OVERLAP_SECONDS;
            _expire(previous, previousExpiresAt);
        }
        _startEpoch(aggregateKey, previous, previousExpiresAt, false);
    }

    /// @inheritdoc IOperatorSetRegistry
    function startEmergencyEpoch(G2Point calldata aggregateKey) external onlyOwner {
        uint32 previous = currentEpoch();
        uint32 oldest = previous;
        uint64 previousExpiresAt = 0;
        if (previous != 0) {
            previousExpiresAt = _now() - 1;
            _expire(previous, previousExpiresAt);
            // The one before may still be in its overlap; all earlier ones have ended (see the constructor).
            if (tryEpochOf(previous - 1).expiresAt > previousExpiresAt) {
                oldest = previous - 1;
                _expire(oldest, previousExpiresAt);
            }
        }
        _startEpoch(aggregateKey, oldest, previousExpiresAt, true);
    }

    /// @inheritdoc IOperatorSetRegistry
    function minEpochSeconds() external view returns (uint32) {
        return MIN_EPOCH_SECONDS;
    }

    /// @inheritdoc IOperatorSetRegistry
    function overlapSeconds() external view returns (uint32) {
        return OVERLAP_SECONDS;
    }

    /// @dev Snapshots the queue. `aggregateKey` is checked against the sum of its G1 keys. Epochs from `oldest` on have
    ///      changed; zero before the first.
    function _startEpoch(
        G2Point memory aggregateKey,
        uint32 oldest,
        uint64 previousExpiresAt,
        bool isEmergency
    ) private {
        (G1Point memory sum, G1Point[] memory keysG1, uint128[] memory weights, uint128 total) = _snapshot();
        if (sum.isZero() || aggregateKey.isZero()) revert ZeroKey();
        (, bool sameSecret) = BoundSignature.agree(sum, aggregateKey);
        if (!sameSecret) revert AggregateKeyMismatch();

        address keys = EpochKeys.write(sum, total, keysG1, weights);
        // At most MAX_OPERATORS.
        uint16 operatorCount = uint16(keysG1.length);
        uint32 epoch = _open(
            Epoch({
                keys: keys,
                startedAt: _now(),
                expiresAt: type(uint64).max,
                operatorCount: operatorCount,
                totalWeight: total,
                aggregateKeyHash: keccak256(abi.encode(aggregateKey))
            }),
            oldest
        );
        emit EpochStarted(epoch, keys, operatorCount, total, previousExpiresAt, isEmergency);
    }

    /// @dev Keys and weights of the queue, in its order, and their sums.
    function _snapshot()
        private
        view
        returns (G1Point memory sum, G1Point[] memory keysG1, uint128[] memory weights, uint128 total)
    {
        uint256 count = _queue.length;
        if (count == 0) revert EmptyOperatorSet();
        keysG1 = new G1Point[](count);
        weights = new uint128[](count);
        for (uint256 i = 0; i < count; ++i) {
            Member memory member = _members[_queue[i]];
            (keysG1[i], weights[i]) = (member.keyG1, member.weight);
            // Never refused: the key was proved when it entered.
            (, sum) = sum.add(member.keyG1);
            total += member.weight;
        }
    }

    // -- Listings --

    /// @inheritdoc IOperatorSetRegistry
    function operatorsOf(uint32 epoch) external view returns (OperatorRecord[] memory records) {
        Epoch memory summary = epochOf(epoch);
        records = new OperatorRecord[](summary.operatorCount);
        for (uint256 i = 0; i < records.length; ++i) {
            (G1Point memory negatedKey, uint256 weight) = EpochKeys.recordAt(summary.keys, i);
            // Written from a uint128.
            records[i] = _recordOf(negatedKey.negate(), uint128(weight));
        }
    }

    /// @inheritdoc IOperatorSetRegistry
    function queuedOperators() external view returns (OperatorRecord[] memory records) {
        records = new OperatorRecord[](_queue.length);
        for (uint256 i = 0; i < records.length; ++i) {
            Member memory member = _members[_queue[i]];
            records[i] = _recordOf(member.keyG1, member.weight);
        }
    }

    function _recordOf(G1Point memory keyG1, uint128 weight) private view returns (OperatorRecord memory) {
        KeyRecord memory record = _keys[_hashOf(keyG1)];
        return OperatorRecord({operator: record.operator, weight: weight, keyG1: keyG1, keyG2: record.keyG2});
    }
}
