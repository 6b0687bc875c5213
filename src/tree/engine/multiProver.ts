import type { StateRoot, TreeKey } from "../../bytes/brand.ts";
import { compareBytes, equalBytes } from "../../bytes/compare.ts";
import { toHex } from "../../bytes/hex.ts";
import { TreeError } from "../errors.ts";
import {
  encodeMultiProof,
  type LeafClaim,
  MAX_MULTI_PROOF_LEAVES,
  openMultiProof,
  type Segment,
} from "../multiProof.ts";
import { bitAt } from "../path.ts";
import type { Terminal } from "../proof.ts";
import { encodeOpenings, type LeafChange, type Opening, rootAfter } from "../treeUpdate.ts";
import type { NodeRef, TreeMemory, Update } from "./treeMemory.ts";

/** What several keys have, in ascending key order, and the packed multiproof of it. */
export interface LeavesWithProof {
  readonly leaves: readonly LeafClaim[];
  readonly proof: Uint8Array;
}

/** Changes in ascending key order, the root that they make, and what shows it. */
export interface UpdateWithProof {
  readonly changes: readonly LeafChange[];
  readonly newRoot: StateRoot;
  /** Packed multiproof of the old values, and packed openings. */
  readonly proof: Uint8Array;
  readonly openings: Uint8Array;
}

/** A segment with the nodes that its siblings are. */
interface ProvedSegment extends Segment {
  readonly siblingNodes: readonly NodeRef[];
}

/** What the tree has under several keys. */
interface ProvedLeaves {
  readonly leaves: readonly LeafClaim[];
  readonly segments: readonly ProvedSegment[];
}

/**
 * What the tree `root` has under `keys`, in any order, with its proof.
 * @throws {TreeError} `E_DUPLICATE_KEY`; `E_LEAF_COUNT` if there are none or more than a proof may have
 */
export function proveLeaves(
  memory: TreeMemory,
  root: NodeRef,
  keys: readonly TreeKey[],
): LeavesWithProof {
  const { leaves, segments } = proveKeys(memory, root, ascending(keys));
  return { leaves, proof: encodeMultiProof(segments) };
}

/**
 * What `updates`, in any order, make of the tree `root`, with its proof; the tree stays.
 * @throws {TreeError} as {@link proveLeaves}
 */
export function proveUpdate(
  memory: TreeMemory,
  root: NodeRef,
  updates: readonly Update[],
): UpdateWithProof {
  const news = new Map(updates.map(([key, value]) => [toHex(key), value]));
  const { leaves, segments } = proveKeys(memory, root, ascending(updates.map(([key]) => key)));
  const changes = leaves.map(([key, old]): LeafChange => [key, old, news.get(toHex(key)) ?? null]);
  const proof = encodeMultiProof(segments);
  const placed = openMultiProof(leaves, proof);
  if (typeof placed === "string") throw new TreeError("E_PROOF", `own multiproof: got ${placed}`);
  const openings: Opening[] = [];
  const newRoot = rootAfter(changes, placed, (_, segmentIndex, siblingIndex) => {
    const opening = openNode(memory, segments[segmentIndex]?.siblingNodes[siblingIndex] ?? 0);
    openings.push(opening);
    return opening.isInternal;
  });
  return { changes, newRoot, proof, openings: encodeOpenings(openings) };
}

function ascending(keys: readonly TreeKey[]): TreeKey[] {
  const count = keys.length;
  if (count === 0 || count > MAX_MULTI_PROOF_LEAVES) {
    const expected = `1 to ${MAX_MULTI_PROOF_LEAVES} keys`;
    throw new TreeError("E_LEAF_COUNT", `expected ${expected}, got ${count}`);
  }
  const sorted = [...keys].sort(compareBytes);
  for (const [i, key] of sorted.entries()) {
    const previous = sorted[i - 1];
    if (previous !== undefined && equalBytes(previous, key)) {
      throw new TreeError("E_DUPLICATE_KEY", `key ${toHex(key)} twice`);
    }
  }
  return sorted;
}

/** What the tree `root` has under `keys`, which are some and in strictly ascending order, with its segments. */
function proveKeys(memory: TreeMemory, root: NodeRef, keys: readonly TreeKey[]): ProvedLeaves {
  const leaves: LeafClaim[] = [];
  const segments: { terminal: Terminal; depth: number; siblingNodes: NodeRef[] }[] = [];
  const visit = (node: NodeRef, depth: number, claimed: readonly TreeKey[]): void => {
    if (!memory.isInternal(node)) {
      segments.push({ terminal: terminalOf(memory, node, claimed), depth, siblingNodes: [] });
      const leaf = node === 0 ? undefined : memory.leaf(node);
      for (const key of claimed) {
        leaves.push([key, leaf !== undefined && equalBytes(leaf[0], key) ? leaf[1] : null]);
      }
      return;
    }
    const lefts = claimed.filter((key) => bitAt(key, depth) === 0);
    const rights = claimed.slice(lefts.length);
    if (lefts.length > 0) visit(memory.left(node), depth + 1, lefts);
    if (rights.length > 0) visit(memory.right(node), depth + 1, rights);
    if (rights.length === 0) segments.at(-1)?.siblingNodes.push(memory.right(node));
    if (lefts.length === 0) segments.at(-1)?.siblingNodes.push(memory.left(node));
  };
  visit(root, 0, keys);
  const hashes = (nodes: readonly NodeRef[]): StateRoot[] => nodes.map((node) => memory.hash(node));
  return {
    leaves,
    segments: segments.map((each) => ({ ...each, siblings: hashes(each.siblingNodes) })),
  };
}

/** What a node, which is not empty, is made of. */
function openNode(memory: TreeMemory, node: NodeRef): Opening {
  if (!memory.isInternal(node)) {
    const [first, second] = memory.leaf(node);
    return { isInternal: false, first, second };
  }
  const [first, second] = [memory.hash(memory.left(node)), memory.hash(memory.right(node))];
  return { isInternal: true, first, second };
}

function terminalOf(memory: TreeMemory, node: NodeRef, claimed: readonly TreeKey[]): Terminal {
  if (node === 0) return { kind: "empty-slot" };
  const [key, valueHash] = memory.leaf(node);
  const isOwn = claimed.some((each) => equalBytes(each, key));
  return isOwn ? { kind: "own-leaf" } : { kind: "other-leaf", key, valueHash };
}
