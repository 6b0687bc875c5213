import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { bytes32, type StateRoot } from "../../src/bytes/brand.ts";
import { equalBytes } from "../../src/bytes/compare.ts";
import { CodedError } from "../../src/bytes/errors.ts";
import { toHex } from "../../src/bytes/hex.ts";
import { DurableDatabase } from "../../src/durable/database.ts";
import { VoteLog } from "../../src/operators/voteLog.ts";
import { fsckStore } from "../../src/state/fsck.ts";
import { repairStore } from "../../src/state/repair.ts";
import { restoreSnapshot } from "../../src/state/restore.ts";
import { peerOfStore } from "../../src/state/snapshot.ts";
import { SnapshotFolder, writeSnapshot } from "../../src/state/snapshotFolder.ts";
import { StateStore } from "../../src/state/store.ts";
import { artifact, CHAIN_ID, noise, secret } from "../src/state/fixtures.ts";
import { certifiedBy } from "../src/state/snapshotFixtures.ts";

/** What is crashed, and what must be true afterwards. */

/** Tells the parent that a promise was made: what it names must hold from then on. */
export type Promised = (what: string) => void;

export interface Scenario {
  /** Makes the files that the scenario starts from, in an empty folder. */
  readonly prepare: (folder: string) => Promise<void>;
  /** Works in a copy of that folder. */
  readonly run: (folder: string, promised: Promised) => Promise<void>;
  /** Every n-th point of a full sweep; 1 unless much of it is another scenario again. */
  readonly stride?: number;
  /** Throws unless everything promised holds, what was not is whole or absent, and the work can be brought to its end. */
  readonly check: (folder: string, promises: readonly string[]) => Promise<void>;
}

const RETAINED = 2;
const CHUNK_LEAVES = 4;

function storeIn(folder: string, name = "store.db"): string {
  return join(folder, name);
}

function open(path: string): StateStore {
  return StateStore.open({ path, chainId: CHAIN_ID, retainedVersions: RETAINED });
}

/** The writes of commit `n`, the same in every process. */
function writesOf(n: bigint) {
  return [
    artifact(`artifact of commit ${n}`),
    artifact(noise(n === 2n ? 30_000 : 500, `noise ${n}`), 4),
    secret("changing", `value ${n}`),
    secret(`own ${n % 2n}`, `own ${n}`),
  ];
}

