// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CertificateBook, JudgedRegistry, PoliciesStub} from "../helpers/ChallengeStubs.sol";
import {HookStub, PayeeStub} from "../helpers/HookStubs.sol";
import {GuidedHandler} from "./GuidedHandler.sol";
import {ChallengeVerifier} from "../../../contracts/ChallengeVerifier.sol";
import {FaultRules, IFaultLedger} from "../../../contracts/interfaces/IFaultLedger.sol";
import {IOperatorSetRegistry} from "../../../contracts/interfaces/IOperatorSetRegistry.sol";
import {IPolicyRegistry} from "../../../contracts/interfaces/IPolicyRegistry.sol";
import {ISlashingHook} from "../../../contracts/interfaces/ISlashingHook.sol";
import {IStateCommitRegistry} from "../../../contracts/interfaces/IStateCommitRegistry.sol";
import {MalformedLeafEvidence} from "../../../contracts/types/Challenge.sol";
import {QuorumFault} from "../../../contracts/types/Challenge.sol";
import {StateRoot} from "../../../contracts/types/StateRoot.sol";
import {TreeKey} from "../../../contracts/types/TreeKey.sol";

/// @dev A ledger of faults that cost next to nothing to prove, what it must hold written as plainly as can be, and every
///      account that there is, with every wei that it must have.
abstract contract FaultModel is GuidedHandler {
    address internal constant OWNER = address(0x0a11ce);
    uint32 internal constant DELAY_SECONDS = 3 days;
    uint64 internal constant GRACE_SECONDS = 14 days;
    uint64 internal constant PRIORITY_SECONDS = 1 days;
    uint256 internal constant CHALLENGERS = 6;
    uint256 private constant ACCOUNTS = 12;

    /// @dev An announcement that was shown while the fault could be claimed.
    struct Claimed {
        address challenger;
        uint64 announcedIn;
    }

    /// @dev A commit with a malformed leaf, whether or not anybody has proven it.
    struct ModelFault {
        bytes32 id;
        IFaultLedger.FaultRecord record;
        /// @dev Account and block that the record named when it was made.
        address prover;
        uint64 provenIn;
        uint96 setAsideWei;
        uint256 paidWei;
    }

    ChallengeVerifier public immutable LEDGER;
    JudgedRegistry private immutable ROOTS;
    HookStub internal immutable HOOK;
    /// @dev Takes no money.
    PayeeStub private immutable REFUSER;
    /// @dev Asks for its money twice.
    PayeeStub internal immutable REENTERER;

    ModelFault[] internal _faults;
    uint256 internal _recordedCount;
    mapping(uint256 fault => Claimed[]) internal _claimed;
    mapping(bytes32 commitment => uint64 blockNumber) internal _announcedIn;
    FaultRules internal _rules;
    uint256 internal _heldWei;
    uint256 internal _setAsideWei;
    mapping(address account => uint256) internal _weiOf;
    uint256 internal _height = 1_000;

    constructor() {
        vm.warp(_clock);
        vm.roll(_height);
        CertificateBook book = new CertificateBook();
        ROOTS = new JudgedRegistry(book);
        (HOOK, REFUSER, REENTERER) = (new HookStub(), new PayeeStub(), new PayeeStub());
        _rules = FaultRules(HOOK, 1 ether);
        LEDGER = new ChallengeVerifier(
            OWNER,
            IStateCommitRegistry(address(ROOTS)),
            IPolicyRegistry(address(new PoliciesStub(address(ROOTS)))),
            IOperatorSetRegistry(address(0)),
            _rules,
            DELAY_SECONDS
        );
        for (uint256 i = 0; i < ACCOUNTS; ++i) _deal(_account(i), 5 ether);
    }

    /// @dev Every action begins here: some seconds and blocks after the last.
    modifier turn(uint256 seed) {
        seed = _mix(~seed);
        _clock += uint64(seed % 1_000);
        vm.warp(_clock);
        _height += (seed >> 16) % 3;
        vm.roll(_height);
        _;
        _claimMoney();
    }

    function _passTo(uint64 time) internal {
        if (time > _clock) _clock = time;
        vm.warp(_clock);
    }

    // -- Accounts --

    /// @dev First those who challenge, two of them contracts; then who only looks on: operators, bystanders, the owner.
    function _account(uint256 i) internal view returns (address) {
        if (i == 4) return address(REFUSER);
        if (i == 5) return address(REENTERER);
        return i == ACCOUNTS - 1 ? OWNER : address(uint160(0x4000 + i));
    }

    function _challenger(uint256 seed) internal view returns (address) {
        return _account(seed % CHALLENGERS);
    }

    function _anybody(uint256 seed) internal view returns (address) {
        return _account(seed % (ACCOUNTS - 1));
    }

    function _deal(address account, uint256 amountWei) internal {
        _weiOf[account] += amountWei;
        vm.deal(account, _weiOf[account]);
    }

    // -- Faults --

    /// @dev Another commit with a malformed leaf: its record is too short.
    function _sin() internal returns (uint256 fault) {
        fault = _faults.length;
        MalformedLeafEvidence memory evidence = _evidenceOf(fault);
        bytes memory leaf = abi.encodePacked("JMT::LeafNode", evidence.key, keccak256(evidence.record));
        ROOTS.setRoot(evidence.sequenceNo, StateRoot.wrap(keccak256(leaf)));
        ModelFault storage made = _faults.push();
        (, made.id) = LEDGER.judgeMalformedLeaf(evidence);
    }

    function _evidenceOf(uint256 fault) internal pure returns (MalformedLeafEvidence memory) {
        TreeKey key = TreeKey.wrap(bytes32(uint256(4 << 248) | fault));
        return MalformedLeafEvidence(key, uint64(1 + fault), abi.encode(fault), hex"000000");
    }

    /// @dev Mostly one of the newest.
    function _someFault(uint256 seed) internal returns (uint256) {
        uint256 count = _faults.length;
        if (count == 0) return _sin();
        uint256 back = (seed >> 8) % (seed % 4 == 0 ? count : 4);
        return back < count ? count - 1 - back : 0;
    }

    function _isRecorded(uint256 fault) internal view returns (bool) {
        return _faults[fault].provenIn != 0;
    }

    function _free() internal view returns (uint256) {
        return _heldWei - _setAsideWei;
    }

    /// @dev One salt for each challenger.
    function _commitment(uint256 fault, address challenger) internal view returns (bytes32) {
        bytes32 salt = keccak256(abi.encode(challenger));
        return keccak256(abi.encode(_faults[fault].id, challenger, salt));
    }

    // -- Claims --

    /// @dev 1: what is set aside is there. 4: nobody but who is paid, or funds the pool, gains or loses a wei.
    function _claimMoney() private {
        _claim(1, _setAsideWei <= _heldWei && address(LEDGER).balance == _heldWei);
        try LEDGER.freePoolWei() returns (uint256 free) {
            _claim(1, _setAsideWei + free == address(LEDGER).balance);
        } catch {
            _claim(1, false);
        }
        for (uint256 i = 0; i < ACCOUNTS; ++i) _claim(4, _account(i).balance == _weiOf[_account(i)]);
    }

    /// @dev 5: a record is what it was, but for credit, flag and reward. Of the given one, and of another.
    function _claimRecords(uint256 fault, uint256 seed) internal {
        _claimRecord(fault);
        _claimRecord(seed % _faults.length);
        _claim(5, LEDGER.faultCount() == _recordedCount);
    }

    function _claimRecord(uint256 fault) private {
        ModelFault storage model = _faults[fault];
        IFaultLedger.FaultRecord memory got = LEDGER.faultRecord(model.id);
        _claim(5, keccak256(abi.encode(got)) == keccak256(abi.encode(model.record)));
        _claim(3, got.challenger == model.record.challenger && got.announcedIn == model.record.announcedIn);
        _claim(2, got.rewardWei + model.paidWei == model.setAsideWei);
        if (!_isRecorded(fault)) return;
        bool isFaultKept = got.fault == QuorumFault.MalformedLeaf && got.sequenceNo == fault + 1;
        _claim(5, isFaultKept && got.announcedIn <= model.provenIn);
    }

    /// @dev 3: nobody who announced before the record, and claimed in time, has lost the credit to a later one. Who has it
    ///      is the prover, or announced in the very block that it has it for.
    function _claimCredit(uint256 fault) internal {
        IFaultLedger.FaultRecord memory got = LEDGER.faultRecord(_faults[fault].id);
        bool isProver = got.challenger == _faults[fault].prover && got.announcedIn == _faults[fault].provenIn;
        _claim(3, isProver || _announcedIn[_commitment(fault, got.challenger)] == got.announcedIn);
        Claimed[] storage claims = _claimed[fault];
        bool isFirst = true;
        for (uint256 i = 0; i < claims.length; ++i) {
            if (claims[i].announcedIn >= _faults[fault].provenIn) continue;
            _claim(3, !isProver && got.announcedIn <= claims[i].announcedIn);
            bool isEarliest = claims[i].announcedIn == got.announcedIn;
            // Of two in one block, who claims first.
            if (isEarliest && isFirst) _claim(3, got.challenger == claims[i].challenger);
            if (isEarliest) isFirst = false;
        }
    }

    /// @dev 6: a refusal has its name; that it changes nothing is seen by what follows.
    function _claimRefused(bytes memory reason, bytes4 expected) internal {
        _claim(6, expected != 0 && _selectorOf(reason) == expected);
        _count(_selectorOf(reason));
        _count("refused");
    }

    function _isSame(FaultRules memory one, FaultRules memory other) internal pure returns (bool) {
        return address(one.hook) == address(other.hook) && one.rewardWei == other.rewardWei;
    }

    /// @dev 7: rules in force are those last enacted.
    function _claimRules() internal {
        _claim(7, _isSame(LEDGER.faultRules(), _rules));
    }

    function _someRules(uint256 seed) internal view returns (FaultRules memory) {
        uint96[4] memory rewards = [uint96(1 ether), 0, 0.3 ether, 4 ether];
        ISlashingHook hook = seed % 4 == 0 ? ISlashingHook(address(0)) : ISlashingHook(HOOK);
        return FaultRules(hook, rewards[(seed >> 8) % 4]);
    }
}
