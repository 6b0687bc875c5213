import type { TreeKey } from "../bytes/brand.ts";
import { compareBytes } from "../bytes/compare.ts";
import { bitAt, commonPrefixBits, KEY_BITS } from "./path.ts";

/**
 * The keys from `from` to `to`, both included, and how the nodes of a tree lie to them. A node is known by its depth and by which
 * of the two paths lead through it; those that none leads through lie wholly inside or wholly outside.
 */

/** Which paths lead through a node: bit 0 that of `from`, bit 1 that of `to`. */
export type Edges = number;

export const NO_EDGE: Edges = 0;
export const FROM_EDGE: Edges = 1;
export const TO_EDGE: Edges = 2;
export const BOTH_EDGES: Edges = 3;

export class KeyInterval {
  readonly from: TreeKey;
  readonly to: TreeKey;
  /** Depth at which the two paths part: bits that `from` and `to` share. */
  readonly forkDepth: number;
  /** From this depth on, `from` has only zeros, and `to` only ones. */
  readonly #fromZeroDepth: number;
  readonly #toOneDepth: number;

  constructor(from: TreeKey, to: TreeKey) {
    this.from = from;
    this.to = to;
    this.forkDepth = commonPrefixBits(from, to);
    this.#fromZeroDepth = KEY_BITS - trailingBits(from, 0);
    this.#toOneDepth = KEY_BITS - trailingBits(to, 1);
  }

  /** Whether `to` comes before `from`. */
  get isInverted(): boolean {
    return compareBytes(this.from, this.to) > 0;
  }

  contains(key: TreeKey): boolean {
    return compareBytes(this.from, key) <= 0 && compareBytes(key, this.to) <= 0;
  }

  /** Whether every key below the node is in the interval. */
  isInside(edges: Edges, depth: number): boolean {
    const isFromInside = (edges & FROM_EDGE) === 0 || depth >= this.#fromZeroDepth;
    const isToInside = (edges & TO_EDGE) === 0 || depth >= this.#toOneDepth;
    return isFromInside && isToInside;
  }

  /** Which paths lead on to the child on the side of `bit`; nothing if the child lies outside. */
  childEdges(edges: Edges, depth: number, bit: 0 | 1): Edges | undefined {
    let child = NO_EDGE;
    if ((edges & FROM_EDGE) !== 0) {
      const turn = bitAt(this.from, depth);
      if (turn > bit) return undefined;
      if (turn === bit) child |= FROM_EDGE;
    }
    if ((edges & TO_EDGE) !== 0) {
      const turn = bitAt(this.to, depth);
      if (turn < bit) return undefined;
      if (turn === bit) child |= TO_EDGE;
    }
    return child;
  }

  /** The deepest that the path of `edge` can lead before everything below it is inside. */
  depthLimit(edge: Edges): number {
    const shared = Math.max(this.#fromZeroDepth, this.#toOneDepth);
    if (shared <= this.forkDepth) return shared;
    const own = edge === FROM_EDGE ? this.#fromZeroDepth : this.#toOneDepth;
    return Math.max(own, this.forkDepth + 1);
  }

  /** How many siblings of the two paths, which end at these depths, lie outside. */
  outsideSiblings(fromDepth: number, toDepth: number): number {
    const fork = this.forkDepth;
    if (fromDepth <= fork) return fromDepth;
    let count = fork;
    for (let depth = fork + 1; depth < fromDepth; depth++) count += bitAt(this.from, depth);
    for (let depth = fork + 1; depth < toDepth; depth++) count += 1 - bitAt(this.to, depth);
    return count;
  }
}

/** How many bits at the end of `key` are `bit`. */
function trailingBits(key: TreeKey, bit: 0 | 1): number {
  let count = 0;
  while (count < KEY_BITS && bitAt(key, KEY_BITS - 1 - count) === bit) count++;
  return count;
}
