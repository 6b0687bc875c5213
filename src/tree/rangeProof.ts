import { bytes32, type StateRoot, type TreeKey, type ValueHash } from "../bytes/brand.ts";
import { ByteReader, bytesToUint, concatBytes, uintBytes } from "../bytes/codec.ts";
import { compareBytes, equalBytes } from "../bytes/compare.ts";
import { type Entry, type NodeRef, TreeMemory } from "./engine/treeMemory.ts";
import { EMPTY_ROOT, internalHash, leafHash } from "./hasher.ts";
import { BOTH_EDGES, type Edges, FROM_EDGE, KeyInterval, NO_EDGE, TO_EDGE } from "./keyInterval.ts";
import { commonPrefixBits } from "./path.ts";
import type { RangeProofFault } from "./rangeProofFault.ts";

/**
 * Proofs that some leaves, and no others, are those of an interval of keys (docs/StateTree.md, "Range proofs"): the hashes of what
 * lies left and right of it. Unlike the range proofs of the Rust crate, any interval can be proved by itself.
 */

const HEADER_BYTES = 5;
const OTHER_LEAF_BYTES = 64;

/** A range proof, unpacked. */
export interface RangeProof {
  /** Depths at which the paths of `from` and `to` end: at a leaf, an empty slot, or a node all of whose keys are inside. */
  readonly fromDepth: number;
  readonly toDepth: number;
  /** The paths at whose end a leaf outside the interval stands. */
  readonly otherEdges: Edges;
  /** Hashes of the subtrees outside that hang off the two paths, in key order. Empty ones are the placeholder. */
  readonly siblings: readonly StateRoot[];
  /** The leaves outside at the ends of the paths, in key order. */
  readonly others: readonly Entry[];
}

/** What a range proof is claimed for. */
export interface RangeClaim {
  readonly root: StateRoot;
  readonly from: TreeKey;
  readonly to: TreeKey;
  /** Every leaf of the interval, in ascending key order. */
  readonly leaves: readonly Entry[];
}

/** The packed bytes of `proof`. */
export function encodeRangeProof(proof: RangeProof): Uint8Array {
  let bitmap = 0n;
  const given: Uint8Array[] = [];
  proof.siblings.forEach((sibling, i) => {
    if (equalBytes(sibling, EMPTY_ROOT)) bitmap |= 1n << BigInt(i);
    else given.push(sibling);
  });
  return concatBytes(
    uintBytes(proof.fromDepth, 2),
    uintBytes(proof.toDepth, 2),
    uintBytes(proof.otherEdges, 1),
    uintBytes(bitmap, bitmapBytes(proof.siblings.length)),
    ...given,
    ...proof.others.flat(),
  );
}

/**
 * The first fault that keeps `proof` from showing the claim; `None` if it does.
 * @throws {TreeError} `E_TREE_FULL` if the claimed leaves do not fit in memory
 */
export function verifyRange(claim: RangeClaim, proof: Uint8Array): RangeProofFault {
  const interval = new KeyInterval(claim.from, claim.to);
  if (interval.isInverted) return "IntervalInverted";
  for (const [i, [key]] of claim.leaves.entries()) {
    const previous = claim.leaves[i - 1];
    if (previous !== undefined && compareBytes(previous[0], key) >= 0) return "LeavesNotAscending";
    if (!interval.contains(key)) return "LeafOutOfRange";
  }
  const opened = openRangeProof(interval, proof);
  if (typeof opened === "string") return opened;
  const { root: claimed } = scratch.apply(0, claim.leaves);
  try {
    const folded = new Fold(interval, opened).hash(claimed, 0, BOTH_EDGES);
    if (typeof folded === "string") return folded;
    return equalBytes(folded, claim.root) ? "None" : "RootMismatch";
  } finally {
    scratch.release(claimed, 0);
  }
}

/** Where the claimed leaves are built into the tree they make alone, to be given back at once. */
const scratch = new TreeMemory();

/** Folds the claimed leaves, of which it follows the subtree, and what the proof gives, in key order. */
class Fold {
  readonly #interval: KeyInterval;
  readonly #proof: RangeProof;
  #siblingsTaken = 0;
  #othersTaken = 0;

  constructor(interval: KeyInterval, proof: RangeProof) {
    this.#interval = interval;
    this.#proof = proof;
  }

  /** Hash of the node at `depth` through which `edges` lead; `claimed`: the claimed leaves below it. */
  hash(claimed: NodeRef, depth: number, edges: Edges): StateRoot | RangeProofFault {
    const { fromDepth, toDepth } = this.#proof;
    if (this.#interval.isInside(edges, depth)) return scratch.hash(claimed);
    const endDepth = (edges & FROM_EDGE) === 0 ? toDepth : fromDepth;
    if (depth === endDepth) return this.#terminal(claimed, depth, edges);
    const left = this.#child(claimed, depth, edges, 0);
    if (typeof left === "string") return left;
    const right = this.#child(claimed, depth, edges, 1);
    return typeof right === "string" ? right : internalHash(left, right);
  }

  #child(claimed: NodeRef, depth: number, edges: Edges, bit: 0 | 1): StateRoot | RangeProofFault {
    const childEdges = this.#interval.childEdges(edges, depth, bit);
    if (childEdges !== undefined) {
      return this.hash(scratch.child(claimed, depth, bit), depth + 1, childEdges);
    }
    return this.#proof.siblings[this.#siblingsTaken++] ?? EMPTY_ROOT;
  }

