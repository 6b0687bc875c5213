// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {JellyfishMerkleProof} from "../../contracts/libraries/JellyfishMerkleProof.sol";
import {TreeHarness} from "../../contracts/mocks/TreeHarness.sol";
import {ProofFault} from "../../contracts/types/ProofFault.sol";
import {StateRoot} from "../../contracts/types/StateRoot.sol";
import {TreeKey} from "../../contracts/types/TreeKey.sol";
import {ValueHash} from "../../contracts/types/ValueHash.sol";
import {Test} from "../Cheats.sol";
import {PlainJellyfishMerkleProof as Plain} from "./helpers/PlainJellyfishMerkleProof.sol";

contract JellyfishMerkleProofTest is Test {
    TreeHarness private _harness;

    string[] private _names;
    uint256[] private _kinds;
    bytes32[] private _roots;
    bytes32[] private _keys;
    bytes32[] private _valueHashes;
    bytes[] private _proofs;
    uint256[] private _faults;

    function setUp() public {
        _harness = new TreeHarness();
        string memory json = vm.readFile("test/vectors/jmtProofs.json");
        _names = vm.parseJsonStringArray(json, ".names");
        _kinds = vm.parseJsonUintArray(json, ".kinds");
        _roots = vm.parseJsonBytes32Array(json, ".roots");
        _keys = vm.parseJsonBytes32Array(json, ".keys");
        _valueHashes = vm.parseJsonBytes32Array(json, ".valueHashes");
        _proofs = vm.parseJsonBytesArray(json, ".proofs");
        _faults = vm.parseJsonUintArray(json, ".faults");
    }

    function test_tryInclusionAndTryAbsence_vectors_nameTheExpectedFault() public view {
        assertTrue(_names.length >= 300, "at least 300 vectors");
        uint256 mustFailCount = 0;
        for (uint256 i = 0; i < _names.length; ++i) {
            ProofFault got =
                _kinds[i] == 0
                    ? _inclusion(_roots[i], _keys[i], _valueHashes[i], _proofs[i])
                    : _absence(_roots[i], _keys[i], _proofs[i]);
            assertEq(uint256(got), _faults[i], _names[i]);
            if (_faults[i] != 0) ++mustFailCount;
        }
        assertTrue(2 * mustFailCount >= _names.length, "at least half must fail");
    }

    function test_verify_vectors_revertWithTheFault() public {
        for (uint256 i = 0; i < _names.length; i += 7) {
            if (_faults[i] != 0) {
                vm.expectRevert(
                    abi.encodeWithSelector(JellyfishMerkleProof.InvalidProof.selector, ProofFault(_faults[i]))
                );
            }
            if (_kinds[i] == 0) {
                _harness.verifyInclusion(
                    StateRoot.wrap(_roots[i]),
                    TreeKey.wrap(_keys[i]),
                    ValueHash.wrap(_valueHashes[i]),
                    _proofs[i]
                );
            } else {
                _harness.verifyAbsence(StateRoot.wrap(_roots[i]), TreeKey.wrap(_keys[i]), _proofs[i]);
            }
        }
    }

    function test_JMT17_tryAbsence_emptyTree_holdsForAnyKey() public view {
        assertEq(
            uint256(_absence(JellyfishMerkleProof.EMPTY_ROOT, keccak256("any"), hex"010000")),
            uint256(ProofFault.None),
            "absent from the empty tree"
        );
        assertEq(
            _harness.EMPTY_ROOT(),
            0x5350415253455f4d45524b4c455f504c414345484f4c4445525f484153485f5f,
            "the placeholder's ASCII"
        );
    }

    /// @dev Whatever the edit, the lean verifier and its plain twin agree.
    function testFuzz_tryInclusionAndTryAbsence_editedVector_agreeWithThePlainTwin(
        uint256 seed,
        uint256 bit,
        uint256 cut
    ) public view {
        uint256 i = seed % _names.length;
        bytes memory proof = _edited(_proofs[i], bit, cut);
        _assertAgrees(_roots[i], _keys[i], _valueHashes[i], proof);
    }

    function testFuzz_tryInclusionAndTryAbsence_anyBytes_agreeWithThePlainTwin(
        bytes32 root,
        bytes32 key,
        bytes32 valueHash,
        uint8 terminal,
        uint16 depth,
        bytes calldata rest
    ) public view {
        _assertAgrees(root, key, valueHash, abi.encodePacked(terminal % 4, depth % 260, rest));
    }

    /// @dev A root made for the proof, so that also proofs of any shape that hold are compared.
    function testFuzz_tryInclusion_anyPath_agreesWithThePlainTwinAndFolds(
        bytes32 key,
        bytes32 valueHash,
        uint256 bitmap,
        uint16 depthSeed,
        bytes32 siblingSeed
    ) public view {
        uint256 depth = uint256(depthSeed) % 257;
        (bytes memory proof, bytes32 root) = _build(key, valueHash, bitmap, depth, siblingSeed);
        assertEq(uint256(_inclusion(root, key, valueHash, proof)), uint256(ProofFault.None), "holds");
        _assertAgrees(root, key, valueHash, proof);
        if (depth > 0) {
            assertEq(
                uint256(_inclusion(root, key ^ bytes32(uint256(1) << (256 - depth)), valueHash, proof)),
                uint256(ProofFault.RootMismatch),
                "another key"
            );
        }
    }

    /// @dev P3: the same siblings never show both presence and absence.
    function testFuzz_TRE2_JMT19_tryAbsence_presentKey_neverHolds(
        uint256 seed,
        bytes32 otherKey
    ) public view {
        uint256 i = seed % _names.length;
        if (_kinds[i] != 0 || _faults[i] != 0) return;
        bytes memory proof = bytes.concat(_proofs[i]);
        proof[0] = 0x01;
        assertTrue(_absence(_roots[i], _keys[i], proof) != ProofFault.None, "empty slot");
        proof[0] = 0x02;
        bytes memory withLeaf = abi.encodePacked(proof, otherKey, _valueHashes[i]);
        assertTrue(_absence(_roots[i], _keys[i], withLeaf) != ProofFault.None, "other leaf");
    }

    /// @dev The verifier leaves free memory where it was and does not read what is there.
    function test_tryInclusion_dirtyMemory_sameVerdict() public view {
        for (uint256 i = 0; i < _names.length; i += 13) {
            if (_kinds[i] != 0) continue;
            assertEq(
                uint256(this.inclusionInDirtyMemory(_roots[i], _keys[i], _valueHashes[i], _proofs[i])),
                _faults[i],
                _names[i]
            );
        }
    }

    function inclusionInDirtyMemory(
        bytes32 root,
        bytes32 key,
        bytes32 valueHash,
        bytes calldata proof
    ) external pure returns (ProofFault fault) {
        uint256 pointer;
        assembly ("memory-safe") {
            pointer := mload(0x40)
            for {
                let i := 0
            } lt(i, 0x200) {
                i := add(i, 0x20)
            } {
                mstore(add(pointer, i), not(0))
            }
        }
        fault = JellyfishMerkleProof.tryInclusion(
            StateRoot.wrap(root),
            TreeKey.wrap(key),
            ValueHash.wrap(valueHash),
            proof
        );
        uint256 pointerAfter;
        assembly ("memory-safe") {
            pointerAfter := mload(0x40)
        }
        assert(pointer == pointerAfter);
    }

    /// @dev Depth 20 is that of a tree of a million leaves.
    function test_tryInclusion_depth20_staysLean() public view {
        (bytes memory proof, bytes32 root) = _build(keccak256("k"), keccak256("v"), 0, 20, keccak256("s"));
        (uint256 gasUsed, ProofFault fault) = _harness.inclusionGas(
            StateRoot.wrap(root),
            TreeKey.wrap(keccak256("k")),
            ValueHash.wrap(keccak256("v")),
            proof
        );
        assertEq(uint256(fault), uint256(ProofFault.None), "holds");
        assertTrue(gasUsed <= 6_000, "at most 6,000 gas");
    }

    // -- Helpers --

    function _inclusion(
        bytes32 root,
        bytes32 key,
        bytes32 valueHash,
        bytes memory proof
    ) private view returns (ProofFault) {
        return
            _harness.tryInclusion(StateRoot.wrap(root), TreeKey.wrap(key), ValueHash.wrap(valueHash), proof);
    }

    function _absence(bytes32 root, bytes32 key, bytes memory proof) private view returns (ProofFault) {
        return _harness.tryAbsence(StateRoot.wrap(root), TreeKey.wrap(key), proof);
    }

    function _assertAgrees(bytes32 root, bytes32 key, bytes32 valueHash, bytes memory proof) private view {
        assertEq(
            uint256(_inclusion(root, key, valueHash, proof)),
            uint256(Plain.tryInclusion(root, key, valueHash, proof)),
            "inclusion"
        );
        assertEq(uint256(_absence(root, key, proof)), uint256(Plain.tryAbsence(root, key, proof)), "absence");
    }

    /// @dev One bit flipped, and sometimes cut short or grown by a few bytes.
    function _edited(bytes memory proof, uint256 bit, uint256 cut) private pure returns (bytes memory out) {
        uint256 length = proof.length;
        if (cut % 4 == 0 && length > 0) length -= (cut >> 8) % length;
        if (cut % 4 == 1) length += (cut >> 8) % 70;
        out = new bytes(length);
        for (uint256 i = 0; i < length && i < proof.length; ++i) out[i] = proof[i];
        if (length == 0) return out;
        // Half of the edits hit the header and the bitmap, where the rules are.
        uint256 position = (bit >> 16) % (bit % 2 == 0 && length > 8 ? 8 : length);
        out[position] ^= bytes1(uint8(1 << ((bit >> 8) % 8)));
    }

    function _build(
        bytes32 key,
        bytes32 valueHash,
        uint256 bitmap,
        uint256 depth,
        bytes32 seed
    ) private pure returns (bytes memory proof, bytes32 root) {
        if (depth < 256) bitmap &= (1 << depth) - 1;
        uint256 bitmapBytes = (depth + 7) / 8;
        proof = abi.encodePacked(uint8(0), uint16(depth));
        for (uint256 i = bitmapBytes; i > 0; --i) {
            proof = abi.encodePacked(proof, uint8(bitmap >> (8 * (i - 1))));
        }
        root = Plain.leafHash(key, valueHash);
        for (uint256 i = depth; i > 0; --i) {
            bytes32 sibling = Plain.EMPTY;
            if ((bitmap >> (i - 1)) & 1 == 0) {
                sibling = keccak256(abi.encode(seed, i));
                proof = abi.encodePacked(proof, sibling);
            }
            bool isRight = (uint256(key) >> (256 - i)) & 1 == 1;
            root =
                isRight
                    ? keccak256(abi.encodePacked("JMT::IntrnalNode", sibling, root))
                    : keccak256(abi.encodePacked("JMT::IntrnalNode", root, sibling));
        }
    }
}
