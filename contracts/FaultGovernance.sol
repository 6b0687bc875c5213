// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Owned} from "./Owned.sol";
import {Timelocked} from "./Timelocked.sol";
import {FaultRules, IFaultLedger} from "./interfaces/IFaultLedger.sol";

/// @title FaultGovernance
/// @notice What follows a proven fault, and how the owner changes it: after a delay, in public.
abstract contract FaultGovernance is IFaultLedger, Owned, Timelocked {
    FaultRules private _rules;
    FaultRules private _proposal;
    /// @dev Zero while nothing is proposed.
    uint64 private _rulesExecutableAt;

    /// @param initialOwner may propose other rules
    /// @param rules those of the deployment
    /// @param changeDelaySeconds_ how long other rules wait, 2 to 30 days
    constructor(
        address initialOwner,
        FaultRules memory rules,
        uint32 changeDelaySeconds_
    ) Owned(initialOwner) Timelocked(changeDelaySeconds_) {
        _requireHook(rules);
        _rules = rules;
    }

    /// @inheritdoc IFaultLedger
    function proposeFaultRules(FaultRules calldata rules) external onlyOwner {
        _requireHook(rules);
        uint64 executableAt = _executableAt();
        (_proposal, _rulesExecutableAt) = (rules, executableAt);
        emit FaultRulesProposed(rules, executableAt);
    }

    /// @inheritdoc IFaultLedger
    function enactFaultRules(FaultRules calldata rules) external onlyOwner {
        _requireDue(_rulesExecutableAt);
        bool isProposal =
            address(rules.hook) == address(_proposal.hook) && rules.rewardWei == _proposal.rewardWei;
        if (!isProposal) revert NotTheProposal();
        _forgetRules();
        _rules = rules;
        emit FaultRulesEnacted(rules);
    }

    /// @inheritdoc IFaultLedger
    function cancelFaultRulesProposal() external onlyOwner {
        if (_rulesExecutableAt == 0) revert NothingProposed();
        _forgetRules();
        emit FaultRulesProposalCancelled();
    }

    /// @inheritdoc IFaultLedger
    function faultRules() external view returns (FaultRules memory) {
        return _rules;
    }

    /// @inheritdoc IFaultLedger
    function proposedFaultRules() external view returns (FaultRules memory rules, uint64 executableAt) {
        return (_proposal, _rulesExecutableAt);
    }

    function _rulesInForce() internal view returns (FaultRules memory) {
        return _rules;
    }

    function _forgetRules() private {
        delete _proposal;
        delete _rulesExecutableAt;
    }

    function _requireHook(FaultRules memory rules) private view {
        address hook = address(rules.hook);
        if (hook != address(0) && hook.code.length == 0) revert InvalidHook(rules.hook);
    }
}
