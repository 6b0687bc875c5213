// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {Decision} from "../types/Decision.sol";
import {PolicyDataInstanceId} from "../types/PolicyDataInstanceId.sol";
import {PolicyDataRef} from "../types/PolicyDataRef.sol";
import {PolicyInstanceId} from "../types/PolicyInstanceId.sol";
import {PolicyTemplateRef} from "../types/PolicyTemplateRef.sol";
import {PolicyIds} from "./PolicyIds.sol";

/// @title DecisionIdentity
/// @notice Whether the refs and ids of a decision are those of its own parts (docs/Decisions.md).
library DecisionIdentity {
    /// @dev Bindings of the longest template that can be registered.
    uint256 internal constant MAX_BINDINGS = 16;

    /// @dev The first ref or id that does not re-derive, and what it must be; two equal words if all do. Lists that no
    ///      registered template can have fit nothing: `actual` is zero, and `signed` the template's ref, or one where
    ///      that is zero.
    function mismatchOf(
        Decision calldata decision,
        uint256 chainId
    ) internal pure returns (bytes32 signed, bytes32 actual) {
        uint256 count = decision.policyDataRefs.length;
        signed = PolicyTemplateRef.unwrap(decision.policyTemplateRef);
        if (
            count > MAX_BINDINGS ||
            count != decision.bindingNameHashes.length ||
            count != decision.policyDataInstanceIds.length
        ) {
            return (signed == bytes32(0) ? bytes32(uint256(1)) : signed, bytes32(0));
        }
        actual = templateRefOf(decision);
        if (signed != actual) return (signed, actual);
        for (uint256 i = 0; i < count; ++i) {
            signed = PolicyDataInstanceId.unwrap(decision.policyDataInstanceIds[i]);
            actual = PolicyDataInstanceId.unwrap(
                PolicyIds.policyDataInstanceIdOf(chainId, decision.client, decision.policyDataRefs[i])
            );
            if (signed != actual) return (signed, actual);
        }
        return (PolicyInstanceId.unwrap(decision.policyInstanceId), instanceIdOf(decision, chainId));
    }

    /// @dev As `PolicyIds.policyTemplateRefOf`, from the hashes of what is long. Lists of one length.
    function templateRefOf(Decision calldata decision) internal pure returns (bytes32) {
        uint256 count = decision.policyDataRefs.length;
        bytes32[] memory bindings = new bytes32[](2 * count);
        for (uint256 i = 0; i < count; ++i) {
            bindings[2 * i] = decision.bindingNameHashes[i];
            bindings[2 * i + 1] = PolicyDataRef.unwrap(decision.policyDataRefs[i]);
        }
        return
            keccak256(
                abi.encodePacked(
                    uint8(0x03),
                    decision.regoHash,
                    decision.paramsSchemaHash,
                    decision.entrypointHash,
                    decision.environment,
                    keccak256(abi.encodePacked(bindings))
                )
            );
    }

    /// @dev As `PolicyIds.policyInstanceIdOf`, from the hash of the params.
    function instanceIdOf(Decision calldata decision, uint256 chainId) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encodePacked(
                    uint8(0x02),
                    chainId,
                    decision.client,
                    decision.policyTemplateRef,
                    decision.paramsHash,
                    PolicyIds.dataInstancesHashOf(decision.policyDataInstanceIds),
                    decision.expireAfterBlocks
                )
            );
    }
}