/** Commits from where the store is up to `last`, promising each. After a failure nothing more may be promised. */
function commitUpTo(path: string, last: bigint, promised: Promised): void {
  const store = open(path);
  try {
    while (store.head.sequenceNo < last) {
      const next = store.head.sequenceNo + 1n;
      store.commit(store.stage(writesOf(next)));
      promised(`commit ${next}`);
    }
  } catch (error) {
    assertPoisoned(store, promised);
    throw error;
  } finally {
    store.close();
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
async function checkCommits(
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

function assertClean(path: string): void {
  const [fault] = fsckStore({ path, chainId: CHAIN_ID }).faults;
  if (fault !== undefined) throw new Error(`fsck: ${fault.code}: ${fault.detail}`);
}

/** From no file to three commits, the third of which prunes the first. */
const commits: Scenario = {
  prepare: async () => undefined,
  run: async (folder, promised) => commitUpTo(storeIn(folder), 4n, promised),
  check: (folder, promises) => checkCommits(folder, promises, { first: 0n, last: 4n }),
};

/** A store that goes on: the log is read, the file grows, versions are pruned. */
const growth: Scenario = {
  prepare: async (folder) => {
    // Left as a kill leaves it: with the newest commits in the log only.
    const path = storeIn(folder, "running.db");
    const store = open(path);
    for (let n = 1n; n <= 3n; n++) store.commit(store.stage(writesOf(n)));
    copyFileSync(path, storeIn(folder));
    copyFileSync(`${path}-wal`, `${storeIn(folder)}-wal`);
    store.close();
    rmSync(path);
  },
  run: async (folder, promised) => commitUpTo(storeIn(folder), 5n, promised),
  check: (folder, promises) => checkCommits(folder, promises, { first: 3n, last: 5n }),
};

/** What the chain certified for commit 3. Spelt out, so that the traced process reads no file for it. */
const ROOT_OF_3 = bytes32<StateRoot>(
  "0x6d0f625c83cdb968fb8492e0732a65179ec93bf4c687d78535969049424e3200",
);

async function prepareStore(folder: string): Promise<void> {
  commitUpTo(storeIn(folder), 3n, () => undefined);
  const store = open(storeIn(folder));
  const { stateRoot } = store.head;
  store.close();
  if (!equalBytes(stateRoot, ROOT_OF_3)) throw new Error(`commit 3 has root ${toHex(stateRoot)}`);
}

function restoreIn(folder: string) {
  const manifest = new SnapshotFolder(join(folder, "snapshot"));
  return restoreSnapshot({
    path: storeIn(folder, "restored.db"),
    chainId: CHAIN_ID,
    peers: [manifest],
    certifiedRoot: async (sequenceNo) => (sequenceNo === 3n ? ROOT_OF_3 : undefined),
  });
}

/** A snapshot of a store. A folder with a manifest is whole; without one, writing it again succeeds. */
const snapshot: Scenario = {
  prepare: prepareStore,
  run: async (folder, promised) => {
    const store = open(storeIn(folder));
    try {
      await writeSnapshot(store, join(folder, "snapshot"), { chunkLeaves: CHUNK_LEAVES });
      promised("snapshot");
    } finally {
      store.close();
    }
  },
  check: async (folder, promises) => {
    assertClean(storeIn(folder));
    const isThere = existsSync(join(folder, "snapshot/manifest"));
    if (promises.includes("snapshot") && !isThere) throw new Error("the snapshot is gone");
    if (!isThere) await snapshot.run(folder, () => undefined);
    await restoreIn(folder);
    assertClean(storeIn(folder, "restored.db"));
  },
};

/** A restore. There is no store or a whole one; what is begun is brought to its end by the next attempt. */
const restore: Scenario = {
  prepare: async (folder) => {
    await snapshot.prepare(folder);
    await snapshot.run(folder, () => undefined);
  },
  run: async (folder, promised) => {
    await restoreIn(folder);
    promised("restore");
  },
  check: async (folder, promises) => {
    const path = storeIn(folder, "restored.db");
    if (promises.includes("restore") && !existsSync(path)) throw new Error("the store is gone");
    try {
      await restoreIn(folder);
    } catch (error) {
      if (!(error instanceof CodedError) || error.code !== "E_STORE_EXISTS") throw error;
    }
    const store = open(path);
    const isCertified = equalBytes(store.head.stateRoot, ROOT_OF_3);
    for (const [key] of store.entries()) store.leaf(key);
    store.close();
    if (!isCertified) throw new Error("another root");
    assertClean(path);
  },
};

const OLD_SCHEMA = { version: 1, applicationId: 0x7465_7374, tables: "CREATE TABLE t (a INTEGER)" };
const NEW_SCHEMA = {
  ...OLD_SCHEMA,
  version: 2,
  migrations: new Map([
    [1, "ALTER TABLE t ADD COLUMN b INTEGER; UPDATE t SET b = a + 1; CREATE INDEX i ON t (b)"],
  ]),
};
const MIGRATED_ROWS = 200;

/** A file of an older version is brought up to the new one: it has the old rows or the new ones. */
const migration: Scenario = {
  prepare: async (folder) => {
    const database = DurableDatabase.open(join(folder, "old.db"), OLD_SCHEMA);
    database.write(() => {
      for (let a = 0; a < MIGRATED_ROWS; a++) database.prepare("INSERT INTO t VALUES (?)").run(a);
    });
    database.close();
  },
  run: async (folder, promised) => {
    const database = DurableDatabase.open(join(folder, "old.db"), NEW_SCHEMA);
    promised("new");
    database.close();
  },
  check: async (folder, promises) => {
    const isNew = isOfVersion(folder, 2);
    if (!isNew && (promises.includes("new") || !isOfVersion(folder, 1))) {
      throw new Error("neither the old version nor the new one");
    }
    const database = DurableDatabase.open(join(folder, "old.db"), NEW_SCHEMA);
    const row = database.prepare("SELECT count(*) AS n, sum(b - a) AS d FROM t").get();
    const faults = database.integrityFaults();
    database.close();
    const wanted = BigInt(MIGRATED_ROWS);
    if (row?.n !== wanted || row?.d !== wanted || faults.length > 0)
      throw new Error("rows are lost");
  },
};

/** Whether the file opens as one of `version`, without being brought up to another. */
function isOfVersion(folder: string, version: number): boolean {
  try {
    DurableDatabase.open(join(folder, "old.db"), { ...OLD_SCHEMA, version }).close();
    return true;
  } catch (error) {
    if (error instanceof CodedError && error.code === "E_STORE_SCHEMA") return false;
    throw error;
  }
}

/** Votes: one that was recorded is there, and no other root gets it. */
const votes: Scenario = {
  prepare: async () => undefined,
  run: async (folder, promised) => {
    const log = VoteLog.open(join(folder, "votes.db"));
    try {
      for (const n of [1n, 2n, 3n]) {
        log.record(1n, n, rootOf(n));
        promised(`vote ${n}`);
      }
    } finally {
      log.close();
    }
  },
  check: async (folder, promises) => {
    const log = VoteLog.open(join(folder, "votes.db"));
    for (const n of [1n, 2n, 3n]) {
      const voted = log.votedRoot(1n, n);
      if (voted !== undefined && !equalBytes(voted, rootOf(n))) throw new Error("another vote");
      if (voted === undefined && promises.includes(`vote ${n}`))
        throw new Error(`vote ${n} is gone`);
      log.record(1n, n, rootOf(n));
    }
    log.close();
  },
};

function rootOf(n: bigint): StateRoot {
  return bytes32<StateRoot>(new Uint8Array(32).fill(Number(n)));
}

/** A store with damaged rows is replaced by what a sound one has: it is the damaged one or the repaired one. */
const repair: Scenario = {
  stride: 5,
  prepare: async (folder) => {
    await prepareStore(folder);
    copyFileSync(storeIn(folder), storeIn(folder, "peer.db"));
    const database = new DatabaseSync(storeIn(folder));
    database.exec("UPDATE version SET stateRoot = zeroblob(32) WHERE sequenceNo = 2");
    database.close();
  },
  run: async (folder, promised) => {
    await repairIn(folder);
    promised("repair");
  },
  check: async (folder, promises) => {
    if (promises.includes("repair")) assertClean(storeIn(folder));
    await repairIn(folder);
    assertClean(storeIn(folder));
    const store = open(storeIn(folder));
    const isCertified = equalBytes(store.head.stateRoot, ROOT_OF_3);
    store.close();
    if (!isCertified) throw new Error("another root");
  },
};

async function repairIn(folder: string): Promise<void> {
  const peer = open(storeIn(folder, "peer.db"));
  try {
    await repairStore({
      path: storeIn(folder),
      chainId: CHAIN_ID,
      peers: [peerOfStore(peer)],
      certifiedRoot: certifiedBy(peer),
    });
  } finally {
    peer.close();
  }
}

export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  commits,
  growth,
  snapshot,
  restore,
  repair,
  migration,
  votes,
};

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

/** A fresh copy of what `prepare` made. */
export function copyFolder(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to, { recursive: true });
  cpSync(from, to, { recursive: true });
}
