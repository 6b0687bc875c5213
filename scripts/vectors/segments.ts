import { writeFileSync } from "node:fs";
import { concatBytes, tag } from "../../src/bytes/codec.ts";
import { toHex } from "../../src/bytes/hex.ts";
import { keccak256 } from "../../src/bytes/keccak.ts";
import { drawnSegments } from "../../src/challenge/segments.ts";
import {
  chunkCommitment,
  proveSegment,
  SEGMENT_BYTES,
  segmentCount,
} from "../../src/state/chunk.ts";
import { pattern } from "./delta.ts";

/**
 * Writes test/vectors/segments.json: proofs of segments of chunks whose byte i is i mod 251, and draws of segments. Columns of
 * equal length, because Solidity tests read whole arrays.
 */

const LENGTHS = [
  1,
  SEGMENT_BYTES,
  SEGMENT_BYTES + 1,
  3 * SEGMENT_BYTES,
  5 * SEGMENT_BYTES + 7,
  16 * SEGMENT_BYTES,
  37 * SEGMENT_BYTES - 1,
];
/** Seed number, segments drawn, segments there are. */
const DRAWS = [
  [0, 1, 1],
  [1, 2, 2],
  [2, 8, 8],
  [3, 8, 9],
  [4, 4, 3_969],
  [5, 8, 3_969],
  [6, 7, 16],
] as const;

/** The file's text. */
export function generate(): string {
  const proofs = LENGTHS.flatMap((length) => {
    const chunk = pattern(length);
    const last = segmentCount(length) - 1;
    return [...new Set([0, 1, last >> 1, last - 1, last])]
      .filter((index) => index >= 0 && index <= last)
      .map((index) => ({ length, index, chunk, ...proveSegment(chunk, index) }));
  });
  const draws = DRAWS.map(([number, count, total]) => {
    const seed = keccak256(tag(`seed ${number}`));
    return { seed, count, total, indexes: drawnSegments(seed, count, total) };
  });
  const file = {
    pattern: "byte i of a chunk is i mod 251",
    lengths: proofs.map(({ length }) => length),
    indexes: proofs.map(({ index }) => index),
    commitments: proofs.map(({ chunk }) => toHex(chunkCommitment(chunk))),
    siblings: proofs.map(({ siblings }) => toHex(concatBytes(...siblings))),
    seeds: draws.map(({ seed }) => toHex(seed)),
    counts: draws.map(({ count }) => count),
    totals: draws.map(({ total }) => total),
    drawn: draws.map(({ indexes }) => indexes),
  };
  return `${JSON.stringify(file, null, 1)}\n`;
}

if (import.meta.main) writeFileSync("test/vectors/segments.json", generate());
