import type { StateRoot, TreeKey, ValueHash } from "../../src/bytes/brand.ts";
import { compareBytes, equalBytes } from "../../src/bytes/compare.ts";
import { toHex } from "../../src/bytes/hex.ts";
import { TreeError } from "../../src/tree/errors.ts";
import { bitAt } from "../../src/tree/path.ts";
import { encodeProof, type Terminal } from "../../src/tree/proof.ts";
import { applyUpdates, hashOf, leafCountOf, type TreeNode, type Update } from "./plainNode.ts";

/**
 * The tree as plainly as it can be said: immutable objects, recursion, the collector of garbage. `VersionedTree` has the same
 * interface and must give the same answers.
 */

/** A next version, computed and not committed. */
export interface StagedTree {
  /** Version it extends; it can be committed only while that is the head. */
  readonly baseVersion: bigint;
  readonly newRoot: StateRoot;
  readonly leafCount: number;
}

type Entry = readonly [TreeKey, ValueHash];

export class PlainTree {
  /** Roots of the retained versions, from the oldest. */
  #roots: TreeNode[] = [null];
  #oldest = 0n;
  readonly #staged = new WeakMap<StagedTree, TreeNode>();

  /**
   * A tree whose only version is `version`, with these leaves.
   * @throws {TreeError} `E_DUPLICATE_KEY`
   */
  static restore(version: bigint, entries: Iterable<Entry>): PlainTree {
    const tree = new PlainTree();
    tree.#roots = [applyUpdates(null, 0, sortedUpdates(entries))];
    tree.#oldest = version;
    return tree;
  }

  /** The newest version. */
  get head(): bigint {
    return this.#oldest + BigInt(this.#roots.length - 1);
  }

  /** The oldest version that can still be proved. */
  get oldest(): bigint {
    return this.#oldest;
  }

  /** @throws {TreeError} `E_VERSION_PRUNED`, `E_VERSION_UNKNOWN` */
  root(version: bigint = this.head): StateRoot {
    return hashOf(this.#at(version));
  }

  /** @throws {TreeError} `E_VERSION_PRUNED`, `E_VERSION_UNKNOWN` */
  leafCount(version: bigint = this.head): number {
    return leafCountOf(this.#at(version));
  }

  /**
   * The version that `updates`, in any order, make of the head. Nothing changes; removing an absent key is no change.
   * @throws {TreeError} `E_DUPLICATE_KEY` if two updates have the same key
   */
  stage(updates: Iterable<Update>): StagedTree {
    const node = applyUpdates(this.#at(this.head), 0, sortedUpdates(updates));
    const staged = {
      baseVersion: this.head,
      newRoot: hashOf(node),
      leafCount: leafCountOf(node),
    };
    this.#staged.set(staged, node);
    return staged;
  }

  /**
   * Makes `staged` the head and gives its version.
   * @throws {TreeError} `E_STALE_STAGE` if another tree staged it or another version was committed since
   */
  commit(staged: StagedTree): bigint {
    const node = this.#staged.get(staged);
    if (node === undefined || staged.baseVersion !== this.head) {
      throw new TreeError(
        "E_STALE_STAGE",
        `expected a stage of this tree on version ${this.head}, got one on ${staged.baseVersion}`,
      );
    }
    this.#roots.push(node);
    return this.head;
  }

  /**
   * Value hash of `key`, or nothing if it has no leaf.
   * @throws {TreeError} `E_VERSION_PRUNED`, `E_VERSION_UNKNOWN`
   */
  get(key: TreeKey, version: bigint = this.head): ValueHash | undefined {
    const { node } = this.#descend(key, version);
    return node !== null && equalBytes(node.key, key) ? node.valueHash : undefined;
  }

  /**
   * The packed proof that `key` has its leaf, or that it has none.
   * @throws {TreeError} `E_VERSION_PRUNED`, `E_VERSION_UNKNOWN`
   */
  prove(key: TreeKey, version: bigint = this.head): Uint8Array {
    const { node, siblings } = this.#descend(key, version);
    let terminal: Terminal = { kind: "empty-slot" };
    if (node !== null) {
      const isOwn = equalBytes(node.key, key);
      terminal = isOwn ? { kind: "own-leaf" } : { ...node, kind: "other-leaf" };
    }
    return encodeProof({ terminal, siblings: siblings.reverse() });
  }

  /**
   * The leaves in ascending key order.
   * @throws {TreeError} `E_VERSION_PRUNED`, `E_VERSION_UNKNOWN`
   */
  entries(version: bigint = this.head): Generator<Entry> {
    return walk(this.#at(version));
  }

  /** Forgets the versions before `oldestKept`; the head stays in any case. */
  prune(oldestKept: bigint): void {
    const kept = oldestKept < this.head ? oldestKept : this.head;
    if (kept <= this.#oldest) return;
    this.#roots.splice(0, Number(kept - this.#oldest));
    this.#oldest = kept;
  }

  #at(version: bigint): TreeNode {
    if (version < this.#oldest && version >= 0n) {
      throw new TreeError("E_VERSION_PRUNED", `version ${version}: oldest kept is ${this.#oldest}`);
    }
    const node = this.#roots[Number(version - this.#oldest)];
    if (node === undefined) {
      throw new TreeError("E_VERSION_UNKNOWN", `version ${version}: head is ${this.head}`);
    }
    return node;
  }

  /** What stands where the path of `key` ends, and the siblings on the way down. */
  #descend(key: TreeKey, version: bigint) {
    const siblings: StateRoot[] = [];
    let node = this.#at(version);
    while (node?.kind === "internal") {
      const isRight = bitAt(key, siblings.length) === 1;
      siblings.push(hashOf(isRight ? node.left : node.right));
      node = isRight ? node.right : node.left;
    }
    return { node, siblings };
  }
}

function* walk(node: TreeNode): Generator<Entry> {
  if (node === null) return;
  if (node.kind === "leaf") {
    yield [node.key, node.valueHash];
    return;
  }
  yield* walk(node.left);
  yield* walk(node.right);
}

function sortedUpdates(updates: Iterable<Update>): Update[] {
  const sorted = [...updates].sort(([a], [b]) => compareBytes(a, b));
  sorted.forEach(([key], i) => {
    const previous = sorted[i - 1];
    if (previous !== undefined && equalBytes(previous[0], key)) {
      throw new TreeError("E_DUPLICATE_KEY", `two updates of ${toHex(key)}`);
    }
  });
  return sorted;
}
