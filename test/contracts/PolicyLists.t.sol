// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PolicyDataRegistry} from "../../contracts/PolicyDataRegistry.sol";
import {PolicyRegistry} from "../../contracts/PolicyRegistry.sol";
import {IArtifactRegistry} from "../../contracts/interfaces/IArtifactRegistry.sol";
import {IPolicyRegistry} from "../../contracts/interfaces/IPolicyRegistry.sol";
import {StateRoot} from "../../contracts/types/StateRoot.sol";
import {PolicyInstance} from "../../contracts/types/Policy.sol";
import {PolicyDataInstanceId} from "../../contracts/types/PolicyDataInstanceId.sol";
import {PolicyDataRef} from "../../contracts/types/PolicyDataRef.sol";
import {PolicyInstanceId} from "../../contracts/types/PolicyInstanceId.sol";
import {PolicyTemplateRef} from "../../contracts/types/PolicyTemplateRef.sol";
import {PolicyTemplates} from "./helpers/PolicyTemplates.sol";

/// @dev Everything that is registered, page by page; and which registries work together.
contract PolicyListsTest is PolicyTemplates {
    // -- Pages --

    function test_policyDataRefs_pages_areTheListInOrder() public {
        PolicyDataRef[] memory refs = new PolicyDataRef[](5);
        for (uint256 i = 0; i < 5; ++i) refs[i] = registerData(vm.toString(i));
        assertEq(dataRegistry.policyDataCount(), 5, "count");
        for (uint256 offset = 0; offset < 7; ++offset) {
            for (uint256 limit = 0; limit < 7; ++limit) {
                PolicyDataRef[] memory page = dataRegistry.policyDataRefs(offset, limit);
                assertEq(page.length, lengthOf(5, offset, limit), "page length");
                for (uint256 i = 0; i < page.length; ++i) assertTrue(page[i] == refs[offset + i], "ref");
            }
        }
        assertEq(dataRegistry.policyDataRefs(type(uint256).max, 256).length, 0, "far behind the last");
    }

    function test_policyTemplateRefs_pages_areTheListInOrder() public {
        PolicyTemplateRef[] memory refs = new PolicyTemplateRef[](5);
        for (uint256 i = 0; i < 5; ++i) refs[i] = register(newTemplate(vm.toString(i), 0));
        assertEq(registry.policyTemplateCount(), 5, "count");
        for (uint256 offset = 0; offset < 7; ++offset) {
            for (uint256 limit = 0; limit < 7; ++limit) {
                PolicyTemplateRef[] memory page = registry.policyTemplateRefs(offset, limit);
                assertEq(page.length, lengthOf(5, offset, limit), "page length");
                for (uint256 i = 0; i < page.length; ++i) assertTrue(page[i] == refs[offset + i], "ref");
            }
        }
    }

    function test_policyInstanceIds_pages_areTheClientsInOrder() public {
        PolicyInstance memory instance;
        instance.templateRef = register(newTemplate("a", 0));
        instance.dataInstances = new PolicyDataInstanceId[](0);
        PolicyInstanceId[] memory ids = new PolicyInstanceId[](5);
        for (uint256 i = 0; i < 5; ++i) {
            instance.params = abi.encode(i);
            instance.client = STRANGER;
            vm.prank(STRANGER);
            registry.instantiate(instance);
            instance.client = CLIENT;
            vm.prank(CLIENT);
            ids[i] = registry.instantiate(instance);
        }
        assertEq(registry.policyInstanceCount(CLIENT), 5, "count");
        assertEq(registry.policyInstanceCount(AUTHOR), 0, "no instance, none listed");
        for (uint256 offset = 0; offset < 7; ++offset) {
            for (uint256 limit = 0; limit < 7; ++limit) {
                PolicyInstanceId[] memory page = registry.policyInstanceIds(CLIENT, offset, limit);
                assertEq(page.length, lengthOf(5, offset, limit), "page length");
                for (uint256 i = 0; i < page.length; ++i) assertTrue(page[i] == ids[offset + i], "id");
            }
        }
    }

    function test_pages_above256_revert() public {
        bytes memory expected = abi.encodeWithSelector(IArtifactRegistry.PageTooLarge.selector, 256, 257);
        vm.expectRevert(expected);
        registry.policyTemplateRefs(0, 257);
        vm.expectRevert(expected);
        registry.policyInstanceIds(CLIENT, 0, 257);
        vm.expectRevert(abi.encodeWithSelector(IArtifactRegistry.PageTooLarge.selector, 256, 257));
        dataRegistry.policyDataRefs(0, 257);
        assertEq(registry.policyTemplateRefs(0, 256).length, 0, "256 are accepted");
        assertEq(registry.policyInstanceIds(CLIENT, 0, 256).length, 0, "256 are accepted");
        assertEq(dataRegistry.policyDataRefs(0, 256).length, 0, "256 are accepted");
    }

    function test_records_sequenceNo_isTheNewestCommitNotTheProofs() public {
        PolicyTemplateRef before = register(newTemplate("before", 1));
        roots.setRoot(SEQUENCE_NO + 5, StateRoot.wrap(keccak256("a later root")));
        PolicyTemplateRef afterwards = register(newTemplate("after", 1));
        assertEq(registry.policyTemplate(before).sequenceNo, SEQUENCE_NO, "at commit 7");
        assertEq(registry.policyTemplate(afterwards).sequenceNo, SEQUENCE_NO + 5, "at commit 12");
        assertEq(dataRegistry.policyData(dataRegistry.policyDataRefs(0, 1)[0]).sequenceNo, 7, "data, too");
        assertEq(dataRegistry.policyData(dataRegistry.policyDataRefs(1, 1)[0]).sequenceNo, 12, "data, too");
    }

    function lengthOf(uint256 count, uint256 offset, uint256 limit) private pure returns (uint256) {
        if (offset >= count) return 0;
        return count - offset < limit ? count - offset : limit;
    }

    // -- Which registries work together --

    function test_constructor_dataRegistryOfAnother_reverts() public {
        address predicted = vm.computeCreateAddress(address(this), vm.getNonce(address(this)));
        bytes4 selector = IPolicyRegistry.PolicyDataRegistryOfAnother.selector;
        vm.expectRevert(abi.encodeWithSelector(selector, address(registry), predicted));
        new PolicyRegistry(provider);
        assertTrue(registry.policyDataRegistry() == dataRegistry, "a registry of its own");
        assertTrue(dataRegistry.policyRegistry() == address(registry), "and mutual");
        assertTrue(address(registry.stateCommitRegistry()) == address(roots), "state commits");
        assertTrue(address(dataRegistry.stateCommitRegistry()) == address(roots), "state commits");
    }

    function test_POL08_instantiatePolicyData_registryThatIsNotNamed_reverts() public {
        PolicyDataRef ref = registerData("a");
        PolicyDataRegistry other = new PolicyDataRegistry(provider, STRANGER);
        assertTrue(other.policyRegistry() == STRANGER, "named at construction");
        vm.prank(address(other));
        vm.expectRevert(abi.encodeWithSelector(IArtifactRegistry.NotClient.selector, CLIENT, address(other)));
        dataRegistry.instantiatePolicyData(CLIENT, ref);
    }
}
