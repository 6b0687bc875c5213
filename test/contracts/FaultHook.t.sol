// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {ChallengeFixture} from "./helpers/ChallengeFixture.sol";
import {HookStub, Manner} from "./helpers/HookStubs.sol";
import {ChallengeVerifier} from "../../contracts/ChallengeVerifier.sol";
import {IChallengeVerifier} from "../../contracts/interfaces/IChallengeVerifier.sol";
import {FaultRules, IFaultLedger} from "../../contracts/interfaces/IFaultLedger.sol";
import {ISlashingHook} from "../../contracts/interfaces/ISlashingHook.sol";
import {MalformedLeafEvidence, Verdict} from "../../contracts/types/Challenge.sol";

/// @dev What a hook can do, and what nobody can do to it.
contract FaultHookTest is ChallengeFixture {
    HookStub private _hook;

    function setUp() public override {
        super.setUp();
        _hook = new HookStub();
        _verifier = _deploy(FaultRules(_hook, REWARD_WEI), _epochs);
    }

    function _challenge() private returns (Verdict) {
        return _verifier.challengeRewrite(_removal(), CHALLENGER);
    }

    function _isTold() private view returns (bool) {
        return _verifier.faultRecord(_removalId()).isHookTold;
    }

    /// @dev The fault stays recorded, the hook counts as not told, and once it is better it can be told.
    function _assertRetryable() private {
        assertTrue(_challenge() == Verdict.Proven, "recorded all the same");
        assertEq(_verifier.faultCount(), 1, "one fault");
        assertTrue(!_isTold(), "not told");
        assertTrue(!_verifier.retryHook(_removalId()), "still unwilling");
        _hook.behave(Manner.Fine);
        vm.prank(STRANGER);
        assertTrue(_verifier.retryHook(_removalId()), "anybody can retry");
        assertTrue(_isTold() && _hook.wasOnRecord(), "told");
        assertTrue(_hook.lastFaultId() == _removalId(), "of this fault");
        assertEq(_hook.heardCount(), 1, "once");
    }

    function test_CHL01_hook_isToldOnceAfterTheRecord() public {
        assertTrue(_challenge() == Verdict.Proven, "proven");
        assertTrue(_isTold() && _hook.wasOnRecord(), "told");
        assertTrue(_hook.lastChallenger() == CHALLENGER, "who proved it");
        assertTrue(_challenge() == Verdict.AlreadyRecorded, "not a second time");
        assertEq(_hook.heardCount(), 1, "once");
        bytes32 faultId = _removalId();
        vm.expectRevert(abi.encodeWithSelector(IFaultLedger.HookAlreadyTold.selector, faultId));
        _verifier.retryHook(faultId);
    }

    function test_CHV6_CHL07_hook_reverts_recordStaysAndCanBeRetried() public {
        _hook.behave(Manner.Reverts);
        _assertRetryable();
    }

    function test_CHL07_hook_burnsAllGas_recordStaysAndCanBeRetried() public {
        _hook.behave(Manner.BurnsAllGas);
        _assertRetryable();
    }

    /// @dev Copying the answer would cost the caller more than what the hook itself paid for it.
    function test_CHL07_GAS04_hook_returnsMuch_isNotCopied() public {
        _hook.behave(Manner.ReturnsMuch);
        uint256 before = gasleft();
        assertTrue(_challenge() == Verdict.Proven, "proven");
        uint256 used = before - gasleft();
        assertTrue(_isTold(), "told");
        assertTrue(used < 420_000, "the answer was copied");
    }

    function test_CHV8_CHL07_hook_reenters_isRefused() public {
        bytes[4] memory calls = [
            abi.encodeCall(IChallengeVerifier.challengeRewrite, (_removal(), STRANGER)),
            abi.encodeCall(IFaultLedger.retryHook, (_removalId())),
            abi.encodeCall(IFaultLedger.payReward, (_removalId())),
            abi.encodeCall(IChallengeVerifier.challengeMalformedLeaf, (_malformed(), STRANGER))
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            _verifier = _deploy(FaultRules(_hook, REWARD_WEI), _epochs);
            _hook.reenterWith(calls[i]);
            assertTrue(_challenge() == Verdict.Proven, "proven");
            assertTrue(_isTold(), "told");
            assertTrue(
                _hook.refusal() == ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector,
                "by the guard"
            );
            assertEq(_verifier.faultCount(), 1, "one fault");
        }
    }

    function _malformed() private pure returns (MalformedLeafEvidence memory) {
        return MalformedLeafEvidence(_keyOf(CONTENT), 1, "", ONE_LEAF);
    }

    /// @dev At every amount of gas the call either reverts and changes nothing, or gives the hook its full share.
    function test_CHV7_GAS06_hook_isNeverStarved() public {
        bytes memory call = abi.encodeCall(IChallengeVerifier.challengeRewrite, (_removal(), CHALLENGER));
        uint256 refusedCount = 0;
        for (uint256 gasLimit = 100_000; gasLimit < 800_000; gasLimit += 3_500) {
            HookStub hook = new HookStub();
            ChallengeVerifier verifier = _deploy(FaultRules(hook, 0), _epochs);
            (bool done, bytes memory answer) = address(verifier).call{gas: gasLimit}(call);
            if (done) {
                assertTrue(hook.gasHeardWith() > 499_000, "the hook got less than its share");
            } else {
                ++refusedCount;
                assertEq(verifier.faultCount(), 0, "nothing is recorded");
                bool isNamed = bytes4(answer) == IFaultLedger.InsufficientHookGas.selector;
                assertTrue(isNamed || answer.length == 0, "refused by name, or out of gas before");
            }
        }
        assertTrue(refusedCount > 50 && refusedCount < 190, "both happened");
        // With what is asked for, and the record before it, nothing is refused.
        assertEq(_verifier.HOOK_GAS(), 500_000, "share");
    }

    function test_retryHook_unknownFault_reverts() public {
        vm.expectRevert(abi.encodeWithSelector(IFaultLedger.UnknownFault.selector, bytes32(uint256(7))));
        _verifier.retryHook(bytes32(uint256(7)));
    }

    /// @dev A fault from before there was a hook can be told to it, and until then there is nobody to tell.
    function test_retryHook_hookComesLater_isTold() public {
        _verifier = _deploy(FaultRules(ISlashingHook(address(0)), 0), _epochs);
        assertTrue(_challenge() == Verdict.Proven && !_isTold(), "nobody to tell");
        bytes32 faultId = _removalId();
        vm.expectRevert(IFaultLedger.NoSlashingHook.selector);
        _verifier.retryHook(faultId);
        vm.startPrank(OWNER);
        _verifier.proposeFaultRules(FaultRules(_hook, 0));
        _pass(DELAY_SECONDS);
        _verifier.enactFaultRules(FaultRules(_hook, 0));
        vm.stopPrank();
        assertTrue(_verifier.retryHook(faultId) && _isTold(), "told");
    }
}
