// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IArtifactRegistry} from "../../contracts/interfaces/IArtifactRegistry.sol";
import {IPolicyRegistry} from "../../contracts/interfaces/IPolicyRegistry.sol";
import {IStateCommitRegistry} from "../../contracts/interfaces/IStateCommitRegistry.sol";
import {ArtifactProof} from "../../contracts/types/ArtifactProof.sol";
import {ContentHash} from "../../contracts/types/ContentHash.sol";
import {LeafFault} from "../../contracts/types/LeafFault.sol";
import {DataBinding, PolicyTemplate} from "../../contracts/types/Policy.sol";
import {PolicyDataRef} from "../../contracts/types/PolicyDataRef.sol";
import {PolicyTemplateRef} from "../../contracts/types/PolicyTemplateRef.sol";
import {ProofFault} from "../../contracts/types/ProofFault.sol";
import {PolicyTemplates} from "./helpers/PolicyTemplates.sol";

/// @dev Templates. Instances and pointers are in PolicyInstances.t.sol.
contract PolicyRegistryTest is PolicyTemplates {
    // -- Registration --

    function test_POL1_registerTemplate_everythingProved_emits() public {
        PolicyTemplate memory template = newTemplate("a", 2);
        PolicyTemplateRef ref = registry.policyTemplateRefOf(template);
        ArtifactProof[] memory proofs = templateProofs(template);
        vm.warp(7_654_321);
        vm.prank(AUTHOR);
        vm.expectEmit();
        emit IPolicyRegistry.PolicyTemplateRegistered(ref, AUTHOR, template, SEQUENCE_NO);
        registry.registerTemplate(ref, template, proofs);

        IPolicyRegistry.TemplateRecord memory record = registry.policyTemplate(ref);
        assertTrue(record.owner == AUTHOR, "owner");
        assertEq(record.registeredAt, 7_654_321, "registered at");
        assertEq(record.sequenceNo, SEQUENCE_NO, "the newest commit then");
        assertEq(record.dataCount, 2, "data count");
        assertTrue(!record.isDeprecated, "not deprecated");
    }

    function test_registerTemplate_gas_measured() public {
        PolicyTemplate memory template = newTemplate("a", 1);
        PolicyTemplateRef ref = registry.policyTemplateRefOf(template);
        ArtifactProof[] memory proofs = templateProofs(template);
        registry.registerTemplate(ref, template, proofs);
        vm.snapshotGasLastCall("policy", "registerTemplate, 2 artifacts, 1 binding");
        assertTrue(isRegistered(ref), "registered");
    }

    function test_registerTemplate_withoutSchemaAndData_succeeds() public {
        PolicyTemplate memory template = newTemplate("a", 0);
        template.paramsSchemaHash = ContentHash.wrap(bytes32(0));
        assertTrue(isRegistered(register(template)), "registered");
    }

    function test_registerTemplate_sixteenBindings_succeeds() public {
        assertTrue(isRegistered(register(newTemplate("a", 16))), "registered");
    }

    function test_POL2_POL01_registerTemplate_refIsAnother_reverts() public {
        PolicyTemplate memory template = newTemplate("a", 1);
        PolicyTemplateRef derived = registry.policyTemplateRefOf(template);
        PolicyTemplateRef given = PolicyTemplateRef.wrap(
            PolicyTemplateRef.unwrap(derived) ^ bytes32(uint256(1))
        );
        ArtifactProof[] memory proofs = templateProofs(template);
        vm.expectRevert(
            abi.encodeWithSelector(IPolicyRegistry.PolicyTemplateRefMismatch.selector, derived, given)
        );
        registry.registerTemplate(given, template, proofs);
        assertTrue(!isRegistered(given) && !isRegistered(derived), "nothing registered");
    }

    function test_POL02_registerTemplate_empty_reverts() public {
        PolicyTemplate memory template = newTemplate("a", 0);
        ArtifactProof[] memory proofs = templateProofs(template);
        template.regoHash = ContentHash.wrap(bytes32(0));
        refuse(template, proofs, abi.encodeWithSelector(IPolicyRegistry.EmptyTemplate.selector));
        // A leaf of no bytes is malformed, so the hash of nothing is never in the tree.
        bytes32 hashOfNothing = keccak256("");
        bytes20 header = bytes20(abi.encodePacked(uint8(1), REGO, uint16(0), uint64(0), uint64(1)));
        template.regoHash = addRawLeaf(REGO, hashOfNothing, header);
        proofs = templateProofs(template);
        proofs[0].header = header;
        refuse(template, proofs, dangling(0, template.regoHash, ProofFault.None, LeafFault.EmptyContent));
    }

    function test_POL3_POL03_registerTemplate_again_isNoop() public {
        PolicyTemplate memory template = newTemplate("a", 1);
        PolicyTemplateRef ref = registry.policyTemplateRefOf(template);
        ArtifactProof[] memory proofs = templateProofs(template);
        vm.prank(STRANGER);
        registry.registerTemplate(ref, template, proofs);
        uint256 registeredAt = registry.policyTemplate(ref).registeredAt;
        vm.warp(block.timestamp + 100);
        vm.prank(AUTHOR);
        registry.registerTemplate(ref, template, new ArtifactProof[](0));
        assertTrue(registry.policyTemplate(ref).owner == STRANGER, "the first is kept");
        assertEq(registry.policyTemplate(ref).registeredAt, registeredAt, "and its time");
    }

    function test_registerTemplate_entrypointBounds_reverts() public {
        PolicyTemplate memory template = newTemplate("a", 0);
        ArtifactProof[] memory proofs = templateProofs(template);
        bytes4 selector = IPolicyRegistry.InvalidEntrypoint.selector;
        template.entrypoint = "";
        refuse(template, proofs, abi.encodeWithSelector(selector, 128, 0));
        template.entrypoint = string(new bytes(129));
        refuse(template, proofs, abi.encodeWithSelector(selector, 128, 129));
        template.entrypoint = string(new bytes(128));
        assertTrue(isRegistered(register(template)), "128 are accepted");
    }

    function test_registerTemplate_proofCount_reverts() public {
        PolicyTemplate memory template = newTemplate("a", 0);
        ArtifactProof[] memory proofs = templateProofs(template);
        bytes4 selector = IArtifactRegistry.ProofCountMismatch.selector;
        refuse(template, new ArtifactProof[](1), abi.encodeWithSelector(selector, 2, 1));
        refuse(template, new ArtifactProof[](3), abi.encodeWithSelector(selector, 2, 3));
        template.paramsSchemaHash = ContentHash.wrap(bytes32(0));
        refuse(template, proofs, abi.encodeWithSelector(selector, 1, 2));
    }

    function test_POL1_POL10_registerTemplate_artifactIsAbsent_reverts() public {
        PolicyTemplate memory template = newTemplate("a", 0);
        ArtifactProof[] memory proofs = templateProofs(template);
        ContentHash rego = template.regoHash;
        template.regoHash = ContentHash.wrap(keccak256("absent"));
        refuse(template, proofs, dangling(0, template.regoHash, ProofFault.RootMismatch, LeafFault.None));
        template.regoHash = rego;
        template.paramsSchemaHash = ContentHash.wrap(keccak256("absent"));
        refuse(
            template,
            proofs,
            dangling(1, template.paramsSchemaHash, ProofFault.RootMismatch, LeafFault.None)
        );
        proofs[0].proof = "";
        refuse(template, proofs, dangling(0, rego, ProofFault.ProofTooShort, LeafFault.None));
    }

    function test_POL04_registerTemplate_sameBytesAsSchema_needOwnLeaf() public {
        // One content under two kinds: the leaf of one is no proof for the other.
        PolicyTemplate memory template = newTemplate("a", 0);
        template.paramsSchemaHash = template.regoHash;
        ArtifactProof[] memory proofs = new ArtifactProof[](2);
        proofs[0] = proofOf(REGO, template.regoHash, 0);
        proofs[1] = proofs[0];
        refuse(
            template,
            proofs,
            dangling(1, template.regoHash, ProofFault.RootMismatch, LeafFault.NamespaceMismatch)
        );
        addLeaf(INPUT_SCHEMA, ContentHash.unwrap(template.regoHash), 0);
        assertTrue(isRegistered(register(template)), "with a leaf of its own it is registered");
    }

    function test_registerTemplate_rootNotRetained_reverts() public {
        PolicyTemplate memory template = newTemplate("a", 0);
        ArtifactProof[] memory proofs = templateProofs(template);
        proofs[1].sequenceNo = 3;
        refuse(
            template,
            proofs,
            abi.encodeWithSelector(IStateCommitRegistry.RootNotRetained.selector, 3, 0, 0)
        );
    }

    function test_POL1_registerTemplate_storedEncrypted_reverts() public {
        bytes memory expected = abi.encodeWithSelector(IArtifactRegistry.FlagsMismatch.selector, 0, 1);
        PolicyTemplate memory template = newTemplate("a", 0);
        ArtifactProof[] memory proofs = templateProofs(template);
        ContentHash clear = template.regoHash;
        template.regoHash = addLeaf(REGO, keccak256("cipher"), 1);
        proofs = templateProofs(template);
        proofs[0] = proofOf(REGO, template.regoHash, 1);
        refuse(template, proofs, expected);
        template.regoHash = clear;
        template.paramsSchemaHash = addLeaf(INPUT_SCHEMA, keccak256("cipher"), 1);
        proofs = templateProofs(template);
        proofs[1] = proofOf(INPUT_SCHEMA, template.paramsSchemaHash, 1);
        refuse(template, proofs, expected);
    }

    // -- Bindings --

    function test_registerTemplate_seventeenBindings_reverts() public {
        PolicyTemplate memory template = newTemplate("a", 0);
        ArtifactProof[] memory proofs = templateProofs(template);
        template.data = new DataBinding[](17);
        refuse(template, proofs, abi.encodeWithSelector(IPolicyRegistry.TooManyBindings.selector, 16, 17));
    }

    function test_registerTemplate_bindingsNotSorted_reverts() public {
        PolicyTemplate memory template = newTemplate("a", 3);
        ArtifactProof[] memory proofs = templateProofs(template);
        (template.data[1], template.data[2]) = (template.data[2], template.data[1]);
        bytes4 selector = IPolicyRegistry.BindingsNotSorted.selector;
        refuse(template, proofs, abi.encodeWithSelector(selector, 2));
        template.data[2] = template.data[1];
        refuse(template, proofs, abi.encodeWithSelector(selector, 2));
        template.data = new DataBinding[](1);
        template.data[0].ref = registerData("named by nothing");
        refuse(template, templateProofs(template), abi.encodeWithSelector(selector, 0));
    }

    function test_registerTemplate_bindingNameBounds_reverts() public {
        PolicyTemplate memory template = newTemplate("a", 1);
        template.data[0].name = string(new bytes(65));
        ArtifactProof[] memory proofs = templateProofs(template);
        bytes4 selector = IPolicyRegistry.BindingNameTooLong.selector;
        refuse(template, proofs, abi.encodeWithSelector(selector, 0, 64, 65));
        template.data[0].name = string(new bytes(64));
        assertTrue(isRegistered(register(template)), "64 are accepted");
    }

    function test_POL15_registerTemplate_seventhBindingUnknown_revertsNamingIt() public {
        PolicyTemplate memory template = newTemplate("a", 14);
        ArtifactProof[] memory proofs = templateProofs(template);
        template.data[6].ref = PolicyDataRef.wrap(keccak256("unknown"));
        refuse(template, proofs, abi.encodeWithSelector(IPolicyRegistry.UnknownBinding.selector, 6));
    }

    // -- Deprecation --

    function test_deprecateTemplate_owner_emits() public {
        PolicyTemplateRef ref = register(newTemplate("a", 0));
        vm.prank(AUTHOR);
        vm.expectEmit();
        emit IPolicyRegistry.PolicyTemplateDeprecated(ref, "superseded");
        registry.deprecateTemplate(ref, "superseded");
        assertTrue(registry.policyTemplate(ref).isDeprecated, "deprecated");
    }

    function testFuzz_POL09_deprecateTemplate_callerIsNotOwner_reverts(address caller) public {
        vm.assume(caller != AUTHOR);
        PolicyTemplateRef ref = register(newTemplate("a", 0));
        vm.prank(caller);
        vm.expectRevert(abi.encodeWithSelector(IArtifactRegistry.NotOwner.selector, AUTHOR, caller));
        registry.deprecateTemplate(ref, "");
        assertTrue(!registry.policyTemplate(ref).isDeprecated, "not deprecated");
    }

    function test_deprecateTemplate_unknownTwiceOrTooLong_reverts() public {
        PolicyTemplateRef unknown = PolicyTemplateRef.wrap(keccak256("unknown"));
        vm.expectRevert(abi.encodeWithSelector(IPolicyRegistry.UnknownTemplate.selector, unknown));
        registry.deprecateTemplate(unknown, "");

        PolicyTemplateRef ref = register(newTemplate("a", 0));
        vm.startPrank(AUTHOR);
        vm.expectRevert(abi.encodeWithSelector(IArtifactRegistry.ReasonTooLong.selector, 256, 257));
        registry.deprecateTemplate(ref, string(new bytes(257)));
        assertTrue(!registry.policyTemplate(ref).isDeprecated, "not deprecated");
        registry.deprecateTemplate(ref, string(new bytes(256)));
        vm.expectRevert(abi.encodeWithSelector(IPolicyRegistry.TemplateDeprecated.selector, ref));
        registry.deprecateTemplate(ref, "again");
    }
}
