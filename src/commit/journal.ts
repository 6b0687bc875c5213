import { type Bytes32, bytes32, type ContentHash } from "../bytes/brand.ts";
import { equalBytes } from "../bytes/compare.ts";
import { keccak256 } from "../bytes/keccak.ts";
import { DurableDatabase } from "../durable/database.ts";
import { CommitError } from "./errors.ts";

/**
 * What a gateway has acknowledged and not yet committed, and the proposal it is bound to: durable before the
 * acknowledgement, so that an acknowledged upload is in the tree sooner or later whatever crashes (promise P4).
 */

/** Bytes taken in for one chain. */
export interface PendingLeaf {
  /** Arrival order, 1 for the first. */
  readonly position: number;
  readonly namespace: number;
  /** In the append-only namespaces the content hash. */
  readonly id: Bytes32;
  /** Flags of the leaf header. */
  readonly flags: number;
  readonly content: Uint8Array;
}

/** The leaves a sequence number is bound to: operators may have voted for them. */
export interface OpenProposal {
  readonly sequenceNo: bigint;
  readonly leaves: readonly PendingLeaf[];
}

const SCHEMA = {
  version: 1,
  applicationId: 0x6f70_736a,
  tables: `
    CREATE TABLE pending (
      position INTEGER PRIMARY KEY AUTOINCREMENT,
      namespace INTEGER NOT NULL,
      id BLOB NOT NULL,
      flags INTEGER NOT NULL,
      content_hash BLOB NOT NULL,
      content BLOB NOT NULL,
      sequence_no INTEGER
    ) STRICT;
    CREATE UNIQUE INDEX pending_leaf ON pending (namespace, id, content_hash, flags);
  `,
} as const;

export class IntakeJournal {
  readonly #db: DurableDatabase;

  private constructor(db: DurableDatabase) {
    this.#db = db;
  }

  /** Opens or creates the journal at `path`. @throws {DurableError} */
  static open(path: string): IntakeJournal {
    return new IntakeJournal(DurableDatabase.open(path, SCHEMA));
  }

  /** Takes in one leaf; on disk when this returns. Taking in the same leaf again changes nothing. */
  add(leaf: Omit<PendingLeaf, "position">): { readonly isNew: boolean } {
    const contentHash = keccak256<ContentHash>(leaf.content);
    const { changes } = this.#db.write(() =>
      this.#db
        .prepare(
          "INSERT OR IGNORE INTO pending (namespace, id, flags, content_hash, content) VALUES (?, ?, ?, ?, ?)",
        )
        .run(leaf.namespace, leaf.id, leaf.flags, contentHash, leaf.content),
    );
    return { isNew: Number(changes) === 1 };
  }

  /** Leaves in arrival order until their content would pass `maxBytes`; what does not fit waits for the next commit. */
  pending(maxBytes: number): readonly PendingLeaf[] {
    const taken: PendingLeaf[] = [];
    let bytes = 0;
    const rows = this.#db.read(() =>
      this.#db
        .prepare("SELECT position, length(content) AS size FROM pending ORDER BY position")
        .all(),
    );
    for (const row of rows) {
      bytes += Number(row.size);
      if (bytes > maxBytes) break;
      taken.push(this.#leafAt(Number(row.position)));
    }
    return taken;
  }

  /** Number of leaves that wait. */
  get length(): number {
    const row = this.#db.read(() => this.#db.prepare("SELECT count(*) AS n FROM pending").get());
    return Number(row?.n ?? 0);
  }

  /** The proposal made for a commit that has not landed, if there is one. */
  openProposal(): OpenProposal | undefined {
    const rows = this.#db.read(() =>
      this.#db
        .prepare(
          "SELECT position, sequence_no FROM pending WHERE sequence_no IS NOT NULL ORDER BY position",
        )
        .all(),
    );
    const [first] = rows;
    if (first === undefined) return undefined;
    return {
      sequenceNo: BigInt(Number(first.sequence_no)),
      leaves: rows.map((row) => this.#leafAt(Number(row.position))),
    };
  }

  /** Binds `sequenceNo` to these leaves; on disk when this returns, before anyone is asked to sign. */
  propose(sequenceNo: bigint, leaves: readonly PendingLeaf[]): void {
    this.#db.write(() => {
      const bind = this.#db.prepare("UPDATE pending SET sequence_no = ? WHERE position = ?");
      for (const leaf of leaves) bind.run(sequenceNo, leaf.position);
    });
  }

  /** Forgets the leaves of the open proposal: they are in the tree. */
  settle(): void {
    this.#db.write(() =>
      this.#db.prepare("DELETE FROM pending WHERE sequence_no IS NOT NULL").run(),
    );
  }

  /** Takes the open proposal back without settling it: another commit landed at its sequence number. */
  release(): void {
    this.#db.write(() => this.#db.prepare("UPDATE pending SET sequence_no = NULL").run());
  }

  /** Releases the file. */
  close(): void {
    this.#db.close();
  }

  #leafAt(position: number): PendingLeaf {
    const row = this.#db.read(() =>
      this.#db
        .prepare(
          "SELECT namespace, id, flags, content_hash, content FROM pending WHERE position = ?",
        )
        .get(position),
    );
    const { id, content_hash: contentHash, content } = row ?? {};
    if (
      !(
        id instanceof Uint8Array &&
        contentHash instanceof Uint8Array &&
        content instanceof Uint8Array
      ) ||
      !equalBytes(keccak256(content), contentHash)
    ) {
      throw new CommitError(
        "E_JOURNAL_CORRUPT",
        `journal entry ${position} no longer has its hash`,
      );
    }
    const [namespace, flags] = [Number(row?.namespace), Number(row?.flags)];
    return { position, namespace, id: bytes32(id), flags, content };
  }
}
