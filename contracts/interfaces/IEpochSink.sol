// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {IOperatorSetRegistry} from "./IOperatorSetRegistry.sol";

/// @title IEpochSink
/// @notice A contract that keeps what it needs of every epoch, so that judging a certificate reads its own storage
///         only. The operator set registry tells it in the transaction that starts or ends an epoch.
interface IEpochSink {
    /// @notice An epoch, or its new expiry (seconds since 1970), was entered.
    event EpochRecorded(uint32 indexed epoch, uint64 expiresAt);

    /// @notice The caller is not the operator set registry.
    error NotTheOperatorSets(address caller);

    /// @notice Enters an epoch, or the new expiry of one. For the operator set registry only.
    function recordEpoch(
        uint32 epoch,
        uint64 expiresAt,
        uint16 operatorCount,
        bytes32 aggregateKeyHash
    ) external;

    /// @notice The registry that this sink listens to.
    function operatorSets() external view returns (IOperatorSetRegistry);
}
