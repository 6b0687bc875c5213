// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PolicyIds} from "../libraries/PolicyIds.sol";
import {PolicyDataTemplate, PolicyInstance, PolicyTemplate} from "../types/Policy.sol";
import {PolicyDataInstanceId} from "../types/PolicyDataInstanceId.sol";
import {PolicyDataRef} from "../types/PolicyDataRef.sol";
import {PolicyInstanceId} from "../types/PolicyInstanceId.sol";
import {PolicyTemplateRef} from "../types/PolicyTemplateRef.sol";

/// @title PolicyIdsHarness
/// @notice Opens `PolicyIds` to tests, for many at once.
contract PolicyIdsHarness {
    /// @notice Refs of data templates.
    function policyDataRefs(
        PolicyDataTemplate[] calldata templates
    ) external pure returns (PolicyDataRef[] memory refs) {
        refs = new PolicyDataRef[](templates.length);
        for (uint256 i = 0; i < refs.length; ++i) refs[i] = PolicyIds.policyDataRefOf(templates[i]);
    }

    /// @notice Refs of templates.
    function policyTemplateRefs(
        PolicyTemplate[] calldata templates
    ) external pure returns (PolicyTemplateRef[] memory refs) {
        refs = new PolicyTemplateRef[](templates.length);
        for (uint256 i = 0; i < refs.length; ++i) refs[i] = PolicyIds.policyTemplateRefOf(templates[i]);
    }

    /// @notice Ids of instances, each with its chain.
    function policyInstanceIds(
        uint256[] calldata chainIds,
        PolicyInstance[] calldata instances
    ) external pure returns (PolicyInstanceId[] memory ids) {
        ids = new PolicyInstanceId[](instances.length);
        for (uint256 i = 0; i < ids.length; ++i) {
            ids[i] = PolicyIds.policyInstanceIdOf(chainIds[i], instances[i]);
        }
    }

    /// @notice Ids of data instances, each with its chain.
    function policyDataInstanceIds(
        uint256[] calldata chainIds,
        address[] calldata clients,
        PolicyDataRef[] calldata refs
    ) external pure returns (PolicyDataInstanceId[] memory ids) {
        ids = new PolicyDataInstanceId[](refs.length);
        for (uint256 i = 0; i < ids.length; ++i) {
            ids[i] = PolicyIds.policyDataInstanceIdOf(chainIds[i], clients[i], refs[i]);
        }
    }
}
