// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Test} from "../../Cheats.sol";
import {GuidedHandler} from "./GuidedHandler.sol";

/// @dev Base of an invariant campaign. The runner plays a campaign once for every invariant function, so there is one,
///      which names every invariant that its handler saw broken.
abstract contract Campaign is Test {
    uint256 private constant ALL = type(uint256).max;
    /// @dev Bit n: invariant n is checked. A bug made on purpose narrows this to the invariant that must find it, since a
    ///      campaign ends with the first that fails.
    uint256 private constant CHECKED = ALL;

    GuidedHandler private _handler;

    function _begin(GuidedHandler handler) internal {
        _handler = handler;
        targetContract(address(handler));
    }

    /// @dev Invariant 1 has the first of `names`.
    function _assertHold(string[] memory names) internal view {
        uint256 broken = _handler.brokenBits() & CHECKED;
        if (broken == 0) return;
        string memory said = "broken:";
        for (uint256 i = 0; i < names.length; ++i) {
            if (broken & (2 << i) != 0) said = string.concat(said, " ", names[i]);
        }
        assertTrue(false, said);
    }

    /// @dev A campaign in which an action hardly ever succeeds proves nothing.
    function _assertOften(bytes32 action, uint256 atLeast) internal view {
        uint256 count = _handler.countOf(action);
        if (count < atLeast && CHECKED == ALL)
            revert AssertionFailed(string(abi.encodePacked(action)), count, atLeast);
    }
}
