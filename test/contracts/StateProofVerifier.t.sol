// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Test} from "../Cheats.sol";
import {RootsStub} from "./helpers/RootsStub.sol";
import {StateProofVerifier} from "../../contracts/StateProofVerifier.sol";
import {IStateCommitRegistry} from "../../contracts/interfaces/IStateCommitRegistry.sol";
import {IStateProofVerifier} from "../../contracts/interfaces/IStateProofVerifier.sol";
import {LeafFault} from "../../contracts/types/LeafFault.sol";
import {ProofFault} from "../../contracts/types/ProofFault.sol";
import {StateRoot} from "../../contracts/types/StateRoot.sol";
import {TreeKey} from "../../contracts/types/TreeKey.sol";

contract StateProofVerifierTest is Test {
    bytes32 private constant CONTENT = keccak256("content");
    /// @dev Of a tree with one leaf: its own, and of a tree with none.
    bytes private constant ONE_LEAF = hex"000000";
    bytes private constant NO_LEAF = hex"010000";
    StateRoot private constant EMPTY_ROOT = StateRoot.wrap("SPARSE_MERKLE_PLACEHOLDER_HASH__");

    RootsStub private _roots;
    StateProofVerifier private _verifier;
    TreeKey private _key;
    bytes private _leaf;

    function setUp() public {
        _roots = new RootsStub();
        _verifier = new StateProofVerifier(IStateCommitRegistry(address(_roots)));
        _key = _keyOf(CONTENT);
        _leaf = _record(CONTENT);
        _roots.setRoot(1, _rootOf(_key, _leaf));
        _roots.setRoot(2, EMPTY_ROOT);
    }

    /// @dev A well-formed record of kind 4, the first that is content-addressed, written by commit 1.
    function _record(bytes32 contentHash) private pure returns (bytes memory) {
        return abi.encodePacked(uint8(1), uint8(4), uint16(0), uint64(9), uint64(1), contentHash);
    }

    function _keyOf(bytes32 contentHash) private pure returns (TreeKey) {
        return TreeKey.wrap(bytes32((uint256(4) << 248) | (uint256(contentHash) >> 8)));
    }

    /// @dev Of the tree with this leaf alone.
    function _rootOf(TreeKey key, bytes memory record) private pure returns (StateRoot) {
        return
            StateRoot.wrap(
                keccak256(abi.encodePacked("JMT::LeafNode", TreeKey.unwrap(key), keccak256(record)))
            );
    }

    function test_constructor_registryIsZero_reverts() public {
        vm.expectRevert(IStateProofVerifier.ZeroAddress.selector);
        new StateProofVerifier(IStateCommitRegistry(address(0)));
    }

    function test_stateCommitRegistry_isWhatItWasMadeWith() public view {
        assertTrue(address(_verifier.stateCommitRegistry()) == address(_roots), "registry");
    }

    function test_verifyInclusion_leafIsInTheTree_passes() public view {
        _verifier.verifyInclusion(1, _key, _leaf, ONE_LEAF);
        (ProofFault proofFault, LeafFault leafFault) = _verifier.tryInclusion(1, _key, _leaf, ONE_LEAF);
        assertTrue(proofFault == ProofFault.None && leafFault == LeafFault.None, "no fault");
    }

    function test_verifyInclusion_otherRecord_revertsWithTheProofsFault() public {
        bytes memory other = _record(CONTENT);
        // The content's length: still well-formed.
        other[11] = 0x08;
        vm.expectRevert(
            abi.encodeWithSelector(
                IStateProofVerifier.InvalidLeaf.selector,
                ProofFault.RootMismatch,
                LeafFault.None
            )
        );
        _verifier.verifyInclusion(1, _key, other, ONE_LEAF);
    }

    function test_verifyInclusion_malformedLeafIsInTheTree_revertsWithTheLeafsFault() public {
        bytes memory malformed = hex"00";
        _roots.setRoot(3, _rootOf(_key, malformed));
        vm.expectRevert(
            abi.encodeWithSelector(
                IStateProofVerifier.InvalidLeaf.selector,
                ProofFault.None,
                LeafFault.RecordLength
            )
        );
        _verifier.verifyInclusion(3, _key, malformed, ONE_LEAF);
    }

    function test_verifyAbsence_treeIsEmpty_passes() public view {
        _verifier.verifyAbsence(2, _key, NO_LEAF);
        assertTrue(_verifier.tryAbsence(2, _key, NO_LEAF) == ProofFault.None, "no fault");
    }

    function test_verifyAbsence_leafIsInTheTree_reverts() public {
        vm.expectRevert(
            abi.encodeWithSelector(IStateProofVerifier.InvalidAbsence.selector, ProofFault.RootMismatch)
        );
        _verifier.verifyAbsence(1, _key, NO_LEAF);
    }

    function test_rootIsNotRetained_revertsEverywhere() public {
        bytes memory reason = abi.encodeWithSelector(IStateCommitRegistry.RootNotRetained.selector, 9, 0, 0);
        vm.expectRevert(reason);
        _verifier.verifyInclusion(9, _key, _leaf, ONE_LEAF);
        vm.expectRevert(reason);
        _verifier.verifyAbsence(9, _key, NO_LEAF);
    }
}
