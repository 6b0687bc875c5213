import { bytesToUint, uintBytes } from "../bytes/codec.ts";
import { keccak256 } from "../bytes/keccak.ts";
import { proveSegment, type SegmentProof } from "../state/chunk.ts";
import { type DeltaSource, fetchChunk } from "../state/fetch.ts";
import { decodeManifest } from "../state/manifest.ts";

/** Answers to requests for the segments of a committed chunk (docs/Withholding.md). */

/** `count` different indexes below `total`, which is no less, that follow from a seed of 32 bytes. */
export function drawnSegments(seed: Uint8Array, count: number, total: number): number[] {
  const indexes: number[] = [];
  for (let i = 0; i < count; i++) {
    let index = Number(bytesToUint(keccak256(seed, uintBytes(i, 32))) % BigInt(total));
    while (indexes.includes(index)) index = (index + 1) % total;
    indexes.push(index);
  }
  return indexes;
}

/**
 * The drawn segments of chunk `chunkIndex` of the manifest, with their proofs; nothing if there is no such chunk.
 * @throws {DaError} if the chunk cannot be had
 * @throws {StateError} if the manifest is malformed
 */
export async function answerFor(
  source: Pick<DeltaSource, "get">,
  manifestBytes: Uint8Array,
  chunkIndex: number,
  indexes: readonly number[],
): Promise<readonly SegmentProof[] | undefined> {
  const entry = decodeManifest(manifestBytes).chunks[chunkIndex];
  if (entry === undefined) return undefined;
  const chunk = await fetchChunk(source, entry, {});
  return indexes.map((index) => proveSegment(chunk, index));
}
