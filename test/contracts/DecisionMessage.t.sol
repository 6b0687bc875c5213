// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Test} from "../Cheats.sol";
import {DecisionMessage} from "../../contracts/libraries/DecisionMessage.sol";
import {ContentHash} from "../../contracts/types/ContentHash.sol";
import {Decision} from "../../contracts/types/Decision.sol";
import {PolicyDataInstanceId} from "../../contracts/types/PolicyDataInstanceId.sol";
import {PolicyDataRef} from "../../contracts/types/PolicyDataRef.sol";
import {PolicyInstanceId} from "../../contracts/types/PolicyInstanceId.sol";
import {PolicyTemplateRef} from "../../contracts/types/PolicyTemplateRef.sol";

/// @dev Digests of test/vectors/decision.json, which the TypeScript twin makes.
contract DecisionMessageTest is Test {
    string private _json;

    function setUp() public {
        _json = vm.readFile("./test/vectors/decision.json");
    }

    function digestOf(
        Decision calldata decision,
        uint256 chainId,
        address policyRegistry
    ) external pure returns (bytes32) {
        return DecisionMessage.digestOf(decision, chainId, policyRegistry);
    }

    function _word(string memory list, uint256 i) private view returns (bytes32) {
        return vm.parseJsonBytes32(_json, _at(list, i));
    }

    function _uint(string memory list, uint256 i) private view returns (uint256) {
        return vm.parseJsonUint(_json, _at(list, i));
    }

    function _address(string memory list, uint256 i) private view returns (address) {
        return address(bytes20(vm.parseJsonBytes(_json, _at(list, i))));
    }

    function _words(string memory list, uint256 i) private view returns (bytes32[] memory words) {
        bytes memory packed = vm.parseJsonBytes(_json, _at(list, i));
        words = new bytes32[](packed.length / 32);
        for (uint256 j = 0; j < words.length; ++j) {
            bytes32 word;
            assembly ("memory-safe") {
                word := mload(add(add(packed, 0x20), mul(j, 0x20)))
            }
            words[j] = word;
        }
    }

    function _at(string memory list, uint256 i) private pure returns (string memory) {
        return string.concat(".", list, "[", vm.toString(i), "]");
    }

    function _decision(uint256 i) private view returns (Decision memory decision) {
        decision.taskId = _word("taskIds", i);
        decision.client = _address("clients", i);
        decision.policyInstanceId = PolicyInstanceId.wrap(_word("policyInstanceIds", i));
        decision.policyTemplateRef = PolicyTemplateRef.wrap(_word("policyTemplateRefs", i));
        decision.paramsHash = _word("paramsHashes", i);
        decision.expireAfterBlocks = uint32(_uint("expireAfterBlocks", i));
        decision.regoHash = ContentHash.wrap(_word("regoHashes", i));
        decision.paramsSchemaHash = ContentHash.wrap(_word("paramsSchemaHashes", i));
        decision.entrypointHash = _word("entrypointHashes", i);
        decision.environment = uint16(_uint("environments", i));
        decision.bindingNameHashes = _words("bindingNameHashes", i);
        decision.referenceBlock = uint64(_uint("referenceBlocks", i));
        decision.isAllowed = _uint("areAllowed", i) == 1;
        bytes32[] memory words = _words("policyDataInstanceIds", i);
        decision.policyDataInstanceIds = new PolicyDataInstanceId[](words.length);
        for (uint256 j = 0; j < words.length; ++j) {
            decision.policyDataInstanceIds[j] = PolicyDataInstanceId.wrap(words[j]);
        }
        words = _words("policyDataRefs", i);
        decision.policyDataRefs = new PolicyDataRef[](words.length);
        for (uint256 j = 0; j < words.length; ++j) decision.policyDataRefs[j] = PolicyDataRef.wrap(words[j]);
    }

    function test_ABI09_digestOf_vectors_areTheTwins() public view {
        uint256 count = vm.parseJsonBytes32Array(_json, ".digests").length;
        assertTrue(count > 30, "vectors");
        for (uint256 i = 0; i < count; ++i) {
            bytes32 digest = this.digestOf(
                _decision(i),
                _uint("chainIds", i),
                _address("policyRegistries", i)
            );
            assertEq(digest, _word("digests", i), vm.toString(i));
        }
    }
}
