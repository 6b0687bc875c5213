/**
 * Hashes of leaves and internal nodes (docs/StateTree.md, "Hashing"), two at a time, read where they stand (AssemblyScript).
 * Both preimages fit one block, so a hash is one permutation. Each kind has its own 25 pairs of lanes; what is the same in
 * every preimage (tag, padding) is in them from the start and is never overwritten.
 */

import { digestPair } from "./keccakPair";
import { LEAF_HASH, LEFT, RIGHT } from "./layout";

/** "JMT::Int", "rnalNode"; lanes 2 to 9: the children; 0x01 behind byte 80; 0x80 in the last byte of the block. */
const INTERNAL_LANES: usize = memory.data<u64>([
  0x746e493a3a544d4a, 0x746e493a3a544d4a, 0x65646f4e6c616e72, 0x65646f4e6c616e72, 0, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01, 0x01, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x8000000000000000,
  0x8000000000000000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
]);

/** "JMT::Lea"; lanes 1 to 9: "fNode", key, value hash, 0x01 behind byte 77; 0x80 in the last byte of the block. */
const LEAF_LANES: usize = memory.data<u64>([
  0x61654c3a3a544d4a, 0x61654c3a3a544d4a, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x8000000000000000, 0x8000000000000000, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0, 0, 0,
]);

/** "fNode" in the low five bytes of lane 1. */
const LEAF_TAG_TAIL: u64 = 0x65646f4e66;
/** The padding's first byte, behind the five bytes of value hash that lane 9 begins with. */
const LEAF_PADDING: u64 = 0x0000010000000000;

/** Bytes of key and value hash before the first whole lane: 16 - 13. */
const LEAF_SHIFT: usize = 3;

/** Hashes the leaves at `first` and `second`, whose 64 bytes stand 13 bytes into the block; both may be the same. */
export function hashLeafPair(first: usize, second: usize): void {
  const head = i64x2.shl(wordPair(first, second), 40);
  v128.store(LEAF_LANES, v128.or(head, i64x2.splat(LEAF_TAG_TAIL)), 16);
  for (let at: usize = 0; at < 56; at += 8) {
    const word = wordPair(first + at + LEAF_SHIFT, second + at + LEAF_SHIFT);
    v128.store(LEAF_LANES + (at << 1), word, 32);
  }
  const tail = i64x2.shr_u(wordPair(first + 56, second + 56), 24);
  v128.store(LEAF_LANES, v128.or(tail, i64x2.splat(LEAF_PADDING)), 144);
  digestPair(LEAF_LANES, first + LEAF_HASH, second + LEAF_HASH);
}

/** Hashes the internal nodes at `first` and `second`, whose children have their hashes; both may be the same. */
export function hashInternalPair(first: usize, second: usize): void {
  interleave(load<u32>(first, LEFT) & ~1, load<u32>(second, LEFT) & ~1, INTERNAL_LANES + 32);
  interleave(load<u32>(first, RIGHT) & ~1, load<u32>(second, RIGHT) & ~1, INTERNAL_LANES + 96);
  digestPair(INTERNAL_LANES, first, second);
}

/** The words at `first` and `second`, as a pair. */
function wordPair(first: usize, second: usize): v128 {
  return v128.replace_lane<u64>(v128.load_splat<u64>(first), 1, load<u64>(second));
}

/** The four lanes of each of two hashes, as four pairs, to `lanes`. */
function interleave(a: usize, b: usize, lanes: usize): void {
  const a01 = v128.load(a);
  const a23 = v128.load(a, 16);
  const b01 = v128.load(b);
  const b23 = v128.load(b, 16);
  v128.store(lanes, v128.shuffle<u64>(a01, b01, 0, 2));
  v128.store(lanes, v128.shuffle<u64>(a01, b01, 1, 3), 16);
  v128.store(lanes, v128.shuffle<u64>(a23, b23, 0, 2), 32);
  v128.store(lanes, v128.shuffle<u64>(a23, b23, 1, 3), 48);
}
