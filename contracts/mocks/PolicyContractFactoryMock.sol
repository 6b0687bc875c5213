// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {PolicyContractMock} from "./PolicyContractMock.sol";
import {PolicyDataContractMock} from "./PolicyDataContractMock.sol";

/// @title PolicyContractFactoryMock
/// @notice Deploys a contract per policy and per plugin, as minimal clones, the cheapest that there are, and lists them by
///         owner (see PolicyContractMock).
contract PolicyContractFactoryMock {
    address private immutable POLICY;
    address private immutable POLICY_DATA;

    mapping(address owner => address[] deployed) private _deployed;

    /// @notice A policy was deployed.
    event PolicyDeployed(address policy, PolicyContractMock.Parts parts);
    /// @notice A plugin was deployed.
    event PolicyDataDeployed(address policyData, PolicyDataContractMock.Parts parts);

    constructor() {
        POLICY = address(new PolicyContractMock());
        POLICY_DATA = address(new PolicyDataContractMock());
    }

    /// @notice Deploys a policy.
    function deployPolicy(PolicyContractMock.Parts calldata parts) external returns (address policy) {
        policy = Clones.cloneDeterministic(POLICY, keccak256(abi.encode(parts)));
        PolicyContractMock(policy).initialize(parts);
        _deployed[parts.owner].push(policy);
        emit PolicyDeployed(policy, parts);
    }

    /// @notice Deploys a plugin.
    function deployPolicyData(
        PolicyDataContractMock.Parts calldata parts
    ) external returns (address policyData) {
        policyData = Clones.cloneDeterministic(POLICY_DATA, keccak256(abi.encode(parts)));
        PolicyDataContractMock(policyData).initialize(parts);
        _deployed[parts.owner].push(policyData);
        emit PolicyDataDeployed(policyData, parts);
    }
}
