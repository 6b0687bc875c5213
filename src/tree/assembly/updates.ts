/**
 * The updates of one batch (AssemblyScript). The host writes them into a window, a thousand at a time; each becomes a leaf cell
 * at once, hashed while it is in the cache, and an entry of 16 bytes by which the batch is sorted: the first 8 bytes of
 * its key, its cell, what to do.
 */
import { donateRegion, freeLeaf, growBy, takeLeaf, takeRegion } from "./arena";
import { equal32, LEAF_BYTES, VALUE_HASH } from "./layout";
import { hashLeafPair } from "./nodeHash";

/** Updates the window holds. */
export const WINDOW_UPDATES: usize = 1_024;

/** 64 bytes each: key, value hash. */
export const WINDOW: usize = memory.data(65536, 16);
/** One byte each: {@link PUT} or {@link REMOVE}. */
export const WINDOW_ACTIONS: usize = memory.data(1024, 16);

/** Beyond that, bytes would not be counted in 32 bits: more leaves than there is memory for. */
const MOST_EXPECTED: usize = 25_000_000;
/** Internal nodes per leaf of evenly spread keys: 1 / ln 2. */
const EXPECTED_INTERNAL_BYTES: usize = 58;

export const ENTRY_BYTES: usize = 16;
const ENTRY_CELL: usize = 8;
const ENTRY_ACTION: usize = 12;

export const PUT: u32 = 0;
export const REMOVE: u32 = 1;
/** A put of the value hash that is there already. */
export const KEEP: u32 = 2;

/** The entries: their region, its size, and how many are in use. */
let region: usize = 0;
let capacity: usize = 0;
let count: usize = 0;

export function updateCount(): usize {
  return count;
}

export function firstEntry(): usize {
  return region;
}

export function entriesEnd(): usize {
  return region + count * ENTRY_BYTES;
}

/** First 8 bytes of the entry's key, as a number; while sorting, 8 later ones. */
export function entryWord(entry: usize): u64 {
  return load<u64>(entry);
}

export function entryCell(entry: usize): usize {
  return <usize>load<u32>(entry, ENTRY_CELL);
}

export function entryAction(entry: usize): u32 {
  return load<u32>(entry, ENTRY_ACTION);
}

export function keepEntry(entry: usize): void {
  store<u32>(entry, KEEP, ENTRY_ACTION);
}

/** Bytes `offset` to `offset + 8` of the entry's key become its word. */
export function loadWord(entry: usize, offset: usize): void {
  store<u64>(entry, bswap(load<u64>(entryCell(entry) + offset)));
}

/** Drops the entries and the leaf cells that did not become part of a tree: all, or those not put. */
export function closeUpdates(isApplied: bool): void {
  const end = entriesEnd();
  for (let entry = region; entry < end; entry += ENTRY_BYTES) {
    if (!isApplied || entryAction(entry) !== PUT) freeLeaf(entryCell(entry));
  }
  count = 0;
}

/** Makes room for `expected` updates at once, if there is any: growing by and by, the memory would end up larger. */
export function expectUpdates(expected: usize): void {
  if (expected > MOST_EXPECTED || !reserve(expected)) return;
  growBy(expected * (LEAF_BYTES + EXPECTED_INTERNAL_BYTES));
}

/** Takes the first `added` updates of the window. @returns whether there was room for them */
export function takeWindow(added: usize): bool {
  if (!reserve(count + added)) return false;
  let waiting: usize = 0;
  for (let i: usize = 0; i < added; i++) {
    const cell = takeLeaf();
    if (cell === 0) return false;
    const source = WINDOW + (i << 6);
    copyUpdate(cell, source);
    const entry = entriesEnd();
    const action = <u32>load<u8>(WINDOW_ACTIONS + i);
    store<u64>(entry, bswap(load<u64>(cell)));
    store<u32>(entry, <u32>cell, ENTRY_CELL);
    store<u32>(entry, action, ENTRY_ACTION);
    count++;
    if (action !== PUT) continue;
    if (waiting !== 0) hashLeafPair(waiting, cell);
    waiting = waiting !== 0 ? 0 : cell;
  }
  if (waiting !== 0) hashLeafPair(waiting, waiting);
  return true;
}

/** Key and value hash, by vectors: the call of `memory.copy` takes longer. */
function copyUpdate(to: usize, from: usize): void {
  v128.store(to, v128.load(from));
  v128.store(to, v128.load(from, 16), 16);
  v128.store(to, v128.load(from, 32), 32);
  v128.store(to, v128.load(from, 48), 48);
}

/** Room for `wanted` entries; what was too small serves as internal nodes. */
function reserve(wanted: usize): bool {
  if (wanted <= capacity) return true;
  const larger = max(wanted, capacity << 1);
  const fresh = takeRegion(larger * ENTRY_BYTES);
  if (fresh === 0) return false;
  memory.copy(fresh, region, count * ENTRY_BYTES);
  donateRegion(region, capacity * ENTRY_BYTES);
  region = fresh;
  capacity = larger;
  return true;
}

/** Whether two neighbours of the sorted entries have the same key; its address, or zero. */
export function duplicateKey(): usize {
  const end = entriesEnd();
  for (let entry = region + ENTRY_BYTES; entry < end; entry += ENTRY_BYTES) {
    const previous = entry - ENTRY_BYTES;
    if (entryWord(entry) !== entryWord(previous)) continue;
    if (equal32(entryCell(entry), entryCell(previous))) return entryCell(entry);
  }
  return 0;
}

/** Whether the leaves at `a` and `b`, of one key, have the same value hash. */
export function equalValues(a: usize, b: usize): bool {
  return equal32(a + VALUE_HASH, b + VALUE_HASH);
}
