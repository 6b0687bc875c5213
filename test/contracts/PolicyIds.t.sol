// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PolicyIdsHarness} from "../../contracts/mocks/PolicyIdsHarness.sol";
import {
    DataBinding,
    PolicyDataTemplate,
    PolicyInstance,
    PolicyTemplate
} from "../../contracts/types/Policy.sol";
import {PolicyDataInstanceId} from "../../contracts/types/PolicyDataInstanceId.sol";
import {PolicyDataRef} from "../../contracts/types/PolicyDataRef.sol";
import {PolicyInstanceId} from "../../contracts/types/PolicyInstanceId.sol";
import {PolicyTemplateRef} from "../../contracts/types/PolicyTemplateRef.sol";
import {Test} from "../Cheats.sol";

contract PolicyIdsTest is Test {
    PolicyIdsHarness private _ids;
    string private _json;

    function setUp() public {
        _ids = new PolicyIdsHarness();
        _json = vm.readFile("test/vectors/policyIds.json");
    }

    // -- Vectors --

    function test_policyDataRefOf_vectors_equal() public view {
        bytes[] memory encoded = vm.parseJsonBytesArray(_json, ".dataTemplates.encoded");
        bytes32[] memory refs = vm.parseJsonBytes32Array(_json, ".dataTemplates.refs");
        assertTrue(encoded.length == refs.length && refs.length >= 32, "vectors are there");
        for (uint256 i = 0; i < refs.length; ++i) {
            assertEq(dataRef(abi.decode(encoded[i], (PolicyDataTemplate))), refs[i], "ref");
        }
    }

    function test_policyTemplateRefOf_vectors_equal() public view {
        bytes[] memory encoded = vm.parseJsonBytesArray(_json, ".templates.encoded");
        bytes32[] memory refs = vm.parseJsonBytes32Array(_json, ".templates.refs");
        assertTrue(encoded.length == refs.length && refs.length >= 30, "vectors are there");
        for (uint256 i = 0; i < refs.length; ++i) {
            assertEq(templateRef(abi.decode(encoded[i], (PolicyTemplate))), refs[i], "ref");
        }
    }

    function test_policyInstanceIdOf_vectors_equal() public view {
        bytes[] memory encoded = vm.parseJsonBytesArray(_json, ".instances.encoded");
        bytes32[] memory chainIds = vm.parseJsonBytes32Array(_json, ".instances.chainIds");
        bytes32[] memory ids = vm.parseJsonBytes32Array(_json, ".instances.ids");
        assertTrue(encoded.length == ids.length && ids.length >= 32, "vectors are there");
        for (uint256 i = 0; i < ids.length; ++i) {
            PolicyInstance memory instance = abi.decode(encoded[i], (PolicyInstance));
            assertEq(instanceId(uint256(chainIds[i]), instance), ids[i], "id");
        }
    }

    function test_POL06_policyDataInstanceIdOf_vectors_equalAndNeverSwapped() public view {
        bytes32[] memory chainIds = vm.parseJsonBytes32Array(_json, ".dataInstances.chainIds");
        bytes32[] memory clients = vm.parseJsonBytes32Array(_json, ".dataInstances.clients");
        bytes32[] memory refs = vm.parseJsonBytes32Array(_json, ".dataInstances.refs");
        bytes32[] memory ids = vm.parseJsonBytes32Array(_json, ".dataInstances.ids");
        bytes32[] memory swapped = vm.parseJsonBytes32Array(_json, ".dataInstances.swapped");
        assertTrue(ids.length >= 24, "vectors are there");
        for (uint256 i = 0; i < ids.length; ++i) {
            address client = address(uint160(uint256(clients[i])));
            bytes32 got = dataInstanceId(uint256(chainIds[i]), client, PolicyDataRef.wrap(refs[i]));
            assertEq(got, ids[i], "id");
            assertTrue(got != swapped[i], "client before chain id is another preimage");
        }
    }

    // -- Properties --

    function testFuzz_POL05_ids_sameParts_disjoint(
        uint256 chainId,
        address client,
        bytes32 ref,
        bytes calldata params,
        uint32 expireAfterBlocks
    ) public view {
        bytes32 dataId = dataInstanceId(chainId, client, PolicyDataRef.wrap(ref));
        PolicyInstance memory instance;
        instance.client = client;
        instance.templateRef = PolicyTemplateRef.wrap(ref);
        instance.params = params;
        instance.expireAfterBlocks = expireAfterBlocks;
        bytes32 id = instanceId(chainId, instance);
        assertTrue(dataId != id && dataId != ref && id != ref, "disjoint");
    }

    function testFuzz_POL05_policyDataInstanceIdOf_anyPartDiffers_differs(
        uint256[2] calldata chainIds,
        address[2] calldata clients,
        bytes32[2] calldata refs
    ) public view {
        bytes32 one = dataInstanceId(chainIds[0], clients[0], PolicyDataRef.wrap(refs[0]));
        bytes32 two = dataInstanceId(chainIds[1], clients[1], PolicyDataRef.wrap(refs[1]));
        bool isSame = chainIds[0] == chainIds[1] && clients[0] == clients[1] && refs[0] == refs[1];
        assertTrue((one == two) == isSame, "equal iff all parts are");
        bytes32 other = dataInstanceId(chainIds[1], clients[0], PolicyDataRef.wrap(refs[0]));
        assertTrue((one == other) == (chainIds[0] == chainIds[1]), "POL-07: another chain, another id");
    }

    function testFuzz_policyTemplateRefOf_namesMoved_differs(
        string calldata a,
        string calldata b,
        bytes32 ref
    ) public view {
        // No length is ambiguous: the same letters cut elsewhere are other names.
        vm.assume(bytes(a).length != 0 && bytes(b).length != 0);
        PolicyTemplate memory template;
        template.data = new DataBinding[](2);
        template.data[0] = DataBinding(a, PolicyDataRef.wrap(ref));
        template.data[1] = DataBinding(b, PolicyDataRef.wrap(ref));
        bytes32 two = templateRef(template);
        template.data = new DataBinding[](1);
        template.data[0] = DataBinding(string.concat(a, b), PolicyDataRef.wrap(ref));
        assertTrue(two != templateRef(template), "two names are not one");
    }

    function testFuzz_policyDataRefOf_oneBitFlipped_differs(
        bytes32[5] calldata hashes,
        bool teeRequired,
        uint256 bit
    ) public view {
        bit %= 5 * 256;
        bytes32 before = dataRef(dataTemplate(hashes, teeRequired));
        bytes32[5] memory flipped = hashes;
        flipped[bit / 256] ^= bytes32(1 << (bit % 256));
        assertTrue(before != dataRef(dataTemplate(flipped, teeRequired)), "every bit counts");
        assertTrue(before != dataRef(dataTemplate(hashes, !teeRequired)), "so does the flag");
    }

    function testFuzz_POL12_policyInstanceIdOf_paramsDiffer_differs(
        bytes calldata a,
        bytes calldata b
    ) public view {
        PolicyInstance memory instance;
        instance.params = a;
        bytes32 one = instanceId(1, instance);
        instance.params = b;
        assertTrue((one == instanceId(1, instance)) == (keccak256(a) == keccak256(b)), "verbatim");
    }

    // -- One at a time --

    function dataTemplate(
        bytes32[5] memory hashes,
        bool teeRequired
    ) private pure returns (PolicyDataTemplate memory template) {
        bytes memory encoded = abi.encode(hashes[0], hashes[1], hashes[2], hashes[3], teeRequired, hashes[4]);
        template = abi.decode(encoded, (PolicyDataTemplate));
    }

    function dataRef(PolicyDataTemplate memory template) private view returns (bytes32) {
        PolicyDataTemplate[] memory list = new PolicyDataTemplate[](1);
        list[0] = template;
        return PolicyDataRef.unwrap(_ids.policyDataRefs(list)[0]);
    }

    function templateRef(PolicyTemplate memory template) private view returns (bytes32) {
        PolicyTemplate[] memory list = new PolicyTemplate[](1);
        list[0] = template;
        return PolicyTemplateRef.unwrap(_ids.policyTemplateRefs(list)[0]);
    }

    function instanceId(uint256 chainId, PolicyInstance memory instance) private view returns (bytes32) {
        uint256[] memory chainIds = new uint256[](1);
        chainIds[0] = chainId;
        PolicyInstance[] memory list = new PolicyInstance[](1);
        list[0] = instance;
        return PolicyInstanceId.unwrap(_ids.policyInstanceIds(chainIds, list)[0]);
    }

    function dataInstanceId(
        uint256 chainId,
        address client,
        PolicyDataRef ref
    ) private view returns (bytes32) {
        uint256[] memory chainIds = new uint256[](1);
        chainIds[0] = chainId;
        address[] memory clients = new address[](1);
        clients[0] = client;
        PolicyDataRef[] memory refs = new PolicyDataRef[](1);
        refs[0] = ref;
        return PolicyDataInstanceId.unwrap(_ids.policyDataInstanceIds(chainIds, clients, refs)[0]);
    }
}
