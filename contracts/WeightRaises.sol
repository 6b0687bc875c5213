// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Timelocked} from "./Timelocked.sol";
import {IOperatorSetRegistry} from "./interfaces/IOperatorSetRegistry.sol";

/// @title WeightRaises
/// @notice Raises of operators' weights that wait for the delay: one per operator.
abstract contract WeightRaises is IOperatorSetRegistry, Timelocked {
    /// @param executableAt zero while nothing is proposed
    struct Raise {
        uint128 weight;
        uint64 executableAt;
    }

    mapping(address operator => Raise raise) private _raises;

    /// @param changeDelaySeconds_ how long a raise waits, 2 to 30 days
    constructor(uint32 changeDelaySeconds_) Timelocked(changeDelaySeconds_) {}

    /// @inheritdoc IOperatorSetRegistry
    function proposedWeight(address operator) external view returns (uint128 weight, uint64 executableAt) {
        Raise memory raise = _raises[operator];
        return (raise.weight, raise.executableAt);
    }

    /// @dev In the place of any that was proposed before.
    function _proposeRaise(address operator, uint128 oldWeight, uint128 weight) internal {
        uint64 executableAt = _executableAt();
        _raises[operator] = Raise(weight, executableAt);
        emit WeightRaiseProposed(operator, oldWeight, weight, executableAt);
    }

    function _cancelRaise(address operator) internal {
        if (_raises[operator].executableAt == 0) return;
        delete _raises[operator];
        emit WeightRaiseCancelled(operator);
    }

    /// @dev The weight proposed for `operator`, which is no longer proposed. Reverts unless its time has come.
    function _takeRaise(address operator) internal returns (uint128 weight) {
        _requireDue(_raises[operator].executableAt);
        weight = _raises[operator].weight;
        delete _raises[operator];
    }
}
