// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AddressesProvider} from "../../../contracts/AddressesProvider.sol";
import {PolicyDataRegistry} from "../../../contracts/PolicyDataRegistry.sol";
import {PolicyRegistry} from "../../../contracts/PolicyRegistry.sol";
import {RetainedRootsMock} from "../../../contracts/mocks/RetainedRootsMock.sol";
import {ArtifactProof} from "../../../contracts/types/ArtifactProof.sol";
import {ContentHash} from "../../../contracts/types/ContentHash.sol";
import {PolicyDataTemplate} from "../../../contracts/types/Policy.sol";
import {PolicyDataRef} from "../../../contracts/types/PolicyDataRef.sol";
import {StateRoot} from "../../../contracts/types/StateRoot.sol";
import {Test} from "../../Cheats.sol";
import {NaiveTree} from "./NaiveTree.sol";

/// @dev Registries over a tree of leaves that the test adds; every leaf is written by commit 1.
abstract contract PolicyFixture is Test {
    uint8 internal constant REGO = 0x04;
    uint8 internal constant INPUT_SCHEMA = 0x05;
    uint8 internal constant WASM = 0x06;
    uint8 internal constant OUTPUT_SCHEMA = 0x07;
    uint8 internal constant SECRETS_SCHEMA = 0x08;
    uint8 internal constant PARAMS = 0x09;
    uint64 internal constant SEQUENCE_NO = 7;

    address internal constant OWNER = address(0x0a11ce);
    address internal constant AUTHOR = address(0xa0);
    address internal constant STRANGER = address(0x5a);
    address internal constant CLIENT = address(0xc1);

    AddressesProvider internal provider;
    RetainedRootsMock internal roots;
    PolicyDataRegistry internal dataRegistry;
    PolicyRegistry internal registry;

    NaiveTree.Leaf[] private _leaves;

    function setUp() public virtual {
        roots = new RetainedRootsMock();
        provider = new AddressesProvider(OWNER);
        vm.prank(OWNER);
        provider.setAddress(keccak256("STATE_COMMIT_REGISTRY"), address(roots));
        dataRegistry = new PolicyDataRegistry(
            provider,
            vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 1)
        );
        vm.prank(OWNER);
        provider.setAddress(keccak256("POLICY_DATA_REGISTRY"), address(dataRegistry));
        registry = new PolicyRegistry(provider);
        // A tree with neighbours, so that proofs have siblings.
        for (uint256 i = 0; i < 24; ++i)
            addLeaf(uint8(4 + (i % 5)), keccak256(abi.encode("neighbour", i)), 0);
    }

    /// @dev Header of a leaf of 100 bytes, written by commit 1.
    function headerOf(uint8 namespace, uint16 flags) internal pure returns (bytes20) {
        return bytes20(abi.encodePacked(uint8(1), namespace, flags, uint64(100), uint64(1)));
    }

    /// @dev Puts an artifact of these flags into the tree and gives its content hash.
    function addLeaf(uint8 namespace, bytes32 contentHash, uint16 flags) internal returns (ContentHash) {
        return addRawLeaf(namespace, contentHash, headerOf(namespace, flags));
    }

    function addRawLeaf(uint8 namespace, bytes32 contentHash, bytes20 header) internal returns (ContentHash) {
        bytes32 valueHash = keccak256(abi.encodePacked(header, contentHash));
        _leaves.push(NaiveTree.Leaf(keyOf(namespace, contentHash), valueHash));
        roots.setRoot(SEQUENCE_NO, StateRoot.wrap(NaiveTree.subtree(_leaves, 0)));
        return ContentHash.wrap(contentHash);
    }

    function keyOf(uint8 namespace, bytes32 contentHash) internal pure returns (bytes32) {
        return bytes32(abi.encodePacked(namespace, bytes31(contentHash)));
    }

    /// @dev Inclusion proof of an artifact that is in the tree.
    function proofOf(
        uint8 namespace,
        ContentHash contentHash,
        uint16 flags
    ) internal view returns (ArtifactProof memory) {
        bytes32 key = keyOf(namespace, ContentHash.unwrap(contentHash));
        return ArtifactProof(SEQUENCE_NO, headerOf(namespace, flags), NaiveTree.prove(_leaves, key));
    }

    /// @dev A plugin in clear with all three schemas, whose leaves are in the tree.
    function newDataTemplate(string memory salt) internal returns (PolicyDataTemplate memory template) {
        template.wasmHash = addLeaf(WASM, keccak256(abi.encode(salt, "wasm")), 0);
        template.argsSchemaHash = addLeaf(INPUT_SCHEMA, keccak256(abi.encode(salt, "args")), 0);
        template.outputSchemaHash = addLeaf(OUTPUT_SCHEMA, keccak256(abi.encode(salt, "output")), 0);
        template.secretsSchemaHash = addLeaf(SECRETS_SCHEMA, keccak256(abi.encode(salt, "secrets")), 0);
    }

    /// @dev Proofs of all four artifacts of a data template in clear.
    function dataProofs(
        PolicyDataTemplate memory template
    ) internal view returns (ArtifactProof[] memory proofs) {
        proofs = new ArtifactProof[](4);
        proofs[0] = proofOf(WASM, template.wasmHash, 0);
        proofs[1] = proofOf(INPUT_SCHEMA, template.argsSchemaHash, 0);
        proofs[2] = proofOf(OUTPUT_SCHEMA, template.outputSchemaHash, 0);
        proofs[3] = proofOf(SECRETS_SCHEMA, template.secretsSchemaHash, 0);
    }

    /// @dev Registers a new plugin as AUTHOR.
    function registerData(string memory salt) internal returns (PolicyDataRef ref) {
        PolicyDataTemplate memory template = newDataTemplate(salt);
        ref = dataRegistry.policyDataRefOf(template);
        ArtifactProof[] memory proofs = dataProofs(template);
        vm.prank(AUTHOR);
        dataRegistry.registerPolicyData(ref, template, proofs);
    }
}
