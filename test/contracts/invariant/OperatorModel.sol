// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {GuidedHandler} from "./GuidedHandler.sol";
import {ScaledKeys} from "./ScaledKeys.sol";
import {OperatorSetRegistry} from "../../../contracts/OperatorSetRegistry.sol";
import {IOperatorSetRegistry} from "../../../contracts/interfaces/IOperatorSetRegistry.sol";
import {G1Point, G2Point} from "../../../contracts/types/Bn254Points.sol";

/// @dev What an operator set registry must hold, written as plainly as can be, and proofs of possession for it.
abstract contract OperatorModel is GuidedHandler {
    uint64 internal constant MIN_EPOCH_SECONDS = 1 hours;
    uint64 internal constant OVERLAP_SECONDS = 10 minutes;
    uint128 internal constant MAX_WEIGHT = type(uint128).max >> 8;
    uint256 internal constant ACCOUNT_COUNT = 5;
    /// @dev Five of the largest sum to 255.
    uint256 internal constant SECRET_COUNT = 51;
    bytes32 private constant POSSESSION_TYPEHASH = keccak256(
        "ProofOfPossession(address operator,uint256 g1x,uint256 g1y,uint256 g2xImaginary,uint256 g2xReal,uint256 g2yImaginary,uint256 g2yReal)"
    );

    uint32 internal constant CHANGE_DELAY_SECONDS = 2 days;
    uint64 internal constant GRACE_SECONDS = 14 days;

    /// @dev A weight that waits; `dueAt` is zero while none does.
    struct ModelRaise {
        uint128 weight;
        uint64 dueAt;
    }

    struct ModelEpoch {
        uint64 startedAt;
        uint64 expiresAt;
        bytes32 operatorsHash;
        bytes32 restHash;
    }

    OperatorSetRegistry public immutable REGISTRY;
    ScaledKeys internal immutable KEYS;
    mapping(address account => uint256) internal _secretOf;
    mapping(address account => uint128) internal _weightOf;
    mapping(address account => ModelRaise) internal _raiseOf;
    mapping(uint256 secret => address) internal _ownerOf;
    address[] internal _queue;
    /// @dev Epoch n is number n; there is no epoch 0.
    ModelEpoch[] internal _epochs;

    constructor() {
        vm.warp(_clock);
        KEYS = new ScaledKeys();
        REGISTRY = new OperatorSetRegistry(
            address(this),
            uint32(MIN_EPOCH_SECONDS),
            uint32(OVERLAP_SECONDS),
            CHANGE_DELAY_SECONDS
        );
        _epochs.push();
    }

    function _account(uint256 seed) internal pure returns (address) {
        return address(uint160(0x1000 + (seed % ACCOUNT_COUNT)));
    }

    function _setWeight(address account, uint128 weight) internal {
        if (_weightOf[account] == 0 && weight != 0) _queue.push(account);
        if (_weightOf[account] != 0 && weight == 0) {
            uint256 i = 0;
            while (_queue[i] != account) ++i;
            for (; i + 1 < _queue.length; ++i) _queue[i] = _queue[i + 1];
            _queue.pop();
        }
        _weightOf[account] = weight;
    }

    /// @dev Secret of the aggregate, and weight, of those on the queue.
    function _sums() internal view returns (uint256 secret, uint256 weight) {
        for (uint256 i = 0; i < _queue.length; ++i) {
            secret += _secretOf[_queue[i]];
            weight += _weightOf[_queue[i]];
        }
    }

    /// @dev The queue, as the registry should list it.
    function _queueRecords() internal view returns (IOperatorSetRegistry.OperatorRecord[] memory records) {
        records = new IOperatorSetRegistry.OperatorRecord[](_queue.length);
        for (uint256 i = 0; i < records.length; ++i) {
            address account = _queue[i];
            uint256 secret = _secretOf[account];
            records[i] = IOperatorSetRegistry.OperatorRecord(
                _ownerOf[secret],
                _weightOf[account],
                KEYS.keyG1(secret),
                KEYS.keyG2(secret)
            );
        }
    }

    /// @dev A proof by `secret` for a key of `keySecret` in both groups.
    function _prove(
        address account,
        uint256 keySecret,
        uint256 secret,
        uint256 chainId,
        address registry
    ) internal view returns (IOperatorSetRegistry.Possession memory) {
        bytes32 message = keccak256(
            abi.encodePacked(
                hex"1901",
                _separator(chainId, registry),
                keccak256(
                    abi.encode(POSSESSION_TYPEHASH, account, KEYS.keyG1(keySecret), KEYS.keyG2(keySecret))
                )
            )
        );
        (ScaledKeys.Hashed memory hashed, G1Point memory signature) = KEYS.sign(message, secret);
        return IOperatorSetRegistry.Possession(signature, hashed.counter, hashed.point.y);
    }

    function _separator(uint256 chainId, address registry) private pure returns (bytes32) {
        bytes32 domain = keccak256(
            "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
        );
        return
            keccak256(
                abi.encode(domain, keccak256("OperatorSetRegistry"), keccak256("1"), chainId, registry)
            );
    }

    /// @dev Everything that the registry shows of its queue and of its two newest epochs.
    function _stateHash() internal view returns (bytes32) {
        uint32 newest = REGISTRY.currentEpoch();
        return
            keccak256(
                abi.encode(
                    newest,
                    REGISTRY.queuedOperators(),
                    REGISTRY.tryEpochOf(newest),
                    REGISTRY.tryEpochOf(newest == 0 ? 0 : newest - 1),
                    REGISTRY.epochSinks()
                )
            );
    }
}
