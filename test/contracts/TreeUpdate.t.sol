// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Test} from "../Cheats.sol";
import {JellyfishMerkleProof} from "../../contracts/libraries/JellyfishMerkleProof.sol";
import {MultiProofHarness} from "../../contracts/mocks/MultiProofHarness.sol";
import {LeafChange} from "../../contracts/types/LeafClaim.sol";
import {MultiProofFault} from "../../contracts/types/MultiProofFault.sol";
import {StateRoot} from "../../contracts/types/StateRoot.sol";
import {TreeKey} from "../../contracts/types/TreeKey.sol";
import {ValueHash} from "../../contracts/types/ValueHash.sol";

/// @dev Updates of the tree with one leaf, whose proof is one segment of depth 0 without siblings.
contract TreeUpdateTest is Test {
    TreeKey private constant KEY = TreeKey.wrap(keccak256("key"));
    ValueHash private constant OLD = ValueHash.wrap(keccak256("old"));
    ValueHash private constant NEW = ValueHash.wrap(keccak256("new"));
    bytes private constant ONE_LEAF = hex"000000";

    MultiProofHarness private _harness;
    StateRoot private _root;
    LeafChange[] private _changes;

    function setUp() public {
        _harness = new MultiProofHarness();
        _root = StateRoot.wrap(JellyfishMerkleProof.leafHash(KEY, OLD));
        _changes.push(LeafChange(KEY, OLD, NEW));
    }

    function _assertRefused(bytes memory proof, MultiProofFault wanted) private view {
        (MultiProofFault fault, StateRoot newRoot) = _harness.tryUpdate(_root, _changes, proof, "");
        assertEq(uint256(fault), uint256(wanted), "fault");
        assertTrue(newRoot.isZero(), "no root");
    }

    function test_tryUpdate_oneLeaf_hasTheNewLeafsRoot() public view {
        (MultiProofFault fault, StateRoot newRoot) = _harness.tryUpdate(_root, _changes, ONE_LEAF, "");
        assertTrue(fault == MultiProofFault.None, "shown");
        assertEq(StateRoot.unwrap(newRoot), JellyfishMerkleProof.leafHash(KEY, NEW), "new root");
    }

    function test_tryUpdate_nothingChanges_isNoLeaves() public {
        delete _changes;
        _assertRefused(ONE_LEAF, MultiProofFault.NoLeaves);
    }

    function test_tryUpdate_proofCutAnywhere_isTooShort() public view {
        _assertRefused("", MultiProofFault.ProofTooShort);
        _assertRefused(hex"00", MultiProofFault.ProofTooShort);
        _assertRefused(hex"0000", MultiProofFault.ProofTooShort);
    }

    function test_tryUpdate_byteLeftOver_isTooLong() public view {
        _assertRefused(bytes.concat(ONE_LEAF, hex"00"), MultiProofFault.ProofTooLong);
    }

    function test_tryUpdate_placeholderInFull_isRefused() public view {
        bytes memory oneSibling = abi.encodePacked(hex"00000100", JellyfishMerkleProof.EMPTY_ROOT);
        _assertRefused(oneSibling, MultiProofFault.PlaceholderSibling);
    }
}
