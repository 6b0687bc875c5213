// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

/// @title ITimelocked
/// @notice A contract whose owner proposes what may weaken it, waits, and only then puts it into force. The delay is
///         the contract's own and never changes, whoever the owner is.
interface ITimelocked {
    /// @notice The delay has not passed. Both are in seconds since 1970.
    error TimelockActive(uint64 executableAt, uint64 now_);
    /// @notice The proposal was not enacted within 14 days of its time. Both are in seconds since 1970.
    error ProposalExpired(uint64 expiredAt, uint64 now_);
    /// @notice Nothing of the kind is proposed.
    error NothingProposed();
    /// @notice The delay, in seconds, is out of its bounds.
    error InvalidChangeDelay(uint32 shortest, uint32 longest, uint32 got);

    /// @notice How long a proposal waits, in seconds.
    function changeDelaySeconds() external view returns (uint32);
}
