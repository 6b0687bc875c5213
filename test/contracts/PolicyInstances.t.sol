// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IArtifactRegistry} from "../../contracts/interfaces/IArtifactRegistry.sol";
import {IPolicyRegistry} from "../../contracts/interfaces/IPolicyRegistry.sol";
import {PolicyClientMock} from "../../contracts/mocks/PolicyClientMock.sol";
import {PolicyInstance, PolicyTemplate} from "../../contracts/types/Policy.sol";
import {PolicyDataInstanceId} from "../../contracts/types/PolicyDataInstanceId.sol";
import {PolicyInstanceId} from "../../contracts/types/PolicyInstanceId.sol";
import {PolicyTemplateRef} from "../../contracts/types/PolicyTemplateRef.sol";
import {PolicyTemplates} from "./helpers/PolicyTemplates.sol";

/// @dev Instances of PolicyRegistry and the pointer to the current one.
contract PolicyInstancesTest is PolicyTemplates {
    PolicyTemplate private _template;
    PolicyTemplateRef private _ref;

    function setUp() public override {
        super.setUp();
        PolicyTemplate memory template = newTemplate("a", 2);
        _ref = register(template);
        _template = template;
    }

    /// @dev An instance for `client`, whose data instances it deploys.
    function newInstance(
        address client,
        bytes memory params
    ) private returns (PolicyInstance memory instance) {
        instance.client = client;
        instance.templateRef = _ref;
        instance.params = params;
        instance.expireAfterBlocks = 50;
        instance.dataInstances = new PolicyDataInstanceId[](2);
        for (uint256 i = 0; i < 2; ++i) {
            vm.prank(client);
            instance.dataInstances[i] = dataRegistry.instantiatePolicyData(client, _template.data[i].ref);
        }
    }

    function deploy(PolicyInstance memory instance) private returns (PolicyInstanceId) {
        vm.prank(instance.client);
        return registry.instantiate(instance);
    }

    /// @dev Instantiating reverts with `expected`; no instance, and the pointer where it was.
    function refuse(PolicyInstance memory instance, address caller, bytes memory expected) private {
        PolicyInstanceId id = registry.policyInstanceIdOf(instance);
        PolicyInstanceId current = registry.currentPolicyInstance(instance.client);
        vm.prank(caller);
        vm.expectRevert(expected);
        registry.instantiate(instance);
        assertTrue(registry.policyInstance(id).client == address(0), "no instance");
        assertTrue(registry.currentPolicyInstance(instance.client) == current, "pointer unmoved");
    }

    // -- Deployment --

    function test_POL4_instantiate_new_deploysAndPoints() public {
        PolicyInstance memory instance = newInstance(CLIENT, '{"limit":"1"}');
        PolicyInstanceId id = registry.policyInstanceIdOf(instance);
        vm.warp(99);
        vm.prank(CLIENT);
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
        assertTrue(registry.instantiate(instance) == id, "id");
        vm.snapshotGasLastCall("policy", "instantiate, 13 bytes of params, 2 data instances");

        IPolicyRegistry.InstanceRecord memory record = registry.policyInstance(id);
        assertTrue(record.client == CLIENT && record.templateRef == _ref, "client and template");
        assertEq(record.deployedAt, 99, "deployed at");
        assertEq(record.expireAfterBlocks, 50, "expiry");
        assertEq(record.paramsHash, keccak256(instance.params), "params hash");
        assertEq(keccak256(registry.policyParams(id)), keccak256(instance.params), "params");
        assertTrue(registry.currentPolicyInstance(CLIENT) == id, "pointer");
    }

    function test_POL5_POL12_GAS09_instantiate_paramsBounds() public {
        PolicyInstance memory instance = newInstance(CLIENT, new bytes(8_193));
        refuse(
            instance,
            CLIENT,
            abi.encodeWithSelector(IPolicyRegistry.ParamsTooLarge.selector, 8_192, 8_193)
        );
        instance.params = new bytes(100 * 1024);
        refuse(
            instance,
            CLIENT,
            abi.encodeWithSelector(IPolicyRegistry.ParamsTooLarge.selector, 8_192, 102_400)
        );
        instance.params = new bytes(8_192);
        instance.params[8_191] = 0x7d;
        PolicyInstanceId id = deploy(instance);
        vm.snapshotGasLastCall("policy", "instantiate, 8192 bytes of params, 2 data instances");
        assertEq(keccak256(registry.policyParams(id)), keccak256(instance.params), "all bytes are kept");
    }

    function test_POL5_POL12_instantiate_paramsVerbatim_differByOrder() public {
        PolicyInstanceId one = deploy(newInstance(CLIENT, '{"a":1,"b":2}'));
        PolicyInstanceId two = deploy(newInstance(CLIENT, '{"b":2,"a":1}'));
        assertTrue(one != two, "reordered keys are other params");
        assertEq(keccak256(registry.policyParams(one)), keccak256('{"a":1,"b":2}'), "verbatim");
        assertEq(keccak256(registry.policyParams(two)), keccak256('{"b":2,"a":1}'), "verbatim");
    }

    function testFuzz_POL5_policyParams_anyBytes_verbatim(bytes memory params) public {
        vm.assume(params.length <= 8_192);
        PolicyInstanceId id = deploy(newInstance(CLIENT, params));
        assertEq(keccak256(registry.policyParams(id)), keccak256(params), "params");
        assertEq(registry.policyParams(id).length, params.length, "length");
    }

    function test_instantiate_paramsAsOfAnotherClient_sharesCode() public {
        PolicyInstance memory first = newInstance(CLIENT, new bytes(1_000));
        PolicyInstance memory second = newInstance(STRANGER, new bytes(1_000));
        uint256 before = gasleft();
        deploy(first);
        uint256 firstGas = before - gasleft();
        before = gasleft();
        PolicyInstanceId id = deploy(second);
        assertTrue(before - gasleft() + 200_000 < firstGas, "the code is written once");
        assertEq(registry.policyParams(id).length, 1_000, "and read by both");
    }

    function test_policyParams_unknownInstance_reverts() public {
        PolicyInstanceId id = PolicyInstanceId.wrap(keccak256("unknown"));
        vm.expectRevert(abi.encodeWithSelector(IPolicyRegistry.UnknownInstance.selector, id));
        registry.policyParams(id);
    }

    function test_instantiate_again_movesPointerOnly() public {
        PolicyInstance memory one = newInstance(CLIENT, "1");
        PolicyInstanceId id = deploy(one);
        deploy(newInstance(CLIENT, "2"));
        uint256 deployedAt = registry.policyInstance(id).deployedAt;
        vm.warp(block.timestamp + 500);
        assertTrue(deploy(one) == id, "same id");
        assertEq(registry.policyInstance(id).deployedAt, deployedAt, "not deployed again");
        assertTrue(registry.currentPolicyInstance(CLIENT) == id, "current again");
    }

    function test_instantiate_unknownTemplate_reverts() public {
        PolicyInstance memory instance = newInstance(CLIENT, "1");
        instance.templateRef = PolicyTemplateRef.wrap(keccak256("unknown"));
        bytes4 selector = IPolicyRegistry.UnknownTemplate.selector;
        refuse(instance, CLIENT, abi.encodeWithSelector(selector, instance.templateRef));
    }

    function test_POL6_POL09_instantiate_deprecatedTemplate_oldOnesStay() public {
        PolicyInstance memory old = newInstance(CLIENT, "old");
        PolicyInstanceId oldId = deploy(old);
        vm.prank(AUTHOR);
        registry.deprecateTemplate(_ref, "");
        bytes memory expected = abi.encodeWithSelector(IPolicyRegistry.TemplateDeprecated.selector, _ref);
        refuse(newInstance(CLIENT, "new"), CLIENT, expected);

        assertTrue(registry.currentPolicyInstance(CLIENT) == oldId, "the old one still decides");
        assertEq(registry.policyParams(oldId).length, 3, "and is readable");
        vm.startPrank(CLIENT);
        registry.moveCurrentPolicyInstance(CLIENT, PolicyInstanceId.wrap(0));
        registry.instantiate(old);
        vm.stopPrank();
        assertTrue(registry.currentPolicyInstance(CLIENT) == oldId, "and can be taken up again");
    }

    function test_instantiate_dataInstanceCount_reverts() public {
        PolicyInstance memory instance = newInstance(CLIENT, "1");
        PolicyDataInstanceId[] memory both = instance.dataInstances;
        bytes4 selector = IPolicyRegistry.DataInstanceCountMismatch.selector;
        instance.dataInstances = new PolicyDataInstanceId[](1);
        instance.dataInstances[0] = both[0];
        refuse(instance, CLIENT, abi.encodeWithSelector(selector, 2, 1));
        instance.dataInstances = new PolicyDataInstanceId[](3);
        (instance.dataInstances[0], instance.dataInstances[1]) = (both[0], both[1]);
        refuse(instance, CLIENT, abi.encodeWithSelector(selector, 2, 3));
    }

    function test_instantiate_dataInstanceOfAnother_reverts() public {
        PolicyInstance memory instance = newInstance(CLIENT, "1");
        PolicyInstance memory strangers = newInstance(STRANGER, "1");
        PolicyDataInstanceId own = instance.dataInstances[1];
        instance.dataInstances[1] = strangers.dataInstances[1];
        bytes4 selector = IPolicyRegistry.DataInstanceMismatch.selector;
        refuse(instance, CLIENT, abi.encodeWithSelector(selector, 1, own, strangers.dataInstances[1]));
        instance.dataInstances[1] = own;
        PolicyDataInstanceId first = instance.dataInstances[0];
        (instance.dataInstances[0], instance.dataInstances[1]) = (own, first);
        refuse(instance, CLIENT, abi.encodeWithSelector(selector, 0, first, own));
    }

    function test_instantiate_dataInstanceNotDeployed_reverts() public {
        PolicyInstance memory instance = newInstance(CLIENT, "1");
        instance.client = STRANGER;
        for (uint256 i = 0; i < 2; ++i) {
            instance.dataInstances[i] = dataRegistry.policyDataInstanceIdOf(STRANGER, _template.data[i].ref);
        }
        bytes4 selector = IPolicyRegistry.UnknownDataInstance.selector;
        refuse(instance, STRANGER, abi.encodeWithSelector(selector, 0, instance.dataInstances[0]));
    }

    function test_POL07_instantiate_dataInstanceOfOtherChain_reverts() public {
        PolicyInstance memory instance = newInstance(CLIENT, "1");
        PolicyInstanceId here = registry.policyInstanceIdOf(instance);
        vm.chainId(10);
        assertTrue(registry.policyInstanceIdOf(instance) != here, "ids name the chain");
        PolicyDataInstanceId expected = dataRegistry.policyDataInstanceIdOf(CLIENT, _template.data[0].ref);
        bytes4 selector = IPolicyRegistry.DataInstanceMismatch.selector;
        refuse(instance, CLIENT, abi.encodeWithSelector(selector, 0, expected, instance.dataInstances[0]));
    }

    // -- Authority --

    function testFuzz_POL6_POL08_instantiate_callerIsNotClient_reverts(address caller) public {
        vm.assume(caller != CLIENT);
        PolicyInstance memory instance = newInstance(CLIENT, "1");
        refuse(
            instance,
            caller,
            abi.encodeWithSelector(IArtifactRegistry.NotClient.selector, CLIENT, caller)
        );
    }

    function testFuzz_POL6_POL08_moveCurrentPolicyInstance_callerIsNotClient_reverts(address caller) public {
        vm.assume(caller != CLIENT);
        PolicyInstanceId id = deploy(newInstance(CLIENT, "1"));
        vm.prank(caller);
        vm.expectRevert(abi.encodeWithSelector(IArtifactRegistry.NotClient.selector, CLIENT, caller));
        registry.moveCurrentPolicyInstance(CLIENT, PolicyInstanceId.wrap(0));
        assertTrue(registry.currentPolicyInstance(CLIENT) == id, "pointer unmoved");
    }

    function test_instantiate_ownerOfClientContract_succeeds() public {
        PolicyClientMock client = new PolicyClientMock();
        client.set(PolicyClientMock.Answer.Word, bytes32(uint256(uint160(OWNER))));
        PolicyInstance memory instance = newInstance(address(client), "1");
        vm.prank(OWNER);
        PolicyInstanceId id = registry.instantiate(instance);
        assertTrue(registry.currentPolicyInstance(address(client)) == id, "the owner chose");
        client.set(PolicyClientMock.Answer.Word, bytes32(uint256(uint160(STRANGER))));
        bytes4 selector = IArtifactRegistry.NotClient.selector;
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(selector, address(client), OWNER));
        registry.moveCurrentPolicyInstance(address(client), PolicyInstanceId.wrap(0));
        assertTrue(registry.currentPolicyInstance(address(client)) == id, "no longer the owner");
    }

    // -- Pointer --

    function test_moveCurrentPolicyInstance_backAndToNone_emits() public {
        PolicyInstanceId one = deploy(newInstance(CLIENT, "1"));
        PolicyInstanceId two = deploy(newInstance(CLIENT, "2"));
        vm.roll(block.number + 1);
        vm.startPrank(CLIENT);
        vm.expectEmit();
        emit IPolicyRegistry.CurrentPolicyInstanceMoved(CLIENT, two, one);
        registry.moveCurrentPolicyInstance(CLIENT, one);
        vm.snapshotGasLastCall("policy", "moveCurrentPolicyInstance");
        vm.expectEmit();
        emit IPolicyRegistry.CurrentPolicyInstanceMoved(CLIENT, one, PolicyInstanceId.wrap(0));
        registry.moveCurrentPolicyInstance(CLIENT, PolicyInstanceId.wrap(0));
        vm.stopPrank();
        assertTrue(registry.currentPolicyInstance(CLIENT).isZero(), "none");
    }

    function test_moveCurrentPolicyInstance_unknownOrForeign_reverts() public {
        PolicyInstanceId foreign = deploy(newInstance(STRANGER, "1"));
        PolicyInstanceId own = deploy(newInstance(CLIENT, "1"));
        PolicyInstanceId[2] memory bad = [foreign, PolicyInstanceId.wrap(keccak256("unknown"))];
        for (uint256 i = 0; i < 2; ++i) {
            vm.prank(CLIENT);
            vm.expectRevert(abi.encodeWithSelector(IPolicyRegistry.UnknownInstance.selector, bad[i]));
            registry.moveCurrentPolicyInstance(CLIENT, bad[i]);
            assertTrue(registry.currentPolicyInstance(CLIENT) == own, "pointer unmoved");
        }
    }

    function test_policyInstanceAt_blockNotPast_reverts() public {
        vm.roll(1_000);
        for (uint256 i = 1_000; i < 1_002; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IPolicyRegistry.BlockNotPast.selector, i));
            registry.policyInstanceAt(CLIENT, i);
        }
        assertTrue(registry.policyInstanceAt(CLIENT, 999).isZero(), "the past is readable");
    }

    function test_POL4_POL13_policyInstanceAt_moveInBlock_oldBeforeNewAfter() public {
        vm.roll(1_000);
        PolicyInstanceId one = deploy(newInstance(CLIENT, "1"));
        vm.roll(2_000);
        PolicyInstance memory second = newInstance(CLIENT, "2");
        // Two moves in one block: the last one counts, the one between is in no block's end.
        deploy(newInstance(CLIENT, "between"));
        PolicyInstanceId two = deploy(second);
        vm.roll(2_001);
        assertTrue(registry.policyInstanceAt(CLIENT, 999).isZero(), "none before the first");
        assertTrue(registry.policyInstanceAt(CLIENT, 1_000) == one, "from its block on");
        assertTrue(registry.policyInstanceAt(CLIENT, 1_999) == one, "until the block before");
        assertTrue(registry.policyInstanceAt(CLIENT, 2_000) == two, "the end of the block");
        assertTrue(registry.policyInstance(two).client == CLIENT, "never to what does not exist");
    }

    function testFuzz_POL4_policyInstanceAt_history_equalsModel(uint8[24] calldata steps) public {
        // A number, not `block.number`: the optimizer may read that again after the last roll, and compare nothing.
        uint256 start = 1_000;
        vm.roll(start);
        PolicyInstanceId[4] memory ids;
        for (uint256 i = 1; i < 4; ++i) ids[i] = deploy(newInstance(CLIENT, abi.encode(i)));
        uint256 height = start;
        PolicyInstanceId[] memory model = new PolicyInstanceId[](24 * 16 + 1);
        PolicyInstanceId current = ids[3];
        model[0] = current;
        for (uint256 i = 0; i < steps.length; ++i) {
            // The low bits pick the target, the high ones how many blocks pass before it.
            for (uint256 passed = 0; passed < steps[i] >> 4; ++passed) model[++height - start] = current;
            vm.roll(height);
            current = ids[steps[i] % 4];
            vm.prank(CLIENT);
            registry.moveCurrentPolicyInstance(CLIENT, current);
            model[height - start] = current;
            assertTrue(registry.currentPolicyInstance(CLIENT) == current, "current");
        }
        vm.roll(height + 1);
        for (uint256 n = start; n <= height; ++n) {
            assertTrue(registry.policyInstanceAt(CLIENT, n) == model[n - start], "history");
        }
    }
}
