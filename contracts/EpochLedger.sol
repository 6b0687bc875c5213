// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Owned} from "./Owned.sol";
import {IEpochSink} from "./interfaces/IEpochSink.sol";
import {IOperatorSetRegistry} from "./interfaces/IOperatorSetRegistry.sol";

/// @title EpochLedger
/// @notice The epochs of an operator set registry, and the sinks that hear of them in the same transaction.
abstract contract EpochLedger is IOperatorSetRegistry, Owned {
    /// @dev What one new epoch may have to tell, so that starting one stays affordable.
    uint256 private constant MAX_SINKS = 4;

    uint32 private _currentEpoch;
    mapping(uint32 epoch => Epoch summary) private _epochs;
    IEpochSink[] private _sinks;

    // -- Sinks --

    /// @inheritdoc IOperatorSetRegistry
    function addEpochSink(IEpochSink sink) external onlyOwner {
        if (_sinks.length == MAX_SINKS) revert TooManyEpochSinks(MAX_SINKS);
        if (_placeOf(sink) != _sinks.length) revert EpochSinkListed(sink);
        if (address(sink).code.length == 0 || address(sink.operatorSets()) != address(this))
            revert NotAnEpochSink(sink);
        _sinks.push(sink);
        emit EpochSinkAdded(sink);
        (uint32 oldest, uint32 newest) = _livingEpochs();
        for (uint32 epoch = oldest; epoch <= newest; ++epoch) _tell(sink, epoch, _epochs[epoch].expiresAt);
    }

    /// @inheritdoc IOperatorSetRegistry
    function removeEpochSink(IEpochSink sink) external onlyOwner {
        uint256 place = _placeOf(sink);
        if (place == _sinks.length) revert NotAnEpochSink(sink);
        _sinks[place] = _sinks[_sinks.length - 1];
        _sinks.pop();
        bool isTold = true;
        (uint32 oldest, uint32 newest) = _livingEpochs();
        for (uint32 epoch = oldest; epoch <= newest; ++epoch) {
            Epoch storage summary = _epochs[epoch];
            // One that refuses to hear must not keep its place, and with it all others from new epochs.
            try sink.recordEpoch(epoch, _now() - 1, summary.operatorCount, summary.aggregateKeyHash) {
                continue;
            } catch {
                isTold = false;
            }
        }
        emit EpochSinkRemoved(sink, isTold);
    }

    /// @inheritdoc IOperatorSetRegistry
    function epochSinks() external view returns (IEpochSink[] memory) {
        return _sinks;
    }

    /// @dev The number of sinks if it is not listed.
    function _placeOf(IEpochSink sink) private view returns (uint256 place) {
        while (place < _sinks.length && address(_sinks[place]) != address(sink)) ++place;
    }

    /// @dev The current epoch and the one before it, which may be in its overlap; all earlier ones have ended. An
    ///      empty range before the first.
    function _livingEpochs() private view returns (uint32 oldest, uint32 newest) {
        newest = _currentEpoch;
        oldest = newest > 1 ? newest - 1 : 1;
    }

    function _tell(IEpochSink sink, uint32 epoch, uint64 expiresAt) private {
        Epoch storage summary = _epochs[epoch];
        sink.recordEpoch(epoch, expiresAt, summary.operatorCount, summary.aggregateKeyHash);
    }

    // -- Epochs --

    /// @inheritdoc IOperatorSetRegistry
    function currentEpoch() public view returns (uint32) {
        return _currentEpoch;
    }

    /// @inheritdoc IOperatorSetRegistry
    function epochOf(uint32 epoch) public view returns (Epoch memory summary) {
        summary = _epochs[epoch];
        if (summary.operatorCount == 0) revert UnknownEpoch(epoch);
    }

    /// @inheritdoc IOperatorSetRegistry
    function tryEpochOf(uint32 epoch) public view returns (Epoch memory) {
        return _epochs[epoch];
    }

    /// @dev Makes `summary` the newest epoch, and tells the sinks of it and of those before it from `oldest` on, if that
    ///      is not zero. They are called last: one that calls back finds the new epoch begun.
    function _open(Epoch memory summary, uint32 oldest) internal returns (uint32 epoch) {
        epoch = ++_currentEpoch;
        _epochs[epoch] = summary;
        for (uint256 i = 0; i < _sinks.length; ++i) {
            for (uint32 told = oldest == 0 ? epoch : oldest; told <= epoch; ++told)
                _tell(_sinks[i], told, _epochs[told].expiresAt);
        }
    }

    /// @dev Sets the last second at which a known epoch is valid. To be followed by `_open`, which tells of it.
    function _expire(uint32 epoch, uint64 expiresAt) internal {
        _epochs[epoch].expiresAt = expiresAt;
    }

    function _now() internal view returns (uint64) {
        // Seconds since 1970 fit for 584 billion years.
        return uint64(block.timestamp);
    }
}
