// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {ChallengeFixture} from "./helpers/ChallengeFixture.sol";
import {HookStub, PayeeStub} from "./helpers/HookStubs.sol";
import {FaultRules, IFaultLedger} from "../../contracts/interfaces/IFaultLedger.sol";
import {ISlashingHook} from "../../contracts/interfaces/ISlashingHook.sol";
import {ITimelocked} from "../../contracts/interfaces/ITimelocked.sol";
import {Verdict} from "../../contracts/types/Challenge.sol";

/// @dev Rules, credit and rewards.
contract FaultLedgerTest is ChallengeFixture {
    bytes32 private constant SALT = keccak256("salt");

    function _challengeFor(address challenger) private returns (bytes32 faultId) {
        faultId = _removalId();
        assertTrue(_verifier.challengeRewrite(_removal(), challenger) == Verdict.Proven, "proven");
    }

    function _fund(uint256 amountWei) private {
        vm.deal(address(this), amountWei);
        _verifier.fundPool{value: amountWei}();
    }

    function _commitment(bytes32 faultId, address challenger) private pure returns (bytes32) {
        return keccak256(abi.encode(faultId, challenger, SALT));
    }

    function _creditedFor(bytes32 faultId) private view returns (address) {
        return _verifier.faultRecord(faultId).challenger;
    }

    // -- Rules --

    function test_CHV16_rules_changeByTheOwnerAfterTheDelayOnly() public {
        FaultRules memory rules = FaultRules(new HookStub(), 5);
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, address(this)));
        _verifier.proposeFaultRules(rules);
        vm.startPrank(OWNER);
        _verifier.proposeFaultRules(rules);
        (FaultRules memory proposed, uint64 executableAt) = _verifier.proposedFaultRules();
        assertTrue(proposed.rewardWei == 5 && executableAt == _clock + DELAY_SECONDS, "proposed");
        _pass(DELAY_SECONDS - 1);
        vm.expectRevert(
            abi.encodeWithSelector(ITimelocked.TimelockActive.selector, executableAt, executableAt - 1)
        );
        _verifier.enactFaultRules(rules);
        assertEq(_verifier.faultRules().rewardWei, REWARD_WEI, "not in force");
        _pass(1);
        vm.expectRevert(IFaultLedger.NotTheProposal.selector);
        _verifier.enactFaultRules(FaultRules(rules.hook, 6));
        vm.expectRevert(IFaultLedger.NotTheProposal.selector);
        _verifier.enactFaultRules(FaultRules(ISlashingHook(address(0)), 5));
        _verifier.enactFaultRules(rules);
        vm.stopPrank();
        assertEq(_verifier.faultRules().rewardWei, 5, "in force");
        (, executableAt) = _verifier.proposedFaultRules();
        assertEq(executableAt, 0, "nothing is proposed any more");
    }

    function test_rules_cancelled_areNotEnacted() public {
        vm.startPrank(OWNER);
        vm.expectRevert(ITimelocked.NothingProposed.selector);
        _verifier.cancelFaultRulesProposal();
        FaultRules memory rules = FaultRules(ISlashingHook(address(0)), 5);
        _verifier.proposeFaultRules(rules);
        _verifier.cancelFaultRulesProposal();
        _pass(DELAY_SECONDS);
        vm.expectRevert(ITimelocked.NothingProposed.selector);
        _verifier.enactFaultRules(rules);
        vm.stopPrank();
        assertEq(_verifier.faultRules().rewardWei, REWARD_WEI, "as before");
    }

    function test_rules_hookWithoutCode_isRefused() public {
        FaultRules memory rules = FaultRules(ISlashingHook(STRANGER), 0);
        bytes memory reason = abi.encodeWithSelector(IFaultLedger.InvalidHook.selector, STRANGER);
        vm.expectRevert(reason);
        _deploy(rules, _epochs);
        vm.prank(OWNER);
        vm.expectRevert(reason);
        _verifier.proposeFaultRules(rules);
        (, uint64 executableAt) = _verifier.proposedFaultRules();
        assertEq(executableAt, 0, "nothing is proposed");
    }

    // -- Credit --

    /// @dev Who copies the evidence from the mempool has announced nothing, so the credit goes where it was announced.
    function test_CHV10_CHL05_claimFault_announcedEarlier_isCreditedInTheCopiersPlace() public {
        bytes32 faultId = _removalId();
        _verifier.announceFault(_commitment(faultId, CHALLENGER));
        vm.roll(101);
        _challengeFor(STRANGER);
        // The copier announces in the same block, which is not earlier.
        _verifier.announceFault(_commitment(faultId, STRANGER));
        _refuseClaim(faultId, STRANGER);
        vm.prank(STRANGER);
        _verifier.claimFault(faultId, CHALLENGER, SALT);
        assertTrue(_creditedFor(faultId) == CHALLENGER, "credited");
        assertEq(_verifier.faultRecord(faultId).announcedIn, 100, "since");
        // The same claim again is no earlier than itself.
        _refuseClaim(faultId, CHALLENGER);
        assertEq(_verifier.faultCount(), 1, "one fault");
    }

    function _refuseClaim(bytes32 faultId, address challenger) private {
        address before = _creditedFor(faultId);
        vm.expectRevert(
            abi.encodeWithSelector(
                IFaultLedger.NotAnnouncedEarlier.selector,
                _commitment(faultId, challenger)
            )
        );
        _verifier.claimFault(faultId, challenger, SALT);
        assertTrue(_creditedFor(faultId) == before, "as before");
    }

    function test_claimFault_neverAnnounced_isRefused() public {
        _refuseClaim(_challengeFor(CHALLENGER), STRANGER);
    }

    function test_CHL04_claimFault_lastSecondAndTooLate() public {
        bytes32 faultId = _removalId();
        _verifier.announceFault(_commitment(faultId, CHALLENGER));
        _verifier.announceFault(_commitment(faultId, OWNER));
        vm.roll(101);
        _challengeFor(STRANGER);
        uint64 closedAt = _clock + 1 days;
        _pass(1 days);
        _verifier.claimFault(faultId, CHALLENGER, SALT);
        _pass(1);
        vm.expectRevert(abi.encodeWithSelector(IFaultLedger.PriorityClosed.selector, closedAt, closedAt + 1));
        _verifier.claimFault(faultId, OWNER, SALT);
        assertTrue(_creditedFor(faultId) == CHALLENGER, "as before");
    }

    function test_claimFault_unknownFault_reverts() public {
        bytes32 faultId = _removalId();
        vm.expectRevert(abi.encodeWithSelector(IFaultLedger.UnknownFault.selector, faultId));
        _verifier.claimFault(faultId, CHALLENGER, SALT);
    }

    function test_announceFault_again_keepsTheFirst() public {
        _verifier.announceFault(SALT);
        vm.expectRevert(abi.encodeWithSelector(IFaultLedger.AlreadyAnnounced.selector, SALT));
        _verifier.announceFault(SALT);
    }

    function test_challenge_challengerIsZero_creditsTheCaller() public {
        vm.prank(STRANGER);
        _verifier.challengeRewrite(_removal(), address(0));
        assertTrue(_creditedFor(_removalId()) == STRANGER, "the caller");
    }

    // -- Rewards --

    function test_CHV9_payReward_afterTheDay_paysOnce() public {
        _fund(1.5 ether);
        bytes32 faultId = _challengeFor(CHALLENGER);
        assertEq(_verifier.freePoolWei(), 0.5 ether, "set aside");
        uint64 dueAt = _clock + 1 days + 1;
        _pass(1 days);
        vm.expectRevert(abi.encodeWithSelector(IFaultLedger.RewardNotDue.selector, dueAt, dueAt - 1));
        _verifier.payReward(faultId);
        _pass(1);
        uint256 before = CHALLENGER.balance;
        vm.prank(STRANGER);
        _verifier.payReward(faultId);
        assertEq(CHALLENGER.balance - before, 1 ether, "paid");
        vm.expectRevert(abi.encodeWithSelector(IFaultLedger.NoReward.selector, faultId));
        _verifier.payReward(faultId);
        assertEq(_verifier.freePoolWei(), 0.5 ether, "the rest");
    }

    /// @dev A record never depends on the pool.
    function test_CHV6_challenge_poolIsShort_recordsAndSetsAsideWhatIsThere() public {
        _fund(0.25 ether);
        bytes32 faultId = _challengeFor(CHALLENGER);
        assertEq(_verifier.faultRecord(faultId).rewardWei, 0.25 ether, "all there was");
        assertEq(_verifier.freePoolWei(), 0, "nothing is left");
    }

    function test_payReward_noneWasSetAside_reverts() public {
        bytes32 faultId = _challengeFor(CHALLENGER);
        _pass(1 days + 1);
        vm.expectRevert(abi.encodeWithSelector(IFaultLedger.NoReward.selector, faultId));
        _verifier.payReward(faultId);
    }

    function test_payReward_unknownFault_reverts() public {
        vm.expectRevert(abi.encodeWithSelector(IFaultLedger.UnknownFault.selector, SALT));
        _verifier.payReward(SALT);
    }

    function test_payReward_payeeRefuses_keepsTheReward() public {
        _fund(1 ether);
        PayeeStub payee = new PayeeStub();
        bytes32 faultId = _challengeFor(address(payee));
        _pass(1 days + 1);
        vm.expectRevert(abi.encodeWithSignature("Error(string)", "no money"));
        _verifier.payReward(faultId);
        assertEq(_verifier.faultRecord(faultId).rewardWei, 1 ether, "still owed");
        assertEq(_verifier.freePoolWei(), 0, "still set aside");
    }

    function test_CHL07_payReward_payeeReenters_isRefused() public {
        _fund(3 ether);
        PayeeStub payee = new PayeeStub();
        bytes32 faultId = _challengeFor(address(payee));
        payee.reenter(address(_verifier), abi.encodeCall(IFaultLedger.payReward, (faultId)));
        _pass(1 days + 1);
        _verifier.payReward(faultId);
        assertTrue(
            payee.refusal() == ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector,
            "by the guard"
        );
        assertEq(address(payee).balance, 1 ether, "paid once");
    }
}
