import { linkSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { ContentHash } from "../bytes/brand.ts";
import { equalBytes } from "../bytes/compare.ts";
import { CodedError } from "../bytes/errors.ts";
import { toHex } from "../bytes/hex.ts";
import { keccak256 } from "../bytes/keccak.ts";
import { DurableDatabase } from "../durable/database.ts";
import { durableError, fieldOf, withNamedFailures } from "../durable/errors.ts";
import { syncPath } from "../durable/file.ts";
import { valueHash } from "../tree/hasher.ts";
import { type Entry, VersionedTree } from "../tree/versionedTree.ts";
import { StateError } from "./errors.ts";
import { contentHashOf, HEADER_BYTES } from "./leaf.ts";
import type { HashedContent, RestoreTarget } from "./restoreTarget.ts";
import type { SnapshotManifest } from "./snapshotManifest.ts";
import type { ListedLeaf } from "./storedLeaf.ts";
import {
  openStoreFile,
  readRows,
  SCHEMA_VERSION,
  STORE_APPLICATION_ID,
  storeTables,
} from "./storeFile.ts";
import { StoreRows } from "./storeRows.ts";

/**
 * A store in the making: a file beside its later place that becomes a store only when everything is in it, so that nobody
 * can serve from half of one. What is in it when the process is killed need not be fetched again.
 */

/** "OPSR": no store opens such a file. */
const RESTORE_APPLICATION_ID = 0x4f505352;
/** Follows the path of the store. */
export const RESTORING_SUFFIX = ".restoring";

const TABLES = `
  CREATE TABLE restore (manifestHash BLOB NOT NULL) STRICT;
  CREATE TABLE restoredChunk (chunk INTEGER PRIMARY KEY) STRICT;
`;

/** Four times SQLite's default: contents of megabytes are written in a quarter of the calls. */
const PAGE_BYTES = 16_384;
/** Pages held in memory until a batch is written: 64 MiB, in SQLite's negative KiB. */
const CACHE_KIB = -65_536;

export class RestoreFile implements RestoreTarget {
  readonly #path: string;
  readonly #manifest: SnapshotManifest;
  readonly #database: DurableDatabase;
  /** Whether everything was there before, and only the place is not the last one yet. */
  readonly #isComplete: boolean;

  private constructor(
    path: string,
    manifest: SnapshotManifest,
    database: DurableDatabase,
    isComplete: boolean,
  ) {
    this.#path = path;
    this.#manifest = manifest;
    this.#database = database;
    this.#isComplete = isComplete;
  }

  /**
   * Opens what an earlier attempt left beside `path`, or begins anew. Contents are kept even if they came with another
   * snapshot; leaves are not.
   * @throws {StateError} `E_STORE_EXISTS` @throws {DurableError} as {@link DurableDatabase.open}
   */
  static open(path: string, manifest: SnapshotManifest, manifestBytes: Uint8Array): RestoreFile {
    assertNoStore(path);
    const restoring = restoringPath(path);
    const { chainId } = manifest;
    const complete = openComplete(restoring, manifest);
    if (complete !== undefined) return new RestoreFile(path, manifest, complete, true);
    const tables = `${storeTables(chainId)}; ${TABLES}`;
    const schema = { version: SCHEMA_VERSION, applicationId: RESTORE_APPLICATION_ID, tables };
    const open = () =>
      DurableDatabase.open(restoring, schema, { mode: "journal", pageBytes: PAGE_BYTES });
    let database: DurableDatabase;
    try {
      database = open();
    } catch (cause) {
      const isUseless =
        cause instanceof CodedError &&
        ["E_STORE_UNREADABLE", "E_STORE_SCHEMA"].includes(cause.code);
      if (!isUseless) throw cause;
      removeAll(restoring);
      database = open();
    }
    const file = new RestoreFile(path, manifest, database, false);
    try {
      database.execute(`PRAGMA cache_size = ${CACHE_KIB}`);
      file.#begin(keccak256(manifestBytes));
      return file;
    } catch (cause) {
      file.close();
      throw cause;
    }
  }

  hasChunk(index: number): boolean {
    if (this.#isComplete) return true;
    return this.#get("SELECT 1 FROM restoredChunk WHERE chunk = ?", index) !== undefined;
  }

  hasContent(hash: ContentHash): boolean {
    if (this.#isComplete) return true;
    return this.#get("SELECT 1 FROM content WHERE hash = ?", hash) !== undefined;
  }

  putContents(contents: readonly HashedContent[]): void {
    this.#database.write(() => {
      const sql = "INSERT INTO content (hash, bytes) VALUES (?, ?) ON CONFLICT (hash) DO NOTHING";
      const insert = this.#database.prepare(sql);
      for (const { hash, content } of contents) insert.run(hash, content);
    });
  }

  putChunk(index: number, leaves: readonly ListedLeaf[]): void {
    const { sequenceNo } = this.#manifest;
    this.#database.write(() => {
      const insert = this.#database.prepare("INSERT INTO leaf VALUES (?, ?, ?, ?)");
      for (const { key, record } of leaves) {
        insert.run(key, sequenceNo, record.subarray(0, HEADER_BYTES), contentHashOf(record));
      }
      this.#database.prepare("INSERT INTO restoredChunk VALUES (?)").run(index);
    });
  }

  finish(): void {
    if (!this.#isComplete) {
      this.#assertRoot();
      this.#becomeStore();
    }
    this.close();
    this.#moveIntoPlace();
  }

  close(): void {
    this.#database.close();
  }

  /** Makes the file one for this manifest. */
  #begin(manifestHash: Uint8Array): void {
    const known = this.#get("SELECT manifestHash FROM restore")?.manifestHash;
    if (known instanceof Uint8Array && equalBytes(known, manifestHash)) return;
    const { chainId, sequenceNo, stateRoot } = this.#manifest;
    this.#database.write(() => {
      this.#database.execute(
        "DELETE FROM leaf; DELETE FROM version; DELETE FROM restoredChunk; DELETE FROM restore",
      );
      const chain = new DataView(new ArrayBuffer(8));
      chain.setBigUint64(0, chainId);
      this.#run("UPDATE store SET chainId = ?", new Uint8Array(chain.buffer));
      this.#run("INSERT INTO version VALUES (?, ?)", sequenceNo, stateRoot);
      this.#run("INSERT INTO restore VALUES (?)", manifestHash);
    });
  }

  #assertRoot(): void {
    const { sequenceNo, stateRoot, leafCount } = this.#manifest;
    const rows = new StoreRows(this.#database);
    const tree = readRows(this.#database, () => VersionedTree.restore(sequenceNo, entriesOf(rows)));
    if (equalBytes(tree.root(), stateRoot) && tree.leafCount() === leafCount) return;
    // What was read back is not what was checked and written: the file is damaged.
    this.close();
    removeAll(restoringPath(this.#path));
    const got = `${tree.leafCount()} leaves of root ${toHex(tree.root())}`;
    throw new StateError(
      "E_ROOT_MISMATCH",
      `expected ${leafCount} of ${toHex(stateRoot)}, got ${got}`,
    );
  }

  #becomeStore(): void {
    this.#database.write(() => {
      this.#run("DELETE FROM content WHERE hash NOT IN (SELECT contentHash FROM leaf)");
      this.#run("UPDATE store SET oldestSequenceNo = ?", this.#manifest.sequenceNo);
      this.#database.execute("DROP TABLE restore; DROP TABLE restoredChunk");
      this.#database.execute(`PRAGMA application_id = ${STORE_APPLICATION_ID}`);
    });
  }

  #moveIntoPlace(): void {
    const restoring = restoringPath(this.#path);
    try {
      linkSync(restoring, this.#path);
      syncPath(dirname(this.#path));
      removeAll(restoring);
    } catch (cause) {
      if (fieldOf(cause, "code") === "EEXIST") assertNoStore(this.#path);
      throw durableError(cause, this.#path);
    }
  }

  #get(sql: string, ...values: (Uint8Array | number)[]) {
    return this.#database.read(() => this.#database.prepare(sql).get(...values));
  }

  #run(sql: string, ...values: (Uint8Array | bigint)[]): void {
    this.#database.prepare(sql).run(...values);
  }
}

/** @throws {StateError} `E_STORE_EXISTS` @throws {DurableError} */
export function assertNoStore(path: string): void {
  const store = stateOf(path);
  if (store === undefined) return;
  // Killed when the store was in place, and its former name not yet removed.
  const restoring = restoringPath(path);
  if (stateOf(restoring)?.ino === store.ino) removeAll(restoring);
  throw new StateError("E_STORE_EXISTS", `${path}: there is a store already`);
}

function* entriesOf(rows: StoreRows): Generator<Entry> {
  for (const { key, record } of rows.changes()) {
    if (record !== undefined) yield [key, valueHash(record)];
  }
}

/** A restored store that was not moved into its place, if it is the one wanted. */
function openComplete(path: string, manifest: SnapshotManifest): DurableDatabase | undefined {
  if (stateOf(path) === undefined) return undefined;
  let database: DurableDatabase | undefined;
  try {
    database = openStoreFile({ path, chainId: manifest.chainId });
    const rows = new StoreRows(database);
    const root = readRows(database, () => rows.stateRoot(manifest.sequenceNo));
    if (root !== undefined && equalBytes(root, manifest.stateRoot)) return database;
  } catch (cause) {
    if (!(cause instanceof CodedError) || cause.code === "E_LOCKED") throw cause;
  }
  database?.close();
  return undefined;
}

function restoringPath(path: string): string {
  return `${path}${RESTORING_SUFFIX}`;
}

function stateOf(path: string) {
  return withNamedFailures(path, () => statSync(path, { throwIfNoEntry: false }));
}

/** Removes a file and what SQLite keeps beside it. */
function removeAll(path: string): void {
  withNamedFailures(path, () => {
    for (const suffix of ["", "-journal", "-wal"]) rmSync(`${path}${suffix}`, { force: true });
  });
}
