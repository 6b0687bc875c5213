import { bytes32 } from "../bytes/brand.ts";
import { ByteReader, concatBytes, uintBytes } from "../bytes/codec.ts";
import { equalBytes } from "../bytes/compare.ts";
import { keccak256 } from "../bytes/keccak.ts";
import { DurableDatabase } from "../durable/database.ts";
import { MAX_BATCH } from "../operators/batchCertificate.ts";
import { CommitError } from "./errors.ts";
import type { StateCommit } from "./message.ts";
import type { CertifiedCommit } from "./target.ts";

/**
 * The commits that a quorum has certified and no chain has accepted yet, in order. A gateway and each operator keep a
 * record of their own, so that whoever is left can land what was acknowledged. Written before the store applies a commit:
 * a store is ahead of its chain by what is recorded here, and by nothing else.
 */

/** Most commits that are held at a time: what one pairing can prove. */
export const MAX_HELD_COMMITS = MAX_BATCH;

const SCHEMA = {
  version: 1,
  /** "OPSH". */
  applicationId: 0x4f50_5348,
  tables: `
    CREATE TABLE held (
      sequence_no BLOB PRIMARY KEY NOT NULL CHECK (length(sequence_no) = 8),
      commit_bytes BLOB NOT NULL,
      certificate BLOB NOT NULL,
      seal BLOB NOT NULL CHECK (length(seal) = 32)
    ) STRICT, WITHOUT ROWID;
  `,
} as const;

/** The certified commits of one chain that wait to be landed: consecutive, at most {@link MAX_HELD_COMMITS}. */
export class HeldCommits {
  readonly #db: DurableDatabase;

  private constructor(db: DurableDatabase) {
    this.#db = db;
  }

  /** Opens or creates the record at `path`, and looks through it for damage. @throws {DurableError} */
  static open(path: string): HeldCommits {
    return new HeldCommits(DurableDatabase.open(path, SCHEMA, { checksIntegrity: true }));
  }

  /** What is held, in order. @throws {CommitError} `E_HELD_CORRUPT` if an entry is not what was written */
  all(): readonly CertifiedCommit[] {
    const sql =
      "SELECT sequence_no, commit_bytes, certificate, seal FROM held ORDER BY sequence_no";
    return this.#db.read(() => this.#db.prepare(sql).all()).map(entryOf);
  }

  /** Number of commits held. */
  get length(): number {
    const row = this.#db.read(() => this.#db.prepare("SELECT count(*) AS n FROM held").get());
    return Number(row?.n ?? 0);
  }

  /**
   * Records a commit behind the last one, or another certificate of one that is held; on disk when this returns.
   * @throws {CommitError} `E_HELD_LIMIT` when full; `E_HELD_ORDER` if it does not extend the last one; `E_FORKED` if another
   *   commit has its number; nothing has changed after each
   */
  put({ commit, certificate }: CertifiedCommit): void {
    const held = this.all();
    const same = held.find((other) => other.commit.sequenceNo === commit.sequenceNo);
    if (same !== undefined && !isSameCommit(same.commit, commit)) {
      throw new CommitError("E_FORKED", `commit ${commit.sequenceNo}: another one is held`);
    }
    const last = held.at(-1)?.commit;
    if (same === undefined && last !== undefined) assertNext(last, commit, held.length);
    const row = [uintBytes(commit.sequenceNo, 8), commitBytes(commit), certificate] as const;
    const sql =
      "INSERT OR REPLACE INTO held (sequence_no, commit_bytes, certificate, seal) VALUES (?, ?, ?, ?)";
    this.#db.write(() => this.#db.prepare(sql).run(...row, keccak256(...row)));
  }

  /** Forgets the commits up to `sequenceNo`: the chain has them. */
  dropThrough(sequenceNo: bigint): void {
    const sql = "DELETE FROM held WHERE sequence_no <= ?";
    this.#db.write(() => this.#db.prepare(sql).run(uintBytes(sequenceNo, 8)));
  }

  /** Releases the file. */
  close(): void {
    this.#db.close();
  }
}

/** Whether all fields are the same, so that one digest serves both. */
export function isSameCommit(a: StateCommit, b: StateCommit): boolean {
  return equalBytes(commitBytes(a), commitBytes(b));
}

function assertNext(last: StateCommit, commit: StateCommit, heldCount: number): void {
  if (heldCount >= MAX_HELD_COMMITS) {
    throw new CommitError("E_HELD_LIMIT", `${heldCount} commits are held already`);
  }
  const isNext =
    commit.sequenceNo === last.sequenceNo + 1n &&
    equalBytes(commit.prevStateRoot, last.newStateRoot) &&
    commit.timestamp > last.timestamp;
  if (isNext) return;
  const said = `commit ${commit.sequenceNo} does not extend ${last.sequenceNo}, the last one held`;
  throw new CommitError("E_HELD_ORDER", said);
}

/** All fields in the order of the message, 145 bytes. */
function commitBytes(commit: StateCommit): Uint8Array {
  return concatBytes(
    uintBytes(commit.version, 1),
    uintBytes(commit.sequenceNo, 8),
    commit.prevStateRoot,
    commit.newStateRoot,
    uintBytes(commit.timestamp, 8),
    commit.daCertHash,
    commit.pcr0Commitment,
  );
}

function commitOf(bytes: Uint8Array): StateCommit {
  const reader = new ByteReader(bytes, "held commit");
  const commit: StateCommit = {
    version: reader.number(1),
    sequenceNo: reader.uint(8),
    prevStateRoot: bytes32(reader.take(32)),
    newStateRoot: bytes32(reader.take(32)),
    timestamp: reader.uint(8),
    daCertHash: bytes32(reader.take(32)),
    pcr0Commitment: bytes32(reader.take(32)),
  };
  reader.end();
  return commit;
}

function entryOf(row: Record<string, unknown>): CertifiedCommit {
  const { sequence_no: sequenceNo, commit_bytes: bytes, certificate, seal } = row;
  if (
    !(
      sequenceNo instanceof Uint8Array &&
      bytes instanceof Uint8Array &&
      certificate instanceof Uint8Array &&
      seal instanceof Uint8Array
    ) ||
    !equalBytes(keccak256(sequenceNo, bytes, certificate), seal)
  ) {
    throw new CommitError("E_HELD_CORRUPT", "a held commit is no longer what was written");
  }
  return { commit: commitOf(Uint8Array.from(bytes)), certificate: Uint8Array.from(certificate) };
}
