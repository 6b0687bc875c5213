// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {TransitionFault} from "../types/Transition.sol";

/// @dev What a manifest says of one chunk.
struct ManifestChunk {
    uint256 length;
    bytes32 commitment;
}

/// @dev A manifest without its pointers.
struct Manifest {
    uint256 codec;
    // Bytes of the encoded delta before the codec.
    uint256 deltaLength;
    ManifestChunk[] chunks;
}

/// @title DeltaManifest
/// @notice Reads delta manifests (docs/StateTree.md, "Chunks and the delta manifest").
/// @dev Layout: version 8 · chainId 64 · sequenceNo 64 · codec 8 · deltaLength 64 · chunkCount 16; then, per chunk, length 32
///      · commitment 256 · pointerLength 16 · pointer.
library DeltaManifest {
    uint256 internal constant CODEC_NONE = 0;
    uint256 internal constant CODEC_ZSTD = 1;
    /// @dev A delta of no more bytes is not compressed, so that a contract can read it.
    uint256 internal constant RAW_DELTA_BYTES = 65_536;
    uint256 internal constant MAX_CHUNK_BYTES = 16_252_897;
    /// @dev Header, then 8 chunks with the longest pointers.
    uint256 internal constant MAX_MANIFEST_BYTES =
        HEADER_BYTES + MAX_CHUNKS * (CHUNK_BYTES + MAX_POINTER_BYTES);

    uint256 private constant HEADER_BYTES = 28;
    uint256 private constant CHUNK_BYTES = 38;
    uint256 private constant MAX_CHUNKS = 8;
    uint256 private constant MAX_POINTER_BYTES = 1_024;
    uint256 private constant MIN_DELTA_BYTES = 85;
    uint256 private constant MAX_DELTA_BYTES = 67_108_864;
    uint256 private constant VERSION = 1;

    /// @notice The manifest that `data` encodes for commit `sequenceNo` of this chain, or the first rule that it breaks.
    function read(
        bytes calldata data,
        uint64 sequenceNo
    ) internal view returns (TransitionFault fault, Manifest memory manifest) {
        if (data.length < HEADER_BYTES || data.length > MAX_MANIFEST_BYTES) {
            return (TransitionFault.ManifestLength, manifest);
        }
        uint256 head = uint256(bytes32(data[:HEADER_BYTES]));
        if (head >> 248 != VERSION) return (TransitionFault.ManifestVersion, manifest);
        if (uint64(head >> 184) != block.chainid) return (TransitionFault.ManifestChain, manifest);
        if (uint64(head >> 120) != sequenceNo) return (TransitionFault.ManifestSequence, manifest);
        manifest.codec = uint8(head >> 112);
        if (manifest.codec > CODEC_ZSTD) return (TransitionFault.ManifestCodec, manifest);
        manifest.deltaLength = uint64(head >> 48);
        if (manifest.deltaLength < MIN_DELTA_BYTES || manifest.deltaLength > MAX_DELTA_BYTES) {
            return (TransitionFault.ManifestDeltaLength, manifest);
        }
        uint256 chunkCount = uint16(head >> 32);
        if (chunkCount == 0 || chunkCount > MAX_CHUNKS) {
            return (TransitionFault.ManifestChunkCount, manifest);
        }
        manifest.chunks = new ManifestChunk[](chunkCount);
        fault = readChunks(data, manifest);
        if (fault != TransitionFault.None) return (fault, manifest);
        // Only now: whoever compresses a small delta has written a manifest that is one otherwise.
        if (manifest.codec != CODEC_NONE && manifest.deltaLength <= RAW_DELTA_BYTES) {
            fault = TransitionFault.SmallDeltaCompressed;
        }
    }

    function readChunks(
        bytes calldata data,
        Manifest memory manifest
    ) private pure returns (TransitionFault) {
        uint256 count = manifest.chunks.length;
        uint256 offset = HEADER_BYTES;
        uint256 payload = 0;
        for (uint256 i = 0; i < count; ++i) {
            if (data.length < offset + CHUNK_BYTES) return TransitionFault.ManifestLength;
            uint256 length = uint32(bytes4(data[offset:offset + 4]));
            uint256 pointerBytes = uint16(bytes2(data[offset + 36:offset + 38]));
            bool isFull = length == MAX_CHUNK_BYTES;
            if (length == 0 || length > MAX_CHUNK_BYTES || (!isFull && i + 1 != count)) {
                return TransitionFault.ManifestChunk;
            }
            if (pointerBytes > MAX_POINTER_BYTES) return TransitionFault.ManifestChunk;
            manifest.chunks[i] = ManifestChunk(length, bytes32(data[offset + 4:offset + 36]));
            offset += CHUNK_BYTES + pointerBytes;
            payload += length;
        }
        if (data.length != offset) return TransitionFault.ManifestLength;
        bool isPayload =
            manifest.codec == CODEC_NONE ? payload == manifest.deltaLength : payload < manifest.deltaLength;
        return isPayload ? TransitionFault.None : TransitionFault.ManifestPayload;
    }
}
