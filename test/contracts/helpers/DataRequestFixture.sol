// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Bytes} from "@openzeppelin/contracts/utils/Bytes.sol";
import {StandingFixture} from "./StandingFixture.sol";
import {DataAvailabilityChallenge} from "../../../contracts/DataAvailabilityChallenge.sol";
import {ChunkSegments} from "../../../contracts/libraries/ChunkSegments.sol";
import {DaCertHash} from "../../../contracts/types/DaCertHash.sol";
import {RequestRules, SegmentProof} from "../../../contracts/types/DataRequest.sol";
import {SignedCommit} from "../../../contracts/types/SignedCommit.sol";
import {StateCommit} from "../../../contracts/types/StateCommit.sol";
import {StateRoot} from "../../../contracts/types/StateRoot.sol";

/// @dev A commit whose manifest has one chunk of ten segments and a bit, and requests for it.
abstract contract DataRequestFixture is StandingFixture {
    address internal constant REQUESTER = address(0xa11ce);
    address internal constant SERVER = address(0xb0b);
    uint256 internal constant BOND = 1 ether;
    uint32 internal constant WINDOW_SECONDS = 1 days;
    uint32 internal constant SEGMENTS = 4;
    uint64 internal constant SEQUENCE_NO = 7;
    uint256 internal constant CHUNK_BYTES = 10 * 4_096 + 77;
    /// @dev Where EIP-2935 keeps hashes.
    address internal constant HISTORY = 0x0000F90827F1C53a10cb7A02335B175320002935;

    DataAvailabilityChallenge internal _challenge;
    bytes internal _chunk;
    bytes32 internal _commitment;

    function setUp() public virtual {
        vm.warp(1_800_000_000);
        vm.roll(100_000);
        _challenge = new DataAvailabilityChallenge(
            address(this),
            _openRegistry(),
            _rules(),
            _faultRules(),
            DELAY_SECONDS
        );
        bytes32[] memory words = new bytes32[]((CHUNK_BYTES + 31) / 32);
        for (uint256 i = 0; i < words.length; ++i) words[i] = keccak256(abi.encode(i));
        bytes memory chunk = Bytes.slice(abi.encodePacked(words), 0, CHUNK_BYTES);
        _chunk = chunk;
        _commitment = this.commitmentOf(chunk);
        _retain(_signed());
    }

    function _rules() internal pure returns (RequestRules memory) {
        return RequestRules(uint96(BOND), WINDOW_SECONDS, SEGMENTS);
    }

    function commitmentOf(bytes calldata chunk) external pure returns (bytes32) {
        return ChunkSegments.commitmentOf(chunk);
    }

    function isSegment(
        bytes32 commitment,
        uint256 chunkLength,
        uint256 index,
        SegmentProof calldata proof
    ) external pure returns (bool) {
        return ChunkSegments.isSegment(commitment, chunkLength, index, proof.segment, proof.siblings);
    }

    /// @dev Of a chunk whose byte i is i mod 251.
    function _patternSegment(
        uint256 chunkLength,
        uint256 index,
        bytes memory siblings
    ) internal pure returns (SegmentProof memory proof) {
        uint256 from = index * 4_096;
        uint256 length = chunkLength - from < 4_096 ? chunkLength - from : 4_096;
        proof.segment = new bytes(length);
        for (uint256 i = 0; i < length; ++i) proof.segment[i] = bytes1(uint8((from + i) % 251));
        proof.siblings = new bytes32[](siblings.length / 32);
        for (uint256 i = 0; i < proof.siblings.length; ++i) {
            bytes32 word;
            assembly ("memory-safe") {
                word := mload(add(siblings, mul(32, add(i, 1))))
            }
            proof.siblings[i] = word;
        }
    }

    function _manifest() internal view returns (bytes memory) {
        uint64 length = uint64(_chunk.length);
        return
            abi.encodePacked(
                bytes1(0x01),
                uint64(block.chainid),
                SEQUENCE_NO,
                bytes1(0x00),
                length,
                uint16(1),
                uint32(length),
                _commitment,
                uint16(3),
                "ptr"
            );
    }

    function _signed() internal view returns (SignedCommit memory signed) {
        signed.commit = StateCommit({
            version: 2,
            sequenceNo: SEQUENCE_NO,
            prevStateRoot: StateRoot.wrap(keccak256("before")),
            newStateRoot: StateRoot.wrap(keccak256("after")),
            timestamp: 1_800_000_000,
            daCertHash: DaCertHash.wrap(keccak256(_manifest())),
            pcr0Commitment: 0
        });
    }

    function _request() internal returns (bytes32) {
        bytes memory manifest = _manifest();
        SignedCommit memory signed = _signed();
        vm.deal(REQUESTER, BOND);
        vm.prank(REQUESTER);
        return _challenge.requestData{value: BOND}(signed, manifest, 0);
    }

    /// @dev Where a revert is expected.
    function _requestWith(uint256 bond) internal {
        vm.deal(address(this), bond);
        _challenge.requestData{value: bond}(_signed(), _manifest(), 0);
    }

    /// @dev Draws in the block behind the drawing one, and gives the segments.
    function _drawNow(bytes32 id) internal returns (uint256[] memory) {
        uint64 drawBlock = _challenge.dataRequest(id).drawBlock;
        vm.roll(drawBlock + 1);
        vm.setBlockhash(drawBlock, keccak256(abi.encode("block", drawBlock)));
        _challenge.drawSegments(id);
        return _challenge.drawnSegments(id);
    }

    function _drawn(bytes32 seed, uint256 count, uint256 total) internal pure returns (uint256[] memory) {
        return ChunkSegments.drawn(seed, count, total);
    }

    function _assertDistinct(uint256[] memory indexes, uint256 total) internal pure {
        for (uint256 i = 0; i < indexes.length; ++i) {
            assertTrue(indexes[i] < total, "below the total");
            for (uint256 k = 0; k < i; ++k) assertTrue(indexes[i] != indexes[k], "different");
        }
    }

    function _serve(bytes32 id, SegmentProof[] memory proofs) internal {
        vm.prank(SERVER);
        _challenge.serveSegments(id, proofs);
    }

    function _proofs(uint256[] memory indexes) internal view returns (SegmentProof[] memory proofs) {
        proofs = new SegmentProof[](indexes.length);
        for (uint256 i = 0; i < indexes.length; ++i) proofs[i] = _proof(indexes[i]);
    }

    /// @dev By the definition of docs/StateTree.md, level by level.
    function _proof(uint256 index) private view returns (SegmentProof memory proof) {
        bytes memory chunk = _chunk;
        uint256 count = (chunk.length + 4_095) / 4_096;
        bytes32[] memory level = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            bytes memory segment = _slice(chunk, i);
            level[i] = keccak256(
                abi.encodePacked("OPS::SegmentLeaf", uint32(i), uint32(segment.length), segment)
            );
        }
        proof.segment = _slice(chunk, index);
        bytes32[] memory found = new bytes32[](12);
        uint256 taken = 0;
        while (count > 1) {
            if (index ^ 1 < count) found[taken++] = level[index ^ 1];
            uint256 parents = (count + 1) / 2;
            for (uint256 i = 0; i < parents; ++i) {
                bytes32 left = level[2 * i];
                level[i] =
                    2 * i + 1 == count
                        ? left
                        : keccak256(abi.encodePacked("OPS::SegmentNode", left, level[2 * i + 1]));
            }
            (index, count) = (index / 2, parents);
        }
        proof.siblings = new bytes32[](taken);
        for (uint256 i = 0; i < taken; ++i) proof.siblings[i] = found[i];
    }

    function _slice(bytes memory chunk, uint256 index) private pure returns (bytes memory) {
        return Bytes.slice(chunk, index * 4_096, (index + 1) * 4_096);
    }
}
