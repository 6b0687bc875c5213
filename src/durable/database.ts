import { existsSync, statSync } from "node:fs";
import { basename, dirname } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { DurableError, durableError, withNamedFailures } from "./errors.ts";
import { createOnce, rewriteFile, sweepTemporary, syncPath } from "./file.ts";

/**
 * One SQLite file (Node's built-in `node:sqlite`), held by one process, whose transactions are on disk when
 * {@link DurableDatabase.write} returns. Everything of this project that must survive a crash goes through here.
 *
 * What is synced when:
 * - A new file is built under another name, synced, linked into place, and its directory synced. So a file that is there
 *   and empty has been damaged, and two processes cannot both create it.
 * - Write-ahead log with `synchronous = FULL`: a commit appends to the log and returns after the log's fsync; the log's
 *   directory entry is synced with its first one. When the log is moved into the file, the file is synced before the log is
 *   used again. What a crash leaves half written in the log has no valid checksum and is not read.
 * - `locking_mode = EXCLUSIVE`: the lock is kept until closing, and the log needs no shared memory.
 * - A commit whose write or fsync failed may be on disk or not. No later one is acknowledged before the file has been
 *   opened again, which reads the log anew; and what it finds there it first writes and syncs again, since the system drops
 *   the pages of a sync that failed from its debt and still reads them back.
 */

/** What a database file is for, and its tables. */
export interface DatabaseSchema {
  /** Bumped whenever `tables` changes. */
  readonly version: number;
  /** Marks the file as this project's and of this kind (SQLite's `application_id`), 31 bits. */
  readonly applicationId: number;
  /** SQL that creates the tables of a new file. */
  readonly tables: string;
  /** SQL that makes version n + 1 of version n. A file of a version that has none is refused. */
  readonly migrations?: ReadonlyMap<number, string>;
}

export interface DatabaseOptions {
  /** The file never grows beyond this many bytes. */
  readonly maxBytes?: number;
  /** Bytes of a page of a new file, a power of two from 512 to 65,536; 4,096 by default. */
  readonly pageBytes?: number;
  /** Whether opening reads the whole file for damage: for small files whose rows carry no hashes. */
  readonly checksIntegrity?: boolean;
  /**
   * Where uncommitted changes go. `log`: a write-ahead log. `journal`: into the file, with what they replace in a journal
   * beside it, so that appended pages are written once; for files that are only filled.
   */
  readonly mode?: "log" | "journal";
}

/** SQLite's default page. */
const PAGE_BYTES = 4_096;

/** What `journal_mode` and `synchronous` must read back as: WAL and FULL (2), or DELETE and EXTRA (3). */
const MODES = {
  log: { journal: "wal", level: 2n },
  journal: { journal: "delete", level: 3n },
} as const;

export class DurableDatabase {
  readonly path: string;
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #failure: DurableError | undefined;
  #isWriting = false;

  private constructor(path: string, db: DatabaseSync) {
    this.path = path;
    this.#db = db;
  }

  /**
   * Opens `path` and takes it for this process alone, creating the file if it is not there (its folder must be).
   * @throws {DurableError} `E_LOCKED` while another process has it, `E_STORE_READONLY`, `E_STORE_UNREADABLE` (empty, damaged
   *   or another kind of file), `E_STORE_SCHEMA` (another version), `E_STORE_FULL`, `E_STORE_IO`
   */
  static open(
    path: string,
    schema: DatabaseSchema,
    options: DatabaseOptions = {},
  ): DurableDatabase {
    let db: DatabaseSync | undefined;
    try {
      // SQLite would call a directory that does not exist one that cannot be written.
      statSync(dirname(path));
      if (!existsSync(path)) createOnce(path, (temporary) => build(temporary, schema, options));
      if (statSync(path).size === 0) {
        throw new DurableError("E_STORE_UNREADABLE", `${path}: the file is empty`);
      }
      db = new DatabaseSync(path, { timeout: 0, readBigInts: true });
      configure(db, options);
      settle(path);
      assertKind(db, path, schema);
      sweepTemporary(dirname(path), `${basename(path)}.`);
      if (options.checksIntegrity === true) assertIntegrity(db, path);
      return new DurableDatabase(path, db);
    } catch (cause) {
      if (db?.isOpen) db.close();
      throw durableError(cause, path);
    }
  }

  get isOpen(): boolean {
    return this.#db.isOpen;
  }

  /** A statement for use inside {@link write} or {@link read}; integers are bigints. Parsed once per text. */
  prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = withNamedFailures(this.path, () => this.#db.prepare(sql));
    this.#statements.set(sql, statement);
    return statement;
  }

  /**
   * Runs `action` in one transaction, which is on disk when this returns; if `action` throws an error with a code of its
   * own, nothing happened. After any other failure the outcome is open until the file is opened again.
   * @throws {DurableError} `E_STORE_FAILED` after an earlier failure or inside another write, `E_STORE_CLOSED`, or the
   *   failure itself: `E_STORE_FULL`, `E_STORE_IO`, `E_STORE_READONLY`, `E_STORE_UNREADABLE`
   */
  write<T>(action: () => T): T {
    this.assertUsable();
    if (this.#isWriting) {
      throw new DurableError("E_STORE_FAILED", `${this.path}: writes do not nest`);
    }
    this.#isWriting = true;
    try {
      this.#db.exec("BEGIN IMMEDIATE");
      const result = action();
      this.#db.exec("COMMIT");
      return result;
    } catch (cause) {
      throw this.#abandon(cause);
    } finally {
      this.#isWriting = false;
    }
  }

