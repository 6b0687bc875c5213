// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Campaign} from "./Campaign.sol";
import {FaultHandler} from "./FaultHandler.sol";
import {IFaultLedger} from "../../../contracts/interfaces/IFaultLedger.sol";
import {ITimelocked} from "../../../contracts/interfaces/ITimelocked.sol";

/// @dev The runner calls only what has an artifact, which is what this file defines.
contract FaultsHandler is FaultHandler {}

/// @dev CHV24 of docs/Invariants.md, part by part, under challengers, copiers, hooks, payees, rules and times of all kinds.
contract FaultsInvariantTest is Campaign {
    string[] private _names = [
        "what is set aside is there",
        "a reward is paid once, to who is credited",
        "who announced earliest and claims in time is credited",
        "nobody else gains or loses a wei",
        "a record changes in credit, flag and reward only",
        "a verdict or refusal is what it must be",
        "rules in force are those last enacted"
    ];

    function setUp() public {
        FaultsHandler handler = new FaultsHandler();
        handler.fund(1);
        handler.prove(0);
        _begin(handler);
    }

    function invariant_CHV24_CHL05_CHL07_money() public view {
        _assertHold(_names);
    }

    /// @dev Far below what is usual, so that chance does not fail a run.
    function afterInvariant() public view {
        _assertOften("fund", 1);
        _assertOften("announce", 1);
        _assertOften("refused", 1);
    }

    /// @dev Everything that the handler counts comes about, and every refusal.
    function test_handler_meetsEveryOutcome() public {
        FaultsHandler handler = new FaultsHandler();
        for (uint256 i = 0; i < 160; ++i) {
            handler.fund(i);
            handler.announce(i);
            if (i % 4 != 3) handler.announce(~i);
            handler.prove(i);
            handler.claim(i);
            handler.retry(i);
            if (i % 4 == 0) handler.behave(i);
            if (i % 2 == 0) handler.pay(i);
            if (i % 8 == 0) handler.challengeWell(i);
            if (i % 8 == 2) handler.propose(i);
            if (i % 8 > 4) handler.enact(i);
        }
        _assertMet(handler);
        assertEq(handler.brokenBits(), 0, "and no invariant");
    }

    function _assertMet(FaultsHandler handler) private view {
        bytes32[26] memory names = [
            bytes32("fund"),
            "forced",
            "announce",
            "copy",
            "told",
            "not told",
            "short",
            "rewarded",
            "retried",
            "unwilling",
            "claim",
            "copied",
            "undisturbed",
            "paid",
            "paid a reenterer",
            "propose",
            "enact",
            IFaultLedger.AlreadyAnnounced.selector,
            IFaultLedger.NotAnnouncedEarlier.selector,
            IFaultLedger.PriorityClosed.selector,
            IFaultLedger.RewardNotDue.selector,
            IFaultLedger.NoReward.selector,
            IFaultLedger.UnknownFault.selector,
            IFaultLedger.HookAlreadyTold.selector,
            IFaultLedger.NoSlashingHook.selector,
            // A payee that takes no money.
            bytes4(keccak256("Error(string)"))
        ];
        for (uint256 i = 0; i < names.length; ++i) {
            assertTrue(handler.countOf(names[i]) != 0, vm.toString(i));
        }
        bytes4[5] memory ofRules = [
            Ownable.OwnableUnauthorizedAccount.selector,
            IFaultLedger.NotTheProposal.selector,
            ITimelocked.NothingProposed.selector,
            ITimelocked.TimelockActive.selector,
            ITimelocked.ProposalExpired.selector
        ];
        for (uint256 i = 0; i < 5; ++i) assertTrue(handler.countOf(ofRules[i]) != 0, vm.toString(100 + i));
    }
}
