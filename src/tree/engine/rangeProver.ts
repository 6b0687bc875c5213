import type { StateRoot } from "../../bytes/brand.ts";
import {
  BOTH_EDGES,
  type Edges,
  FROM_EDGE,
  type KeyInterval,
  NO_EDGE,
  TO_EDGE,
} from "../keyInterval.ts";
import type { RangeProof } from "../rangeProof.ts";
import type { Entry, NodeRef, TreeMemory } from "./treeMemory.ts";

/** The leaves of an interval, and the proof that there are no others. */
export interface ProvedRange {
  readonly leaves: readonly Entry[];
  readonly proof: RangeProof;
}

/** The leaves of the tree `root` in `interval`, with their proof. */
export function proveInterval(
  memory: TreeMemory,
  root: NodeRef,
  interval: KeyInterval,
): ProvedRange {
  const leaves: Entry[] = [];
  const siblings: StateRoot[] = [];
  const others: Entry[] = [];
  let [fromDepth, toDepth, otherEdges] = [0, 0, NO_EDGE];

  const end = (depth: number, edges: Edges) => {
    if ((edges & FROM_EDGE) !== 0) fromDepth = depth;
    if ((edges & TO_EDGE) !== 0) toDepth = depth;
  };
  const visit = (node: NodeRef, depth: number, edges: Edges): void => {
    if (interval.isInside(edges, depth)) {
      end(depth, edges);
      pushLeaves(memory, node, leaves);
      return;
    }
    if (memory.isInternal(node)) {
      for (const bit of [0, 1] as const) {
        const child = memory.child(node, depth, bit);
        const childEdges = interval.childEdges(edges, depth, bit);
        if (childEdges === undefined) siblings.push(memory.hash(child));
        else visit(child, depth + 1, childEdges);
      }
      return;
    }
    end(depth, edges);
    if (node === 0) return;
    const leaf = memory.leaf(node);
    if (interval.contains(leaf[0])) leaves.push(leaf);
    else {
      others.push(leaf);
      otherEdges |= (edges & FROM_EDGE) === 0 ? TO_EDGE : FROM_EDGE;
    }
  };
  visit(root, 0, BOTH_EDGES);
  return { leaves, proof: { fromDepth, toDepth, otherEdges, siblings, others } };
}

function pushLeaves(memory: TreeMemory, node: NodeRef, leaves: Entry[]): void {
  if (memory.isInternal(node)) {
    pushLeaves(memory, memory.left(node), leaves);
    pushLeaves(memory, memory.right(node), leaves);
  } else if (node !== 0) leaves.push(memory.leaf(node));
}
