// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {QuorumFault} from "../types/Challenge.sol";
import {ISlashingHook} from "./ISlashingHook.sol";
import {IStateCommitRegistry} from "./IStateCommitRegistry.sol";
import {ITimelocked} from "./ITimelocked.sol";

/// @dev What follows a proven fault.
/// @param hook told of it; zero for nobody
/// @param rewardWei paid to who proved it, as far as the pool goes
struct FaultRules {
    ISlashingHook hook;
    uint96 rewardWei;
}

/// @title IFaultLedger
/// @notice Proven faults of a quorum: each recorded once, told to a hook, and rewarded from a pool that anybody funds.
/// @dev The record depends on neither: not on the hook's answer, and not on what is in the pool. Rules change by the
///      owner, after a delay. Nobody bonds anything: a challenge is judged in the call that brings it.
interface IFaultLedger is ITimelocked {
    /// @notice A recorded fault.
    /// @param fault what the quorum did
    /// @param sequenceNo the commit that did it, as far as the evidence narrows it down; zero if no commit did
    /// @param recordedAt block time, in seconds since 1970
    /// @param announcedIn block in which who is credited announced it; that of the record if nobody did before; zero if
    ///        nobody else can claim it
    /// @param isHookTold whether a hook took note
    /// @param challenger account credited with the proof
    /// @param rewardWei set aside for it, and not paid yet
    struct FaultRecord {
        QuorumFault fault;
        uint64 sequenceNo;
        uint64 recordedAt;
        uint64 announcedIn;
        bool isHookTold;
        address challenger;
        uint96 rewardWei;
    }

    /// @notice A fault was proven and recorded.
    /// @param subject what it is about: a leaf's key, a decision's digest, the root of an invalid transition, the
    ///        commitment to a withheld chunk; for an equivocation zero
    event FaultProven(
        bytes32 indexed faultId,
        QuorumFault indexed fault,
        bytes32 indexed subject,
        uint64 sequenceNo,
        address challenger
    );
    /// @notice The hook was told of a fault, and took note or failed.
    event HookTold(bytes32 indexed faultId, ISlashingHook indexed hook, bool isAccepted);
    /// @notice Somebody knows of a fault, and does not say yet of which.
    event FaultAnnounced(bytes32 indexed commitment);
    /// @notice Who announced a fault before anybody else is credited with it.
    event ChallengerCredited(bytes32 indexed faultId, address indexed challenger, uint64 announcedIn);
    /// @notice The pool of rewards grew.
    event PoolFunded(address indexed from, uint256 amountWei);
    /// @notice A reward was paid.
    event RewardPaid(bytes32 indexed faultId, address indexed challenger, uint256 amountWei);
    /// @notice Rules were proposed, in the place of any proposed before. Time in seconds since 1970.
    event FaultRulesProposed(FaultRules rules, uint64 executableAt);
    /// @notice The proposed rules were cancelled.
    event FaultRulesProposalCancelled();
    /// @notice Rules are in force.
    event FaultRulesEnacted(FaultRules rules);

    /// @notice A constructor argument is the zero address.
    error ZeroAddress();
    /// @notice The hook has no code.
    error InvalidHook(ISlashingHook hook);
    /// @notice What is to come into force is not what was proposed.
    error NotTheProposal();
    /// @notice No such fault is on record.
    error UnknownFault(bytes32 faultId);
    /// @notice A hook took note of the fault already.
    error HookAlreadyTold(bytes32 faultId);
    /// @notice No hook is set.
    error NoSlashingHook();
    /// @notice The call has too little gas left for the hook to get its share.
    error InsufficientHookGas(uint256 required, uint256 available);
    /// @notice The same was announced before.
    error AlreadyAnnounced(bytes32 commitment);
    /// @notice Nothing of the kind was announced in an earlier block than what is credited so far.
    error NotAnnouncedEarlier(bytes32 commitment);
    /// @notice It is too late to claim a fault. Both are in seconds since 1970.
    error PriorityClosed(uint64 closedAt, uint64 now_);
    /// @notice Others may still claim the fault. Both are in seconds since 1970.
    error RewardNotDue(uint64 dueAt, uint64 now_);
    /// @notice There is no reward for the fault, or it was paid.
    error NoReward(bytes32 faultId);

    /// @notice Announces a fault before its evidence is public, so that nobody who copies the evidence is credited.
    /// @param commitment `keccak256(abi.encode(faultId, challenger, salt))`
    function announceFault(bytes32 commitment) external;

    /// @notice Credits `challenger` with a recorded fault that it announced in an earlier block than who is credited so
    ///         far. Anyone may call, up to one day after the record.
    function claimFault(bytes32 faultId, address challenger, bytes32 salt) external;

    /// @notice Pays the reward of a fault to who is credited with it, from one day after the record on. Anyone may call.
    function payReward(bytes32 faultId) external;

    /// @notice Adds to the pool of rewards. What is in it leaves as rewards only.
    function fundPool() external payable;

    /// @notice Tells the hook of a fault that none has taken note of. Anyone may call.
    /// @return isAccepted whether it took note this time
    function retryHook(bytes32 faultId) external returns (bool isAccepted);

    /// @notice Proposes rules. Owner only.
    function proposeFaultRules(FaultRules calldata rules) external;

    /// @notice Puts the proposed rules into force, once the delay has passed. Owner only.
    /// @param rules what was proposed
    function enactFaultRules(FaultRules calldata rules) external;

    /// @notice Cancels the proposed rules. Owner only.
    function cancelFaultRulesProposal() external;

    /// @notice The rules in force.
    function faultRules() external view returns (FaultRules memory);

    /// @notice The proposed rules and when they may come into force, in seconds since 1970; zeros if there are none.
    function proposedFaultRules() external view returns (FaultRules memory rules, uint64 executableAt);

    /// @notice A recorded fault; all zero if there is none under this id.
    function faultRecord(bytes32 faultId) external view returns (FaultRecord memory);

    /// @notice Number of recorded faults.
    function faultCount() external view returns (uint256);

    /// @notice What the pool has for the rewards of further faults, in wei.
    function freePoolWei() external view returns (uint256);

    /// @notice The registry on whose retained roots this contract judges.
    function stateCommitRegistry() external view returns (IStateCommitRegistry);
}
