// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IArtifactRegistry} from "../../../contracts/interfaces/IArtifactRegistry.sol";
import {ArtifactProof} from "../../../contracts/types/ArtifactProof.sol";
import {ContentHash} from "../../../contracts/types/ContentHash.sol";
import {LeafFault} from "../../../contracts/types/LeafFault.sol";
import {DataBinding, PolicyTemplate} from "../../../contracts/types/Policy.sol";
import {PolicyTemplateRef} from "../../../contracts/types/PolicyTemplateRef.sol";
import {ProofFault} from "../../../contracts/types/ProofFault.sol";
import {PolicyFixture} from "./PolicyFixture.sol";

/// @dev Templates whose artifacts are in the tree and whose data is registered.
abstract contract PolicyTemplates is PolicyFixture {
    function newTemplate(
        string memory salt,
        uint256 dataCount
    ) internal returns (PolicyTemplate memory template) {
        template.regoHash = addLeaf(REGO, keccak256(abi.encode(salt, "rego")), 0);
        template.paramsSchemaHash = addLeaf(INPUT_SCHEMA, keccak256(abi.encode(salt, "params")), 0);
        template.entrypoint = "policy.allow";
        template.environment = 1;
        template.data = new DataBinding[](dataCount);
        for (uint256 i = 0; i < dataCount; ++i) {
            string memory name = vm.toString(i);
            template.data[i] = DataBinding(name, registerData(string.concat(salt, name)));
        }
        sort(template.data);
    }

    /// @dev By the hash of the name, as a template lists them.
    function sort(DataBinding[] memory data) internal pure {
        for (uint256 i = 1; i < data.length; ++i) {
            for (uint256 j = i; j > 0 && nameHash(data[j - 1]) > nameHash(data[j]); --j) {
                (data[j - 1], data[j]) = (data[j], data[j - 1]);
            }
        }
    }

    function nameHash(DataBinding memory binding) private pure returns (bytes32) {
        return keccak256(bytes(binding.name));
    }

    /// @dev Proofs of the Rego module and, if named, of the params schema, as if they were in the tree in clear.
    function templateProofs(
        PolicyTemplate memory template
    ) internal view returns (ArtifactProof[] memory proofs) {
        bool hasSchema = !template.paramsSchemaHash.isZero();
        proofs = new ArtifactProof[](hasSchema ? 2 : 1);
        proofs[0] = proofOf(REGO, template.regoHash, 0);
        if (hasSchema) proofs[1] = proofOf(INPUT_SCHEMA, template.paramsSchemaHash, 0);
    }

    /// @dev Registers as AUTHOR.
    function register(PolicyTemplate memory template) internal returns (PolicyTemplateRef ref) {
        ref = registry.policyTemplateRefOf(template);
        ArtifactProof[] memory proofs = templateProofs(template);
        vm.prank(AUTHOR);
        registry.registerTemplate(ref, template, proofs);
    }

    function isRegistered(PolicyTemplateRef ref) internal view returns (bool) {
        return registry.policyTemplate(ref).registeredAt != 0;
    }

    /// @dev The registration reverts with `expected`, and the template stays unknown.
    function refuse(
        PolicyTemplate memory template,
        ArtifactProof[] memory proofs,
        bytes memory expected
    ) internal {
        PolicyTemplateRef ref = registry.policyTemplateRefOf(template);
        vm.expectRevert(expected);
        registry.registerTemplate(ref, template, proofs);
        assertTrue(!isRegistered(ref), "nothing registered");
    }

    function dangling(
        uint256 index,
        ContentHash hash,
        ProofFault proofFault,
        LeafFault leafFault
    ) internal pure returns (bytes memory) {
        bytes4 selector = IArtifactRegistry.DanglingArtifact.selector;
        return abi.encodeWithSelector(selector, index, hash, proofFault, leafFault);
    }
}
