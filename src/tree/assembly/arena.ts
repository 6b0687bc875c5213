/**
 * Cells for nodes (AssemblyScript): taken from the free list of their kind, else from the unused end of the memory, which grows
 * up to a limit. Both kinds have a fixed size, so freed cells fit what comes next and nothing has to be moved.
 */
import { INTERNAL_BYTES, LEAF_BYTES } from "./layout";

const PAGE_BYTES: usize = 65_536;

/** 512 MiB. */
const MAX_STEP_PAGES: i32 = 8_192;

/** First byte never used so far. */
let top: usize = 0;
/** Bytes the memory may grow to. */
let limit: usize = 0;
/** Heads of the lists of free cells; each links to the next by its first word. */
let freeLeaves: usize = 0;
let freeInternals: usize = 0;

/** Nodes in use. */
export let leafCells: u32 = 0;
export let internalCells: u32 = 0;
/** Internal nodes on the free list. */
let freeInternalCells: u32 = 0;

/** Starts with nothing taken. `bytes`: the limit, at least what stands before the first node. */
export function openArena(bytes: usize): void {
  top = (__heap_base + 15) & ~15;
  limit = max(bytes, top);
}

/** Bytes ever used, free cells among them. */
export function usedBytes(): usize {
  return top;
}

/** A cell for a leaf, or zero if there is no room. */
export function takeLeaf(): usize {
  let cell = freeLeaves;
  if (cell !== 0) freeLeaves = load<u32>(cell);
  else cell = takeRegion(LEAF_BYTES);
  if (cell !== 0) leafCells++;
  return cell;
}

/** A cell for an internal node, for which {@link hasInternals} has found room. */
export function takeInternal(): usize {
  internalCells++;
  const cell = freeInternals;
  if (cell === 0) {
    const fresh = takeRegion(INTERNAL_BYTES);
    if (fresh === 0) unreachable();
    return fresh;
  }
  freeInternals = load<u32>(cell);
  freeInternalCells--;
  return cell;
}

/** Whether the limit allows for `count` more internal nodes. */
export function hasInternals(count: u64): bool {
  if (count <= freeInternalCells) return true;
  return (count - freeInternalCells) * INTERNAL_BYTES <= <u64>(limit - top);
}

export function freeLeaf(cell: usize): void {
  store<u32>(cell, <u32>freeLeaves);
  freeLeaves = cell;
  leafCells--;
}

export function freeInternal(cell: usize): void {
  store<u32>(cell, <u32>freeInternals);
  freeInternals = cell;
  freeInternalCells++;
  internalCells--;
}

/** `bytes`, a multiple of 8, from the unused end; zero if the limit does not allow it. */
export function takeRegion(bytes: usize): usize {
  if (bytes > limit - top) return 0;
  const room = <usize>memory.size() * PAGE_BYTES - top;
  if (bytes > room && !grow(bytes - room)) return 0;
  const region = top;
  top += bytes;
  return region;
}

/** Turns a region that is no longer used into free internal nodes. */
export function donateRegion(region: usize, bytes: usize): void {
  for (let left = bytes; left >= INTERNAL_BYTES; left -= INTERNAL_BYTES) {
    internalCells++;
    freeInternal(region + left - INTERNAL_BYTES);
  }
}

/** Grows the memory so that `bytes` more fit, if the limit allows it. */
export function growBy(bytes: usize): void {
  const room = <usize>memory.size() * PAGE_BYTES - top;
  if (bytes <= limit - top && bytes > room) memory.grow(pagesOf(bytes - room));
}

function pagesOf(bytes: usize): i32 {
  return <i32>((bytes - 1) / PAGE_BYTES) + 1;
}

/**
 * Grows the memory to twice its size, by at least `bytes`, never beyond the limit. Pages cost nothing until they are written, but
 * each growth makes the host collect garbage.
 */
function grow(bytes: usize): bool {
  const pages = memory.size();
  const limitPages = pagesOf(limit);
  const needed = pagesOf(bytes);
  return memory.grow(min(max(needed, min(pages, MAX_STEP_PAGES)), limitPages - pages)) !== -1;
}
