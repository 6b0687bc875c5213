// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

/// @title IOwned
/// @notice A contract that always has an owner; ownership moves in two steps.
interface IOwned {
    /// @notice Nobody would own the contract any more.
    error LastOwner();
}
