import { randomUUID } from "node:crypto";
import { closeSync, existsSync, fsyncSync, linkSync, openSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { bytesToUint, uintBytes } from "../bytes/codec.ts";
import { BytesError } from "../bytes/errors.ts";
import { StateError } from "./errors.ts";

/**
 * The SQLite file under the store: how it is created, opened, locked and made durable, and what its failures are called.
 *
 * A new file is built under another name and linked into place, so that a file that is there and empty has been damaged,
 * and two processes cannot both create it. Write-ahead log with synchronous=FULL: a commit returns after the log is on
 * disk. Exclusive locking needs no shared-memory file and keeps a second process out.
 */

/** Layout of the tables; another one is not read. */
export const SCHEMA_VERSION = 1;
/** "OPSS": tells this kind of file from other SQLite files. */
const APPLICATION_ID = 0x4f505353;
/** SQLite's default page, spelt out because the size bound is counted in it. */
const PAGE_BYTES = 4_096;

const SCHEMA = `
  CREATE TABLE store (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    chainId BLOB NOT NULL CHECK (length(chainId) = 8),
    oldestSequenceNo INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE version (
    sequenceNo INTEGER PRIMARY KEY,
    stateRoot BLOB NOT NULL CHECK (length(stateRoot) = 32)
  ) STRICT;
  CREATE TABLE content (
    id INTEGER PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
    bytes BLOB NOT NULL
  ) STRICT;
  -- A row per change of a leaf; header and contentHash are null where it was removed.
  CREATE TABLE leaf (
    key BLOB NOT NULL CHECK (length(key) = 32),
    sequenceNo INTEGER NOT NULL REFERENCES version (sequenceNo),
    header BLOB CHECK (length(header) = 20),
    contentHash BLOB REFERENCES content (hash),
    CHECK ((header IS NULL) = (contentHash IS NULL)),
    PRIMARY KEY (key, sequenceNo)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX leafBySequenceNo ON leaf (sequenceNo);
  CREATE INDEX leafByContent ON leaf (contentHash);
`;

/** Which file, for which chain. */
export interface StoreFileOptions {
  /** The database; SQLite keeps its log beside it. The directory must exist. */
  readonly path: string;
  readonly chainId: bigint;
  /** The file never grows beyond this many bytes. */
  readonly maxBytes?: number;
}

/**
 * The opened, locked database; created if there is no file.
 * @throws {StateError} `E_LOCKED`, `E_WRONG_CHAIN`, `E_STORE_SCHEMA`, `E_STORE_UNREADABLE`, `E_STORE_READONLY`,
 *   `E_STORE_FULL`, `E_STORE_IO`
 */
export function openStoreFile(options: StoreFileOptions): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    // SQLite would call a directory that does not exist one that cannot be written.
    statSync(dirname(options.path));
    if (!existsSync(options.path)) createStoreFile(options);
    if (statSync(options.path).size === 0) {
      throw new StateError("E_STORE_UNREADABLE", `${options.path}: the file is empty`);
    }
    database = new DatabaseSync(options.path, { timeout: 0, readBigInts: true });
    configure(database, options);
    assertIdentity(database, options);
    return database;
  } catch (cause) {
    if (database?.isOpen) database.close();
    throw storeError(cause, "open");
  }
}

/** `cause`, of SQLite or the file system, under its name here. */
export function storeError(cause: unknown, doing: string): StateError {
  if (cause instanceof StateError) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  return new StateError(codeOf(cause), `${doing}: ${message}`, { cause });
}

