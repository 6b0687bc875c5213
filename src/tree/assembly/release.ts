/**
 * Gives back the nodes that one version of a tree has and another does not (AssemblyScript). A node that left the tree never
 * comes back: so what version n has and n + 1 does not is free once n is forgotten, whatever other versions are kept.
 */
import { freeInternal, freeLeaf } from "./arena";
import { child, isInternal, keyBit, leafCell } from "./layout";

/** Frees the nodes under `node` that are not under `other`; both stand at `depth` of the same path. */
export function releaseDifference(node: u32, other: u32, depth: i32): void {
  if (node === 0 || node === other) return;
  if (!isInternal(node)) {
    if (!hasLeaf(other, node, depth)) freeLeaf(leafCell(node));
    return;
  }
  const isPair = isInternal(other);
  releaseDifference(
    child(node, 0),
    isPair ? child(other, 0) : leafOnSide(other, 0, depth),
    depth + 1,
  );
  releaseDifference(
    child(node, 1),
    isPair ? child(other, 1) : leafOnSide(other, 1, depth),
    depth + 1,
  );
  freeInternal(node);
}

/** `leaf` (or none), if its path at `depth` leads to `bit`. */
function leafOnSide(leaf: u32, bit: i32, depth: i32): u32 {
  return leaf !== 0 && keyBit(leafCell(leaf), depth) === bit ? leaf : 0;
}

/** Whether `leaf` is in the subtree `node`, which stands at `depth` of its path. */
function hasLeaf(node: u32, leaf: u32, depth: i32): bool {
  const key = leafCell(leaf);
  let at = node;
  for (let level = depth; isInternal(at); level++) at = child(at, keyBit(key, level));
  return at === leaf;
}
