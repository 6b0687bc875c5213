// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {QuorumFault} from "../types/Challenge.sol";

/// @title ISlashingHook
/// @notice Told of every proven fault of a quorum, after it is on record. What it does about it is its own affair.
/// @dev It gets 500,000 gas. What it returns is not looked at. It cannot keep a fault from being recorded, and while it is
///      told it can neither challenge nor have anything paid by the ledger; if it fails, anybody may have it told again.
///      It is told of a fault again after a failure only, and must check that its caller is the ledger it serves.
interface ISlashingHook {
    /// @notice `fault` was proven. More about it is on the calling ledger, under `faultId`.
    /// @param sequenceNo the commit that did it, as far as the evidence narrows it down; zero if no commit did
    /// @param challenger who is credited so far
    function onFaultProven(
        bytes32 faultId,
        QuorumFault fault,
        uint64 sequenceNo,
        address challenger
    ) external;
}
