// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PolicyContractMock} from "./PolicyContractMock.sol";

/// @title PointingClientMock
/// @notice A client that keeps its policy and the id of its params itself, each set in a transaction of its own (see
///         PolicyContractMock).
contract PointingClientMock {
    address private _policy;
    bytes32 private _policyId;

    /// @notice The client uses another policy.
    event PolicyAddressUpdated(address indexed previousPolicy, address indexed newPolicy);
    /// @notice The client's params have another id.
    event PolicyIdUpdated(address indexed policy, bytes32 indexed policyId);

    /// @notice Points to another policy.
    function setPolicyAddress(address policy) external {
        emit PolicyAddressUpdated(_policy, policy);
        _policy = policy;
    }

    /// @notice Sets the params for the policy pointed to.
    function setPolicy(PolicyContractMock.Config calldata config) external {
        bytes32 policyId = PolicyContractMock(_policy).setPolicy(config);
        _policyId = policyId;
        emit PolicyIdUpdated(_policy, policyId);
    }
}
