import { bytesToUint, uintBytes } from "../bytes/codec.ts";
import { BytesError } from "../bytes/errors.ts";
import { toHex } from "../bytes/hex.ts";
import { type DatabaseSchema, DurableDatabase } from "../durable/database.ts";
import { TreeError } from "../tree/errors.ts";
import { StateError } from "./errors.ts";

/** The file under the store: its tables, and the chain it is for. How it is made durable: src/durable/database.ts. */

/** Layout of the tables; another one is not read. */
export const SCHEMA_VERSION = 1;
/** "OPSS": tells this kind of file from other SQLite files. */
export const STORE_APPLICATION_ID = 0x4f505353;

const TABLES = `
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
  /** Bytes of a page of a new file; see `DatabaseOptions`. */
  readonly pageBytes?: number;
}

/** Tables of a new store of a chain, before its first commit. */
export function storeTables(chainId: bigint): string {
  return `${TABLES} INSERT INTO store VALUES (1, x'${toHex(uintBytes(chainId, 8)).slice(2)}', 0)`;
}

/**
 * The opened, locked database; created if there is no file.
 * @throws {DurableError} `E_LOCKED`, `E_STORE_SCHEMA`, `E_STORE_UNREADABLE`, `E_STORE_READONLY`, `E_STORE_FULL`, `E_STORE_IO`
 * @throws {StateError} `E_WRONG_CHAIN`, `E_STORE_CORRUPT`
 */
export function openStoreFile(options: StoreFileOptions): DurableDatabase {
  const schema: DatabaseSchema = {
    version: SCHEMA_VERSION,
    applicationId: STORE_APPLICATION_ID,
    tables: storeTables(options.chainId),
  };
  const { path, maxBytes, pageBytes } = options;
  const limits = { ...(maxBytes && { maxBytes }), ...(pageBytes && { pageBytes }) };
  const database = DurableDatabase.open(path, schema, limits);
  try {
    assertChain(database, options);
    return database;
  } catch (cause) {
    database.close();
    throw cause;
  }
}

/** Runs `read` on the rows of `database`. @throws {StateError} `E_STORE_CORRUPT` @throws {DurableError} */
export function readRows<T>(database: DurableDatabase, read: () => T): T {
  try {
    return database.read(read);
  } catch (cause) {
    // A column of another length than its noun, or a key twice in one commit: SQLite checks only what is written.
    const isDuplicate = cause instanceof TreeError && cause.code === "E_DUPLICATE_KEY";
    if (!(cause instanceof BytesError) && !isDuplicate) throw cause;
    throw new StateError("E_STORE_CORRUPT", `${database.path}: ${cause.message}`, { cause });
  }
}

/** @throws {StateError} `E_WRONG_CHAIN`, `E_STORE_CORRUPT` */
export function assertChain(database: DurableDatabase, { path, chainId }: StoreFileOptions): void {
  const row = database.read(() => database.prepare("SELECT chainId FROM store").get());
  const stored = row?.chainId;
  if (!(stored instanceof Uint8Array)) {
    throw new StateError("E_STORE_CORRUPT", `${path}: no chain id`);
  }
  if (bytesToUint(stored) !== chainId) {
    const got = `${bytesToUint(stored)}`;
    throw new StateError("E_WRONG_CHAIN", `${path}: expected chain ${chainId}, got ${got}`);
  }
}
