// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

/// @title Pages
/// @notice Parts of lists that only grow, so that a read has a bound however long the list is.
library Pages {
    /// @dev Most entries of one page: 256 cold slots are 537,600 gas, far below what nodes allow a call.
    uint256 internal constant MAX_ENTRIES = 256;

    /// @notice How many entries of a list of `length` are at `offset` and behind it, at most `limit`.
    function countOf(uint256 length, uint256 offset, uint256 limit) internal pure returns (uint256) {
        if (offset >= length) return 0;
        uint256 rest = length - offset;
        return rest < limit ? rest : limit;
    }
}
