import { DatabaseSync, type StatementSync } from "node:sqlite";
import { CodedError } from "../bytes/errors.ts";
import { DurableError } from "./errors.ts";

/**
 * One SQLite file (Node's built-in `node:sqlite`), opened for one process, whose transactions are on disk when
 * {@link DurableDatabase.write} returns. Everything of this project that must survive a crash goes through here.
 */

/** What a database file is for, and its tables. */
export interface DatabaseSchema {
  /** Bumped whenever `tables` changes; a file of another version is refused. */
  readonly version: number;
  /** Marks the file as this project's and of this kind (SQLite's `application_id`), 31 bits. */
  readonly applicationId: number;
  /** SQL that creates the tables of an empty file. */
  readonly tables: string;
}

/** SQLite's primary result codes (https://www.sqlite.org/rescode.html). */
const SQLITE = {
  BUSY: 5,
  LOCKED: 6,
  READONLY: 8,
  IOERR: 10,
  CORRUPT: 11,
  FULL: 13,
  CANTOPEN: 14,
  NOTADB: 26,
};

export class DurableDatabase {
  readonly path: string;
  readonly #db: DatabaseSync;
  #failed: DurableError | undefined;
  #isWriting = false;

  private constructor(path: string, db: DatabaseSync) {
    this.path = path;
    this.#db = db;
  }

  /**
   * Opens `path`, creating the file and its tables if it is not there (its folder must be).
   * @throws {DurableError} `E_LOCKED` while another process has it, `E_STORE_READONLY`, `E_STORE_UNREADABLE` (damaged or
   * another kind of file), `E_STORE_VERSION`, `E_STORE_FULL`, `E_STORE_IO`
   */
  static open(path: string, schema: DatabaseSchema): DurableDatabase {
    let db: DatabaseSync | undefined;
    try {
      db = new DatabaseSync(path, { timeout: 0, enableForeignKeyConstraints: true });
      // EXCLUSIVE: one process at a time. EXTRA: the rollback journal's directory entry is synced as well.
      db.exec(
        "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA;",
      );
      prepareSchema(db, path, schema);
      return new DurableDatabase(path, db);
    } catch (cause) {
      db?.close();
      throw durableError(cause, path);
    }
  }

  /** A statement for use inside {@link write} or {@link read}. */
  prepare(sql: string): StatementSync {
    return this.#db.prepare(sql);
  }

  /**
   * Runs `action` in one transaction, which is on disk when this returns; if `action` throws, nothing happened.
   * @throws {DurableError} `E_STORE_FAILED` after an earlier failure, or the failure itself
   */
  write<T>(action: () => T): T {
    this.#assertUsable();
    if (this.#isWriting)
      throw new DurableError("E_STORE_FAILED", `${this.path}: writes do not nest`);
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

  /** Runs a reading `action`. @throws {DurableError} `E_STORE_UNREADABLE`, `E_STORE_IO` */
  read<T>(action: () => T): T {
    if (!this.#db.isOpen) throw new DurableError("E_STORE_CLOSED", `${this.path} is closed`);
    try {
      return action();
    } catch (cause) {
      throw durableError(cause, this.path);
    }
  }

  /** Releases the file. Closing twice is allowed. */
  close(): void {
    if (this.#db.isOpen) this.#db.close();
  }

  #assertUsable(): void {
    if (!this.#db.isOpen) throw new DurableError("E_STORE_CLOSED", `${this.path} is closed`);
    if (this.#failed !== undefined) {
      const cause = this.#failed;
      throw new DurableError(
        "E_STORE_FAILED",
        `${this.path}: an earlier write failed; open it again`,
        {
          cause,
        },
      );
    }
  }

  /** Rolls back; an input or output failure also ends writing for good. */
  #abandon(cause: unknown): Error {
    const error = durableError(cause, this.path);
    if (error instanceof DurableError) this.#failed = error;
    try {
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
    } catch {
      // The journal rolls the file back when it is opened next.
    }
    return error;
  }
}

function prepareSchema(db: DatabaseSync, path: string, schema: DatabaseSchema): void {
  const [version, applicationId] = [pragma(db, "user_version"), pragma(db, "application_id")];
  const isNew = version === 0 && applicationId === 0;
  if (!isNew && applicationId !== schema.applicationId) {
    throw new DurableError("E_STORE_UNREADABLE", `${path} is a database of another kind`);
  }
  if (!isNew && version !== schema.version) {
    throw new DurableError(
      "E_STORE_VERSION",
      `${path}: expected format ${schema.version}, got ${version}`,
    );
  }
  // A write transaction even for an old file: it takes the exclusive lock now, not at the first commit.
  db.exec("BEGIN EXCLUSIVE");
  if (isNew) {
    db.exec(schema.tables);
    db.exec(
      `PRAGMA application_id = ${schema.applicationId}; PRAGMA user_version = ${schema.version};`,
    );
  }
  db.exec("COMMIT");
}

function pragma(db: DatabaseSync, name: "user_version" | "application_id"): number {
  return Number(db.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0);
}

/** SQLite failures by name; errors of the caller's own making pass through. */
function durableError(cause: unknown, path: string): Error {
  if (cause instanceof CodedError) return cause;
  const errcode = cause instanceof Error ? Reflect.get(cause, "errcode") : undefined;
  if (typeof errcode !== "number") return cause instanceof Error ? cause : new Error(String(cause));
  const said = `${path}: ${cause instanceof Error ? cause.message : ""}`;
  // Extended result codes carry the primary one in their low byte.
  switch (errcode & 0xff) {
    case SQLITE.BUSY:
    case SQLITE.LOCKED:
      return new DurableError("E_LOCKED", `${path} is open in another process`, { cause });
    case SQLITE.READONLY:
      return new DurableError("E_STORE_READONLY", said, { cause });
    case SQLITE.FULL:
      return new DurableError("E_STORE_FULL", said, { cause });
    case SQLITE.CORRUPT:
    case SQLITE.NOTADB:
    case SQLITE.CANTOPEN:
      return new DurableError("E_STORE_UNREADABLE", said, { cause });
    default:
      return new DurableError("E_STORE_IO", said, { cause });
  }
}
