import { bytes32, type TreeKey } from "../../../src/bytes/brand.ts";
import { equalBytes } from "../../../src/bytes/compare.ts";
import { type Entry, VersionedTree } from "../../../src/tree/versionedTree.ts";
import type { Claimed, ForgerySource } from "../../helpers/forgeries.ts";
import type { Random } from "../../helpers/random.ts";

/** Whether two claims with their proofs are the same bytes. */
export function isSame(a: Claimed, b: Claimed): boolean {
  const isSameValue =
    a.valueHash === undefined || b.valueHash === undefined
      ? a.valueHash === b.valueHash
      : equalBytes(a.valueHash, b.valueHash);
  return (
    isSameValue &&
    equalBytes(a.root, b.root) &&
    equalBytes(a.key, b.key) &&
    equalBytes(a.proof, b.proof)
  );
}

/** What can be said of a tree, and what forgers draw on. */
export interface ClaimWorld {
  /** Every leaf of the tree. */
  readonly entries: readonly Entry[];
  readonly claims: Claimed[];
  readonly source: ForgerySource;
}

/** True claims about a tree of `count` leaves: of each of some leaves, and of keys that share some of its first bits. */
export function claimsOf(random: Random, count: number): ClaimWorld {
  const tree = new VersionedTree();
  const entries = Array.from({ length: count }, (): Entry => [random.key(), random.valueHash()]);
  tree.commit(tree.stage(entries.slice(0, count >> 1)));
  tree.commit(tree.stage(entries));
  const root = tree.root();
  const claims = entries.slice(0, 60).flatMap(([key, valueHash]): Claimed[] => {
    const beside = key.slice();
    beside[random.below(4)] = random.below(256);
    const missing = bytes32<TreeKey>(beside);
    const present = { root, key, valueHash, proof: tree.prove(key) };
    if (tree.get(missing) !== undefined) return [present];
    return [present, { root, key: missing, valueHash: undefined, proof: tree.prove(missing) }];
  });
  return { entries, claims, source: { random, others: claims, otherRoot: tree.root(1n) } };
}
