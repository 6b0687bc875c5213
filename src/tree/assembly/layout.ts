/**
 * Where things stand in the tree's memory (AssemblyScript). A reference to a node is the address of its hash, plus 1 for a
 * leaf: so the hash is found without asking the kind. Zero is the empty subtree, and address 0 holds its hash.
 */

/** Bytes of a leaf: key, value hash, hash. */
export const LEAF_BYTES: usize = 96;
export const VALUE_HASH: usize = 32;
export const LEAF_HASH: usize = 64;

/** Bytes of an internal node: hash, references to the left and the right child. */
export const INTERNAL_BYTES: usize = 40;
export const LEFT: usize = 32;
export const RIGHT: usize = 36;

/** Levels an internal node can stand on: bits of a key. */
export const KEY_BITS: i32 = 256;

/** Address of the hash of an empty subtree. */
export const PLACEHOLDER: usize = 0;

export function isInternal(ref: u32): bool {
  return ref !== 0 && (ref & 1) === 0;
}

/** Reference to the leaf at `cell`. */
export function leafRef(cell: usize): u32 {
  return <u32>(cell + LEAF_HASH) | 1;
}

/** Address of the leaf that `ref` refers to. */
export function leafCell(ref: u32): usize {
  return <usize>(ref & ~1) - LEAF_HASH;
}

/** Address of the hash of `ref`. */
export function hashAddress(ref: u32): usize {
  return <usize>(ref & ~1);
}

/** Bit `depth` of the key at `key`: 0 leads left. */
export function keyBit(key: usize, depth: i32): i32 {
  return (load<u8>(key + (depth >> 3)) >> (7 - (depth & 7))) & 1;
}

/** The child of the internal node `ref` that `bit` leads to. */
export function child(ref: u32, bit: i32): u32 {
  return load<u32>(<usize>ref + (bit << 2), LEFT);
}

/** Whether the 32 bytes at `a` and at `b` are the same. */
export function equal32(a: usize, b: usize): bool {
  const low = v128.xor(v128.load(a), v128.load(b));
  const high = v128.xor(v128.load(a, 16), v128.load(b, 16));
  return !v128.any_true(v128.or(low, high));
}

/** Writes the placeholder where empty references point to: "SPARSE_MERKLE_PLACEHOLDER_HASH__". */
export function placePlaceholder(): void {
  store<u64>(PLACEHOLDER, 0x4d5f455352415053, 0);
  store<u64>(PLACEHOLDER, 0x4c505f454c4b5245, 8);
  store<u64>(PLACEHOLDER, 0x45444c4f48454341, 16);
  store<u64>(PLACEHOLDER, 0x5f5f485341485f52, 24);
}
