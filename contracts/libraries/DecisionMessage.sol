// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {Decision} from "../types/Decision.sol";

/// @title DecisionMessage
/// @notice What operators sign for a decision (docs/Decisions.md).
library DecisionMessage {
    /// @dev EIP-712 type hash of `Decision`.
    bytes32 internal constant DECISION_TYPEHASH = keccak256(
        "Decision(bytes32 taskId,address client,bytes32 policyInstanceId,bytes32 policyTemplateRef,bytes32 paramsHash,bytes32[] policyDataInstanceIds,uint32 expireAfterBlocks,bytes32 regoHash,bytes32 paramsSchemaHash,bytes32 entrypointHash,uint16 environment,bytes32[] bindingNameHashes,bytes32[] policyDataRefs,uint64 referenceBlock,bool isAllowed)"
    );

    bytes32 private constant DOMAIN_TYPEHASH = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    );
    bytes32 private constant NAME_HASH = keccak256("PolicyDecision");
    bytes32 private constant VERSION_HASH = keccak256("1");

    /// @dev EIP-712 digest of `decision` for the policies of `policyRegistry` on chain `chainId`.
    function digestOf(
        Decision calldata decision,
        uint256 chainId,
        address policyRegistry
    ) internal pure returns (bytes32) {
        bytes32 domainSeparator = keccak256(
            abi.encode(DOMAIN_TYPEHASH, NAME_HASH, VERSION_HASH, chainId, policyRegistry)
        );
        return keccak256(abi.encodePacked(hex"1901", domainSeparator, structHash(decision)));
    }

    /// @dev EIP-712 struct hash; a list is the hash of its words. Two halves, for the sake of the stack: fields of fixed
    ///      width, so their encodings join to the encoding of all.
    function structHash(Decision calldata decision) internal pure returns (bytes32) {
        bytes memory head = abi.encode(
            DECISION_TYPEHASH,
            decision.taskId,
            decision.client,
            decision.policyInstanceId,
            decision.policyTemplateRef,
            decision.paramsHash,
            keccak256(abi.encodePacked(decision.policyDataInstanceIds)),
            decision.expireAfterBlocks
        );
        bytes memory tail = abi.encode(
            decision.regoHash,
            decision.paramsSchemaHash,
            decision.entrypointHash,
            decision.environment,
            keccak256(abi.encodePacked(decision.bindingNameHashes)),
            keccak256(abi.encodePacked(decision.policyDataRefs)),
            decision.referenceBlock,
            decision.isAllowed
        );
        return keccak256(bytes.concat(head, tail));
    }
}
