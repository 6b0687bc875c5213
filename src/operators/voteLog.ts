import { bytes32, type StateRoot } from "../bytes/brand.ts";
import { uintBytes } from "../bytes/codec.ts";
import { equalBytes } from "../bytes/compare.ts";
import { toHex } from "../bytes/hex.ts";
import { type DatabaseSchema, DurableDatabase } from "../durable/database.ts";
import { DurableError } from "../durable/errors.ts";
import { OperatorError } from "./errors.ts";

/**
 * The durable vote lock: an operator signs one root per (chain, sequence), across crashes. A returned {@link VoteLog.record}
 * is on disk; two processes never vote from one file; and after a failed write the log refuses all further votes, since what
 * reached the disk is then unknown until the file is opened again.
 */

const SCHEMA: DatabaseSchema = {
  version: 1,
  /** "OPSV". */
  applicationId: 0x4f505356,
  tables: `
    CREATE TABLE votes (
      chain_id BLOB NOT NULL CHECK (length(chain_id) = 8),
      sequence_no BLOB NOT NULL CHECK (length(sequence_no) = 8),
      root BLOB NOT NULL CHECK (length(root) = 32),
      PRIMARY KEY (chain_id, sequence_no)
    ) STRICT, WITHOUT ROWID;
  `,
};

/** One vote per (chain, sequence). */
export class VoteLog {
  readonly #database: DurableDatabase;

  private constructor(database: DurableDatabase) {
    this.#database = database;
  }

  /**
   * Opens the log at `path`, or creates it, and looks through it for damage.
   * @throws {DurableError} as {@link DurableDatabase.open}: `E_LOCKED`, `E_STORE_UNREADABLE`, …
   */
  static open(path: string): VoteLog {
    return new VoteLog(DurableDatabase.open(path, SCHEMA, { checksIntegrity: true }));
  }

  /**
   * Records a vote for `root`; it is durable before this returns. Again for the same root is allowed.
   * @throws {OperatorError} `E_DOUBLE_VOTE` if another root has the vote
   * @throws {DurableError} `E_STORE_FAILED` after an earlier failure, and as {@link DurableDatabase.write}
   * @throws {BytesError} `E_RANGE` unless both numbers fit 64 bits
   */
  record(chainId: bigint, sequenceNo: bigint, root: StateRoot): void {
    const row = [uintBytes(chainId, 8), uintBytes(sequenceNo, 8), bytes32(root, "root")] as const;
    this.#database.write(() => {
      const voted = this.votedRoot(chainId, sequenceNo);
      if (voted === undefined) {
        const sql = "INSERT INTO votes (chain_id, sequence_no, root) VALUES (?, ?, ?)";
        this.#database.prepare(sql).run(...row);
      } else if (!equalBytes(voted, root)) {
        const roots = `voted for ${toHex(voted)}, asked for ${toHex(root)}`;
        throw new OperatorError(
          "E_DOUBLE_VOTE",
          `chain ${chainId}, commit ${sequenceNo}: ${roots}`,
        );
      }
    });
  }

  /** The root voted for, or `undefined`. @throws {DurableError} as {@link DurableDatabase.read} */
  votedRoot(chainId: bigint, sequenceNo: bigint): StateRoot | undefined {
    const key = [uintBytes(chainId, 8), uintBytes(sequenceNo, 8)] as const;
    const sql = "SELECT root FROM votes WHERE chain_id = ? AND sequence_no = ?";
    const root = this.#database.read(() => this.#database.prepare(sql).get(...key))?.root;
    if (root === undefined) return undefined;
    if (!(root instanceof Uint8Array) || root.length !== 32) {
      throw new DurableError("E_STORE_UNREADABLE", `${this.#database.path}: a root is damaged`);
    }
    return bytes32<StateRoot>(Uint8Array.from(root), "root");
  }

  /** Gives the file back. */
  close(): void {
    this.#database.close();
  }
}