  /** A slot of one leaf at most: a claimed one, or one outside. */
  #terminal(claimed: NodeRef, depth: number, edges: Edges): StateRoot | RangeProofFault {
    if (scratch.isInternal(claimed)) return "SlotOccupied";
    if ((this.#proof.otherEdges & edges) === 0) return scratch.hash(claimed);
    if (claimed !== 0) return "SlotOccupied";
    const other = this.#proof.others[this.#othersTaken++];
    if (other === undefined) return "ProofTooShort";
    const [key, valueHash] = other;
    const { from, to } = this.#interval;
    const path = (edges & FROM_EDGE) === 0 ? to : from;
    if (commonPrefixBits(path, key) < depth) return "NotANeighbour";
    return this.#interval.contains(key) ? "OtherLeafInside" : leafHash(key, valueHash);
  }
}

/** Checks everything but the hashes. */
function openRangeProof(
  interval: KeyInterval,
  bytes: Uint8Array,
): RangeProof | Exclude<RangeProofFault, "None"> {
  if (bytes.length < HEADER_BYTES) return "ProofTooShort";
  const fromDepth = Number(bytesToUint(bytes.subarray(0, 2)));
  const toDepth = Number(bytesToUint(bytes.subarray(2, 4)));
  const otherEdges = bytes[4] ?? 0;
  const headerFault = faultOfEnds(interval, fromDepth, toDepth, otherEdges);
  if (headerFault !== "None") return headerFault;

  const count = interval.outsideSiblings(fromDepth, toDepth);
  const bodyOffset = HEADER_BYTES + bitmapBytes(count);
  if (bytes.length < bodyOffset) return "ProofTooShort";
  const bitmap = bytesToUint(bytes.subarray(HEADER_BYTES, bodyOffset));
  const isEmpty = Array.from({ length: count }, (_, i) => ((bitmap >> BigInt(i)) & 1n) === 1n);
  const otherCount = (otherEdges & 1) + (otherEdges >> 1);
  const givenBytes = 32 * isEmpty.filter((empty) => !empty).length;
  const wanted = bodyOffset + givenBytes + OTHER_LEAF_BYTES * otherCount;
  if (bytes.length < wanted) return "ProofTooShort";
  if (bytes.length > wanted) return "ProofTooLong";
  if (bitmap >> BigInt(count) !== 0n) return "NonCanonicalBitmap";

  const body = new ByteReader(bytes.subarray(bodyOffset), "range proof");
  const siblings = takeSiblings(body, isEmpty);
  if (siblings === undefined) return "PlaceholderSibling";
  const others = Array.from(
    { length: otherCount },
    (): Entry => [bytes32<TreeKey>(body.take(32)), bytes32<ValueHash>(body.take(32))],
  );
  return { fromDepth, toDepth, otherEdges, siblings, others };
}

/** The siblings in key order, or nothing if one given in full is the placeholder. */
function takeSiblings(body: ByteReader, isEmpty: readonly boolean[]): StateRoot[] | undefined {
  const siblings: StateRoot[] = [];
  for (const empty of isEmpty) {
    const sibling = empty ? EMPTY_ROOT : bytes32<StateRoot>(body.take(32));
    if (!empty && equalBytes(sibling, EMPTY_ROOT)) return undefined;
    siblings.push(sibling);
  }
  return siblings;
}

/** Whether two paths can end at these depths with these leaves. */
function faultOfEnds(
  interval: KeyInterval,
  fromDepth: number,
  toDepth: number,
  otherEdges: Edges,
): RangeProofFault {
  const isFromBeyond = fromDepth > interval.depthLimit(FROM_EDGE);
  if (isFromBeyond || toDepth > interval.depthLimit(TO_EDGE)) return "DepthOutOfRange";
  const isShared = fromDepth <= interval.forkDepth || toDepth <= interval.forkDepth;
  if (isShared && fromDepth !== toDepth) return "DepthMismatch";

  const ends = isShared
    ? [[BOTH_EDGES, FROM_EDGE, fromDepth] as const]
    : [[FROM_EDGE, FROM_EDGE, fromDepth] as const, [TO_EDGE, TO_EDGE, toDepth] as const];
  const possible = ends
    .filter(([edges, , depth]) => !interval.isInside(edges, depth))
    .reduce((all, [, bit]) => all | bit, NO_EDGE);
  return (otherEdges & ~possible) === 0 ? "None" : "UnknownTerminal";
}

function bitmapBytes(siblings: number): number {
  return (siblings + 7) >> 3;
}
