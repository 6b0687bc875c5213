// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IArtifactRegistry} from "../../contracts/interfaces/IArtifactRegistry.sol";
import {IPolicyDataRegistry} from "../../contracts/interfaces/IPolicyDataRegistry.sol";
import {IPolicyRegistry} from "../../contracts/interfaces/IPolicyRegistry.sol";
import {PolicyClientMock} from "../../contracts/mocks/PolicyClientMock.sol";
import {PolicyInstance, PolicyTemplate} from "../../contracts/types/Policy.sol";
import {PolicyDataInstanceId} from "../../contracts/types/PolicyDataInstanceId.sol";
import {PolicyDataRef} from "../../contracts/types/PolicyDataRef.sol";
import {PolicyInstanceId} from "../../contracts/types/PolicyInstanceId.sol";
import {PolicyTemplateRef} from "../../contracts/types/PolicyTemplateRef.sol";
import {PolicyTemplates} from "./helpers/PolicyTemplates.sol";

/// @dev Data instances, instance and pointer in one call.
contract PolicyBundlesTest is PolicyTemplates {
    PolicyTemplate private _template;
    PolicyTemplateRef private _ref;

    function setUp() public override {
        super.setUp();
        PolicyTemplate memory template = newTemplate("a", 2);
        _ref = register(template);
        _template = template;
    }

    /// @dev An instance for `client`, of which nothing is deployed.
    function newInstance(address client) private view returns (PolicyInstance memory instance) {
        instance.client = client;
        instance.templateRef = _ref;
        instance.params = '{"limit":"1"}';
        instance.expireAfterBlocks = 50;
        instance.dataInstances = new PolicyDataInstanceId[](2);
        for (uint256 i = 0; i < 2; ++i) {
            instance.dataInstances[i] = dataRegistry.policyDataInstanceIdOf(client, _template.data[i].ref);
        }
    }

    function isDeployed(PolicyDataInstanceId id) private view returns (bool) {
        (, address client) = dataRegistry.policyDataInstance(id);
        return client != address(0);
    }

    /// @dev The bundle reverts with `expected` and leaves nothing of itself.
    function refuse(PolicyInstance memory instance, address caller, bytes memory expected) private {
        PolicyInstanceId id = registry.policyInstanceIdOf(instance);
        PolicyInstanceId current = registry.currentPolicyInstance(instance.client);
        vm.prank(caller);
        vm.expectRevert(expected);
        registry.instantiateBundle(instance);
        assertTrue(registry.policyInstance(id).client == address(0), "no instance");
        assertEq(registry.policyInstanceCount(instance.client), 0, "none listed");
        assertTrue(registry.currentPolicyInstance(instance.client) == current, "pointer unmoved");
        for (uint256 i = 0; i < instance.dataInstances.length; ++i) {
            assertTrue(!isDeployed(instance.dataInstances[i]), "no data instance");
        }
    }

    function test_POL10_instantiateBundle_nothingDeployed_deploysAllAndPoints() public {
        PolicyInstance memory instance = newInstance(CLIENT);
        PolicyInstanceId id = registry.policyInstanceIdOf(instance);
        vm.prank(CLIENT);
        for (uint256 i = 0; i < 2; ++i) {
            vm.expectEmit();
            emit IPolicyDataRegistry.PolicyDataInstantiated(
                instance.dataInstances[i],
                _template.data[i].ref,
                CLIENT
            );
        }
        vm.expectEmit();
        emit IPolicyRegistry.PolicyInstantiated(
            id,
            _ref,
            CLIENT,
            instance.params,
            instance.dataInstances,
            instance.expireAfterBlocks
        );
        vm.expectEmit();
        emit IPolicyRegistry.CurrentPolicyInstanceMoved(CLIENT, PolicyInstanceId.wrap(0), id);
        assertTrue(registry.instantiateBundle(instance) == id, "id");
        vm.snapshotGasLastCall("policy", "instantiateBundle, 13 bytes of params, 2 data instances");

        for (uint256 i = 0; i < 2; ++i) {
            (PolicyDataRef ref, address client) = dataRegistry.policyDataInstance(instance.dataInstances[i]);
            assertTrue(ref == _template.data[i].ref && client == CLIENT, "the client's own");
        }
        assertTrue(registry.currentPolicyInstance(CLIENT) == id, "pointer");
        assertEq(keccak256(registry.policyParams(id)), keccak256(instance.params), "params");
    }

    function test_instantiateBundle_someDeployed_deploysTheOthers() public {
        PolicyInstance memory instance = newInstance(CLIENT);
        vm.startPrank(CLIENT);
        dataRegistry.instantiatePolicyData(CLIENT, _template.data[1].ref);
        PolicyInstanceId id = registry.instantiateBundle(instance);
        assertTrue(isDeployed(instance.dataInstances[0]) && isDeployed(instance.dataInstances[1]), "both");
        registry.moveCurrentPolicyInstance(CLIENT, PolicyInstanceId.wrap(0));
        assertTrue(registry.instantiateBundle(instance) == id, "again, the same");
        vm.stopPrank();
        assertEq(registry.policyInstanceCount(CLIENT), 1, "once");
        assertTrue(registry.currentPolicyInstance(CLIENT) == id, "and it decides again");
    }

    function test_instantiateBundle_ownerOfClientContract_succeeds() public {
        PolicyClientMock client = new PolicyClientMock();
        client.set(PolicyClientMock.Answer.Word, bytes32(uint256(uint160(OWNER))));
        PolicyInstance memory instance = newInstance(address(client));
        vm.prank(OWNER);
        PolicyInstanceId id = registry.instantiateBundle(instance);
        assertTrue(registry.currentPolicyInstance(address(client)) == id, "the owner chose");
    }

    function testFuzz_POL08_instantiateBundle_callerIsNotClient_reverts(address caller) public {
        vm.assume(caller != CLIENT);
        bytes4 selector = IArtifactRegistry.NotClient.selector;
        refuse(newInstance(CLIENT), caller, abi.encodeWithSelector(selector, CLIENT, caller));
    }

    function test_POL15_instantiateBundle_laterPartRefused_leavesNothing() public {
        // The first data instance is deployed before the second one is refused: all of it is undone.
        PolicyInstance memory instance = newInstance(CLIENT);
        PolicyDataRef second = _template.data[1].ref;
        vm.prank(AUTHOR);
        dataRegistry.deprecatePolicyData(second, "");
        bytes4 selector = IPolicyDataRegistry.PolicyDataIsDeprecated.selector;
        refuse(instance, CLIENT, abi.encodeWithSelector(selector, second));

        PolicyDataInstanceId expected = instance.dataInstances[1];
        PolicyDataInstanceId other = dataRegistry.policyDataInstanceIdOf(STRANGER, second);
        instance.dataInstances[1] = other;
        selector = IPolicyRegistry.DataInstanceMismatch.selector;
        refuse(instance, CLIENT, abi.encodeWithSelector(selector, 1, expected, other));
    }

    function test_POL09_instantiateBundle_dataDeprecatedButDeployed_succeeds() public {
        PolicyInstance memory instance = newInstance(CLIENT);
        for (uint256 i = 0; i < 2; ++i) {
            vm.prank(CLIENT);
            dataRegistry.instantiatePolicyData(CLIENT, _template.data[i].ref);
            vm.prank(AUTHOR);
            dataRegistry.deprecatePolicyData(_template.data[i].ref, "");
        }
        vm.prank(CLIENT);
        PolicyInstanceId id = registry.instantiateBundle(instance);
        assertTrue(registry.currentPolicyInstance(CLIENT) == id, "what the client has stays usable");
    }

    function test_POL03_instantiateBundle_copiedFromTheMempool_refused() public {
        // A copy of the call by anybody else is refused; and whoever registers first gets nothing by it.
        PolicyInstance memory instance = newInstance(CLIENT);
        bytes4 selector = IArtifactRegistry.NotClient.selector;
        refuse(instance, STRANGER, abi.encodeWithSelector(selector, CLIENT, STRANGER));
        refuse(instance, AUTHOR, abi.encodeWithSelector(selector, CLIENT, AUTHOR));
        vm.prank(CLIENT);
        registry.instantiateBundle(instance);
        assertTrue(isDeployed(instance.dataInstances[0]), "the client itself is not hindered");
    }
}
