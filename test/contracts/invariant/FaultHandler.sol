// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Manner} from "../helpers/HookStubs.sol";
import {FaultModel} from "./FaultModel.sol";
import {IChallengeVerifier} from "../../../contracts/interfaces/IChallengeVerifier.sol";
import {FaultRules, IFaultLedger} from "../../../contracts/interfaces/IFaultLedger.sol";
import {ITimelocked} from "../../../contracts/interfaces/ITimelocked.sol";
import {QuorumFault, Verdict} from "../../../contracts/types/Challenge.sol";

/// @dev Drives a ledger of faults beside a model: challengers honest and not, hooks and payees of every manner, rules that
///      change, and time. Numbers of claims are those of the names in Faults.t.sol.
contract FaultHandler is FaultModel {
    Manner private _manner;
    FaultRules private _proposal;
    uint64 private _dueAt;

    // -- Pool --

    /// @dev By anybody, or by force.
    function fund(uint256 seed) external turn(seed) {
        seed = _mix(seed);
        uint256 amountWei = (seed >> 8) % 2 ether;
        if (seed % 8 == 0) {
            vm.deal(address(LEDGER), _heldWei + amountWei);
            _count("forced");
        } else {
            address funder = _anybody(seed >> 128);
            _deal(funder, amountWei);
            vm.prank(funder);
            LEDGER.fundPool{value: amountWei}();
            _weiOf[funder] -= amountWei;
            _count("fund");
        }
        _heldWei += amountWei;
    }

    // -- Proofs --

    /// @dev A fault that nobody knows of, or one that is known, by one of the challengers.
    function announce(uint256 seed) external turn(seed) {
        seed = _mix(seed);
        uint256 fault = seed % 2 == 0 ? _sin() : _someFault(seed >> 8);
        _announce(fault, _challenger(seed >> 64));
        _claimRecords(fault, seed);
    }

    function _announce(uint256 fault, address challenger) private {
        bytes32 commitment = _commitment(fault, challenger);
        bool isKnown = _announcedIn[commitment] != 0;
        try LEDGER.announceFault(commitment) {
            _claim(6, !isKnown);
            _announcedIn[commitment] = uint64(_height);
            _count("announce");
        } catch (bytes memory reason) {
            _claimRefused(reason, isKnown ? IFaultLedger.AlreadyAnnounced.selector : bytes4(0));
        }
    }

    /// @dev By anybody for anybody: also by who has copied the evidence, before the other or after it.
    function prove(uint256 seed) external turn(seed) {
        seed = _mix(seed);
        uint256 fault = seed % 4 == 0 ? _sin() : _someFault(seed >> 8);
        _prove(fault, _anybody(seed >> 64), seed % 3 == 0 ? address(0) : _challenger(seed >> 72));
        _claimRecords(fault, seed);
    }

    function _prove(uint256 fault, address caller, address challenger) private {
        bool isNew = !_isRecorded(fault);
        vm.prank(caller);
        Verdict verdict = LEDGER.challengeMalformedLeaf(_evidenceOf(fault), challenger);
        _claim(6, verdict == (isNew ? Verdict.Proven : Verdict.AlreadyRecorded));
        if (!isNew) return _count("copy");
        address credited = challenger == address(0) ? caller : challenger;
        uint256 free = _free();
        uint96 rewardWei = uint96(_rules.rewardWei < free ? _rules.rewardWei : free);
        bool isTold = address(_rules.hook) != address(0) && _isTaken();
        _faults[fault].record = IFaultLedger.FaultRecord(
            QuorumFault.MalformedLeaf,
            uint64(fault + 1),
            _clock,
            uint64(_height),
            isTold,
            credited,
            rewardWei
        );
        (_faults[fault].prover, _faults[fault].provenIn) = (credited, uint64(_height));
        _faults[fault].setAsideWei = rewardWei;
        _setAsideWei += rewardWei;
        ++_recordedCount;
        _count(isTold ? bytes32("told") : bytes32("not told"));
        _count(rewardWei < _rules.rewardWei ? bytes32("short") : bytes32("rewarded"));
    }

    // -- Hook --

    function _isTaken() private view returns (bool) {
        return _manner != Manner.Reverts && _manner != Manner.BurnsAllGas;
    }

    /// @dev The hook behaves otherwise from now on; whom it calls back refuses it.
    function behave(uint256 seed) external turn(seed) {
        seed = _mix(seed);
        _manner = Manner(seed % 5);
        HOOK.behave(_manner);
        if (_manner != Manner.Reenters) return;
        uint256 fault = _someFault(seed >> 8);
        bytes32 id = _faults[fault].id;
        uint256 way = (seed >> 64) % 3;
        if (way == 0) HOOK.reenterWith(abi.encodeCall(IFaultLedger.payReward, (id)));
        if (way == 1) HOOK.reenterWith(abi.encodeCall(IFaultLedger.retryHook, (id)));
        if (way == 2) {
            HOOK.reenterWith(
                abi.encodeCall(IChallengeVerifier.challengeMalformedLeaf, (_evidenceOf(fault), address(HOOK)))
            );
        }
    }

    function retry(uint256 seed) external turn(seed) {
        seed = _mix(seed);
        uint256 fault = _someFault(seed);
        IFaultLedger.FaultRecord storage record = _faults[fault].record;
        bytes4 expected = bytes4(0);
        if (address(_rules.hook) == address(0)) expected = IFaultLedger.NoSlashingHook.selector;
        if (record.isHookTold) expected = IFaultLedger.HookAlreadyTold.selector;
        if (!_isRecorded(fault)) expected = IFaultLedger.UnknownFault.selector;
        vm.prank(_anybody(seed >> 64));
        try LEDGER.retryHook(_faults[fault].id) returns (bool isAccepted) {
            _claim(6, expected == 0 && isAccepted == _isTaken());
            if (isAccepted) record.isHookTold = true;
            _count(isAccepted ? bytes32("retried") : bytes32("unwilling"));
        } catch (bytes memory reason) {
            _claimRefused(reason, expected);
        }
        _claimRecords(fault, seed);
    }

    // -- Credit --

    /// @dev By anybody, for who announced it or did not, up to the last second and a second later.
    function claim(uint256 seed) external turn(seed) {
        seed = _mix(seed);
        uint256 fault = _someFault(seed);
        if (_isRecorded(fault) && seed % 8 == 0) {
            _passTo(_faults[fault].record.recordedAt + PRIORITY_SECONDS + uint64((seed >> 32) % 2));
        }
        _claimFor(fault, _challenger(seed >> 64), _anybody(seed >> 72));
        _claimRecords(fault, seed);
        if (_isRecorded(fault)) _claimCredit(fault);
    }

    function _claimFor(uint256 fault, address challenger, address caller) private {
        IFaultLedger.FaultRecord storage record = _faults[fault].record;
        uint64 announcedIn = _announcedIn[_commitment(fault, challenger)];
        bytes4 expected = bytes4(0);
        bool isEarlier = announcedIn != 0 && announcedIn < record.announcedIn;
        if (!isEarlier) expected = IFaultLedger.NotAnnouncedEarlier.selector;
        bool isInTime = _clock <= record.recordedAt + PRIORITY_SECONDS;
        if (!isInTime) expected = IFaultLedger.PriorityClosed.selector;
        if (!_isRecorded(fault)) expected = IFaultLedger.UnknownFault.selector;
        else if (isInTime && announcedIn != 0) _claimed[fault].push(Claimed(challenger, announcedIn));
        vm.prank(caller);
        try LEDGER.claimFault(_faults[fault].id, challenger, keccak256(abi.encode(challenger))) {
            _claim(3, expected == 0);
            (record.challenger, record.announcedIn) = (challenger, announcedIn);
            _count("claim");
        } catch (bytes memory reason) {
            _claimRefused(reason, expected);
        }
    }

    /// @dev The way an honest challenger goes: whoever copies it, and whenever, it is credited, and paid a day later.
    function challengeWell(uint256 seed) external turn(seed) {
        seed = _mix(seed);
        uint256 fault = _sin();
        address challenger = _account(seed % 4);
        _announce(fault, challenger);
        _height += 1 + ((seed >> 8) % 3);
        vm.roll(_height);
        address copier = _account(4 + ((seed >> 16) % 7));
        _announce(fault, _challenger(4 + ((seed >> 24) % 2)));
        bool isCopied = (seed >> 32) % 4 != 0;
        if (isCopied) _prove(fault, copier, address(0));
        _prove(fault, challenger, address(0));
        _passTo(_clock + uint64((seed >> 40) % (PRIORITY_SECONDS + 1)));
        if (isCopied) _claimFor(fault, challenger, copier);
        _claimCredit(fault);
        _claim(3, LEDGER.faultRecord(_faults[fault].id).challenger == challenger);
        _passTo(_faults[fault].record.recordedAt + PRIORITY_SECONDS + 1);
        uint256 before = challenger.balance;
        uint256 rewardWei = _faults[fault].setAsideWei;
        _pay(fault, copier);
        _claim(2, challenger.balance - before == rewardWei);
        _claimRecords(fault, seed);
        _count(isCopied ? bytes32("copied") : bytes32("undisturbed"));
    }

    // -- Rewards --

    /// @dev By anybody, mostly when it is due; again, too.
    function pay(uint256 seed) external turn(seed) {
        seed = _mix(seed);
        uint256 fault = _someFault(seed);
        uint64 dueAt = _faults[fault].record.recordedAt + PRIORITY_SECONDS + 1;
        if (_isRecorded(fault) && (seed >> 32) % 4 != 0) _passTo(dueAt - uint64((seed >> 40) % 2));
        if (_isRecorded(fault)) _claimCredit(fault);
        _pay(fault, _anybody(seed >> 64));
        _claimRecords(fault, seed);
    }

    function _pay(uint256 fault, address caller) private {
        ModelFault storage model = _faults[fault];
        address payee = model.record.challenger;
        uint256 amountWei = model.record.rewardWei;
        bytes4 expected = bytes4(0);
        if (payee == _account(4)) expected = bytes4(keccak256("Error(string)"));
        if (amountWei == 0) expected = IFaultLedger.NoReward.selector;
        if (_clock <= model.record.recordedAt + PRIORITY_SECONDS)
            expected = IFaultLedger.RewardNotDue.selector;
        if (!_isRecorded(fault)) expected = IFaultLedger.UnknownFault.selector;
        REENTERER.reenter(address(LEDGER), abi.encodeCall(IFaultLedger.payReward, (model.id)));
        vm.prank(caller);
        try LEDGER.payReward(model.id) {
            _claim(2, expected == 0 && model.paidWei == 0);
            model.record.rewardWei = 0;
            model.paidWei += amountWei;
            _setAsideWei -= amountWei;
            _heldWei -= amountWei;
            _weiOf[payee] += amountWei;
            _count(payee == address(REENTERER) ? bytes32("paid a reenterer") : bytes32("paid"));
        } catch (bytes memory reason) {
            _claimRefused(reason, expected);
        }
    }

    // -- Rules --

    function propose(uint256 seed) external turn(seed) {
        seed = _mix(seed);
        FaultRules memory rules = _someRules(seed);
        bool isStranger = (seed >> 64) % 8 == 0;
        vm.prank(isStranger ? _anybody(seed >> 72) : OWNER);
        try LEDGER.proposeFaultRules(rules) {
            _claim(7, !isStranger);
            (_proposal, _dueAt) = (rules, _clock + DELAY_SECONDS);
            _count("propose");
        } catch (bytes memory reason) {
            _claimRefused(reason, isStranger ? Ownable.OwnableUnauthorizedAccount.selector : bytes4(0));
        }
        _claimRules();
    }

    /// @dev Of what was proposed or not, too early, in time or too late.
    function enact(uint256 seed) external turn(seed) {
        seed = _mix(seed);
        uint256 when = seed % 8;
        if (_dueAt != 0 && when > 2) _passTo(when == 7 ? _dueAt + GRACE_SECONDS + 1 : _dueAt);
        FaultRules memory rules = (seed >> 8) % 6 == 0 ? _someRules(seed >> 16) : _proposal;
        bool isStranger = (seed >> 64) % 8 == 0;
        bytes4 expected = bytes4(0);
        if (!_isSame(rules, _proposal)) expected = IFaultLedger.NotTheProposal.selector;
        if (_clock > _dueAt + GRACE_SECONDS) expected = ITimelocked.ProposalExpired.selector;
        if (_clock < _dueAt) expected = ITimelocked.TimelockActive.selector;
        if (_dueAt == 0) expected = ITimelocked.NothingProposed.selector;
        if (isStranger) expected = Ownable.OwnableUnauthorizedAccount.selector;
        vm.prank(isStranger ? _anybody(seed >> 72) : OWNER);
        try LEDGER.enactFaultRules(rules) {
            _claim(7, expected == 0);
            (_rules, _dueAt) = (rules, 0);
            _count("enact");
        } catch (bytes memory reason) {
            _claimRefused(reason, expected);
        }
        _claimRules();
    }
}
