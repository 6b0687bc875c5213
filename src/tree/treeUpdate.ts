import { bytes32, type StateRoot, type TreeKey, type ValueHash } from "../bytes/brand.ts";
import { concatBytes } from "../bytes/codec.ts";
import { compareBytes, equalBytes, isZero } from "../bytes/compare.ts";
import { EMPTY_ROOT, internalHash, leafHash } from "./hasher.ts";
import { openMultiProof, type PlacedSegment, verifyLeaves } from "./multiProof.ts";
import type { MultiProofFault } from "./multiProofFault.ts";
import { bitAt } from "./path.ts";

/**
 * The root that changes of several leaves make of another, from a multiproof of the old values (docs/StateTree.md, "Updates");
 * the same bytes as `contracts/libraries/JellyfishMerkleUpdate.sol` takes.
 */

const OPENING_BYTES = 65;

/** A key with its value hash before and after; nothing where it has no leaf. */
export type LeafChange = readonly [
  key: TreeKey,
  oldValueHash: ValueHash | null,
  newValueHash: ValueHash | null,
];

/** What a node is made of: key and value hash of a leaf, or two children's hashes. */
export interface Opening {
  readonly isInternal: boolean;
  readonly first: Uint8Array;
  readonly second: Uint8Array;
}

/** A subtree as the changes leave it. A leaf is one at any depth. */
interface Subtree {
  readonly hash: StateRoot;
  readonly kind: "empty" | "leaf" | "internal";
}

/** Says whether a sibling beside which nothing is left is an internal node. */
export type Opener = (sibling: StateRoot, segmentIndex: number, siblingIndex: number) => boolean;

const EMPTY: Subtree = { hash: EMPTY_ROOT, kind: "empty" };

/** The packed bytes of openings. */
export function encodeOpenings(openings: readonly Opening[]): Uint8Array {
  return concatBytes(
    ...openings.flatMap(({ isInternal, first, second }) => [
      Uint8Array.of(isInternal ? 1 : 0),
      first,
      second,
    ]),
  );
}

/** The root that `changes`, in ascending key order, make of `oldRoot`; or the first fault of what should show it. */
export function updatedRoot(
  oldRoot: StateRoot,
  changes: readonly LeafChange[],
  { proof, openings }: { readonly proof: Uint8Array; readonly openings: Uint8Array },
): StateRoot | Exclude<MultiProofFault, "None"> {
  const olds = changes.map(([key, old]) => [key, old] as const);
  const fault = verifyLeaves(oldRoot, olds, proof);
  if (fault !== "None") return fault;
  const segments = openMultiProof(olds, proof);
  if (typeof segments === "string") return segments;

  let offset = 0;
  let openingFault: "OpeningsTooShort" | "OpeningMismatch" | undefined;
  const root = rootAfter(changes, segments, (sibling) => {
    if (openingFault !== undefined) return false;
    const opening = openings.subarray(offset, offset + OPENING_BYTES);
    offset += OPENING_BYTES;
    if (opening.length < OPENING_BYTES) openingFault = "OpeningsTooShort";
    else if (!isOpeningOf(opening, sibling)) openingFault = "OpeningMismatch";
    return opening[0] === 1;
  });
  if (openingFault !== undefined) return openingFault;
  return offset === openings.length ? root : "OpeningsTooLong";
}

/** The first fault that keeps the changes from being shown to lead from the one root to the other. */
export function verifyUpdate(
  { oldRoot, newRoot }: { readonly oldRoot: StateRoot; readonly newRoot: StateRoot },
  changes: readonly LeafChange[],
  evidence: { readonly proof: Uint8Array; readonly openings: Uint8Array },
): MultiProofFault {
  const made = updatedRoot(oldRoot, changes, evidence);
  if (typeof made === "string") return made;
  return equalBytes(made, newRoot) ? "None" : "NewRootMismatch";
}

/** The root after `changes`, of which `segments` have the old values. */
export function rootAfter(
  changes: readonly LeafChange[],
  segments: readonly PlacedSegment[],
  opensInternal: Opener,
): StateRoot {
  const lefts: { readonly fork: number; readonly made: Subtree }[] = [];
  let made = EMPTY;
  for (const [segmentIndex, segment] of segments.entries()) {
    const { first, end, depth, top, siblings } = segment;
    const key = changes[first]?.[0] ?? EMPTY_ROOT;
    made = subtreeOf(leavesAfter(changes.slice(first, end), segment), depth);
    let wasEmpty = equalBytes(segment.node, EMPTY_ROOT);
    let taken = 0;
    for (let at = depth - 1; at >= top; at--) {
      let beside: Subtree;
      const left = lefts.at(-1);
      if (left?.fork === at) {
        lefts.pop();
        beside = left.made;
      } else {
        const hash = siblings[taken] ?? EMPTY_ROOT;
        const isEmpty = equalBytes(hash, EMPTY_ROOT);
        const isOpened = made.kind === "empty" && !isEmpty && !wasEmpty;
        const isLeaf = isOpened && !opensInternal(hash, segmentIndex, taken);
        beside = isEmpty ? EMPTY : { hash, kind: isLeaf ? "leaf" : "internal" };
        taken++;
      }
      made = bitAt(key, at) === 1 ? joined(beside, made) : joined(made, beside);
      wasEmpty = false;
    }
    lefts.push({ fork: top - 1, made });
  }
  return made.hash;
}

function isOpeningOf(opening: Uint8Array, node: StateRoot): boolean {
  const [first, second] = [opening.slice(1, 33), opening.slice(33)];
  if (opening[0] === 1) return equalBytes(internalHash(first, second), node);
  const leaf = leafHash(bytes32<TreeKey>(first), bytes32<ValueHash>(second));
  return opening[0] === 0 && equalBytes(leaf, node);
}

type Leaf = readonly [TreeKey, ValueHash];

/** What is in the slot after the changes, in ascending key order. */
function leavesAfter(changes: readonly LeafChange[], { terminal }: PlacedSegment): Leaf[] {
  const leaves = changes.flatMap(([key, , value]): Leaf[] =>
    value === null || isZero(value) ? [] : [[key, value]],
  );
  if (terminal.kind === "other-leaf") leaves.push([terminal.key, terminal.valueHash]);
  return leaves.sort(([a], [b]) => compareBytes(a, b));
}

/** The subtree of `leaves` at `depth`. */
function subtreeOf(leaves: readonly Leaf[], depth: number): Subtree {
  const [first] = leaves;
  if (first === undefined) return EMPTY;
  if (leaves.length === 1) return { hash: leafHash(...first), kind: "leaf" };
  const side = (bit: 0 | 1) => leaves.filter(([key]) => bitAt(key, depth) === bit);
  return joined(subtreeOf(side(0), depth + 1), subtreeOf(side(1), depth + 1));
}

/** The subtree over two: nothing over nothing, a leaf alone as it is, else a node of its own. */
function joined(left: Subtree, right: Subtree): Subtree {
  if (left.kind === "empty" && right.kind !== "internal") return right;
  if (right.kind === "empty" && left.kind !== "internal") return left;
  return { hash: internalHash(left.hash, right.hash), kind: "internal" };
}
