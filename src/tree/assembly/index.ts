/**
 * The engine of the state tree (AssemblyScript): every node of every retained version of one tree in one memory. A version is the
 * reference of its root. The host knows addresses of windows and references, nothing else (src/tree/engine/treeMemory.ts).
 */
import { internalCells, leafCells, openArena, usedBytes } from "./arena";
import { addedLeaves, applyBatch, newRoot } from "./batch";
import { FOLD_BITMAP, FOLD_SIBLINGS, FOLDED, foldSiblings } from "./fold";
import { placePlaceholder } from "./layout";
import { hashInternalPair } from "./nodeHash";
import { findLeaf, LISTING, listLeaves, PROOF, proveQuery, QUERY } from "./read";
import { releaseDifference } from "./release";
import { sortEntries } from "./sort";
import {
  closeUpdates,
  duplicateKey,
  entriesEnd,
  expectUpdates,
  firstEntry,
  takeWindow,
  WINDOW,
  WINDOW_ACTIONS,
  WINDOW_UPDATES,
} from "./updates";

export {
  addedLeaves,
  expectUpdates,
  findLeaf,
  foldSiblings,
  listLeaves,
  proveQuery,
  takeWindow,
  usedBytes,
};

/** What {@link finishBatch} finds. */
const APPLIED: i32 = 0;
const DUPLICATE_KEY: i32 = 1;
const FULL: i32 = 2;

/** Starts an empty memory that may grow to `limitBytes`. */
export function open(limitBytes: usize): void {
  placePlaceholder();
  openArena(limitBytes);
}

export function windowAddress(): usize {
  return WINDOW;
}

export function windowUpdates(): usize {
  return WINDOW_UPDATES;
}

export function actionsAddress(): usize {
  return WINDOW_ACTIONS;
}

export function queryAddress(): usize {
  return QUERY;
}

export function proofAddress(): usize {
  return PROOF;
}

export function listingAddress(): usize {
  return LISTING;
}

export function foldedAddress(): usize {
  return FOLDED;
}

export function foldBitmapAddress(): usize {
  return FOLD_BITMAP;
}

export function foldSiblingsAddress(): usize {
  return FOLD_SIBLINGS;
}

/** Root of the batch finished last. */
export function batchRoot(): u32 {
  return newRoot;
}

/** Nodes in use, of all versions. */
export function leafNodes(): u32 {
  return leafCells;
}

export function internalNodes(): u32 {
  return internalCells;
}

/**
 * Makes the tree `root` after the updates taken, whose root is then {@link batchRoot}, or changes nothing. After a duplicate key, it
 * stands at the query.
 * @returns 0 done, 1 a key twice, 2 no room
 */
export function finishBatch(root: u32): i32 {
  sortEntries(firstEntry(), entriesEnd(), 0);
  const duplicate = duplicateKey();
  let outcome = APPLIED;
  if (duplicate !== 0) {
    memory.copy(QUERY, duplicate, 32);
    outcome = DUPLICATE_KEY;
  } else if (!applyBatch(root, firstEntry(), entriesEnd())) outcome = FULL;
  closeUpdates(outcome === APPLIED);
  return outcome;
}

/** Gives back the updates taken. */
export function abandonBatch(): void {
  closeUpdates(false);
}

/** Gives back the nodes of the tree `root` that are not in the tree `other`. */
export function release(root: u32, other: u32): void {
  releaseDifference(root, other, 0);
}

/** Hashes the internal nodes of a subtree again, `rounds` times: what a batch costs in hashes alone, for measuring. */
export function rehash(cell: usize, rounds: u32): void {
  for (let i: u32 = 0; i < rounds; i++) hashInternalPair(cell, cell);
}
