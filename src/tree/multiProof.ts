import { bytes32, type StateRoot, type TreeKey, type ValueHash } from "../bytes/brand.ts";
import { bytesToUint, concatBytes, uintBytes } from "../bytes/codec.ts";
import { compareBytes, equalBytes, isZero } from "../bytes/compare.ts";
import { EMPTY_ROOT, internalHash, leafHash } from "./hasher.ts";
import type { MultiProofFault } from "./multiProofFault.ts";
import { bitAt, commonPrefixBits, KEY_BITS } from "./path.ts";
import type { Terminal } from "./proof.ts";

/**
 * Proofs of what several keys have, or have not, under one root (docs/StateTree.md, "Multiproofs"), the same bytes as
 * `contracts/libraries/JellyfishMerkleMultiProof.sol` takes; both name the same fault for the same bytes.
 */

/** Most keys of one multiproof. */
export const MAX_MULTI_PROOF_LEAVES = 512;

const HEADER_BYTES = 3;
const OTHER_LEAF_BYTES = 64;
const TERMINAL_KINDS = ["own-leaf", "empty-slot", "other-leaf"] as const;

/** A key with its value hash, or with nothing if it has no leaf. */
export type LeafClaim = readonly [TreeKey, ValueHash | null];

/** The way from one terminal up to where it joins that of the next one. */
export interface Segment {
  readonly terminal: Terminal;
  readonly depth: number;
  /** From the terminal up, without those subtrees that other claimed keys are in. Empty ones are the placeholder. */
  readonly siblings: readonly StateRoot[];
}

/** A segment among the claims. */
export interface PlacedSegment extends Segment {
  /** Claims whose path ends at its terminal: from `first` to before `end`. */
  readonly first: number;
  readonly end: number;
  /** Depth of the subtree that it makes: just below where the next one joins, 0 for the last. */
  readonly top: number;
  /** Hash of the terminal. */
  readonly node: StateRoot;
}

/** The packed bytes of a multiproof. */
export function encodeMultiProof(segments: readonly Segment[]): Uint8Array {
  return concatBytes(...segments.map(encodeSegment));
}

/** The first fault that keeps `proof` from showing `leaves`, in ascending key order, under `root`; `None` if it does. */
export function verifyLeaves(
  root: StateRoot,
  leaves: readonly LeafClaim[],
  proof: Uint8Array,
): MultiProofFault {
  const segments = openMultiProof(leaves, proof);
  if (typeof segments === "string") return segments;
  return equalBytes(foldSegments(leaves, segments), root) ? "None" : "RootMismatch";
}

/** The segments of `proof` for these claims, or the first fault other than the root's. */
export function openMultiProof(
  leaves: readonly LeafClaim[],
  proof: Uint8Array,
): PlacedSegment[] | Exclude<MultiProofFault, "None"> {
  if (leaves.length === 0) return "NoLeaves";
  if (leaves.length > MAX_MULTI_PROOF_LEAVES) return "TooManyLeaves";
  for (const [i, [key]] of leaves.entries()) {
    const previous = leaves[i - 1];
    if (previous !== undefined && compareBytes(previous[0], key) >= 0) return "KeysNotAscending";
  }
  const reader = new SegmentReader(leaves, proof);
  const segments: PlacedSegment[] = [];
  while (!reader.isDone) {
    const segment = reader.next();
    if (typeof segment === "string") return segment;
    segments.push(segment);
  }
  return reader.isAtEnd ? segments : "ProofTooLong";
}

/** The root that segments lead to. */
function foldSegments(leaves: readonly LeafClaim[], segments: readonly PlacedSegment[]): StateRoot {
  const lefts: { fork: number; node: StateRoot }[] = [];
  let node = EMPTY_ROOT;
  for (const { first, depth, top, siblings, ...segment } of segments) {
    const key = leaves[first]?.[0] ?? EMPTY_ROOT;
    node = segment.node;
    let taken = 0;
    for (let at = depth - 1; at >= top; at--) {
      const left = lefts.at(-1);
      if (left?.fork === at) {
        lefts.pop();
        node = internalHash(left.node, node);
        continue;
      }
      const sibling = siblings[taken++] ?? EMPTY_ROOT;
      node = bitAt(key, at) === 1 ? internalHash(sibling, node) : internalHash(node, sibling);
    }
    lefts.push({ fork: top - 1, node });
  }
  return node;
}

/** Reads segments front to back. */
class SegmentReader {
  readonly #leaves: readonly LeafClaim[];
  readonly #proof: Uint8Array;
  #offset = 0;
  /** Claims taken. */
  #taken = 0;
  /** Depths at which segments already read part from those to come. */
  readonly #forks: number[] = [];

  constructor(leaves: readonly LeafClaim[], proof: Uint8Array) {
    this.#leaves = leaves;
    this.#proof = proof;
  }

  get isDone(): boolean {
    return this.#taken === this.#leaves.length;
  }

  get isAtEnd(): boolean {
    return this.#offset === this.#proof.length;
  }

