import { bytes32, type StateRoot, type TreeKey, type ValueHash } from "../bytes/brand.ts";
import { toHex } from "../bytes/hex.ts";
import { type Change, differenceOf } from "./engine/difference.ts";
import {
  type LeavesWithProof,
  proveLeaves,
  proveUpdate,
  type UpdateWithProof,
} from "./engine/multiProver.ts";
import { proveInterval } from "./engine/rangeProver.ts";
import { type Entry, type NodeRef, TreeMemory, type Update } from "./engine/treeMemory.ts";
import { TreeError } from "./errors.ts";
import { KeyInterval } from "./keyInterval.ts";
import { nextKey } from "./path.ts";
import { encodeRangeProof } from "./rangeProof.ts";

/**
 * The Jellyfish Merkle Tree of one chain with its retained versions, in memory (docs/StateTree.md). It holds keys and
 * value hashes; whoever owns it keeps the records and makes them durable. Version 0 is the empty tree.
 */

export type { Change, Entry, LeavesWithProof, Update, UpdateWithProof };

/** What {@link VersionedTree.proveRange} gives. */
export interface RangeWithProof {
  readonly leaves: readonly Entry[];
  readonly proof: Uint8Array;
}

/** A next version, computed and not committed. */
export interface StagedTree {
  /** Version it extends; it can be committed only while that is the head. */
  readonly baseVersion: bigint;
  readonly newRoot: StateRoot;
  readonly leafCount: number;
}

export interface TreeOptions {
  /** What the nodes may take. By default as much as 32-bit addresses reach: 4 GiB, about 27 million leaves. */
  readonly memoryLimitBytes?: number;
}

/** A version: its root node and how many leaves hang from it. */
interface Version {
  readonly node: NodeRef;
  readonly leafCount: number;
}

export class VersionedTree {
  readonly #memory: TreeMemory;
  /** The retained versions, from the oldest. */
  #versions: Version[] = [{ node: 0, leafCount: 0 }];
  #oldest = 0n;
  readonly #staged = new WeakMap<StagedTree, Version>();
  /** Stages of the head, whose nodes are freed when they can no longer be committed. */
  #open: { readonly stage: WeakRef<StagedTree>; readonly node: NodeRef }[] = [];
  /** How many stages may be open before those are looked for that nobody holds any more. */
  #openLimit = 16;

  constructor({ memoryLimitBytes }: TreeOptions = {}) {
    this.#memory = new TreeMemory(memoryLimitBytes);
  }

  /**
   * A tree whose only version is `version`, with these leaves.
   * @throws {TreeError} `E_DUPLICATE_KEY`, `E_TREE_FULL`
   */
  static restore(
    version: bigint,
    entries: Iterable<Entry>,
    options: TreeOptions = {},
  ): VersionedTree {
    const tree = new VersionedTree(options);
    const { root, addedLeaves } = tree.#memory.apply(0, entries);
    tree.#versions = [{ node: root, leafCount: addedLeaves }];
    tree.#oldest = version;
    return tree;
  }

  /** The newest version. */
  get head(): bigint {
    return this.#oldest + BigInt(this.#versions.length - 1);
  }

  /** The oldest version that can still be proved. */
  get oldest(): bigint {
    return this.#oldest;
  }

  /** Nodes and bytes that all versions together take. */
  get usage(): TreeMemory["usage"] {
    return this.#memory.usage;
  }

  /** @throws {TreeError} `E_VERSION_PRUNED`, `E_VERSION_UNKNOWN` */
  root(version: bigint = this.head): StateRoot {
    return this.#memory.hash(this.#at(version).node);
  }

  /** @throws {TreeError} `E_VERSION_PRUNED`, `E_VERSION_UNKNOWN` */
  leafCount(version: bigint = this.head): number {
    return this.#at(version).leafCount;
  }