  /**
   * Runs a reading `action`. Where the disk fails to read, nothing more is written: it is not one to acknowledge on.
   * @throws {DurableError} `E_STORE_UNREADABLE`, `E_STORE_IO`, `E_STORE_CLOSED`
   */
  read<T>(action: () => T): T {
    if (!this.#db.isOpen) throw new DurableError("E_STORE_CLOSED", `${this.path} is closed`);
    try {
      return action();
    } catch (cause) {
      const error = durableError(cause, this.path);
      if (error instanceof DurableError && error.code === "E_STORE_IO") this.#failure ??= error;
      throw error;
    }
  }

  /** Runs SQL that gives nothing; inside {@link write} it is part of the transaction. */
  execute(sql: string): void {
    withNamedFailures(this.path, () => this.#db.exec(sql));
  }

  /** What SQLite finds wrong with the structure of the file, at most 100 sentences. Reads all of it. */
  integrityFaults(): string[] {
    return this.read(() => integrityFaults(this.#db));
  }

  /** @throws {DurableError} `E_STORE_CLOSED`, `E_STORE_FAILED` if no write would be taken */
  assertUsable(): void {
    if (this.#failure !== undefined) {
      const cause = this.#failure;
      const said = `${this.path}: an earlier write failed (${cause.code}); open it again`;
      throw new DurableError("E_STORE_FAILED", said, { cause });
    }
    if (!this.#db.isOpen) throw new DurableError("E_STORE_CLOSED", `${this.path} is closed`);
  }

  /** Releases the file. Closing twice is as good as once. */
  close(): void {
    if (this.#db.isOpen) this.#db.close();
  }

  #abandon(cause: unknown): Error {
    const error = durableError(cause, this.path);
    if (error instanceof DurableError) this.#failure = error;
    try {
      // SQLite may have rolled back by itself, for instance on a full disk.
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
    } catch (rollback) {
      // The connection would read what was never committed; opening the file again rolls it back.
      this.#failure = new DurableError("E_STORE_IO", `${this.path}: cannot roll back`, {
        cause: rollback,
      });
      this.#db.close();
    }
    return error;
  }
}

/** Brings to disk what an earlier process may have left in memory only: the log, and the names in the folder. */
function settle(path: string): void {
  const log = `${path}-wal`;
  if ((statSync(log, { throwIfNoEntry: false })?.size ?? 0) > 0) rewriteFile(log);
  syncPath(dirname(path));
}

function build(path: string, schema: DatabaseSchema, { pageBytes }: DatabaseOptions): void {
  const db = new DatabaseSync(path);
  try {
    db.exec(`PRAGMA page_size = ${pageBytes ?? PAGE_BYTES}`);
    db.exec(`BEGIN; ${schema.tables}; ${identity(schema)}; COMMIT`);
  } finally {
    db.close();
  }
}

function identity({ applicationId, version }: DatabaseSchema): string {
  return `PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${version}`;
}

function configure(db: DatabaseSync, { maxBytes, mode = "log" }: DatabaseOptions): void {
  const wanted = MODES[mode];
  // Full syncs are for systems where fsync leaves the bytes in the drive's cache.
  db.exec(
    "PRAGMA locking_mode = EXCLUSIVE; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON",
  );
  db.exec(`PRAGMA synchronous = ${wanted.level}`);
  const journal = db.prepare(`PRAGMA journal_mode = ${wanted.journal}`).get()?.journal_mode;
  const level = db.prepare("PRAGMA synchronous").get()?.synchronous;
  if (journal !== wanted.journal || level !== wanted.level) {
    const got = `${String(journal)} at level ${String(level)}`;
    throw new DurableError(
      "E_STORE_IO",
      `expected ${wanted.journal} at ${wanted.level}, got ${got}`,
    );
  }
  if (maxBytes !== undefined) {
    const page = Number(db.prepare("PRAGMA page_size").get()?.page_size ?? PAGE_BYTES);
    db.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor(maxBytes / page))}`);
  }
  // Takes the lock now; exclusive locking keeps it.
  db.exec("BEGIN EXCLUSIVE; COMMIT");
}

/** Checks that the file is of this kind, and brings an older version up to this one: whole, or not at all. */
function assertKind(db: DatabaseSync, path: string, schema: DatabaseSchema): void {
  if (pragma(db, "application_id") !== BigInt(schema.applicationId)) {
    throw new DurableError("E_STORE_UNREADABLE", `${path}: a database of another kind`);
  }
  let version = Number(pragma(db, "user_version"));
  while (version !== schema.version) {
    const migration = version < schema.version ? schema.migrations?.get(version) : undefined;
    if (migration === undefined) {
      const said = `${path}: expected version ${schema.version}, got ${version}`;
      throw new DurableError("E_STORE_SCHEMA", said);
    }
    version++;
    db.exec(`BEGIN IMMEDIATE; ${migration}; PRAGMA user_version = ${version}; COMMIT`);
  }
}

function assertIntegrity(db: DatabaseSync, path: string): void {
  const [fault] = integrityFaults(db);
  if (fault !== undefined) throw new DurableError("E_STORE_UNREADABLE", `${path}: ${fault}`);
}

function integrityFaults(db: DatabaseSync): string[] {
  const rows = db.prepare("PRAGMA integrity_check(100)").all();
  return rows.map((row) => String(Object.values(row)[0])).filter((text) => text !== "ok");
}

function pragma(db: DatabaseSync, name: "application_id" | "user_version"): unknown {
  return db.prepare(`PRAGMA ${name}`).get()?.[name];
}
