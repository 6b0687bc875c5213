import { bytes32, type TreeKey, type ValueHash } from "../../src/bytes/brand.ts";
import type { Entry } from "../../src/tree/versionedTree.ts";

/**
 * `count` leaves with keys and value hashes that look random and are the same for the same seed (xorshift32): evenly spread keys,
 * as content hashes are. The bytes stay small objects of the heap, so that a reader's memory is not that of its sample.
 */
export function* sampleEntries(count: number, seed: number): Generator<Entry> {
  let state = (Math.imul(seed, 0x9e3779b1) ^ 0x5bd1e995) >>> 0 || 1;
  const word = () => {
    const bytes = new Uint8Array(32);
    for (let i = 0; i < 32; i += 4) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      const mixed = Math.imul(state, 0x9e3779b1);
      for (let j = 0; j < 4; j++) bytes[i + j] = mixed >>> (8 * j);
    }
    return bytes;
  };
  for (let i = 0; i < count; i++) yield [bytes32<TreeKey>(word()), bytes32<ValueHash>(word())];
}
