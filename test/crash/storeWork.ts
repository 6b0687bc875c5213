import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bytes32, type StateRoot } from "../../src/bytes/brand.ts";
import { equalBytes } from "../../src/bytes/compare.ts";
import { CodedError } from "../../src/bytes/errors.ts";
import { toHex } from "../../src/bytes/hex.ts";
import { fsckStore } from "../../src/state/fsck.ts";
import { StateStore } from "../../src/state/store.ts";
import { artifact, CHAIN_ID, noise, secret } from "../src/state/fixtures.ts";

/** Commits that every process makes alike, and what a store must have that was crashed while it made them. */

/** Tells the parent that a promise was made: what it names must hold from then on. */
export type Promised = (what: string) => void;

const RETAINED = 2;

export function storeIn(folder: string, name = "store.db"): string {
  return join(folder, name);
}

export function open(path: string): StateStore {
  return StateStore.open({ path, chainId: CHAIN_ID, retainedVersions: RETAINED });
}

/** The writes of commit `n`, the same in every process. */
export function writesOf(n: bigint) {
  return [
    artifact(`artifact of commit ${n}`),
    artifact(noise(n === 2n ? 30_000 : 500, `noise ${n}`), 4),
    secret("changing", `value ${n}`),
    secret(`own ${n % 2n}`, `own ${n}`),
  ];
}

/** Commits from where the store is up to `last`, promising each. After a failure nothing more may be promised. */
export function commitUpTo(path: string, last: bigint, promised: Promised): void {
  const store = open(path);
  try {
    commitOn(store, last, promised);
  } catch (error) {
    assertPoisoned(store, promised);
    throw error;
  } finally {
    store.close();
  }
}

/** Commits up to `last`, promising each. */
export function commitOn(store: StateStore, last: bigint, promised: Promised): void {
  while (store.head.sequenceNo < last) {
    const next = store.head.sequenceNo + 1n;
    store.commit(store.stage(writesOf(next)));
    promised(`commit ${next}`);
  }
}

function assertPoisoned(store: StateStore, promised: Promised): void {
  try {
    store.commit(store.stage([]));
    promised("something after a failure");
  } catch (error) {
    if (error instanceof CodedError) return;
    throw error;
  }
}

const rootsUpTo = new Map<bigint, ReadonlyMap<bigint, StateRoot>>();

/** What a store has after each commit, from one that was never crashed. */
function expectedRoots(last: bigint): ReadonlyMap<bigint, StateRoot> {
  const known = rootsUpTo.get(last);
  if (known !== undefined) return known;
  const folder = mkdtempSync(join(tmpdir(), "ops-expected-"));
  const store = open(storeIn(folder));
  const roots = new Map<bigint, StateRoot>();
  for (let n = 1n; n <= last; n++) roots.set(n, store.commit(store.stage(writesOf(n))).stateRoot);
  store.close();
  rmSync(folder, { recursive: true });
  rootsUpTo.set(last, roots);
  return roots;
}

/** The newest commit that was promised, or `least`. */
function promisedHead(promises: readonly string[], least: bigint): bigint {
  if (promises.includes("something after a failure")) throw new Error("promised after a failure");
  return promises.reduce((newest, promise) => {
    const n = BigInt(/^commit (\d+)$/.exec(promise)?.[1] ?? 0);
    return n > newest ? n : newest;
  }, least);
}

/** N or N + 1 of the promised commits, every leaf of them, fsck clean, and the rest can be committed. */
export async function checkCommits(
  folder: string,
  promises: readonly string[],
  { first, last }: { readonly first: bigint; readonly last: bigint },
): Promise<void> {
  const path = storeIn(folder);
  const promisedNo = promisedHead(promises, first);
  const roots = expectedRoots(last);
  let store = open(path);
  const { sequenceNo, stateRoot } = store.head;
  if (sequenceNo < promisedNo || sequenceNo > promisedNo + 1n) {
    throw new Error(`promised commit ${promisedNo}, has ${sequenceNo}`);
  }
  const root = roots.get(sequenceNo);
  if (root !== undefined && !equalBytes(root, stateRoot)) throw new Error("another root");
  for (const [key] of store.entries()) store.leaf(key);
  store.close();
  assertClean(path);
  commitUpTo(path, last, () => undefined);
  store = open(path);
  const wanted = roots.get(last);
  const isSame = wanted !== undefined && equalBytes(store.head.stateRoot, wanted);
  store.close();
  if (!isSame) throw new Error("does not come to the same root");
  assertClean(path);
}

export function assertClean(path: string): void {
  const [fault] = fsckStore({ path, chainId: CHAIN_ID }).faults;
  if (fault !== undefined) throw new Error(`fsck: ${fault.code}: ${fault.detail}`);
}

/** What the chain certified for commit 3. Spelt out, so that the traced process reads no file for it. */
export const ROOT_OF_3 = bytes32<StateRoot>(
  "0x6d0f625c83cdb968fb8492e0732a65179ec93bf4c687d78535969049424e3200",
);

export async function prepareStore(folder: string): Promise<void> {
  commitUpTo(storeIn(folder), 3n, () => undefined);
  const store = open(storeIn(folder));
  const { stateRoot } = store.head;
  store.close();
  if (!equalBytes(stateRoot, ROOT_OF_3)) throw new Error(`commit 3 has root ${toHex(stateRoot)}`);
}

/**
 * For disks that lied about syncing: whatever is left is refused by name, or is the state of some commit, whole.
 * @returns the name, or `older` or `kept`
 */
export async function checkDetected(name: string, folder: string): Promise<string> {
  const last = name === "commits" ? 4n : 5n;
  let store: StateStore | undefined;
  try {
    store = open(storeIn(folder));
    const { sequenceNo, stateRoot } = store.head;
    const wanted = expectedRoots(last).get(sequenceNo);
    if (sequenceNo > 0n && (wanted === undefined || !equalBytes(stateRoot, wanted))) {
      throw new Error("serves a root that no commit had");
    }
    for (const [key] of store.entries()) store.leaf(key);
    return sequenceNo === last ? "kept" : "older";
  } catch (error) {
    if (error instanceof CodedError) return error.code;
    throw error;
  } finally {
    store?.close();
  }
}