function createStoreFile({ path, chainId }: StoreFileOptions): void {
  const temporary = `${path}.${randomUUID()}.new`;
  try {
    const database = new DatabaseSync(temporary);
    try {
      database.exec(`PRAGMA page_size = ${PAGE_BYTES}; PRAGMA application_id = ${APPLICATION_ID}`);
      database.exec(`BEGIN; ${SCHEMA} PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`);
      database.prepare("INSERT INTO store VALUES (1, ?, 0)").run(uintBytes(chainId, 8));
    } finally {
      database.close();
    }
    sync(temporary);
    linkSync(temporary, path);
    sync(dirname(path));
  } catch (cause) {
    // Another process was first: its file is as good.
    if (fieldOf(cause, "code") !== "EEXIST") throw cause;
  } finally {
    rmSync(temporary, { force: true });
  }
}

function configure(database: DatabaseSync, { maxBytes }: StoreFileOptions): void {
  database.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = FULL");
  const mode = database.prepare("PRAGMA journal_mode = WAL").get()?.journal_mode;
  const level = database.prepare("PRAGMA synchronous").get()?.synchronous;
  if (mode !== "wal" || level !== 2n) {
    throw new StateError("E_STORE_IO", `expected a durable log, got ${mode} at level ${level}`);
  }
  if (maxBytes !== undefined) {
    database.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor(maxBytes / PAGE_BYTES))}`);
  }
  // Takes the lock now; exclusive locking keeps it.
  database.exec("BEGIN IMMEDIATE; COMMIT");
}

function assertIdentity(database: DatabaseSync, { path, chainId }: StoreFileOptions): void {
  const applicationId = database.prepare("PRAGMA application_id").get()?.application_id;
  if (applicationId !== BigInt(APPLICATION_ID)) {
    throw new StateError("E_STORE_UNREADABLE", `${path}: not a state store`);
  }
  const schema = database.prepare("PRAGMA user_version").get()?.user_version;
  if (schema !== BigInt(SCHEMA_VERSION)) {
    throw new StateError("E_STORE_SCHEMA", `schema: expected ${SCHEMA_VERSION}, got ${schema}`);
  }
  const stored = database.prepare("SELECT chainId FROM store").get()?.chainId;
  if (!(stored instanceof Uint8Array)) {
    throw new StateError("E_STORE_UNREADABLE", `${path}: no chain id`);
  }
  if (bytesToUint(stored) !== chainId) {
    const got = `${bytesToUint(stored)}`;
    throw new StateError("E_WRONG_CHAIN", `${path}: expected chain ${chainId}, got ${got}`);
  }
}

function sync(path: string): void {
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Primary result codes of SQLite (sqlite.org/rescode.html). */
const SQLITE_CODES: ReadonlyMap<number, StateError["code"]> = new Map([
  [5, "E_LOCKED"], // BUSY
  [6, "E_LOCKED"], // LOCKED
  [8, "E_STORE_READONLY"],
  [10, "E_STORE_IO"], // IOERR
  [11, "E_STORE_UNREADABLE"], // CORRUPT
  [13, "E_STORE_FULL"],
  [14, "E_STORE_READONLY"], // CANTOPEN: its log cannot be created
  [26, "E_STORE_UNREADABLE"], // NOTADB
]);

const FILE_CODES: ReadonlyMap<unknown, StateError["code"]> = new Map([
  ["EACCES", "E_STORE_READONLY"],
  ["EPERM", "E_STORE_READONLY"],
  ["EROFS", "E_STORE_READONLY"],
  ["ENOSPC", "E_STORE_FULL"],
  ["EDQUOT", "E_STORE_FULL"],
]);

function codeOf(cause: unknown): StateError["code"] {
  // A column of another length than its noun: SQLite checks only what is written.
  if (cause instanceof BytesError) return "E_STORE_CORRUPT";
  const result = fieldOf(cause, "errcode");
  // Extended codes carry the primary one in their low byte.
  if (typeof result === "number") return SQLITE_CODES.get(result & 0xff) ?? "E_STORE_IO";
  return FILE_CODES.get(fieldOf(cause, "code")) ?? "E_STORE_IO";
}

function fieldOf(value: unknown, name: "code" | "errcode"): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return new Map<string, unknown>(Object.entries(value)).get(name);
}
