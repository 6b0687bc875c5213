// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {StateCommitFixture} from "./helpers/StateCommitFixture.sol";
import {IStateRootCommittable} from "../../contracts/interfaces/IStateRootCommittable.sol";
import {JellyfishMerkleMultiProof} from "../../contracts/libraries/JellyfishMerkleMultiProof.sol";
import {JellyfishMerkleProof} from "../../contracts/libraries/JellyfishMerkleProof.sol";
import {LeafClaim} from "../../contracts/types/LeafClaim.sol";
import {MultiProofFault} from "../../contracts/types/MultiProofFault.sol";
import {ProofFault} from "../../contracts/types/ProofFault.sol";
import {StateCommit} from "../../contracts/types/StateCommit.sol";
import {StateRoot} from "../../contracts/types/StateRoot.sol";
import {TreeKey} from "../../contracts/types/TreeKey.sol";
import {ValueHash} from "../../contracts/types/ValueHash.sol";

contract IncidentHarness {
    function tryInclusion(
        StateRoot root,
        TreeKey key,
        ValueHash valueHash,
        bytes calldata proof
    ) external pure returns (ProofFault) {
        return JellyfishMerkleProof.tryInclusion(root, key, valueHash, proof);
    }

    function tryLeaves(
        StateRoot root,
        LeafClaim[] calldata leaves,
        bytes calldata proof
    ) external pure returns (MultiProofFault) {
        return JellyfishMerkleMultiProof.tryLeaves(root, leaves, proof);
    }
}

/// @dev What has broken others' bridges and trees, tried here on the smallest tree that shows it: A on the left, B on the
///      right. The bugs that made each possible are seeded in scripts/seeded-bugs/incidents.ts.
contract IncidentsTest is StateCommitFixture {
    TreeKey private constant A = TreeKey.wrap(bytes32(uint256(1)));
    TreeKey private constant B = TreeKey.wrap(bytes32(uint256(1) << 255));
    ValueHash private constant VALUE_A = ValueHash.wrap(keccak256("a"));
    ValueHash private constant VALUE_B = ValueHash.wrap(keccak256("b"));
    bytes3 private constant OWN_LEAF_AT_1 = 0x000001;
    bytes3 private constant OTHER_LEAF_AT_1 = 0x020001;
    bytes3 private constant OWN_LEAF_AT_257 = 0x000101;
    bytes1 private constant ALL_GIVEN = 0x00;

    IncidentHarness private _harness;
    StateRoot private _pairRoot;
    bytes32 private _leafA;
    bytes32 private _leafB;

    function setUp() public override {
        super.setUp();
        _harness = new IncidentHarness();
        _leafA = JellyfishMerkleProof.leafHash(A, VALUE_A);
        _leafB = JellyfishMerkleProof.leafHash(B, VALUE_B);
        _pairRoot = StateRoot.wrap(JellyfishMerkleProof.internalHash(_leafA, _leafB));
        _assertFault(A, VALUE_A, bytes.concat(OWN_LEAF_AT_1, ALL_GIVEN, _leafB), ProofFault.None);
    }

    function _assertFault(
        TreeKey key,
        ValueHash valueHash,
        bytes memory proof,
        ProofFault expected
    ) private view {
        ProofFault got = _harness.tryInclusion(_pairRoot, key, valueHash, proof);
        assertEq(uint256(got), uint256(expected), "fault");
    }

    /// @dev PolygonExit, 2021: an exit was proven again for each encoding of the branch mask.
    function test_INC1_inclusion_bitsThatNothingReads_areRefused() public view {
        for (uint8 bit = 1; bit < 8; ++bit) {
            bytes memory proof = bytes.concat(OWN_LEAF_AT_1, bytes1(uint8(1) << bit), _leafB);
            _assertFault(A, VALUE_A, proof, ProofFault.NonCanonicalBitmap);
        }
    }

    /// @dev Nomad, 2022: an upgrade made the zero root one under which messages count as proven.
    function test_INC2_commit_zeroRoot_isRefused() public {
        _commitTimes(1);
        _warp(_clock + 1);
        StateCommit memory commit = _next(_registry);
        commit.newStateRoot = StateRoot.wrap(0);
        _assertRejected(commit, abi.encodeWithSelector(IStateRootCommittable.InvalidNewStateRoot.selector));
    }

    /// @dev CVE-2017-12842, Bitcoin: an inner node passes for a leaf.
    function test_INC3_inclusion_innerNodeAsLeaf_isRefused() public view {
        TreeKey key = TreeKey.wrap(_leafA);
        bytes memory proof = bytes.concat(bytes3(0));
        _assertFault(key, ValueHash.wrap(_leafB), proof, ProofFault.RootMismatch);
    }

    /// @dev Dragonberry, 2022, and many more: elements that nothing reads are let through.
    function test_INC4_inclusion_surplusElement_isRefused() public view {
        bytes memory proof = bytes.concat(OWN_LEAF_AT_1, ALL_GIVEN, _leafB, keccak256("more"));
        _assertFault(A, VALUE_A, proof, ProofFault.ProofTooLong);
    }

    /// @dev Hyperbridge, 2026: the empty proof of nothing holds, under the root of a commit that was never made.
    function test_INC5_leaves_none_areRefused() public view {
        MultiProofFault got = _harness.tryLeaves(StateRoot.wrap(0), new LeafClaim[](0), "");
        assertEq(uint256(got), uint256(MultiProofFault.NoLeaves), "no leaves");
    }

    /// @dev Hyperbridge, 2026: a place outside the tree.
    function test_INC6_inclusion_deeperThanAnyTree_isRefused() public view {
        bytes memory proof = bytes.concat(OWN_LEAF_AT_257, new bytes(33 + 257 * 32));
        _assertFault(A, VALUE_A, proof, ProofFault.DepthOutOfRange);
    }

    /// @dev cardano-673, 2026: what shows absence is taken inside a proof of membership.
    function test_INC7_inclusion_withAnElementOfAbsence_isRefused() public view {
        bytes memory proof = bytes.concat(OTHER_LEAF_AT_1, ALL_GIVEN, _leafB, new bytes(64));
        _assertFault(A, VALUE_A, proof, ProofFault.ProofKindMismatch);
    }

    /// @dev CVE-2012-2459, Bitcoin, and Hyperbridge's later audit: one leaf twice. Here it would be absent and present.
    function test_INC8_leaves_oneTwice_areRefused() public view {
        LeafClaim[] memory claims = new LeafClaim[](2);
        claims[0] = LeafClaim(A, ValueHash.wrap(0));
        claims[1] = LeafClaim(A, VALUE_A);
        bytes memory proof = bytes.concat(OWN_LEAF_AT_1, ALL_GIVEN, _leafB);
        MultiProofFault got = _harness.tryLeaves(_pairRoot, claims, proof);
        assertEq(uint256(got), uint256(MultiProofFault.KeysNotAscending), "one twice");
    }
}
