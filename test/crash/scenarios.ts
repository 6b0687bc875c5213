import { copyFileSync, cpSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { bytes32, type StateRoot } from "../../src/bytes/brand.ts";
import { equalBytes } from "../../src/bytes/compare.ts";
import { CodedError } from "../../src/bytes/errors.ts";
import { HeldCommits } from "../../src/commit/held.ts";
import type { CertifiedCommit } from "../../src/commit/target.ts";
import { DurableDatabase } from "../../src/durable/database.ts";
import { VoteLog } from "../../src/operators/voteLog.ts";
import { repairStore } from "../../src/state/repair.ts";
import { restoreSnapshot } from "../../src/state/restore.ts";
import { peerOfStore } from "../../src/state/snapshot.ts";
import { SnapshotFolder, writeSnapshot } from "../../src/state/snapshotFolder.ts";
import { CHAIN_ID } from "../src/state/fixtures.ts";
import { certifiedBy } from "../src/state/snapshotFixtures.ts";
import {
  assertClean,
  checkCommits,
  commitOn,
  commitUpTo,
  open,
  type Promised,
  prepareStore,
  ROOT_OF_3,
  storeIn,
  writesOf,
} from "./storeWork.ts";

/** What is crashed, and what must be true afterwards. */

export interface Scenario {
  /** Makes the files that the scenario starts from, in an empty folder. */
  readonly prepare: (folder: string) => Promise<void>;
  /** Works in a copy of that folder. */
  readonly run: (folder: string, promised: Promised) => Promise<void>;
  /** Throws unless everything promised holds, what was not is whole or absent, and the work can be brought to its end. */
  readonly check: (folder: string, promises: readonly string[]) => Promise<void>;
}

const CHUNK_LEAVES = 4;

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

/** Held commits: one that was recorded is there until it is dropped, whole and in its place. */
const held: Scenario = {
  prepare: async () => undefined,
  run: async (folder, promised) => {
    const record = HeldCommits.open(join(folder, "held.db"));
    try {
      for (const n of [1n, 2n, 3n]) {
        record.put(certified(n));
        promised(`held ${n}`);
      }
      record.dropThrough(1n);
      promised("dropped 1");
    } finally {
      record.close();
    }
  },
  check: async (folder, promises) => {
    const record = HeldCommits.open(join(folder, "held.db"));
    const numbers = record.all().map(({ commit }) => commit.sequenceNo);
    const [first = 1n] = numbers;
    if (first > 1n && !promises.includes("held 3")) throw new Error("dropped too early");
    if (first === 1n && promises.includes("dropped 1")) throw new Error("commit 1 is back");
    for (const n of [1n, 2n, 3n]) {
      if (n >= first && promises.includes(`held ${n}`) && !numbers.includes(n)) {
        throw new Error(`held commit ${n} is gone`);
      }
      // Refused unless what is there is the same, and in order.
      if (n >= first) record.put(certified(n));
    }
    record.close();
  },
};

/** Commit `n` of a chain, under a certificate of as many bytes as one without non-signers. */
function certified(n: bigint): CertifiedCommit {
  const commit = {
    version: 2,
    sequenceNo: n,
    prevStateRoot: rootOf(n - 1n),
    newStateRoot: rootOf(n),
    timestamp: n,
    daCertHash: bytes32<CertifiedCommit["commit"]["daCertHash"]>(new Uint8Array(32).fill(9)),
    pcr0Commitment: bytes32<CertifiedCommit["commit"]["pcr0Commitment"]>(new Uint8Array(32)),
  };
  return { commit, certificate: new Uint8Array(229).fill(Number(n)) };
}

function rootOf(n: bigint): StateRoot {
  return bytes32<StateRoot>(new Uint8Array(32).fill(Number(n)));
}

/** A store with damaged rows is replaced by what a sound one has: it is the damaged one or the repaired one. */
const repair: Scenario = {
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

/** Commits until one fails, and then dies on the spot: nothing is closed. */
const abandoned: Scenario = {
  prepare: growth.prepare,
  run: async (folder, promised) => {
    const store = open(storeIn(folder));
    try {
      commitOn(store, 6n, promised);
    } catch {
      process.kill(process.pid, "SIGKILL");
    }
    store.close();
  },
  check: (folder, promises) => checkCommits(folder, promises, { first: 3n, last: 6n }),
};

/** What is crashed at each of its calls. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  commits,
  growth,
  snapshot,
  restore,
  repair,
  migration,
  votes,
  held,
};

/** @throws {RangeError} */
export function scenarioNamed(name: string): Scenario {
  const scenario = name === "abandoned" ? abandoned : SCENARIOS[name];
  if (scenario === undefined) throw new RangeError(`no scenario ${name}`);
  return scenario;
}

/** A fresh copy of what `prepare` made. */
export function copyFolder(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to, { recursive: true });
  cpSync(from, to, { recursive: true });
}
