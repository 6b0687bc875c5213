/** Reading a version (AssemblyScript): one leaf, its packed proof (docs/StateTree.md, "Proofs"), leaves in key order. */
import { child, equal32, hashAddress, isInternal, keyBit, leafCell } from "./layout";

/** The key that is read, written by the host. */
export const QUERY: usize = memory.data(32, 16);

/** The proof: at most 3 + 32 + 256 * 32 + 64 bytes. */
export const PROOF: usize = memory.data(8291, 16);

/** References to the siblings on the path of the query, from the root down. */
const SIBLINGS: usize = memory.data(1024, 16);

/** How deep the last {@link descend} went. */
let depth: i32 = 0;

/** What stands where the path of the query ends: a leaf or nothing. */
function descend(root: u32): u32 {
  let node = root;
  depth = 0;
  while (isInternal(node)) {
    const bit = keyBit(QUERY, depth);
    store<u32>(SIBLINGS + (depth << 2), child(node, 1 - bit));
    node = child(node, bit);
    depth++;
  }
  return node;
}

/** The leaf of the query, or zero. */
export function findLeaf(root: u32): u32 {
  const node = descend(root);
  return node !== 0 && equal32(leafCell(node), QUERY) ? node : 0;
}

/** Writes the query's proof. @returns its length in bytes */
export function proveQuery(root: u32): usize {
  const node = descend(root);
  const isOther = node !== 0 && !equal32(leafCell(node), QUERY);
  store<u8>(PROOF, node === 0 ? 1 : isOther ? 2 : 0);
  store<u8>(PROOF + 1, <u8>(depth >> 8));
  store<u8>(PROOF + 2, <u8>depth);
  const bitmapBytes = (depth + 7) >> 3;
  memory.fill(PROOF + 3, 0, bitmapBytes);
  let end = PROOF + 3 + bitmapBytes;
  for (let i = depth - 1; i >= 0; i--) {
    const sibling = load<u32>(SIBLINGS + (i << 2));
    if (sibling === 0) {
      const byte = PROOF + 3 + (bitmapBytes - 1 - (i >> 3));
      store<u8>(byte, load<u8>(byte) | ((<u8>1) << (<u8>(i & 7))));
      continue;
    }
    memory.copy(end, hashAddress(sibling), 32);
    end += 32;
  }
  if (isOther) {
    memory.copy(end, leafCell(node), 64);
    end += 64;
  }
  return end - PROOF;
}

/** Leaves that a listing holds, and where: 64 bytes each, key and value hash. */
const LISTING_LEAVES: usize = 256;
export const LISTING: usize = memory.data(16384, 16);

/** Leaves listed so far. */
let listed: usize = 0;

/**
 * Writes key and value hash of the leaves whose keys are not before the query into the listing, in key order, until it is full.
 * @returns how many
 */
export function listLeaves(root: u32): usize {
  listed = 0;
  list(root, 0, true);
  return listed;
}

/** `isOnPath`: whether the query's path leads through `node`; else all its keys come after it. */
function list(node: u32, level: i32, isOnPath: bool): void {
  if (node === 0 || listed === LISTING_LEAVES) return;
  if (!isInternal(node)) {
    if (isOnPath && isBeforeQuery(leafCell(node))) return;
    memory.copy(LISTING + (listed << 6), leafCell(node), 64);
    listed++;
    return;
  }
  const bit = isOnPath ? keyBit(QUERY, level) : 0;
  if (bit === 0) list(child(node, 0), level + 1, isOnPath);
  list(child(node, 1), level + 1, isOnPath && bit === 1);
}

function isBeforeQuery(key: usize): bool {
  return memory.compare(key, QUERY, 32) < 0;
}
