// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FaultGovernance} from "./FaultGovernance.sol";
import {IDataAvailabilityChallenge} from "./interfaces/IDataAvailabilityChallenge.sol";
import {RequestRules} from "./types/DataRequest.sol";

/// @title RequestGovernance
/// @notice The rules of requests for data, and how the owner changes them. An open request keeps those it was made under.
abstract contract RequestGovernance is IDataAvailabilityChallenge, FaultGovernance {
    uint96 private constant LEAST_BOND_WEI = 1 gwei;
    uint96 private constant MOST_BOND_WEI = 10 ether;
    uint32 private constant SHORTEST_WINDOW_SECONDS = 10 minutes;
    uint32 private constant LONGEST_WINDOW_SECONDS = 7 days;
    /// @dev Eight of them, with proofs, are 37,000 bytes of calldata: 1.5 million gas.
    uint32 private constant MOST_SEGMENTS = 8;

    RequestRules private _requestRules;
    RequestRules private _requestProposal;
    /// @dev Zero while nothing is proposed.
    uint64 private _requestRulesExecutableAt;

    /// @param rules those of the first requests
    constructor(RequestRules memory rules) {
        _requireBounds(rules);
        _requestRules = rules;
    }

    /// @inheritdoc IDataAvailabilityChallenge
    function proposeRequestRules(RequestRules calldata rules) external onlyOwner {
        _requireBounds(rules);
        uint64 executableAt = _executableAt();
        (_requestProposal, _requestRulesExecutableAt) = (rules, executableAt);
        emit RequestRulesProposed(rules, executableAt);
    }

    /// @inheritdoc IDataAvailabilityChallenge
    function enactRequestRules(RequestRules calldata rules) external onlyOwner {
        _requireDue(_requestRulesExecutableAt);
        if (keccak256(abi.encode(rules)) != keccak256(abi.encode(_requestProposal))) revert NotTheProposal();
        _forgetRequestRules();
        _requestRules = rules;
        emit RequestRulesEnacted(rules);
    }

    /// @inheritdoc IDataAvailabilityChallenge
    function cancelRequestRulesProposal() external onlyOwner {
        if (_requestRulesExecutableAt == 0) revert NothingProposed();
        _forgetRequestRules();
        emit RequestRulesProposalCancelled();
    }

    /// @inheritdoc IDataAvailabilityChallenge
    function requestRules() public view returns (RequestRules memory) {
        return _requestRules;
    }

    /// @inheritdoc IDataAvailabilityChallenge
    function proposedRequestRules() external view returns (RequestRules memory rules, uint64 executableAt) {
        return (_requestProposal, _requestRulesExecutableAt);
    }

    function _forgetRequestRules() private {
        delete _requestProposal;
        delete _requestRulesExecutableAt;
    }

    function _requireBounds(RequestRules memory rules) private pure {
        if (rules.bondWei < LEAST_BOND_WEI || rules.bondWei > MOST_BOND_WEI) {
            revert InvalidRule("bondWei", rules.bondWei);
        }
        uint32 window = rules.windowSeconds;
        if (window < SHORTEST_WINDOW_SECONDS || window > LONGEST_WINDOW_SECONDS) {
            revert InvalidRule("windowSeconds", window);
        }
        if (rules.segmentCount == 0 || rules.segmentCount > MOST_SEGMENTS) {
            revert InvalidRule("segmentCount", rules.segmentCount);
        }
    }
}
