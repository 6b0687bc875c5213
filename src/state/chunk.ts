import type { Bytes32 } from "../bytes/brand.ts";
import { tag, uintBytes } from "../bytes/codec.ts";
import { keccak256 } from "../bytes/keccak.ts";
import { StateError } from "./errors.ts";

/**
 * Chunks of an encoded delta and their commitments (docs/StateTree.md, "Chunks and the delta manifest"). The commitment is
 * a root of small segments, so that one segment can be demanded and answered without the chunk.
 */

/** What an EigenDA blob of 16 MiB carries: 31 of every 32 bytes, less one symbol. */
export const CHUNK_BYTES = 16_252_897;
export const MAX_CHUNKS = 8;
export const SEGMENT_BYTES = 4_096;

const LEAF_TAG = tag("OPS::SegmentLeaf");
const NODE_TAG = tag("OPS::SegmentNode");
const ROOT_TAG = tag("OPS::ChunkRoot");

/** Root of a chunk's segments, with its length. */
export type ChunkCommitment = Bytes32<"ChunkCommitment">;

/**
 * `payload` in chunks, as views; every one but the last is full.
 * @throws {StateError} `E_CHUNK_COUNT` unless there are 1 to 8
 */
export function splitChunks(payload: Uint8Array): Uint8Array[] {
  const count = Math.ceil(payload.length / CHUNK_BYTES);
  if (count < 1 || count > MAX_CHUNKS) {
    throw new StateError("E_CHUNK_COUNT", `expected 1 to ${MAX_CHUNKS} chunks, got ${count}`);
  }
  return Array.from({ length: count }, (_, i) =>
    payload.subarray(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES),
  );
}

/** The commitment of a chunk of at least one byte. @throws {StateError} `E_LENGTH` if it is empty */
export function chunkCommitment(chunk: Uint8Array): ChunkCommitment {
  let level = segmentLeaves(chunk);
  while (level.length > 1) level = joinPairs(level);
  const [root] = level;
  if (root === undefined) throw new StateError("E_LENGTH", "chunk: expected at least one byte");
  return keccak256<ChunkCommitment>(ROOT_TAG, uintBytes(chunk.length, 4), root);
}

/** One segment of a chunk with what shows that it is the chunk's; as `SegmentProof` of contracts/types/DataRequest.sol. */
export interface SegmentProof {
  readonly segment: Uint8Array;
  /** From the segment up, one for each level on which it has one. */
  readonly siblings: readonly Uint8Array[];
}

/** How many segments a chunk of `chunkBytes` has. */
export function segmentCount(chunkBytes: number): number {
  return Math.ceil(chunkBytes / SEGMENT_BYTES);
}

/** Segment `index` of `chunk`, with its proof. @throws {StateError} `E_LENGTH` if the chunk has no such segment */
export function proveSegment(chunk: Uint8Array, index: number): SegmentProof {
  const segment = chunk.slice(index * SEGMENT_BYTES, (index + 1) * SEGMENT_BYTES);
  if (segment.length === 0) throw new StateError("E_LENGTH", `chunk: no segment ${index}`);
  const siblings: Uint8Array[] = [];
  let level = segmentLeaves(chunk);
  for (let at = index; level.length > 1; at >>= 1) {
    const sibling = level[at ^ 1];
    if (sibling !== undefined) siblings.push(sibling);
    level = joinPairs(level);
  }
  return { segment, siblings };
}

function segmentLeaves(chunk: Uint8Array): Uint8Array[] {
  return Array.from({ length: segmentCount(chunk.length) }, (_, index) => {
    const bytes = chunk.subarray(index * SEGMENT_BYTES, (index + 1) * SEGMENT_BYTES);
    return keccak256(LEAF_TAG, uintBytes(index, 4), uintBytes(bytes.length, 4), bytes);
  });
}

function joinPairs(level: readonly Uint8Array[]): Uint8Array[] {
  const parents: Uint8Array[] = [];
  for (let i = 0; i < level.length; i += 2) {
    const [left, right] = level.slice(i, i + 2);
    if (left === undefined) break;
    parents.push(right === undefined ? left : keccak256(NODE_TAG, left, right));
  }
  return parents;
}
