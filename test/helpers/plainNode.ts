import { bytes32, type StateRoot, type TreeKey, type ValueHash } from "../../src/bytes/brand.ts";
import { compareBytes, equalBytes } from "../../src/bytes/compare.ts";
import { EMPTY_ROOT, internalHash, leafHash } from "../../src/tree/hasher.ts";
import { bitAt } from "../../src/tree/path.ts";

/**
 * Nodes of the plain tree: binary, immutable, shared between versions (copy on write). A subtree with no leaf is
 * `null`, with one leaf is that leaf at any depth, with more is internal.
 */

export interface LeafNode {
  readonly kind: "leaf";
  readonly key: TreeKey;
  readonly valueHash: ValueHash;
  readonly hash: StateRoot;
}

export interface InternalNode {
  readonly kind: "internal";
  readonly left: TreeNode;
  readonly right: TreeNode;
  readonly leafCount: number;
  readonly hash: StateRoot;
}

export type TreeNode = LeafNode | InternalNode | null;

/** A change of one key; `null` removes it. */
export type Update = readonly [TreeKey, ValueHash | null];

/** Hash of the subtree. */
export function hashOf(node: TreeNode): StateRoot {
  return node === null ? EMPTY_ROOT : node.hash;
}

/** Leaves under the subtree. */
export function leafCountOf(node: TreeNode): number {
  if (node === null) return 0;
  return node.kind === "leaf" ? 1 : node.leafCount;
}

/** `node`, at `depth`, after `updates`, which are in strictly ascending key order and share its path. */
export function applyUpdates(node: TreeNode, depth: number, updates: readonly Update[]): TreeNode {
  if (updates.length === 0) return node;
  if (node === null) return build(updates.flatMap(liveLeaf), depth);
  if (node.kind === "leaf") return build(mergeLeaf(node, updates), depth);
  const split = splitIndex(updates, depth, ([key]) => key);
  const left = applyUpdates(node.left, depth + 1, updates.slice(0, split));
  const right = applyUpdates(node.right, depth + 1, updates.slice(split));
  return left === node.left && right === node.right ? node : join(left, right);
}

/** The subtree of `leaves`, which are in strictly ascending key order. */
function build(leaves: readonly LeafNode[], depth: number): TreeNode {
  const [first] = leaves;
  if (first === undefined) return null;
  if (leaves.length === 1) return first;
  const split = splitIndex(leaves, depth, ({ key }) => key);
  return join(build(leaves.slice(0, split), depth + 1), build(leaves.slice(split), depth + 1));
}

/** One leaf alone moves up, which makes the tree depend on its leaves only, not on how they came and went. */
function join(left: TreeNode, right: TreeNode): TreeNode {
  if (left === null && right?.kind !== "internal") return right;
  if (right === null && left?.kind !== "internal") return left;
  return {
    kind: "internal",
    left,
    right,
    leafCount: leafCountOf(left) + leafCountOf(right),
    hash: internalHash(hashOf(left), hashOf(right)),
  };
}

/** The leaves that remain where `leaf` stood alone. */
function mergeLeaf(leaf: LeafNode, updates: readonly Update[]): LeafNode[] {
  const leaves: LeafNode[] = [];
  let isPlaced = false;
  for (const update of updates) {
    const order = compareBytes(leaf.key, update[0]);
    if (!isPlaced && order < 0) leaves.push(leaf);
    if (order <= 0) isPlaced = true;
    const isSame = order === 0 && update[1] !== null && equalBytes(leaf.valueHash, update[1]);
    leaves.push(...(isSame ? [leaf] : liveLeaf(update)));
  }
  if (!isPlaced) leaves.push(leaf);
  return leaves;
}

/** The leaf an update leaves behind, of its own bytes: those given are often views of a delta of megabytes. */
function liveLeaf([key, value]: Update): LeafNode[] {
  if (value === null) return [];
  const own = { key: bytes32<TreeKey>(key.slice()), valueHash: bytes32<ValueHash>(value.slice()) };
  return [{ kind: "leaf", ...own, hash: leafHash(key, value) }];
}

/** Index of the first item whose key has bit `depth` set. */
function splitIndex<T>(items: readonly T[], depth: number, keyOf: (item: T) => TreeKey): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const item = items[middle];
    if (item !== undefined && bitAt(keyOf(item), depth) === 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
