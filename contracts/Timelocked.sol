// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ITimelocked} from "./interfaces/ITimelocked.sol";

/// @title Timelocked
/// @notice The delay between a proposal and its effect.
abstract contract Timelocked is ITimelocked {
    /// @dev Time for everybody to see a proposal, over a weekend's two days.
    uint32 private constant SHORTEST_DELAY_SECONDS = 2 days;
    uint32 private constant LONGEST_DELAY_SECONDS = 30 days;
    /// @dev A proposal that everybody has forgotten must not come into force.
    uint64 private constant GRACE_SECONDS = 14 days;

    uint32 private immutable CHANGE_DELAY_SECONDS;

    /// @param changeDelaySeconds_ 2 to 30 days
    constructor(uint32 changeDelaySeconds_) {
        if (changeDelaySeconds_ < SHORTEST_DELAY_SECONDS || changeDelaySeconds_ > LONGEST_DELAY_SECONDS) {
            revert InvalidChangeDelay(SHORTEST_DELAY_SECONDS, LONGEST_DELAY_SECONDS, changeDelaySeconds_);
        }
        CHANGE_DELAY_SECONDS = changeDelaySeconds_;
    }

    /// @inheritdoc ITimelocked
    function changeDelaySeconds() external view returns (uint32) {
        return CHANGE_DELAY_SECONDS;
    }

    /// @dev When what is proposed now may come into force, in seconds since 1970.
    function _executableAt() internal view returns (uint64) {
        return uint64(block.timestamp) + CHANGE_DELAY_SECONDS;
    }

    /// @dev Reverts unless a proposal with this time may come into force now. Zero stands for none.
    function _requireDue(uint64 executableAt) internal view {
        if (executableAt == 0) revert NothingProposed();
        // Seconds since 1970 fit for 584 billion years.
        uint64 now_ = uint64(block.timestamp);
        if (now_ < executableAt) revert TimelockActive(executableAt, now_);
        uint64 expiredAt = executableAt + GRACE_SECONDS;
        if (now_ > expiredAt) revert ProposalExpired(expiredAt, now_);
    }
}
