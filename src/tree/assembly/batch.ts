/**
 * The next version of a tree (AssemblyScript): one descent over the sorted updates and the old nodes, which copies what changes
 * and shares the rest; then the hashes of the new internal nodes, from the deepest level up, two at a time.
 */
import { hasInternals, takeInternal } from "./arena";
import {
  child,
  equal32,
  isInternal,
  KEY_BITS,
  keyBit,
  LEAF_HASH,
  LEFT,
  leafCell,
  leafRef,
  RIGHT,
} from "./layout";
import { hashInternalPair } from "./nodeHash";
import {
  ENTRY_BYTES,
  entryAction,
  entryCell,
  entryWord,
  equalValues,
  keepEntry,
  REMOVE,
} from "./updates";

/**
 * Entries of a subtree that is hashed as soon as it is built, while its nodes are in the second-level cache: 4,096 leaves have
 * about 230 KiB of internal nodes.
 */
const BLOCK_BYTES: usize = 4_096 * ENTRY_BYTES;

/** Per level, the last new node on it. Until it is hashed, the first word of a node's hash links to the one before. */
const LEVELS: usize = memory.data(1024, 16);

/** The deepest level with a node in {@link LEVELS}. */
let deepest: i32 = -1;
/** Root of the last batch that was applied. */
export let newRoot: u32 = 0;
/** Leaves put where there was none, less leaves removed. */
let added: i32 = 0;
/** What {@link touchLeaves} has read. */
export let touched: u32 = 0;
/** Whether new nodes are only counted, and their count. */
let isDryRun: bool = false;
let joined: u64 = 0;

/** What a dry run takes for an internal node: no cell, only not a leaf. */
const DRY_NODE: u32 = 2;

export function addedLeaves(): i32 {
  return added;
}

/**
 * The tree `root` after the sorted entries from `first` to `end`, hashed. Nothing is written unless there is room for all of
 * it: a key costs at most 256 nodes; if that might be too much, a dry run counts them.
 * @returns whether there was room; the root is {@link newRoot}
 */
export function applyBatch(root: u32, first: usize, end: usize): bool {
  const worst = <u64>((end - first) / ENTRY_BYTES) * KEY_BITS;
  if (!hasInternals(worst)) {
    isDryRun = true;
    joined = 0;
    applyEntries(root, 0, first, end);
    isDryRun = false;
    if (!hasInternals(joined)) return false;
  }
  added = 0;
  newRoot = applyEntries(root, 0, first, end);
  hashLevels(0);
  return true;
}

/** The subtree `node` at `depth` after the entries from `first` to `end`, which share its path. */
function applyEntries(node: u32, depth: i32, first: usize, end: usize): u32 {
  if (first === end) return node;
  if (!isInternal(node)) return merge(node, depth, first, end);
  if (isBlock(first, end)) touchLeaves(first, end);
  const middle = splitEntries(first, end, depth);
  const left = child(node, 0);
  const right = child(node, 1);
  const newLeft = applyEntries(left, depth + 1, first, middle);
  const newRight = applyEntries(right, depth + 1, middle, end);
  if (newLeft === left && newRight === right) return node;
  const copy = join(newLeft, newRight, depth);
  if (isBlock(first, end)) hashLevels(depth);
  return copy;
}

/** Whether the nodes made for these entries should be hashed before others push them out of the cache. */
function isBlock(first: usize, end: usize): bool {
  return !isDryRun && end - first > BLOCK_BYTES >> 2 && end - first <= BLOCK_BYTES;
}

/**
 * Brings the leaves' hashes into the cache, many at a time: they stand in the order in which the updates came, and a hash that
 * waits for one would wait alone. The sum is there because a load without a use is left out.
 */
function touchLeaves(first: usize, end: usize): void {
  let sum: u32 = 0;
  for (let entry = first; entry < end; entry += ENTRY_BYTES) {
    sum += load<u8>(entryCell(entry) + LEAF_HASH);
  }
  touched = sum;
}

/** The subtree at `depth` of `leaf` (or none) and the entries from `first` to `end`. */
function merge(leaf: u32, depth: i32, first: usize, end: usize): u32 {
  if (first === end) return leaf;
  if (end - first === ENTRY_BYTES) {
    if (leaf === 0) return putLeaf(first);
    if (equal32(leafCell(leaf), entryCell(first))) return replaceLeaf(leaf, first);
    if (entryAction(first) === REMOVE) return leaf;
  } else if (isBlock(first, end)) touchLeaves(first, end);
  const middle = splitEntries(first, end, depth);
  const isRight = leaf !== 0 && keyBit(leafCell(leaf), depth) === 1;
  const left = merge(isRight ? 0 : leaf, depth + 1, first, middle);
  const right = merge(isRight ? leaf : 0, depth + 1, middle, end);
  const node = join(left, right, depth);
  if (isBlock(first, end)) hashLevels(depth);
  return node;
}

function putLeaf(entry: usize): u32 {
  if (entryAction(entry) === REMOVE) return 0;
  added++;
  return leafRef(entryCell(entry));
}

function replaceLeaf(leaf: u32, entry: usize): u32 {
  if (entryAction(entry) === REMOVE) {
    added--;
    return 0;
  }
  if (equalValues(leafCell(leaf), entryCell(entry))) {
    keepEntry(entry);
    return leaf;
  }
  return leafRef(entryCell(entry));
}

/** One leaf alone moves up, which makes the tree depend on its leaves only, not on how they came and went. */
function join(left: u32, right: u32, depth: i32): u32 {
  if (left === 0 && !isInternal(right)) return right;
  if (right === 0 && !isInternal(left)) return left;
  if (isDryRun) {
    joined++;
    return DRY_NODE;
  }
  const cell = takeInternal();
  const level = LEVELS + (depth << 2);
  store<u32>(cell, load<u32>(level));
  store<u32>(cell, left, LEFT);
  store<u32>(cell, right, RIGHT);
  store<u32>(level, <u32>cell);
  if (depth > deepest) deepest = depth;
  return <u32>cell;
}

/** The first entry whose key has bit `depth` set. */
function splitEntries(first: usize, end: usize, depth: i32): usize {
  let low = first;
  let high = end;
  while (low < high) {
    const middle = low + (((high - low) / ENTRY_BYTES) >> 1) * ENTRY_BYTES;
    if (entryBit(middle, depth) === 0) low = middle + ENTRY_BYTES;
    else high = middle;
  }
  return low;
}

function entryBit(entry: usize, depth: i32): i32 {
  if (depth < 64) return <i32>((entryWord(entry) >> <u64>(63 - depth)) & 1);
  return keyBit(entryCell(entry), depth);
}

/** Hashes the new nodes at `top` and deeper, the deepest first. */
function hashLevels(top: i32): void {
  for (; deepest >= top; deepest--) {
    const level = LEVELS + (deepest << 2);
    let cell = <usize>load<u32>(level);
    while (cell !== 0) {
      const second = <usize>load<u32>(cell);
      const next: usize = second === 0 ? 0 : load<u32>(second);
      hashInternalPair(cell, second === 0 ? cell : second);
      cell = next;
    }
    store<u32>(level, 0);
  }
}
