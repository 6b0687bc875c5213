import { DatabaseSync } from "node:sqlite";
import { bytes32, type StateRoot } from "../bytes/brand.ts";
import { uintBytes } from "../bytes/codec.ts";
import { equalBytes } from "../bytes/compare.ts";
import { toHex } from "../bytes/hex.ts";
import { OperatorError } from "./errors.ts";

/**
 * The durable vote lock: an operator signs one root per (chain, sequence), across crashes. An embedded SQLite file in
 * rollback-journal mode with `synchronous = EXTRA`, so that a returned {@link VoteLog.record} is on disk, directory entry
 * included; held exclusively, so that two processes never vote from one file. After a failed write the log refuses all
 * further votes: what reached the disk is then unknown, and reopening finds out.
 */

/** Marks the file as ours: "OPSV". */
const APPLICATION_ID = 0x4f505356;
const SCHEMA_VERSION = 1;

/** SQLite's primary result codes, https://sqlite.org/rescode.html. */
const SQLITE_BUSY = 5;
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

/** One vote per (chain, sequence). */
export class VoteLog {
  readonly #database: DatabaseSync;
  #hasFailed = false;

  private constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /**
   * Opens the log at `path`, or creates it.
   * @throws {OperatorError} `E_VOTE_LOG_LOCKED` while another process holds it, `E_VOTE_LOG_CORRUPT` if the file is damaged
   * or something else, `E_VOTE_LOG_FAILED` if it cannot be opened
   */
  static open(path: string): VoteLog {
    let database: DatabaseSync | undefined;
    try {
      database = new DatabaseSync(path, { timeout: 0 });
      prepare(database);
      return new VoteLog(database);
    } catch (cause) {
      database?.close();
      throw openingError(path, cause);
    }
  }

  /**
   * Records a vote for `root`; it is durable before this returns. Again for the same root is allowed.
   * @throws {OperatorError} `E_DOUBLE_VOTE` if another root has the vote, `E_VOTE_LOG_FAILED` if the write failed
   * @throws {BytesError} `E_RANGE` unless both numbers fit 64 bits
   */
  record(chainId: bigint, sequenceNo: bigint, root: StateRoot): void {
    const voted = this.votedRoot(chainId, sequenceNo);
    if (voted === undefined) {
      this.#guarded(() =>
        this.#database
          .prepare("INSERT INTO votes (chain_id, sequence_no, root) VALUES (?, ?, ?)")
          .run(uintBytes(chainId, 8), uintBytes(sequenceNo, 8), bytes32(root, "root")),
      );
    } else if (!equalBytes(voted, root)) {
      throw new OperatorError(
        "E_DOUBLE_VOTE",
        `chain ${chainId}, commit ${sequenceNo}: voted for ${toHex(voted)}, asked for ${toHex(root)}`,
      );
    }
  }

  /** The root voted for, or `undefined`. @throws {OperatorError} `E_VOTE_LOG_FAILED` */
  votedRoot(chainId: bigint, sequenceNo: bigint): StateRoot | undefined {
    const key = [uintBytes(chainId, 8), uintBytes(sequenceNo, 8)] as const;
    const row = this.#guarded(() =>
      this.#database
        .prepare("SELECT root FROM votes WHERE chain_id = ? AND sequence_no = ?")
        .get(...key),
    );
    if (row === undefined) return undefined;
    if (!(row.root instanceof Uint8Array)) throw this.#failure("a root is not a byte string");
    return bytes32<StateRoot>(Uint8Array.from(row.root), "root");
  }

  /** Gives the file back. */
  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }

  #guarded<T>(work: () => T): T {
    if (this.#hasFailed) throw this.#failure("an earlier operation failed");
    try {
      return work();
    } catch (cause) {
      throw this.#failure("the database refused", cause);
    }
  }

  #failure(why: string, cause?: unknown): OperatorError {
    this.#hasFailed = true;
    return new OperatorError("E_VOTE_LOG_FAILED", `vote log: ${why}`, { cause });
  }
}

/** Takes the lock, then checks or creates the schema. */
function prepare(database: DatabaseSync): void {
  database.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE;");
  database.exec("PRAGMA synchronous = EXTRA; PRAGMA fullfsync = ON;");
  // In exclusive locking mode the lock taken here stays until the connection closes.
  database.exec("BEGIN EXCLUSIVE");
  if (pragma(database, "application_id") === 0 && isEmpty(database)) {
    database.exec(
      `CREATE TABLE votes (
        chain_id BLOB NOT NULL CHECK (length(chain_id) = 8),
        sequence_no BLOB NOT NULL CHECK (length(sequence_no) = 8),
        root BLOB NOT NULL CHECK (length(root) = 32),
        PRIMARY KEY (chain_id, sequence_no)
      ) STRICT, WITHOUT ROWID;
      PRAGMA application_id = ${APPLICATION_ID};
      PRAGMA user_version = ${SCHEMA_VERSION};`,
    );
  }
  database.exec("COMMIT");
  const isOurs =
    pragma(database, "application_id") === APPLICATION_ID &&
    pragma(database, "user_version") === SCHEMA_VERSION;
  if (!isOurs || pragma(database, "integrity_check") !== "ok") {
    throw new OperatorError("E_VOTE_LOG_CORRUPT", "not a sound vote log");
  }
}

function pragma(database: DatabaseSync, name: string): unknown {
  return Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
}

function isEmpty(database: DatabaseSync): boolean {
  return database.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get() === undefined;
}

function openingError(path: string, cause: unknown): OperatorError {
  if (cause instanceof OperatorError) return cause;
  const code = sqliteCode(cause);
  if (code === SQLITE_BUSY) {
    return new OperatorError("E_VOTE_LOG_LOCKED", `${path} is in use`, { cause });
  }
  if (code === SQLITE_CORRUPT || code === SQLITE_NOTADB) {
    return new OperatorError("E_VOTE_LOG_CORRUPT", `${path} is damaged or no vote log`, { cause });
  }
  return new OperatorError("E_VOTE_LOG_FAILED", `${path} cannot be opened`, { cause });
}

/** SQLite's primary result code: the low byte of the extended one that Node reports. */
function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error)) return undefined;
  return typeof error.errcode === "number" ? error.errcode & 0xff : undefined;
}