  next(): PlacedSegment | Exclude<MultiProofFault, "None"> {
    const header = this.#take(HEADER_BYTES);
    if (header === undefined) return "ProofTooShort";
    const kind = TERMINAL_KINDS[header[0] ?? 0];
    const depth = ((header[1] ?? 0) << 8) | (header[2] ?? 0);
    if (kind === undefined) return "UnknownTerminal";
    if (depth > KEY_BITS) return "DepthOutOfRange";
    const placed = this.#place(depth);
    if (typeof placed === "string") return placed;
    const { first, end, top, own } = placed;
    if ((kind === "own-leaf") !== (own !== undefined)) return "ProofKindMismatch";

    const siblings = this.#siblings(depth - top - this.#join(top));
    if (typeof siblings === "string") return siblings;
    let terminal: Terminal = { kind: kind === "own-leaf" ? kind : "empty-slot" };
    let node = own === undefined ? EMPTY_ROOT : leafHash(...own);
    if (kind === "other-leaf") {
      const leaf = this.#take(OTHER_LEAF_BYTES);
      if (leaf === undefined) return "ProofTooShort";
      const key = bytes32<TreeKey>(leaf.slice(0, 32));
      const valueHash = bytes32<ValueHash>(leaf.slice(32));
      const claims = this.#leaves.slice(first, end);
      if (claims.some(([claimed]) => equalBytes(claimed, key))) return "KeyPresent";
      if (commonPrefixBits(claims[0]?.[0] ?? key, key) < depth) return "NotANeighbour";
      terminal = { kind, key, valueHash };
      node = leafHash(key, valueHash);
    }
    if (siblings.hasPlaceholder) return "PlaceholderSibling";
    if (top > 0) this.#forks.push(top - 1);
    return { terminal, depth, siblings: siblings.nodes, first, end, top, node };
  }

  /** The claims whose path ends at `depth`, and the one of them that has a leaf. */
  #place(depth: number) {
    const first = this.#taken;
    const keyAt = (i: number) => this.#leaves[i]?.[0] ?? EMPTY_ROOT;
    if (first > 0 && commonPrefixBits(keyAt(first - 1), keyAt(first)) >= depth) {
      return "DepthMismatch";
    }
    let end = first;
    let own: readonly [TreeKey, ValueHash] | undefined;
    do {
      const [key, valueHash] = this.#leaves[end] ?? [];
      if (key !== undefined && valueHash && !isZero(valueHash)) {
        if (own !== undefined) return "SlotOccupied";
        own = [key, valueHash];
      }
      end++;
    } while (end < this.#leaves.length && commonPrefixBits(keyAt(end - 1), keyAt(end)) >= depth);
    this.#taken = end;
    const top = end === this.#leaves.length ? 0 : commonPrefixBits(keyAt(end - 1), keyAt(end)) + 1;
    return { first, end, top, own };
  }

  /** Forgets the forks at `top` and below, which this segment joins, and says how many they are. */
  #join(top: number): number {
    let joined = 0;
    while ((this.#forks.at(-1) ?? -1) >= top) {
      this.#forks.pop();
      joined++;
    }
    return joined;
  }

  #siblings(count: number) {
    const bitmapBytes = this.#take((count + 7) >> 3);
    if (bitmapBytes === undefined) return "ProofTooShort";
    const bitmap = bytesToUint(bitmapBytes);
    if (bitmap >> BigInt(count) !== 0n) return "NonCanonicalBitmap";
    const nodes: StateRoot[] = [];
    let hasPlaceholder = false;
    for (let i = count - 1; i >= 0; i--) {
      if (((bitmap >> BigInt(i)) & 1n) === 1n) {
        nodes.push(EMPTY_ROOT);
        continue;
      }
      const sibling = this.#take(32);
      if (sibling === undefined) return "ProofTooShort";
      hasPlaceholder ||= equalBytes(sibling, EMPTY_ROOT);
      nodes.push(bytes32<StateRoot>(sibling));
    }
    return { nodes, hasPlaceholder };
  }

  /** The next `length` bytes, or nothing if there are fewer. */
  #take(length: number): Uint8Array | undefined {
    if (this.#proof.length - this.#offset < length) return undefined;
    this.#offset += length;
    return this.#proof.subarray(this.#offset - length, this.#offset);
  }
}

function encodeSegment({ terminal, depth, siblings }: Segment): Uint8Array {
  let bitmap = 0n;
  const given: Uint8Array[] = [];
  siblings.forEach((sibling, fromTerminal) => {
    if (equalBytes(sibling, EMPTY_ROOT)) bitmap |= 1n << BigInt(siblings.length - 1 - fromTerminal);
    else given.push(sibling);
  });
  const last = terminal.kind === "other-leaf" ? [terminal.key, terminal.valueHash] : [];
  return concatBytes(
    uintBytes(TERMINAL_KINDS.indexOf(terminal.kind), 1),
    uintBytes(depth, 2),
    uintBytes(bitmap, (siblings.length + 7) >> 3),
    ...given,
    ...last,
  );
}
