// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {JellyfishMerkleMultiProof} from "../../contracts/libraries/JellyfishMerkleMultiProof.sol";
import {JellyfishMerkleUpdate} from "../../contracts/libraries/JellyfishMerkleUpdate.sol";
import {MultiProofHarness} from "../../contracts/mocks/MultiProofHarness.sol";
import {LeafChange, LeafClaim} from "../../contracts/types/LeafClaim.sol";
import {MultiProofFault} from "../../contracts/types/MultiProofFault.sol";
import {StateRoot} from "../../contracts/types/StateRoot.sol";
import {TreeKey} from "../../contracts/types/TreeKey.sol";
import {ValueHash} from "../../contracts/types/ValueHash.sol";
import {Test} from "../Cheats.sol";
import {NaiveTree} from "./helpers/NaiveTree.sol";
import {PlainMultiProof as Plain} from "./helpers/PlainMultiProof.sol";

contract MultiProofTest is Test {
    MultiProofHarness private _harness;

    string[] private _names;
    uint256[] private _kinds;
    bytes32[] private _roots;
    bytes32[] private _newRoots;
    bytes[] private _claims;
    bytes[] private _proofs;
    bytes[] private _openings;
    uint256[] private _faults;

    function setUp() public {
        _harness = new MultiProofHarness();
        string memory json = vm.readFile("test/vectors/multiProofs.json");
        _names = vm.parseJsonStringArray(json, ".names");
        _kinds = vm.parseJsonUintArray(json, ".kinds");
        _roots = vm.parseJsonBytes32Array(json, ".roots");
        _newRoots = vm.parseJsonBytes32Array(json, ".newRoots");
        _claims = vm.parseJsonBytesArray(json, ".claims");
        _proofs = vm.parseJsonBytesArray(json, ".proofs");
        _openings = vm.parseJsonBytesArray(json, ".openings");
        _faults = vm.parseJsonUintArray(json, ".faults");
    }

    function test_JMT20_tryLeavesAndTryUpdate_vectors_nameTheExpectedFault() public view {
        assertTrue(_names.length >= 1_000, "at least 1,000 vectors");
        uint256 mustFailCount = 0;
        for (uint256 i = 0; i < _names.length; ++i) {
            MultiProofFault got = _kinds[i] == 0 ? _leaves(i, _proofs[i]) : _update(i);
            assertEq(uint256(got), _faults[i], _names[i]);
            if (_faults[i] != 0) ++mustFailCount;
        }
        assertTrue(2 * mustFailCount >= _names.length, "at least half must fail");
    }

    function test_verifyLeavesAndVerifyUpdate_vectors_revertWithTheFault() public {
        for (uint256 i = 0; i < _names.length; i += 17) {
            bool isUpdate = _kinds[i] == 1;
            if (_faults[i] != 0) {
                bytes4 selector =
                    isUpdate
                        ? JellyfishMerkleUpdate.InvalidUpdate.selector
                        : JellyfishMerkleMultiProof.InvalidMultiProof.selector;
                vm.expectRevert(abi.encodeWithSelector(selector, MultiProofFault(_faults[i])));
            }
            StateRoot root = StateRoot.wrap(_roots[i]);
            if (!isUpdate) _harness.verifyLeaves(root, _leafClaims(_claims[i]), _proofs[i]);
            else {
                _harness.verifyUpdate(
                    root,
                    StateRoot.wrap(_newRoots[i]),
                    _leafChanges(_claims[i]),
                    _proofs[i],
                    _openings[i]
                );
            }
        }
    }

    /// @dev No bit of a proof that holds can be another.
    function testFuzz_JMT09_tryLeaves_anyBitFlipped_refused(uint256 seed, uint256 bit) public view {
        uint256 i = seed % _names.length;
        while (_faults[i] != 0 || _kinds[i] != 0) i = (i + 1) % _names.length;
        bytes memory proof = bytes.concat(_proofs[i]);
        bit %= 8 * proof.length;
        proof[bit / 8] ^= bytes1(uint8(1 << (bit % 8)));
        assertTrue(_leaves(i, proof) != MultiProofFault.None, _names[i]);
    }

    /// @dev Whatever the edit, the lean verifier and its plain twin agree.
    function testFuzz_tryLeaves_editedVector_agreesWithThePlainTwin(
        uint256 seed,
        uint256 bit,
        uint256 cut
    ) public view {
        uint256 i = seed % _names.length;
        while (_kinds[i] != 0 || _claims[i].length > 640) i = (i + 1) % _names.length;
        bytes memory proof = _edited(_proofs[i], bit, cut);
        LeafClaim[] memory leaves = _leafClaims(_claims[i]);
        assertEq(uint256(_leaves(i, proof)), uint256(Plain.tryLeaves(_roots[i], leaves, proof)), _names[i]);
    }

    /// @dev Changes of a tree of which both sides are built by definition.
    function testFuzz_tryUpdate_anyChangesOfTwoLeaves_makeTheTreeOfTheSurvivors(
        bytes32 key,
        uint8 fork,
        bytes32 oldValue,
        bytes32 newValue
    ) public view {
        bytes32 other = key ^ bytes32(uint256(1) << fork);
        (bytes32 low, bytes32 high) = key < other ? (key, other) : (other, key);
        NaiveTree.Leaf[] memory leaves = new NaiveTree.Leaf[](1);
        leaves[0] = NaiveTree.Leaf(low, keccak256(abi.encode(oldValue)));
        bytes32 oldRoot = NaiveTree.subtree(leaves, 0);
        LeafChange[] memory changes = new LeafChange[](2);
        changes[0] = _change(low, leaves[0].valueHash, newValue);
        changes[1] = _change(high, 0, oldValue);
        // The one leaf is the root: both keys end there.
        (MultiProofFault fault, StateRoot made) = _harness.tryUpdate(
            StateRoot.wrap(oldRoot),
            changes,
            hex"000000",
            ""
        );
        assertEq(uint256(fault), uint256(MultiProofFault.None), "holds");
        uint256 count = (newValue == 0 ? 0 : 1) + (oldValue == 0 ? 0 : 1);
        NaiveTree.Leaf[] memory survivors = new NaiveTree.Leaf[](count);
        if (newValue != 0) survivors[0] = NaiveTree.Leaf(low, newValue);
        if (oldValue != 0) survivors[count - 1] = NaiveTree.Leaf(high, oldValue);
        assertEq(StateRoot.unwrap(made), _rootOfTwo(survivors, 255 - fork), "root of the survivors");
    }

    // -- Helpers --

    /// @dev Root of at most two leaves that part at `depth`; by the definition, without its recursion.
    function _rootOfTwo(NaiveTree.Leaf[] memory leaves, uint256 depth) private pure returns (bytes32 root) {
        root = NaiveTree.subtree(leaves, depth);
        if (leaves.length < 2) return root;
        for (uint256 level = depth; level > 0; --level) {
            bytes32 empty = "SPARSE_MERKLE_PLACEHOLDER_HASH__";
            bool isRight = (uint256(leaves[0].key) >> (256 - level)) & 1 == 1;
            (bytes32 left, bytes32 right) = isRight ? (empty, root) : (root, empty);
            root = keccak256(abi.encodePacked("JMT::IntrnalNode", left, right));
        }
    }

    function _change(bytes32 key, bytes32 old, bytes32 made) private pure returns (LeafChange memory) {
        return LeafChange(TreeKey.wrap(key), ValueHash.wrap(old), ValueHash.wrap(made));
    }

    function _leaves(uint256 i, bytes memory proof) private view returns (MultiProofFault) {
        return _harness.tryLeaves(StateRoot.wrap(_roots[i]), _leafClaims(_claims[i]), proof);
    }

    function _update(uint256 i) private view returns (MultiProofFault) {
        (MultiProofFault fault, StateRoot made) = _harness.tryUpdate(
            StateRoot.wrap(_roots[i]),
            _leafChanges(_claims[i]),
            _proofs[i],
            _openings[i]
        );
        if (fault == MultiProofFault.None && StateRoot.unwrap(made) != _newRoots[i]) {
            return MultiProofFault.NewRootMismatch;
        }
        return fault;
    }

    function _leafClaims(bytes memory packed) private pure returns (LeafClaim[] memory leaves) {
        leaves = new LeafClaim[](packed.length / 64);
        for (uint256 i = 0; i < leaves.length; ++i) {
            leaves[i] = LeafClaim(
                TreeKey.wrap(_word(packed, 64 * i)),
                ValueHash.wrap(_word(packed, 64 * i + 32))
            );
        }
    }

    function _leafChanges(bytes memory packed) private pure returns (LeafChange[] memory changes) {
        changes = new LeafChange[](packed.length / 96);
        for (uint256 i = 0; i < changes.length; ++i) {
            changes[i] = _change(
                _word(packed, 96 * i),
                _word(packed, 96 * i + 32),
                _word(packed, 96 * i + 64)
            );
        }
    }

    function _word(bytes memory data, uint256 from) private pure returns (bytes32 out) {
        assembly ("memory-safe") {
            out := mload(add(add(data, 0x20), from))
        }
    }

    /// @dev One bit flipped, and sometimes cut short or grown by a few bytes.
    function _edited(bytes memory proof, uint256 bit, uint256 cut) private pure returns (bytes memory out) {
        uint256 length = proof.length;
        if (cut % 4 == 0 && length > 0) length -= (cut >> 8) % length;
        if (cut % 4 == 1) length += (cut >> 8) % 70;
        out = new bytes(length);
        for (uint256 i = 0; i < length && i < proof.length; ++i) out[i] = proof[i];
        if (length == 0) return out;
        // Half of the edits hit the first segment's header and bitmap, where the rules are.
        uint256 position = (bit >> 16) % (bit % 2 == 0 && length > 5 ? 5 : length);
        out[position] ^= bytes1(uint8(1 << ((bit >> 8) % 8)));
    }
}
