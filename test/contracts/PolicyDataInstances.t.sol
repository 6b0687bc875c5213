// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IArtifactRegistry} from "../../contracts/interfaces/IArtifactRegistry.sol";
import {IPolicyDataRegistry} from "../../contracts/interfaces/IPolicyDataRegistry.sol";
import {PolicyClientMock} from "../../contracts/mocks/PolicyClientMock.sol";
import {PolicyDataInstanceId} from "../../contracts/types/PolicyDataInstanceId.sol";
import {PolicyDataRef} from "../../contracts/types/PolicyDataRef.sol";
import {PolicyFixture} from "./helpers/PolicyFixture.sol";

/// @dev Instances of PolicyDataRegistry.
contract PolicyDataInstancesTest is PolicyFixture {
    function test_PDR5_instantiatePolicyData_client_emitsOnce() public {
        PolicyDataRef ref = registerData("a");
        PolicyDataInstanceId id = dataRegistry.policyDataInstanceIdOf(CLIENT, ref);
        vm.startPrank(CLIENT);
        vm.expectEmit();
        emit IPolicyDataRegistry.PolicyDataInstantiated(id, ref, CLIENT);
        assertTrue(dataRegistry.instantiatePolicyData(CLIENT, ref) == id, "id");
        assertTrue(dataRegistry.instantiatePolicyData(CLIENT, ref) == id, "again, the same");
        vm.stopPrank();
        (PolicyDataRef gotRef, address gotClient) = dataRegistry.policyDataInstance(id);
        assertTrue(gotRef == ref && gotClient == CLIENT, "record");
    }

    function test_instantiatePolicyData_ownerOfClientContract_succeeds() public {
        PolicyDataRef ref = registerData("a");
        PolicyClientMock client = new PolicyClientMock();
        client.set(PolicyClientMock.Answer.Word, bytes32(uint256(uint160(OWNER))));
        vm.prank(OWNER);
        PolicyDataInstanceId id = dataRegistry.instantiatePolicyData(address(client), ref);
        (, address gotClient) = dataRegistry.policyDataInstance(id);
        assertTrue(gotClient == address(client), "bound to the contract");
    }

    function testFuzz_PDR5_POL08_instantiatePolicyData_callerIsNotClient_reverts(address caller) public {
        vm.assume(caller != CLIENT);
        PolicyDataRef ref = registerData("a");
        vm.prank(caller);
        vm.expectRevert(abi.encodeWithSelector(IArtifactRegistry.NotClient.selector, CLIENT, caller));
        dataRegistry.instantiatePolicyData(CLIENT, ref);
        assertNoInstance(CLIENT, ref);
    }

    function test_instantiatePolicyData_unknownTemplate_reverts() public {
        PolicyDataRef unknown = PolicyDataRef.wrap(keccak256("unknown"));
        vm.prank(CLIENT);
        vm.expectRevert(abi.encodeWithSelector(IPolicyDataRegistry.UnknownPolicyData.selector, unknown));
        dataRegistry.instantiatePolicyData(CLIENT, unknown);
        assertNoInstance(CLIENT, unknown);
    }

    function test_POL09_instantiatePolicyData_deprecated_oldOnesStay() public {
        PolicyDataRef ref = registerData("a");
        vm.prank(CLIENT);
        PolicyDataInstanceId id = dataRegistry.instantiatePolicyData(CLIENT, ref);
        vm.prank(AUTHOR);
        dataRegistry.deprecatePolicyData(ref, "a better one exists");

        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IPolicyDataRegistry.PolicyDataIsDeprecated.selector, ref));
        dataRegistry.instantiatePolicyData(STRANGER, ref);
        assertNoInstance(STRANGER, ref);
        vm.prank(CLIENT);
        assertTrue(dataRegistry.instantiatePolicyData(CLIENT, ref) == id, "the old one is still there");
    }

    function test_POL07_policyDataInstanceIdOf_otherChain_differs() public {
        PolicyDataRef ref = registerData("a");
        PolicyDataInstanceId here = dataRegistry.policyDataInstanceIdOf(CLIENT, ref);
        vm.chainId(10);
        assertTrue(dataRegistry.policyDataInstanceIdOf(CLIENT, ref) != here, "ids name the chain");
    }

    function assertNoInstance(address client, PolicyDataRef ref) private view {
        PolicyDataInstanceId id = dataRegistry.policyDataInstanceIdOf(client, ref);
        (PolicyDataRef gotRef, address gotClient) = dataRegistry.policyDataInstance(id);
        assertTrue(gotRef.isZero() && gotClient == address(0), "no instance");
    }
}
