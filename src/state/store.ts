import {
  type ContentHash,
  type StateRoot,
  type TreeKey,
  type ValueHash,
  zero32,
} from "../bytes/brand.ts";
import { equalBytes } from "../bytes/compare.ts";
import { toHex } from "../bytes/hex.ts";
import type { DurableDatabase } from "../durable/database.ts";
import type { StagedTree, VersionedTree } from "../tree/versionedTree.ts";
import { assertDelta, type Delta, type DeltaLeaf } from "./delta.ts";
import { StateError } from "./errors.ts";
import { isAppendOnly, namespaceOf } from "./namespace.ts";
import { type LeafWrite, stageWrites } from "./stage.ts";
import {
  type LeafPage,
  newLeafRow,
  readContent,
  readLeaf,
  readPage,
  rebuildTree,
  type StoredLeaf,
  updateOf,
} from "./storedLeaf.ts";
import { openStoreFile, readRows, type StoreFileOptions } from "./storeFile.ts";
import { type NewLeafRow, StoreRows } from "./storeRows.ts";

/**
 * The durable state of one chain: leaves, contents and roots in one SQLite file, and the tree over them in memory, rebuilt
 * and compared with the stored roots when the file is opened. Nothing read from the file is believed: a leaf must hash to
 * what the tree holds, and a content to its hash.
 */

/** Versions that can be proved: one day of commits every 120 s, as the registry retains roots. */
export const RETAINED_VERSIONS = 720;

export interface StateStoreOptions extends StoreFileOptions {
  readonly retainedVersions?: number;
}

/** The newest commit. */
export interface Head {
  /** 0 before the first commit. */
  readonly sequenceNo: bigint;
  /** What the next commit extends; zero before the first. */
  readonly stateRoot: StateRoot;
}

/** A next commit, computed and checked, not stored. `delta.newStateRoot` is the root it leads to. */
export interface StagedCommit {
  readonly delta: Delta;
}

interface StagedRows {
  readonly tree: StagedTree;
  readonly leaves: readonly NewLeafRow[];
}

export class StateStore {
  readonly #database: DurableDatabase;
  readonly #rows: StoreRows;
  readonly #tree: VersionedTree;
  readonly #chainId: bigint;
  readonly #retainedVersions: bigint;
  readonly #staged = new WeakMap<StagedCommit, StagedRows>();

  private constructor(database: DurableDatabase, options: StateStoreOptions) {
    this.#database = database;
    this.#rows = new StoreRows(database);
    this.#chainId = options.chainId;
    this.#retainedVersions = BigInt(Math.max(1, options.retainedVersions ?? RETAINED_VERSIONS));
    this.#tree = readRows(database, () => rebuildTree(this.#rows));
  }

  /**
   * Opens the file, or creates it, and takes it for this process alone.
   * @throws {DurableError} `E_LOCKED`, `E_STORE_SCHEMA`, `E_STORE_UNREADABLE`, `E_STORE_READONLY`, `E_STORE_FULL`,
   *   `E_STORE_IO`
   * @throws {StateError} `E_WRONG_CHAIN`, `E_STORE_CORRUPT`
   */
  static open(options: StateStoreOptions): StateStore {
    const database = openStoreFile(options);
    try {
      return new StateStore(database, options);
    } catch (cause) {
      database.close();
      throw cause;
    }
  }

  get chainId(): bigint {
    return this.#chainId;
  }

