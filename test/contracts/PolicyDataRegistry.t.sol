// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IArtifactRegistry} from "../../contracts/interfaces/IArtifactRegistry.sol";
import {IPolicyDataRegistry} from "../../contracts/interfaces/IPolicyDataRegistry.sol";
import {IStateCommitRegistry} from "../../contracts/interfaces/IStateCommitRegistry.sol";
import {ArtifactProof} from "../../contracts/types/ArtifactProof.sol";
import {ContentHash} from "../../contracts/types/ContentHash.sol";
import {LeafFault} from "../../contracts/types/LeafFault.sol";
import {PolicyDataTemplate} from "../../contracts/types/Policy.sol";
import {PolicyDataRef} from "../../contracts/types/PolicyDataRef.sol";
import {ProofFault} from "../../contracts/types/ProofFault.sol";
import {PolicyFixture} from "./helpers/PolicyFixture.sol";

/// @dev Data templates. Instances are in PolicyDataInstances.t.sol.
contract PolicyDataRegistryTest is PolicyFixture {
    // -- Registration --

    function test_PDR1_registerPolicyData_everythingProved_emits() public {
        PolicyDataTemplate memory template = newDataTemplate("a");
        PolicyDataRef ref = dataRegistry.policyDataRefOf(template);
        ArtifactProof[] memory proofs = dataProofs(template);
        vm.warp(1_234_567);
        vm.prank(AUTHOR);
        vm.expectEmit();
        emit IPolicyDataRegistry.PolicyDataRegistered(ref, AUTHOR, template, SEQUENCE_NO);
        dataRegistry.registerPolicyData(ref, template, proofs);
        vm.snapshotGasLastCall("policy", "registerPolicyData, 4 artifacts");

        IPolicyDataRegistry.DataTemplateRecord memory record = dataRegistry.policyData(ref);
        assertTrue(record.owner == AUTHOR, "owner");
        assertEq(record.registeredAt, 1_234_567, "registered at");
        assertEq(record.sequenceNo, SEQUENCE_NO, "the newest commit then");
        assertTrue(!record.isDeprecated, "not deprecated");
    }

    function test_registerPolicyData_onlyPlugin_succeeds() public {
        PolicyDataTemplate memory template;
        template.wasmHash = addLeaf(WASM, keccak256("plugin"), 0);
        assertTrue(isRegistered(register(template, 0, AUTHOR)), "schemas may be absent");
    }

    function test_PDR2_POL01_registerPolicyData_refIsAnother_reverts() public {
        PolicyDataTemplate memory template = newDataTemplate("a");
        PolicyDataRef derived = dataRegistry.policyDataRefOf(template);
        PolicyDataRef given = PolicyDataRef.wrap(PolicyDataRef.unwrap(derived) ^ bytes32(uint256(1)));
        ArtifactProof[] memory proofs = dataProofs(template);
        vm.expectRevert(
            abi.encodeWithSelector(IPolicyDataRegistry.PolicyDataRefMismatch.selector, derived, given)
        );
        dataRegistry.registerPolicyData(given, template, proofs);
        assertTrue(!isRegistered(given) && !isRegistered(derived), "nothing registered");
    }

    function test_PDR3_POL03_registerPolicyData_again_isNoop() public {
        PolicyDataTemplate memory template = newDataTemplate("a");
        PolicyDataRef ref = dataRegistry.policyDataRefOf(template);
        ArtifactProof[] memory proofs = dataProofs(template);
        vm.prank(STRANGER);
        dataRegistry.registerPolicyData(ref, template, proofs);
        uint256 registeredAt = dataRegistry.policyData(ref).registeredAt;
        vm.warp(block.timestamp + 100);
        vm.prank(AUTHOR);
        dataRegistry.registerPolicyData(ref, template, new ArtifactProof[](0));
        assertTrue(dataRegistry.policyData(ref).owner == STRANGER, "the first is kept");
        assertEq(dataRegistry.policyData(ref).registeredAt, registeredAt, "and its time");
        assertTrue(!isRegistered(PolicyDataRef.wrap(bytes32(0))), "nothing else");
    }

    function test_registerPolicyData_noWasm_reverts() public {
        PolicyDataTemplate memory template = newDataTemplate("a");
        ArtifactProof[] memory proofs = dataProofs(template);
        template.wasmHash = ContentHash.wrap(bytes32(0));
        refuse(template, proofs, abi.encodeWithSelector(IPolicyDataRegistry.MissingWasm.selector));
    }

    function test_registerPolicyData_teeWithoutCleartextHash_reverts() public {
        PolicyDataTemplate memory template = newDataTemplate("a");
        template.teeRequired = true;
        ArtifactProof[] memory proofs = dataProofs(template);
        refuse(template, proofs, abi.encodeWithSelector(IPolicyDataRegistry.TeeWithoutEncryption.selector));
    }

    function test_registerPolicyData_proofCount_reverts() public {
        PolicyDataTemplate memory template = newDataTemplate("a");
        ArtifactProof[] memory proofs = dataProofs(template);
        ArtifactProof[] memory three = new ArtifactProof[](3);
        ArtifactProof[] memory five = new ArtifactProof[](5);
        for (uint256 i = 0; i < 4; ++i) {
            if (i < 3) three[i] = proofs[i];
            five[i] = proofs[i];
        }
        bytes4 selector = IArtifactRegistry.ProofCountMismatch.selector;
        refuse(template, three, abi.encodeWithSelector(selector, 4, 3));
        refuse(template, five, abi.encodeWithSelector(selector, 4, 5));
        template.argsSchemaHash = ContentHash.wrap(bytes32(0));
        refuse(template, proofs, abi.encodeWithSelector(selector, 3, 4));
    }

    function test_registerPolicyData_rootNotRetained_reverts() public {
        PolicyDataTemplate memory template = newDataTemplate("a");
        ArtifactProof[] memory proofs = dataProofs(template);
        proofs[2].sequenceNo = SEQUENCE_NO + 1;
        bytes4 selector = IStateCommitRegistry.RootNotRetained.selector;
        refuse(template, proofs, abi.encodeWithSelector(selector, SEQUENCE_NO + 1, 0, 0));
    }

    function test_PDR1_POL10_registerPolicyData_artifactIsAbsent_reverts() public {
        PolicyDataTemplate memory template = newDataTemplate("a");
        for (uint256 i = 0; i < 4; ++i) {
            ArtifactProof[] memory proofs = dataProofs(template);
            PolicyDataTemplate memory other = copy(template);
            ContentHash absent = ContentHash.wrap(keccak256(abi.encode("absent", i)));
            if (i == 0) other.wasmHash = absent;
            if (i == 1) other.argsSchemaHash = absent;
            if (i == 2) other.outputSchemaHash = absent;
            if (i == 3) other.secretsSchemaHash = absent;
            refuse(other, proofs, dangling(i, absent, ProofFault.RootMismatch, LeafFault.None));
        }
    }

    function test_POL04_registerPolicyData_kindsExchanged_reverts() public {
        // The same bytes under another kind are another leaf.
        PolicyDataTemplate memory template = newDataTemplate("a");
        ArtifactProof[] memory proofs = dataProofs(template);
        (template.argsSchemaHash, template.outputSchemaHash) = (
            template.outputSchemaHash,
            template.argsSchemaHash
        );
        (proofs[1], proofs[2]) = (proofs[2], proofs[1]);
        refuse(
            template,
            proofs,
            dangling(1, template.argsSchemaHash, ProofFault.RootMismatch, LeafFault.NamespaceMismatch)
        );
    }

    function test_POL14_registerPolicyData_hashOfOtherBytes_reverts() public {
        // A hash of the compressed plugin, or a CID's digest, names no leaf.
        PolicyDataTemplate memory template = newDataTemplate("a");
        ArtifactProof[] memory proofs = dataProofs(template);
        template.wasmHash = ContentHash.wrap(sha256("plugin"));
        refuse(template, proofs, dangling(0, template.wasmHash, ProofFault.RootMismatch, LeafFault.None));
    }

    function test_registerPolicyData_headerIsMalformed_reverts() public {
        PolicyDataTemplate memory template;
        bytes32 hash = keccak256("plugin");
        bytes20 unborn = bytes20(abi.encodePacked(uint8(1), WASM, uint16(0), uint64(100), SEQUENCE_NO + 1));
        template.wasmHash = addRawLeaf(WASM, hash, unborn);
        ArtifactProof[] memory proofs = new ArtifactProof[](1);
        proofs[0] = proofOf(WASM, template.wasmHash, 0);
        proofs[0].header = unborn;
        refuse(
            template,
            proofs,
            dangling(0, template.wasmHash, ProofFault.None, LeafFault.SequenceOutOfRange)
        );
    }

    // -- Flags --

    function test_PDR4_registerPolicyData_encrypted_succeeds() public {
        PolicyDataTemplate memory template;
        template.cleartextHash = ContentHash.wrap(keccak256("clear"));
        template.wasmHash = addLeaf(WASM, keccak256("cipher"), 1);
        assertTrue(isRegistered(register(template, 1, AUTHOR)), "encrypted");
        template.teeRequired = true;
        template.wasmHash = addLeaf(WASM, keccak256("cipher for an enclave"), 3);
        assertTrue(isRegistered(register(template, 3, AUTHOR)), "and only for an enclave");
    }

    function test_PDR4_registerPolicyData_pluginFlagsDiffer_reverts() public {
        uint16[3] memory stored = [uint16(0), 1, 3];
        for (uint256 i = 0; i < 3; ++i) {
            for (uint256 j = 0; j < 3; ++j) {
                if (i == j) continue;
                PolicyDataTemplate memory template;
                template.wasmHash = addLeaf(WASM, keccak256(abi.encode("plugin", i, j)), stored[i]);
                if (stored[j] != 0) template.cleartextHash = ContentHash.wrap(keccak256("clear"));
                template.teeRequired = stored[j] == 3;
                ArtifactProof[] memory proofs = new ArtifactProof[](1);
                proofs[0] = proofOf(WASM, template.wasmHash, stored[i]);
                refuse(
                    template,
                    proofs,
                    abi.encodeWithSelector(IArtifactRegistry.FlagsMismatch.selector, stored[j], stored[i])
                );
            }
        }
    }

    function test_PDR4_registerPolicyData_schemaIsEncrypted_reverts() public {
        PolicyDataTemplate memory template;
        template.wasmHash = addLeaf(WASM, keccak256("plugin"), 0);
        template.secretsSchemaHash = addLeaf(SECRETS_SCHEMA, keccak256("schema"), 1);
        ArtifactProof[] memory proofs = new ArtifactProof[](2);
        proofs[0] = proofOf(WASM, template.wasmHash, 0);
        proofs[1] = proofOf(SECRETS_SCHEMA, template.secretsSchemaHash, 1);
        refuse(template, proofs, abi.encodeWithSelector(IArtifactRegistry.FlagsMismatch.selector, 0, 1));
    }

    // -- Deprecation --

    function test_deprecatePolicyData_owner_emits() public {
        PolicyDataRef ref = registerData("a");
        string memory reason = string(new bytes(256));
        vm.prank(AUTHOR);
        vm.expectEmit();
        emit IPolicyDataRegistry.PolicyDataDeprecated(ref, reason);
        dataRegistry.deprecatePolicyData(ref, reason);
        assertTrue(dataRegistry.policyData(ref).isDeprecated, "deprecated");
    }

    function test_POL09_deprecatePolicyData_callerIsNotOwner_reverts() public {
        PolicyDataRef ref = registerData("a");
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IArtifactRegistry.NotOwner.selector, AUTHOR, STRANGER));
        dataRegistry.deprecatePolicyData(ref, "");
        assertTrue(!dataRegistry.policyData(ref).isDeprecated, "not deprecated");
    }

    function test_deprecatePolicyData_unknownTwiceOrTooLong_reverts() public {
        PolicyDataRef unknown = PolicyDataRef.wrap(keccak256("unknown"));
        vm.expectRevert(abi.encodeWithSelector(IPolicyDataRegistry.UnknownPolicyData.selector, unknown));
        dataRegistry.deprecatePolicyData(unknown, "");

        PolicyDataRef ref = registerData("a");
        vm.startPrank(AUTHOR);
        vm.expectRevert(abi.encodeWithSelector(IArtifactRegistry.ReasonTooLong.selector, 256, 257));
        dataRegistry.deprecatePolicyData(ref, string(new bytes(257)));
        assertTrue(!dataRegistry.policyData(ref).isDeprecated, "not deprecated");
        dataRegistry.deprecatePolicyData(ref, "");
        vm.expectRevert(abi.encodeWithSelector(IPolicyDataRegistry.PolicyDataIsDeprecated.selector, ref));
        dataRegistry.deprecatePolicyData(ref, "again");
    }

    // -- Shorthands --

    function isRegistered(PolicyDataRef ref) private view returns (bool) {
        return dataRegistry.policyData(ref).registeredAt != 0;
    }

    function copy(PolicyDataTemplate memory template) private pure returns (PolicyDataTemplate memory) {
        return abi.decode(abi.encode(template), (PolicyDataTemplate));
    }

    function dangling(
        uint256 index,
        ContentHash hash,
        ProofFault proofFault,
        LeafFault leafFault
    ) private pure returns (bytes memory) {
        bytes4 selector = IArtifactRegistry.DanglingArtifact.selector;
        return abi.encodeWithSelector(selector, index, hash, proofFault, leafFault);
    }

    /// @dev Registers a template that names a plugin only.
    function register(
        PolicyDataTemplate memory template,
        uint16 flags,
        address caller
    ) private returns (PolicyDataRef ref) {
        ref = dataRegistry.policyDataRefOf(template);
        ArtifactProof[] memory proofs = new ArtifactProof[](1);
        proofs[0] = proofOf(WASM, template.wasmHash, flags);
        vm.prank(caller);
        dataRegistry.registerPolicyData(ref, template, proofs);
    }

    /// @dev The registration reverts with `expected`, and the template stays unknown.
    function refuse(
        PolicyDataTemplate memory template,
        ArtifactProof[] memory proofs,
        bytes memory expected
    ) private {
        PolicyDataRef ref = dataRegistry.policyDataRefOf(template);
        vm.expectRevert(expected);
        dataRegistry.registerPolicyData(ref, template, proofs);
        assertTrue(!isRegistered(ref), "nothing registered");
    }
}