  /**
   * The version that `updates`, in any order, make of the head. Nothing changes; removing an absent key is no change.
   * @throws {TreeError} `E_DUPLICATE_KEY` if two updates have the same key, `E_TREE_FULL` if the nodes do not fit,
   *   `E_TREE_BUSY` if iterating over `updates` stages, commits or prunes in this tree
   */
  stage(updates: Iterable<Update>): StagedTree {
    if (this.#open.length >= this.#openLimit) this.#closeUnheld();
    const head = this.#at(this.head);
    const { root: node, addedLeaves } = this.#memory.apply(head.node, updates);
    const leafCount = head.leafCount + addedLeaves;
    const staged = { baseVersion: this.head, newRoot: this.#memory.hash(node), leafCount };
    this.#staged.set(staged, { node, leafCount });
    this.#open.push({ stage: new WeakRef(staged), node });
    return staged;
  }

  /**
   * Makes `staged` the head and gives its version.
   * @throws {TreeError} `E_STALE_STAGE` if another tree staged it or another version was committed since, `E_TREE_BUSY`
   */
  commit(staged: StagedTree): bigint {
    this.#memory.assertIdle();
    const version = this.#staged.get(staged);
    if (version === undefined || staged.baseVersion !== this.head) {
      throw new TreeError(
        "E_STALE_STAGE",
        `expected a stage of this tree on version ${this.head}, got one on ${staged.baseVersion}`,
      );
    }
    const { node: base } = this.#at(this.head);
    for (const { stage, node } of this.#open) {
      if (stage.deref() !== staged) this.#memory.release(node, base);
    }
    this.#open = [];
    this.#versions.push(version);
    return this.head;
  }

  /**
   * Value hash of `key`, or nothing if it has no leaf.
   * @throws {TreeError} `E_VERSION_PRUNED`, `E_VERSION_UNKNOWN`
   */
  get(key: TreeKey, version: bigint = this.head): ValueHash | undefined {
    return this.#memory.get(this.#at(version).node, key);
  }

  /**
   * The packed proof that `key` has its leaf, or that it has none.
   * @throws {TreeError} `E_VERSION_PRUNED`, `E_VERSION_UNKNOWN`
   */
  prove(key: TreeKey, version: bigint = this.head): Uint8Array {
    return this.#memory.prove(this.#at(version).node, key);
  }

  /**
   * The leaves whose keys are from `from` to `to`, both included, and the packed proof that there are no others.
   * @throws {TreeError} `E_VERSION_PRUNED`, `E_VERSION_UNKNOWN`, `E_INTERVAL` if `to` comes before `from`
   */
  proveRange(from: TreeKey, to: TreeKey, version: bigint = this.head): RangeWithProof {
    const interval = new KeyInterval(from, to);
    if (interval.isInverted) {
      throw new TreeError("E_INTERVAL", `expected ${toHex(from)} not to come after ${toHex(to)}`);
    }
    const { leaves, proof } = proveInterval(this.#memory, this.#at(version).node, interval);
    return { leaves, proof: encodeRangeProof(proof) };
  }

  /**
   * What `keys`, in any order, have or have not, in ascending key order, with the packed multiproof of it.
   * @throws {TreeError} `E_VERSION_PRUNED`, `E_VERSION_UNKNOWN`, `E_DUPLICATE_KEY`; `E_LEAF_COUNT` if there are none or
   *   more than a proof may have
   */
  proveLeaves(keys: readonly TreeKey[], version: bigint = this.head): LeavesWithProof {
    return proveLeaves(this.#memory, this.#at(version).node, keys);
  }

  /**
   * What `updates`, in any order, would make of a version, with the proof of it. Nothing changes.
   * @throws {TreeError} as {@link proveLeaves}
   */
  proveUpdate(updates: readonly Update[], version: bigint = this.head): UpdateWithProof {
    return proveUpdate(this.#memory, this.#at(version).node, updates);
  }

  /**
   * The keys that differ between two versions, in ascending order, with their value hash before and after.
   * @throws {TreeError} `E_VERSION_PRUNED`, `E_VERSION_UNKNOWN`
   */
  diff(fromVersion: bigint, toVersion: bigint = this.head): Change[] {
    return differenceOf(this.#memory, this.#at(fromVersion).node, this.#at(toVersion).node);
  }

  /**
   * The leaves in ascending key order. The version must be kept until they are read.
   * @throws {TreeError} `E_VERSION_PRUNED`, `E_VERSION_UNKNOWN`; `E_VERSION_PRUNED` also while reading
   */
  entries(version: bigint = this.head): Generator<Entry> {
    this.#at(version);
    return this.#list(version);
  }

  /** Forgets the versions before `oldestKept`; the head stays in any case. @throws {TreeError} `E_TREE_BUSY` */
  prune(oldestKept: bigint): void {
    this.#memory.assertIdle();
    const kept = oldestKept < this.head ? oldestKept : this.head;
    if (kept <= this.#oldest) return;
    const forgotten = Number(kept - this.#oldest);
    for (let i = 0; i < forgotten; i++) {
      this.#memory.release(this.#versions[i]?.node ?? 0, this.#versions[i + 1]?.node ?? 0);
    }
    this.#versions.splice(0, forgotten);
    this.#oldest = kept;
  }

  #at(version: bigint): Version {
    if (version < this.#oldest && version >= 0n) {
      throw new TreeError("E_VERSION_PRUNED", `version ${version}: oldest kept is ${this.#oldest}`);
    }
    const found = this.#versions[Number(version - this.#oldest)];
    if (found === undefined) {
      throw new TreeError("E_VERSION_UNKNOWN", `version ${version}: head is ${this.head}`);
    }
    return found;
  }

  *#list(version: bigint): Generator<Entry> {
    let from: TreeKey | undefined = bytes32<TreeKey>(new Uint8Array(32));
    while (from !== undefined) {
      const page = this.#memory.list(this.#at(version).node, from);
      yield* page;
      const last = page.at(-1);
      from = last === undefined ? undefined : nextKey(last[0]);
    }
  }

  /** Frees the stages that were dropped without a commit. */
  #closeUnheld(): void {
    const { node: base } = this.#at(this.head);
    this.#open = this.#open.filter(({ stage, node }) => {
      if (stage.deref() !== undefined) return true;
      this.#memory.release(node, base);
      return false;
    });
    this.#openLimit = Math.max(16, 2 * this.#open.length);
  }
}