  get head(): Head {
    return { sequenceNo: this.#tree.head, stateRoot: this.rootAt(this.#tree.head) };
  }

  /** The oldest version that can be read and proved. */
  get oldest(): bigint {
    return this.#tree.oldest;
  }

  /**
   * The next commit with these writes. Without an effect its delta has no leaves and its root is that of the head.
   * @throws {DurableError} `E_STORE_FAILED`, `E_STORE_CLOSED`
   * @throws {StateError} as {@link stageWrites}
   */
  stage(writes: readonly LeafWrite[]): StagedCommit {
    this.#database.assertUsable();
    const { sequenceNo: head, stateRoot: prevStateRoot } = this.head;
    const sequenceNo = head + 1n;
    const current = (key: TreeKey) =>
      readRows(this.#database, () => this.#rows.leaf(key, head)?.live);
    const leaves = stageWrites(writes, { sequenceNo, current });
    const rows = this.#stageRows(leaves);
    const newStateRoot = rows.tree.newRoot;
    const chainId = this.#chainId;
    return this.#keep({ chainId, sequenceNo, prevStateRoot, newStateRoot, leaves }, rows);
  }

  /**
   * The next commit as somebody else made it. Its bytes must stay as they are until it is committed.
   * @throws {StateError} `E_WRONG_CHAIN`, `E_GAP`, `E_DELTA_CONFLICT`, `E_PREV_ROOT`, `E_APPEND_ONLY`, `E_ABSENT_KEY`,
   *   `E_ROOT_MISMATCH`, and as {@link assertDelta}
   * @throws {DurableError} `E_STORE_FAILED`, `E_STORE_CLOSED`
   */
  stageDelta(delta: Delta): StagedCommit {
    this.#database.assertUsable();
    this.#assertExtends(delta);
    assertDelta(delta);
    for (const leaf of delta.leaves) this.#assertApplies(leaf);
    const rows = this.#stageRows(delta.leaves);
    if (!equalBytes(rows.tree.newRoot, delta.newStateRoot)) {
      const got = `${toHex(rows.tree.newRoot)}, the delta says ${toHex(delta.newStateRoot)}`;
      throw new StateError("E_ROOT_MISMATCH", `commit ${delta.sequenceNo}: got ${got}`);
    }
    return this.#keep(delta, rows);
  }

  /**
   * Stores leaves, contents and root in one transaction and gives the new head. When it returns they are on disk. A write
   * that fails leaves its outcome open: every later one is refused until the file is opened again.
   * @throws {StateError} `E_STALE_STAGE`, `E_STORE_CORRUPT`
   * @throws {DurableError} `E_STORE_FULL`, `E_STORE_IO`, `E_STORE_READONLY`, `E_STORE_UNREADABLE`, `E_STORE_FAILED`,
   *   `E_STORE_CLOSED`
   */
  commit(staged: StagedCommit): Head {
    this.#database.assertUsable();
    const rows = this.#staged.get(staged);
    const head = this.#tree.head;
    if (rows === undefined || rows.tree.baseVersion !== head) {
      throw new StateError("E_STALE_STAGE", `expected a stage of this store on commit ${head}`);
    }
    const { sequenceNo, newStateRoot: stateRoot } = staged.delta;
    const oldestKept = sequenceNo - this.#retainedVersions + 1n;
    const version = { sequenceNo, stateRoot, leaves: rows.leaves, oldestKept };
    this.#database.write(() => this.#rows.insertVersion(version));
    this.#tree.commit(rows.tree);
    this.#tree.prune(oldestKept);
    return { sequenceNo, stateRoot };
  }

  /**
   * The leaf of `key` after a commit, or nothing if there is none.
   * @throws {StateError} `E_CORRUPT_LEAF`, `E_STORE_CORRUPT`, `E_VERSION_PRUNED`, `E_VERSION_UNKNOWN`
   * @throws {DurableError} `E_STORE_UNREADABLE`, `E_STORE_IO`, `E_STORE_CLOSED`
   */
  leaf(key: TreeKey, sequenceNo: bigint = this.#tree.head): StoredLeaf | undefined {
    this.#assertVersion(sequenceNo);
    const expected = this.#tree.get(key, sequenceNo);
    if (expected === undefined) return undefined;
    return readRows(this.#database, () => readLeaf(this.#rows, { key, sequenceNo, expected }));
  }

  /** The packed proof of presence or absence. @throws {StateError} `E_VERSION_PRUNED`, `E_VERSION_UNKNOWN` */
  prove(key: TreeKey, sequenceNo: bigint = this.#tree.head): Uint8Array {
    this.#assertVersion(sequenceNo);
    return this.#tree.prove(key, sequenceNo);
  }

  /**
   * The first `limit` leaves from `from` on, in key order, with the proof that there are no others up to `last`: the last of
   * them, or the end of the keys. For reading all leaves of one commit while others are made.
   * @throws {StateError} `E_CORRUPT_LEAF`, `E_STORE_CORRUPT`, `E_VERSION_PRUNED`, `E_VERSION_UNKNOWN`
   * @throws {DurableError} as {@link leaf}
   */
  page(from: TreeKey, limit: number, sequenceNo: bigint = this.#tree.head): LeafPage {
    this.#assertVersion(sequenceNo);
    const query = { from, limit, sequenceNo };
    return readRows(this.#database, () => readPage(this.#rows, this.#tree, query));
  }

  /**
   * The content with this hash, if a leaf of a retained version has it; hashed again.
   * @throws {StateError} `E_CORRUPT_LEAF`, `E_STORE_CORRUPT` @throws {DurableError} as {@link leaf}
   */
  content(hash: ContentHash): Uint8Array | undefined {
    return readRows(this.#database, () => readContent(this.#rows, hash));
  }

  /** Keys and value hashes of the leaves, ascending. @throws {StateError} `E_VERSION_PRUNED`, `E_VERSION_UNKNOWN` */
  entries(sequenceNo: bigint = this.#tree.head): Generator<readonly [TreeKey, ValueHash]> {
    this.#assertVersion(sequenceNo);
    return this.#tree.entries(sequenceNo);
  }

  /** Number of leaves. @throws {StateError} `E_VERSION_PRUNED`, `E_VERSION_UNKNOWN` */
  leafCount(sequenceNo: bigint = this.#tree.head): number {
    this.#assertVersion(sequenceNo);
    return this.#tree.leafCount(sequenceNo);
  }

  /**
   * The root a commit led to, also of one whose leaves are pruned; zero for 0, as the chain has it.
   * @throws {StateError} `E_VERSION_UNKNOWN`, `E_VERSION_PRUNED` if it was before the snapshot this store was restored from,
   *   `E_STORE_CORRUPT`
   * @throws {DurableError} `E_STORE_CLOSED`
   */
  rootAt(sequenceNo: bigint): StateRoot {
    if (sequenceNo === 0n) return zero32<StateRoot>();
    const root = readRows(this.#database, () => this.#rows.stateRoot(sequenceNo));
    if (root !== undefined) return root;
    if (sequenceNo > 0n && sequenceNo < this.#tree.oldest) {
      throw new StateError("E_VERSION_PRUNED", `commit ${sequenceNo}: its root is not kept`);
    }
    throw new StateError("E_VERSION_UNKNOWN", `commit ${sequenceNo}: not made yet`);
  }

  /** Gives the file back. Closing twice is as good as once. */
  close(): void {
    this.#database.close();
  }

  #stageRows(leaves: readonly DeltaLeaf[]): StagedRows {
    const rows = leaves.map(newLeafRow);
    const tree = this.#tree.stage(rows.map(updateOf));
    return { tree, leaves: rows };
  }

  #keep(delta: Delta, rows: StagedRows): StagedCommit {
    const staged = Object.freeze({ delta: Object.freeze({ ...delta }) });
    this.#staged.set(staged, rows);
    return staged;
  }

  #assertExtends({ chainId, sequenceNo, prevStateRoot }: Delta): void {
    const { sequenceNo: head, stateRoot } = this.head;
    if (chainId !== this.#chainId) {
      throw new StateError("E_WRONG_CHAIN", `expected chain ${this.#chainId}, got ${chainId}`);
    }
    if (sequenceNo !== head + 1n) {
      const code = sequenceNo > head ? "E_GAP" : "E_DELTA_CONFLICT";
      throw new StateError(code, `sequenceNo: expected ${head + 1n}, got ${sequenceNo}`);
    }
    if (!equalBytes(prevStateRoot, stateRoot)) {
      const got = `expected ${toHex(stateRoot)}, got ${toHex(prevStateRoot)}`;
      throw new StateError("E_PREV_ROOT", `prevStateRoot: ${got}`);
    }
  }

  #assertApplies({ operation, key }: DeltaLeaf): void {
    const isThere = this.#tree.get(key) !== undefined;
    if (operation === "put" && isThere && isAppendOnly(namespaceOf(key))) {
      throw new StateError("E_APPEND_ONLY", `${toHex(key)}: expected no second write`);
    }
    if (operation === "delete" && !isThere) {
      throw new StateError("E_ABSENT_KEY", `${toHex(key)}: expected a leaf to delete`);
    }
  }

  #assertVersion(sequenceNo: bigint): void {
    if (sequenceNo > this.#tree.head || sequenceNo < 0n) {
      throw new StateError("E_VERSION_UNKNOWN", `commit ${sequenceNo}: not made yet`);
    }
    if (sequenceNo < this.#tree.oldest) {
      const kept = `oldest kept is ${this.#tree.oldest}`;
      throw new StateError("E_VERSION_PRUNED", `commit ${sequenceNo}: ${kept}`);
    }
  }
}
