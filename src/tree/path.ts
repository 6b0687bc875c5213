import { bytes32, type TreeKey } from "../bytes/brand.ts";

/** Keys as paths from the root: bit 0 is the most significant bit of the first byte. */

/** Bits of a key, and the deepest a leaf can be. */
export const KEY_BITS = 256;

/** Bit `depth` (0 to 255) of `key`: 0 leads left, 1 right. */
export function bitAt(key: Uint8Array, depth: number): 0 | 1 {
  const byte = key[depth >> 3] ?? 0;
  return ((byte >> (7 - (depth & 7))) & 1) === 1 ? 1 : 0;
}

/** How many leading bits `a` and `b`, of equal length, share. */
export function commonPrefixBits(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] ?? 0) ^ (b[i] ?? 0);
    if (difference !== 0) return 8 * i + Math.clz32(difference) - 24;
  }
  return 8 * a.length;
}

/** The key right behind `key`, or nothing behind the last one. */
export function nextKey(key: TreeKey): TreeKey | undefined {
  const next = key.slice();
  for (let i = next.length - 1; i >= 0; i--) {
    const byte = ((next[i] ?? 0) + 1) & 0xff;
    next[i] = byte;
    if (byte !== 0) return bytes32<TreeKey>(next);
  }
  return undefined;
}
