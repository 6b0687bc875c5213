// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IArtifactRegistry} from "../../contracts/interfaces/IArtifactRegistry.sol";
import {IPolicyRegistry} from "../../contracts/interfaces/IPolicyRegistry.sol";
import {ArtifactProof} from "../../contracts/types/ArtifactProof.sol";
import {ContentHash} from "../../contracts/types/ContentHash.sol";
import {LeafFault} from "../../contracts/types/LeafFault.sol";
import {HashedPolicyInstance, PolicyInstance, PolicyTemplate} from "../../contracts/types/Policy.sol";
import {PolicyDataInstanceId} from "../../contracts/types/PolicyDataInstanceId.sol";
import {PolicyInstanceId} from "../../contracts/types/PolicyInstanceId.sol";
import {PolicyTemplateRef} from "../../contracts/types/PolicyTemplateRef.sol";
import {ProofFault} from "../../contracts/types/ProofFault.sol";
import {StateRoot} from "../../contracts/types/StateRoot.sol";
import {TreeKey} from "../../contracts/types/TreeKey.sol";
import {PolicyTemplates} from "./helpers/PolicyTemplates.sol";

/// @dev Instances whose params are a leaf of the tree.
contract PolicyParamsLeafTest is PolicyTemplates {
    uint64 private constant NEWEST = SEQUENCE_NO + 2;

    PolicyTemplate private _template;
    PolicyTemplateRef private _ref;

    function setUp() public override {
        super.setUp();
        PolicyTemplate memory template = newTemplate("a", 1);
        _ref = register(template);
        _template = template;
    }

    function headerOfParams(uint64 paramsBytes, uint16 flags) private pure returns (bytes20) {
        return bytes20(abi.encodePacked(uint8(1), PARAMS, flags, paramsBytes, uint64(1)));
    }

    /// @dev An instance whose params, as many bytes as that, are in the tree; and their proof.
    function newInstance(
        bytes32 paramsHash,
        uint64 paramsBytes,
        uint16 flags
    ) private returns (HashedPolicyInstance memory instance, ArtifactProof memory proof) {
        instance.client = CLIENT;
        instance.templateRef = _ref;
        instance.paramsHash = addRawLeaf(PARAMS, paramsHash, headerOfParams(paramsBytes, flags));
        instance.dataInstances = new PolicyDataInstanceId[](1);
        instance.dataInstances[0] = dataRegistry.policyDataInstanceIdOf(CLIENT, _template.data[0].ref);
        instance.expireAfterBlocks = 50;
        proof = proofOf(PARAMS, instance.paramsHash, 0);
        proof.header = headerOfParams(paramsBytes, flags);
    }

    function refuse(
        HashedPolicyInstance memory instance,
        ArtifactProof memory proof,
        address caller,
        bytes memory expected
    ) private {
        PolicyInstanceId id = registry.hashedPolicyInstanceIdOf(instance);
        vm.prank(caller);
        vm.expectRevert(expected);
        registry.instantiateWithParamsLeaf(instance, proof);
        assertTrue(registry.policyInstance(id).client == address(0), "no instance");
        assertTrue(registry.currentPolicyInstance(CLIENT).isZero(), "pointer unmoved");
        (, address client) = dataRegistry.policyDataInstance(instance.dataInstances[0]);
        assertTrue(client == address(0), "no data instance");
    }

    function test_POL12_instantiateWithParamsLeaf_oneByteTooMany_deploysAndPoints() public {
        (HashedPolicyInstance memory instance, ArtifactProof memory proof) = newInstance(
            keccak256("params"),
            8_193,
            0
        );
        PolicyInstanceId id = registry.hashedPolicyInstanceIdOf(instance);
        roots.setRoot(NEWEST, StateRoot.wrap("newer than the proof"));
        vm.prank(CLIENT);
        vm.expectEmit();
        emit IPolicyRegistry.PolicyInstantiatedWithParamsLeaf(
            id,
            _ref,
            CLIENT,
            instance.paramsHash,
            instance.dataInstances,
            50,
            NEWEST
        );
        vm.expectEmit();
        emit IPolicyRegistry.CurrentPolicyInstanceMoved(CLIENT, PolicyInstanceId.wrap(0), id);
        assertTrue(registry.instantiateWithParamsLeaf(instance, proof) == id, "id");

        assertEq(registry.policyInstance(id).paramsHash, keccak256("params"), "params hash");
        assertEq(registry.policyInstance(id).sequenceNo, NEWEST, "newest commit, not that of the proof");
        (, address client) = dataRegistry.policyDataInstance(instance.dataInstances[0]);
        assertTrue(client == CLIENT, "its data instance, too");
        TreeKey expected = TreeKey.wrap(keyOf(PARAMS, keccak256("params")));
        (address code, TreeKey leaf) = registry.policyParamsPlace(id);
        assertTrue(code == address(0) && leaf == expected, "a view tells where they are");
        vm.expectRevert(abi.encodeWithSelector(IPolicyRegistry.ParamsInLeaf.selector, id, expected));
        registry.policyParams(id);
    }

    function testFuzz_POL12_hashedPolicyInstanceIdOf_anyParams_isTheSameId(
        bytes calldata params,
        uint32 expireAfterBlocks,
        PolicyDataInstanceId[] calldata dataInstances
    ) public view {
        PolicyInstance memory mirrored = PolicyInstance(
            CLIENT,
            _ref,
            params,
            dataInstances,
            expireAfterBlocks
        );
        HashedPolicyInstance memory hashed = HashedPolicyInstance(
            CLIENT,
            _ref,
            ContentHash.wrap(keccak256(params)),
            dataInstances,
            expireAfterBlocks
        );
        assertTrue(
            registry.policyInstanceIdOf(mirrored) == registry.hashedPolicyInstanceIdOf(hashed),
            "the same instance"
        );
    }

    function test_POL12_instantiateWithParamsLeaf_paramsFitOnChain_reverts() public {
        (HashedPolicyInstance memory instance, ArtifactProof memory proof) = newInstance(
            keccak256("params"),
            8_192,
            0
        );
        bytes4 selector = IPolicyRegistry.ParamsFitOnChain.selector;
        refuse(instance, proof, CLIENT, abi.encodeWithSelector(selector, 8_192, 8_192));
    }

    function test_POL10_instantiateWithParamsLeaf_notInTheTree_reverts() public {
        (HashedPolicyInstance memory instance, ArtifactProof memory proof) = newInstance(
            keccak256("params"),
            9_000,
            0
        );
        instance.paramsHash = ContentHash.wrap(keccak256("absent"));
        bytes memory expected = dangling(0, instance.paramsHash, ProofFault.RootMismatch, LeafFault.None);
        refuse(instance, proof, CLIENT, expected);
        // A larger length than the leaf has makes it another leaf.
        (instance, proof) = newInstance(keccak256("small"), 8_192, 0);
        proof.header = headerOfParams(8_193, 0);
        expected = dangling(0, instance.paramsHash, ProofFault.RootMismatch, LeafFault.None);
        refuse(instance, proof, CLIENT, expected);
    }

    function test_POL04_instantiateWithParamsLeaf_leafOfAnotherKind_reverts() public {
        (HashedPolicyInstance memory instance, ArtifactProof memory proof) = newInstance(
            keccak256("params"),
            9_000,
            0
        );
        instance.paramsHash = addLeaf(INPUT_SCHEMA, keccak256("a schema"), 0);
        proof = proofOf(INPUT_SCHEMA, instance.paramsHash, 0);
        refuse(
            instance,
            proof,
            CLIENT,
            dangling(0, instance.paramsHash, ProofFault.RootMismatch, LeafFault.NamespaceMismatch)
        );
    }

    function test_instantiateWithParamsLeaf_encrypted_reverts() public {
        (HashedPolicyInstance memory instance, ArtifactProof memory proof) = newInstance(
            keccak256("params"),
            9_000,
            1
        );
        bytes4 selector = IArtifactRegistry.FlagsMismatch.selector;
        refuse(instance, proof, CLIENT, abi.encodeWithSelector(selector, 0, 1));
    }

    function testFuzz_POL08_instantiateWithParamsLeaf_callerIsNotClient_reverts(address caller) public {
        vm.assume(caller != CLIENT);
        (HashedPolicyInstance memory instance, ArtifactProof memory proof) = newInstance(
            keccak256("params"),
            9_000,
            0
        );
        bytes4 selector = IArtifactRegistry.NotClient.selector;
        refuse(instance, proof, caller, abi.encodeWithSelector(selector, CLIENT, caller));
    }

    function test_instantiateWithParamsLeaf_again_movesPointerOnly() public {
        (HashedPolicyInstance memory instance, ArtifactProof memory proof) = newInstance(
            keccak256("params"),
            9_000,
            0
        );
        vm.startPrank(CLIENT);
        PolicyInstanceId id = registry.instantiateWithParamsLeaf(instance, proof);
        roots.setRoot(NEWEST, StateRoot.wrap("newer"));
        registry.moveCurrentPolicyInstance(CLIENT, PolicyInstanceId.wrap(0));
        ArtifactProof memory none;
        assertTrue(registry.instantiateWithParamsLeaf(instance, none) == id, "the same");
        vm.stopPrank();
        assertEq(registry.policyInstanceCount(CLIENT), 1, "once");
        assertTrue(registry.currentPolicyInstance(CLIENT) == id, "pointer");
        assertEq(registry.policyInstance(id).sequenceNo, SEQUENCE_NO, "the newest commit of the first time");
    }

    function test_policyParamsPlace_onChainOrNone_isNoLeaf() public {
        PolicyInstance memory instance = PolicyInstance(CLIENT, _ref, "{}", new PolicyDataInstanceId[](1), 1);
        instance.dataInstances[0] = dataRegistry.policyDataInstanceIdOf(CLIENT, _template.data[0].ref);
        vm.startPrank(CLIENT);
        PolicyInstanceId id = registry.instantiateBundle(instance);
        assertEq(registry.policyInstance(id).sequenceNo, 0, "no leaf, no commit");
        (address code, TreeKey leaf) = registry.policyParamsPlace(id);
        assertTrue(code.code.length == 47 && TreeKey.unwrap(leaf) == 0, "45 bytes, then the params");
        instance.params = "";
        (code, leaf) = registry.policyParamsPlace(registry.instantiateBundle(instance));
        assertTrue(code == address(0) && TreeKey.unwrap(leaf) == 0, "no params are nowhere");
        vm.stopPrank();
        PolicyInstanceId unknown = PolicyInstanceId.wrap(keccak256("unknown"));
        vm.expectRevert(abi.encodeWithSelector(IPolicyRegistry.UnknownInstance.selector, unknown));
        registry.policyParamsPlace(unknown);
    }
}
