import type { DaCertHash, StateRoot, TreeKey } from "../bytes/brand.ts";
import { equalBytes, isZero } from "../bytes/compare.ts";
import { toHex } from "../bytes/hex.ts";
import type { DaOptions } from "./dataAvailability.ts";
import { StateError } from "./errors.ts";
import { type DeltaSource, fetchDelta } from "./fetch.ts";
import type { Head, StagedCommit, StateStore } from "./store.ts";
import type { StoredLeaf } from "./storedLeaf.ts";

/** A replica follows the commits of a chain and serves nothing that the chain has not certified. */

/** A commit as far as the state is concerned. */
export interface ReplicaCommit {
  readonly sequenceNo: bigint;
  readonly prevStateRoot: StateRoot;
  readonly newStateRoot: StateRoot;
  /** Zero iff the root is unchanged (heartbeat). */
  readonly daCertHash: DaCertHash;
}

/**
 * The head after the commit, which may have been applied before.
 * @throws {StateError} `E_DELTA_CONFLICT` the store has another commit of this number or another history; `E_GAP` one
 *   before it is missing; `E_HEARTBEAT` only one of root and manifest hash says that nothing changed; `E_ROOT_MISMATCH`;
 *   and as {@link fetchDelta}, `StateStore.stageDelta` and `StateStore.commit`. The store is unchanged after each.
 */
export async function applyCommit(
  store: StateStore,
  source: DeltaSource,
  commit: ReplicaCommit & DaOptions,
): Promise<Head> {
  const staged = await stageCommit(store, source, commit);
  return staged === undefined ? store.head : store.commit(staged);
}

/**
 * The commit, recomputed and not stored, or nothing if it has been applied before. Who signs stages first.
 * @throws {StateError} as {@link applyCommit}
 */
export async function stageCommit(
  store: StateStore,
  source: DeltaSource,
  commit: ReplicaCommit & DaOptions,
): Promise<StagedCommit | undefined> {
  const { sequenceNo, prevStateRoot, newStateRoot, daCertHash, signal } = commit;
  if (wasApplied(store, commit)) return undefined;
  const isHeartbeat = equalBytes(prevStateRoot, newStateRoot);
  if (isHeartbeat !== isZero(daCertHash)) {
    throw new StateError("E_HEARTBEAT", `commit ${sequenceNo}: manifest ${toHex(daCertHash)}`);
  }
  if (isHeartbeat) {
    // The first commit extends no tree, so it cannot leave one as it is.
    if (sequenceNo === 1n) throw new StateError("E_HEARTBEAT", "commit 1: got a heartbeat");
    return store.stage([]);
  }

  const { chainId } = store;
  const expected = { chainId, sequenceNo, ...(signal && { signal }) };
  const delta = await fetchDelta(source, daCertHash, expected);
  if (
    !equalBytes(delta.prevStateRoot, prevStateRoot) ||
    !equalBytes(delta.newStateRoot, newStateRoot)
  ) {
    throw new StateError("E_ROOT_MISMATCH", `commit ${sequenceNo}: its delta has other roots`);
  }
  return store.stageDelta(delta);
}

/**
 * Applies commits in order, from an empty store or from wherever it is, and gives the head.
 * @throws {StateError} as {@link applyCommit}; what came before is kept
 */
export async function rebuild(
  store: StateStore,
  source: DeltaSource,
  commits: Iterable<ReplicaCommit> | AsyncIterable<ReplicaCommit>,
): Promise<Head> {
  for await (const commit of commits) await applyCommit(store, source, commit);
  return store.head;
}

function wasApplied(store: StateStore, commit: ReplicaCommit): boolean {
  const { sequenceNo, prevStateRoot, newStateRoot } = commit;
  const { sequenceNo: head } = store.head;
  if (sequenceNo < 1n || sequenceNo > head + 1n) {
    throw new StateError("E_GAP", `commit ${sequenceNo}: the store is at ${head}`);
  }
  const isApplied = sequenceNo <= head;
  const hasSameBase = equalBytes(store.rootAt(sequenceNo - 1n), prevStateRoot);
  if (!hasSameBase || (isApplied && !equalBytes(store.rootAt(sequenceNo), newStateRoot))) {
    throw new StateError("E_DELTA_CONFLICT", `commit ${sequenceNo}: the store has another history`);
  }
  return isApplied;
}

/** Reads from a store, of the newest commit that the chain has certified. */
export class CertifiedReader {
  readonly #store: StateStore;
  #certified: Head | undefined;

  constructor(store: StateStore) {
    this.#store = store;
  }

  /** Whether a certified root has been matched. */
  get isServing(): boolean {
    return this.#certified !== undefined;
  }

  /** The commit that is served. @throws {StateError} `E_NOT_CERTIFIED` */
  get head(): Head {
    if (this.#certified !== undefined) return this.#certified;
    throw new StateError("E_NOT_CERTIFIED", "no certified root has been matched yet");
  }

  /**
   * Serves `certified`, a root read from the chain, from now on.
   * @throws {StateError} `E_GAP` the store is not there yet, and goes on as before; `E_NOT_CERTIFIED` the store has another
   *   root, and serves nothing any more
   */
  certify(certified: Head): void {
    const { sequenceNo, stateRoot } = certified;
    if (sequenceNo < 1n || sequenceNo > this.#store.head.sequenceNo) {
      const { sequenceNo: head } = this.#store.head;
      throw new StateError("E_GAP", `commit ${sequenceNo}: the store is at ${head}`);
    }
    if (!equalBytes(this.#store.rootAt(sequenceNo), stateRoot)) {
      this.#certified = undefined;
      throw new StateError("E_NOT_CERTIFIED", `commit ${sequenceNo}: the chain has another root`);
    }
    this.#certified = { sequenceNo, stateRoot };
  }

  /** @throws {StateError} `E_NOT_CERTIFIED`, and as `StateStore.leaf` */
  leaf(key: TreeKey): StoredLeaf | undefined {
    return this.#store.leaf(key, this.head.sequenceNo);
  }

  /** @throws {StateError} `E_NOT_CERTIFIED`, and as `StateStore.prove` */
  prove(key: TreeKey): Uint8Array {
    return this.#store.prove(key, this.head.sequenceNo);
  }
}
