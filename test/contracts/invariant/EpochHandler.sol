// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {OperatorModel} from "./OperatorModel.sol";
import {SinkProbe} from "./SinkProbe.sol";
import {IEpochSink} from "../../../contracts/interfaces/IEpochSink.sol";
import {IOperatorSetRegistry} from "../../../contracts/interfaces/IOperatorSetRegistry.sol";

/// @dev Drives an operator set registry: epochs and sinks, and holds all it shows to the model.
abstract contract EpochHandler is OperatorModel {
    uint256 private constant MAX_SINKS = 4;

    SinkProbe[5] private _probes;
    bool[5] private _isListed;
    uint256 private _listedCount;

    constructor() {
        for (uint256 i = 0; i < 5; ++i) _probes[i] = new SinkProbe(REGISTRY);
    }

    // -- Epochs --

    /// @dev An epoch at about the time when one may start, with the right aggregate key or another.
    function startEpoch(uint256 seed, bool isDue) external at(seed % 600) {
        seed = _mix(seed);
        uint32 current = REGISTRY.currentEpoch();
        if (isDue && current != 0) {
            uint64 earliestAt = _epochs[current].startedAt + MIN_EPOCH_SECONDS;
            if (_clock + 1 < earliestAt) _clock = earliestAt - uint64((seed >> 16) % 2);
            vm.warp(_clock);
        }
        _start(seed >> 32, false, false);
    }

    function startEmergencyEpoch(uint256 seed) external at(seed % 600) {
        seed = _mix(seed);
        _start(seed >> 32, true, (seed >> 16) % 4 == 0);
    }

    function _start(uint256 seed, bool isEmergency, bool isStranger) private {
        (uint256 secret, uint256 total) = _sums();
        uint256 offered = secret;
        if (seed % 5 == 0) offered = seed % 255;
        bytes4 expected = _startFault(secret, offered, isEmergency, isStranger);
        bytes32 before = _stateHash();
        bytes memory call =
            isEmergency
                ? abi.encodeCall(REGISTRY.startEmergencyEpoch, (KEYS.keyG2(offered)))
                : abi.encodeCall(REGISTRY.startEpoch, (KEYS.keyG2(offered)));
        if (isStranger) vm.prank(address(0xbad));
        (bool isDone, bytes memory reason) = address(REGISTRY).call(call);
        if (isDone) {
            _claim(3, offered == secret);
            _claim(9, expected != IOperatorSetRegistry.EpochTooShort.selector);
            _claim(13, !isStranger);
            _opened(isEmergency, total);
            _count(isEmergency ? bytes32("emergency") : bytes32("epoch"));
        } else {
            _claimRefused(reason, expected, before);
        }
        _claim(12, isDone == (expected == 0));
        _claimState();
    }

    function _startFault(
        uint256 secret,
        uint256 offered,
        bool isEmergency,
        bool isStranger
    ) private view returns (bytes4) {
        if (isStranger) return Ownable.OwnableUnauthorizedAccount.selector;
        uint256 current = _epochs.length - 1;
        bool isEarly = current != 0 && _clock < _epochs[current].startedAt + MIN_EPOCH_SECONDS;
        if (isEarly && !isEmergency) return IOperatorSetRegistry.EpochTooShort.selector;
        if (_queue.length == 0) return IOperatorSetRegistry.EmptyOperatorSet.selector;
        if (offered == 0) return IOperatorSetRegistry.ZeroKey.selector;
        if (offered != secret) return IOperatorSetRegistry.AggregateKeyMismatch.selector;
        return bytes4(0);
    }

    /// @dev Takes a new epoch into the model, as the queue stands.
    function _opened(bool isEmergency, uint256 total) private {
        uint256 previous = _epochs.length - 1;
        uint64 endsAt = isEmergency ? _clock - 1 : _clock + OVERLAP_SECONDS;
        if (previous != 0) _epochs[previous].expiresAt = endsAt;
        if (isEmergency && previous > 1 && _epochs[previous - 1].expiresAt > endsAt) {
            _epochs[previous - 1].expiresAt = endsAt;
        }
        uint32 epoch = uint32(_epochs.length);
        IOperatorSetRegistry.Epoch memory summary = REGISTRY.tryEpochOf(epoch);
        (uint256 secret, ) = _sums();
        _claim(3, summary.aggregateKeyHash == keccak256(abi.encode(KEYS.keyG2(secret))));
        _claim(9, REGISTRY.currentEpoch() == epoch);
        _claim(10, summary.totalWeight == total && summary.operatorCount == _queue.length && total != 0);
        bytes32 operatorsHash = keccak256(abi.encode(_queueRecords()));
        _claim(11, operatorsHash == keccak256(abi.encode(REGISTRY.operatorsOf(epoch))));
        _epochs.push(ModelEpoch(_clock, type(uint64).max, operatorsHash, _restHash(summary)));
        for (uint256 e = 1; isEmergency && e < epoch; ++e) {
            _claim(5, REGISTRY.tryEpochOf(uint32(e)).expiresAt < _clock);
        }
    }

    function _restHash(IOperatorSetRegistry.Epoch memory summary) private view returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    summary.keys.codehash,
                    summary.startedAt,
                    summary.operatorCount,
                    summary.totalWeight,
                    summary.aggregateKeyHash
                )
            );
    }

    // -- Sinks --

    /// @dev A sink is added or taken off, whether it is listed or not; added more often, so that the list fills.
    function changeSink(uint256 seed) external at(1) {
        seed = _mix(seed);
        uint256 which = seed % 5;
        bool isStranger = (seed >> 8) % 8 == 0;
        bool isAddition = (seed >> 16) % 3 != 0;
        bytes4 expected = bytes4(0);
        if (isAddition && _isListed[which]) expected = IOperatorSetRegistry.EpochSinkListed.selector;
        if (isAddition && _listedCount == MAX_SINKS)
            expected = IOperatorSetRegistry.TooManyEpochSinks.selector;
        if (!isAddition && !_isListed[which]) expected = IOperatorSetRegistry.NotAnEpochSink.selector;
        if (isStranger) expected = Ownable.OwnableUnauthorizedAccount.selector;
        bytes32 before = _stateHash();
        if (isStranger) vm.prank(address(0xbad));
        bytes memory call =
            isAddition
                ? abi.encodeCall(REGISTRY.addEpochSink, (_probes[which]))
                : abi.encodeCall(REGISTRY.removeEpochSink, (_probes[which]));
        (bool isDone, bytes memory reason) = address(REGISTRY).call(call);
        if (isDone) {
            _claim(13, !isStranger);
            _claim(12, expected == 0);
            _isListed[which] = isAddition;
            _listedCount = isAddition ? _listedCount + 1 : _listedCount - 1;
            _count(isAddition ? bytes32("add sink") : bytes32("remove sink"));
        } else {
            _claimRefused(reason, expected, before);
        }
        _claimState();
    }

    // -- Claims --

    function _claimRefused(bytes memory reason, bytes4 expected, bytes32 before) internal {
        _claim(12, _selectorOf(reason) == expected && expected != 0 && _stateHash() == before);
        _count(_selectorOf(reason));
        _count("refused");
    }

    function _claimRaise(address account) private {
        (uint128 weight, uint64 dueAt) = REGISTRY.proposedWeight(account);
        _claim(15, weight == _raiseOf[account].weight && dueAt == _raiseOf[account].dueAt);
    }

    /// @dev What the registry shows is what the model holds.
    function _claimState() internal {
        IOperatorSetRegistry.OperatorRecord[] memory queued = REGISTRY.queuedOperators();
        for (uint256 i = 0; i < queued.length; ++i) {
            _claim(6, queued[i].weight != 0);
            _claim(2, i >= _queue.length || queued[i].operator == _queue[i]);
        }
        bool isModel = keccak256(abi.encode(queued)) == keccak256(abi.encode(_queueRecords()));
        _claim(6, queued.length == _queue.length);
        for (uint256 i = 0; i < ACCOUNT_COUNT; ++i) _claimRaise(_account(i));
        _claim(12, isModel);
        uint256 newest = _epochs.length - 1;
        _claim(
            9,
            REGISTRY.currentEpoch() == newest && REGISTRY.tryEpochOf(uint32(newest + 1)).startedAt == 0
        );
        uint256 validCount = 0;
        for (uint256 epoch = 1; epoch <= newest; ++epoch) {
            // The newest few, and one that depends on the time.
            if (epoch + 3 < newest && epoch != _clock % newest) continue;
            if (_claimEpoch(uint32(epoch), epoch == newest)) ++validCount;
        }
        _claim(4, validCount <= 2);
    }

    function _claimEpoch(uint32 epoch, bool isNewest) private returns (bool isValid) {
        ModelEpoch memory model = _epochs[epoch];
        IOperatorSetRegistry.Epoch memory summary = REGISTRY.tryEpochOf(epoch);
        _claim(8, summary.expiresAt == model.expiresAt && _restHash(summary) == model.restHash);
        if (_clock % 4 == 0) {
            _claim(8, keccak256(abi.encode(REGISTRY.operatorsOf(epoch))) == model.operatorsHash);
        }
        _claim(4, isNewest == (summary.expiresAt == type(uint64).max));
        isValid = summary.expiresAt >= _clock;
        for (uint256 i = 0; i < 5; ++i) _claimSink(i, epoch, summary, isValid);
    }

    /// @dev A listed sink knows every valid epoch as the registry does; no other knows a valid one.
    function _claimSink(
        uint256 i,
        uint32 epoch,
        IOperatorSetRegistry.Epoch memory summary,
        bool isValid
    ) private {
        (uint64 expiresAt, uint16 count, bytes32 keyHash) = _probes[i].heard(epoch);
        if (!_isListed[i]) return _claim(14, expiresAt < _clock);
        bool isKnown = expiresAt == summary.expiresAt && count == summary.operatorCount;
        isKnown = isKnown && keyHash == summary.aggregateKeyHash;
        // What was over before a sink was listed may be unknown to it.
        _claim(7, isKnown || (!isValid && expiresAt < _clock));
    }
}
