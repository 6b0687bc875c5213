import type { TreeKey, ValueHash } from "../../bytes/brand.ts";
import { compareBytes } from "../../bytes/compare.ts";
import type { NodeRef, TreeMemory } from "./treeMemory.ts";

/** What became of a key between two versions; `null` where it has no leaf. */
export interface Change {
  readonly key: TreeKey;
  readonly before: ValueHash | null;
  readonly after: ValueHash | null;
}

/** The keys that differ between two trees, in ascending order. Subtrees that they share are not visited. */
export function differenceOf(memory: TreeMemory, before: NodeRef, after: NodeRef): Change[] {
  const changes: Change[] = [];
  const visit = (a: NodeRef, b: NodeRef, depth: number): void => {
    if (a === b) return;
    if (memory.isInternal(a) || memory.isInternal(b)) {
      visit(memory.child(a, depth, 0), memory.child(b, depth, 0), depth + 1);
      visit(memory.child(a, depth, 1), memory.child(b, depth, 1), depth + 1);
    } else changes.push(...leafChanges(memory, a, b));
  };
  visit(before, after, 0);
  return changes;
}

/** What changes where there is at most one leaf before and at most one after. */
function leafChanges(memory: TreeMemory, a: NodeRef, b: NodeRef): Change[] {
  const [key, before] = a === 0 ? [null, null] : memory.leaf(a);
  const [newKey, after] = b === 0 ? [null, null] : memory.leaf(b);
  if (key !== null && newKey !== null) {
    const order = compareBytes(key, newKey);
    if (order === 0) return compareBytes(before, after) === 0 ? [] : [{ key, before, after }];
    const changes = [
      { key, before, after: null },
      { key: newKey, before: null, after },
    ];
    return order < 0 ? changes : changes.reverse();
  }
  if (key !== null) return [{ key, before, after: null }];
  return newKey === null ? [] : [{ key: newKey, before: null, after }];
}
