// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Test} from "../Cheats.sol";
import {DeltaFormat} from "../../contracts/libraries/DeltaFormat.sol";
import {LeafChange} from "../../contracts/types/LeafClaim.sol";
import {StateCommit} from "../../contracts/types/StateCommit.sol";
import {TransitionFault} from "../../contracts/types/Transition.sol";

contract DeltaFormatTest is Test {
    function read(
        bytes calldata delta,
        StateCommit calldata commit
    ) external view returns (TransitionFault fault) {
        LeafChange[] memory changes;
        (fault, changes) = DeltaFormat.read(delta, commit);
        assertEq(changes.length, 0, "no change is read");
    }

    /// @dev A manifest cannot announce so few bytes; whoever reads without one is told.
    function test_read_shorterThanAHeader_isDeltaLength() public view {
        StateCommit memory commit;
        for (uint256 length = 0; length < 85; ++length) {
            TransitionFault fault = this.read(new bytes(length), commit);
            assertTrue(fault == TransitionFault.DeltaLength, "length");
        }
    }
}
