// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {FaultGovernance} from "./FaultGovernance.sol";
import {FaultRules, IFaultLedger} from "./interfaces/IFaultLedger.sol";
import {ISlashingHook} from "./interfaces/ISlashingHook.sol";
import {IStateCommitRegistry} from "./interfaces/IStateCommitRegistry.sol";
import {BoundedCall} from "./libraries/BoundedCall.sol";
import {QuorumFault, Verdict} from "./types/Challenge.sol";

/// @title FaultLedger
/// @notice Proven faults of the quorum of one state-commit registry: recorded once, told to the hook, rewarded.
/// @dev A fault is written before anybody is told or paid. Functions that call out share one guard, so neither a hook nor a
///      challenger who is paid gets back in.
/// @custom:invariant CHV2 CHV6 CHV7 CHV8 CHV9 CHV10 CHV24
abstract contract FaultLedger is FaultGovernance, ReentrancyGuardTransient {
    /// @notice Gas that the hook gets, all of it or none.
    uint256 public constant HOOK_GAS = 500_000;
    /// @notice How long a fault can be claimed by who announced it earlier, in seconds.
    uint64 public constant PRIORITY_SECONDS = 1 days;

    /// @dev An EVM call gets at most 63/64 of the gas that is left; calling a cold account, the note that the hook was
    ///      told, and its event stay below the 40,000.
    uint256 private constant GAS_BEFORE_HOOK = HOOK_GAS + HOOK_GAS / 63 + 40_000;

    IStateCommitRegistry internal immutable STATE_COMMIT_REGISTRY;

    mapping(bytes32 faultId => FaultRecord) private _faults;
    uint256 private _faultCount;
    /// @dev What the ledger holds for others: rewards set aside and not paid, bonds, credits.
    uint256 private _owedWei;
    /// @dev Block of each announcement.
    mapping(bytes32 commitment => uint64 blockNumber) private _announcedIn;

    /// @param registry holds the roots and names the verifier that faults are judged by
    constructor(IStateCommitRegistry registry) {
        if (address(registry) == address(0)) revert ZeroAddress();
        STATE_COMMIT_REGISTRY = registry;
    }

    // -- Records --

    /// @dev `Proven` for a fault that is not on record yet.
    function _verdictOn(bytes32 faultId) internal view returns (Verdict) {
        return _faults[faultId].recordedAt == 0 ? Verdict.Proven : Verdict.AlreadyRecorded;
    }

    /// @dev The last thing that a challenge does. `challenger` may be zero for the caller.
    function _record(
        bytes32 faultId,
        QuorumFault fault,
        bytes32 subject,
        uint64 sequenceNo,
        address challenger
    ) internal {
        address credited = challenger == address(0) ? msg.sender : challenger;
        _recordSince(faultId, fault, subject, sequenceNo, credited, uint64(block.number));
    }

    /// @dev As `_record`; who announced the fault before block `announcedIn` may claim it, so nobody before block zero.
    function _recordSince(
        bytes32 faultId,
        QuorumFault fault,
        bytes32 subject,
        uint64 sequenceNo,
        address credited,
        uint64 announcedIn
    ) internal {
        FaultRules memory rules = _rulesInForce();
        // At most a uint96, as one of the two is.
        uint96 rewardWei = uint96(Math.min(rules.rewardWei, freePoolWei()));
        _faults[faultId] = FaultRecord({
            fault: fault,
            sequenceNo: sequenceNo,
            // Seconds since 1970 fit 64 bits for longer than the chain will run, as blocks do.
            recordedAt: uint64(block.timestamp),
            announcedIn: announcedIn,
            isHookTold: false,
            challenger: credited,
            rewardWei: rewardWei
        });
        ++_faultCount;
        _owe(rewardWei);
        emit FaultProven(faultId, fault, subject, sequenceNo, credited);
        if (address(rules.hook) != address(0)) _tell(rules.hook, faultId);
    }

    /// @inheritdoc IFaultLedger
    function faultRecord(bytes32 faultId) external view returns (FaultRecord memory) {
        return _faults[faultId];
    }

    /// @inheritdoc IFaultLedger
    function faultCount() external view returns (uint256) {
        return _faultCount;
    }

    /// @inheritdoc IFaultLedger
    function stateCommitRegistry() external view returns (IStateCommitRegistry) {
        return STATE_COMMIT_REGISTRY;
    }

    // -- Hook --

    /// @inheritdoc IFaultLedger
    function retryHook(bytes32 faultId) external nonReentrant returns (bool) {
        if (_recordOf(faultId).isHookTold) revert HookAlreadyTold(faultId);
        ISlashingHook hook = _rulesInForce().hook;
        if (address(hook) == address(0)) revert NoSlashingHook();
        return _tell(hook, faultId);
    }

    /// @dev Whoever calls cannot make the hook fail for want of gas: it gets all of its share, or the call reverts.
    function _tell(ISlashingHook hook, bytes32 faultId) private returns (bool isAccepted) {
        FaultRecord storage record = _faults[faultId];
        bytes memory call = abi.encodeCall(
            ISlashingHook.onFaultProven,
            (faultId, record.fault, record.sequenceNo, record.challenger)
        );
        if (gasleft() < GAS_BEFORE_HOOK) revert InsufficientHookGas(GAS_BEFORE_HOOK, gasleft());
        isAccepted = BoundedCall.tell(address(hook), HOOK_GAS, call);
        if (isAccepted) record.isHookTold = true;
        emit HookTold(faultId, hook, isAccepted);
    }

    // -- Credit --

    /// @inheritdoc IFaultLedger
    function announceFault(bytes32 commitment) external {
        if (_announcedIn[commitment] != 0) revert AlreadyAnnounced(commitment);
        _announcedIn[commitment] = uint64(block.number);
        emit FaultAnnounced(commitment);
    }

    /// @inheritdoc IFaultLedger
    function claimFault(bytes32 faultId, address challenger, bytes32 salt) external {
        FaultRecord storage record = _recordOf(faultId);
        uint64 closedAt = record.recordedAt + PRIORITY_SECONDS;
        uint64 now_ = uint64(block.timestamp);
        if (now_ > closedAt) revert PriorityClosed(closedAt, now_);
        bytes32 commitment = keccak256(abi.encode(faultId, challenger, salt));
        uint64 announcedIn = _announcedIn[commitment];
        if (announcedIn == 0 || announcedIn >= record.announcedIn) revert NotAnnouncedEarlier(commitment);
        (record.challenger, record.announcedIn) = (challenger, announcedIn);
        emit ChallengerCredited(faultId, challenger, announcedIn);
    }

    // -- Rewards --

    /// @inheritdoc IFaultLedger
    function fundPool() external payable {
        emit PoolFunded(msg.sender, msg.value);
    }

    /// @inheritdoc IFaultLedger
    function payReward(bytes32 faultId) external nonReentrant {
        FaultRecord storage record = _recordOf(faultId);
        uint64 dueAt = record.recordedAt + PRIORITY_SECONDS + 1;
        uint64 now_ = uint64(block.timestamp);
        if (now_ < dueAt) revert RewardNotDue(dueAt, now_);
        uint256 amountWei = record.rewardWei;
        if (amountWei == 0) revert NoReward(faultId);
        record.rewardWei = 0;
        _settle(amountWei);
        address challenger = record.challenger;
        emit RewardPaid(faultId, challenger, amountWei);
        Address.sendValue(payable(challenger), amountWei);
    }

    /// @inheritdoc IFaultLedger
    function freePoolWei() public view returns (uint256) {
        return address(this).balance - _owedWei;
    }

    /// @dev Keeps so much of the balance out of the pool, for somebody.
    function _owe(uint256 amountWei) internal {
        _owedWei += amountWei;
    }

    /// @dev So much of what was owed is about to be paid, or falls to the pool.
    function _settle(uint256 amountWei) internal {
        _owedWei -= amountWei;
    }

    function _recordOf(bytes32 faultId) private view returns (FaultRecord storage record) {
        record = _faults[faultId];
        if (record.recordedAt == 0) revert UnknownFault(faultId);
    }
}
