// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

/// @dev What a request for segments is made under, in one slot.
/// @param bondWei what a requester puts up, and who answers is paid, 1 gwei to 10 ether
/// @param windowSeconds how long after the draw an answer is taken, 10 minutes to 7 days
/// @param segmentCount segments that are drawn, 1 to 8; all of a chunk that has fewer
struct RequestRules {
    uint96 bondWei;
    uint32 windowSeconds;
    uint32 segmentCount;
}

/// @dev A request that is open.
/// @param requester who put up the bond
/// @param drawBlock the block whose hash draws the segments
/// @param chunkIndex the chunk's place in the manifest
/// @param rules those in force when the request was made, with the number of segments of this chunk
/// @param commitment of the chunk
/// @param chunkLength in bytes
/// @param sequenceNo the commit
/// @param deadline last second of an answer, since 1970; zero before the draw
/// @param seed what the segments follow from; zero before the draw
struct DataRequest {
    address requester;
    uint64 drawBlock;
    uint32 chunkIndex;
    RequestRules rules;
    bytes32 commitment;
    uint32 chunkLength;
    uint64 sequenceNo;
    uint64 deadline;
    bytes32 seed;
}

/// @dev One segment with what shows that it is the chunk's.
/// @param segment 4,096 bytes; fewer of a chunk's last
/// @param siblings from the segment up, one for each level on which it has one; at most 12
struct SegmentProof {
    bytes segment;
    bytes32[] siblings;
}
