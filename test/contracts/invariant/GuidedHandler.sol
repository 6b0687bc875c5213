// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Test} from "../../Cheats.sol";

/// @dev Base of what drives a contract through an invariant campaign. A campaign ignores what reverts in a handler, so a
///      handler marks the numbers of the invariants it saw broken, and counts what it did.
abstract contract GuidedHandler is Test {
    uint256 private _brokenBits;
    mapping(bytes32 action => uint256) private _counts;
    /// @dev Block time, kept here because the optimizer takes `block.timestamp` for constant within a call, and warps
    ///      do not outlast a call.
    uint64 internal _clock = 1_800_000_000;

    /// @dev Every action begins here: at a time, some seconds after the last.
    modifier at(uint256 waitSeconds) {
        _clock += uint64(waitSeconds);
        vm.warp(_clock);
        _;
    }

    /// @dev Marks invariant `number` as broken unless `holds`.
    function _claim(uint256 number, bool holds) internal {
        if (!holds) _brokenBits |= 1 << number;
    }

    function _count(bytes32 action) internal {
        ++_counts[action];
    }

    /// @dev Bit n is set if invariant n was seen broken.
    function brokenBits() external view returns (uint256) {
        return _brokenBits;
    }

    /// @dev How often `action` came out as its name says.
    function countOf(bytes32 action) external view returns (uint256) {
        return _counts[action];
    }

    /// @dev All bits of a seed, of which the runner likes small ones, made alike.
    function _mix(uint256 seed) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed)));
    }

    /// @dev The selector of a refusal; zero if there was none.
    function _selectorOf(bytes memory reason) internal pure returns (bytes4) {
        return reason.length < 4 ? bytes4(0) : bytes4(reason);
    }
}
