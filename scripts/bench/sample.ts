import { bytes32, type TreeKey, type ValueHash } from "../../src/bytes/brand.ts";
import type { Entry } from "../../src/tree/versionedTree.ts";

/**
 * `count` leaves with keys and value hashes that look random and are the same for the same seed (xorshift32 per word): evenly
 * spread keys, as content hashes are.
 */
export function* sampleEntries(count: number, seed: number): Generator<Entry> {
  let state = (Math.imul(seed, 0x9e3779b1) ^ 0x5bd1e995) >>> 0 || 1;
  for (let i = 0; i < count; i++) {
    const words = new Uint32Array(16);
    for (let j = 0; j < 16; j++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      words[j] = Math.imul(state, 0x9e3779b1);
    }
    const bytes = new Uint8Array(words.buffer);
    const value = bytes.slice(32);
    yield [bytes32<TreeKey>(bytes.slice(0, 32)), bytes32<ValueHash>(value)];
  }
}
