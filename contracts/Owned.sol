// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {IOwned} from "./interfaces/IOwned.sol";

/// @title Owned
/// @notice Ownership that is handed over in two steps and never given up.
abstract contract Owned is IOwned, Ownable2Step {
    constructor(address initialOwner) Ownable(initialOwner) {}

    /// @notice Refused: what only an owner can end, a pause or a bad rule, would stay for ever.
    function renounceOwnership() public view override onlyOwner {
        revert LastOwner();
    }
}
