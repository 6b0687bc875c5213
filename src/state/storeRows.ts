import type { SQLOutputValue } from "node:sqlite";
import { bytes32, type ContentHash, type StateRoot, type TreeKey } from "../bytes/brand.ts";
import { isZero } from "../bytes/compare.ts";
import type { DurableDatabase } from "../durable/database.ts";
import { StateError } from "./errors.ts";

/**
 * Rows of the store's tables. A leaf has a row per change; its state at a commit is its newest row at or before it. Content
 * is kept once per hash, however many leaves have it.
 */

type Row = Record<string, SQLOutputValue>;

/** One change of a leaf; without header and content hash where it was removed. */
export interface LeafRow {
  readonly key: TreeKey;
  readonly live: { readonly header: Uint8Array; readonly contentHash: ContentHash } | null;
}

/** A change as the tree needs it. */
export interface LeafChange {
  readonly key: TreeKey;
  readonly sequenceNo: bigint;
  /** 52 bytes; nothing where the leaf was removed. */
  readonly record: Uint8Array | undefined;
}

/** A change with what is known of it without reading its content. */
export interface StoredChange extends LeafRow {
  readonly sequenceNo: bigint;
  readonly contentLength: bigint | undefined;
}

/** A change of a leaf to be stored. */
export interface NewLeafRow extends LeafRow {
  /** Of the same hash as in `live`; empty where the leaf is removed. */
  readonly content: Uint8Array;
}

/** A commit to be stored. */
export interface NewVersion {
  readonly sequenceNo: bigint;
  readonly stateRoot: StateRoot;
  readonly leaves: readonly NewLeafRow[];
  /** Versions before it are no longer needed. */
  readonly oldestKept: bigint;
}

/** Key, sequence number, and 52 bytes of record: zero where the leaf was removed. */
const CHANGE_BYTES = 32 + 8 + 52;

/** A few thousand changes as one value: handing values over costs more than reading them. */
const CHANGES_PAGE = `
  SELECT group_concat(hex(key) || printf('%016x', sequenceNo)
      || CASE WHEN header IS NULL THEN hex(zeroblob(52)) ELSE hex(header) || hex(contentHash) END,
    '') AS page
  FROM (SELECT * FROM leaf WHERE (key, sequenceNo) > (:key, :sequenceNo)
        ORDER BY key, sequenceNo LIMIT 4096)`;

export class StoreRows {
  readonly #database: DurableDatabase;

  constructor(database: DurableDatabase) {
    this.#database = database;
  }

  /** The newest commit; 0 before the first. */
  headSequenceNo(): bigint {
    return integer(this.#one("SELECT ifnull(max(sequenceNo), 0) AS head FROM version"), "head");
  }

  /** The oldest commit whose leaves are all there. */
  oldestSequenceNo(): bigint {
    return integer(this.#one("SELECT oldestSequenceNo FROM store"), "oldestSequenceNo");
  }

  /** Root after the commit, or nothing if there is no such commit. */
  stateRoot(sequenceNo: bigint): StateRoot | undefined {
    const row = this.#prepare("SELECT stateRoot FROM version WHERE sequenceNo = ?").get(sequenceNo);
    return row && bytes32<StateRoot>(bytes(row, "stateRoot"));
  }

  /** Every change that is kept, in order of keys, and of commits for each key. */
  *changes(): Generator<LeafChange> {
    let [key, sequenceNo]: readonly [Uint8Array, bigint] = [new Uint8Array(), -1n];
    for (;;) {
      const page = this.#prepare(CHANGES_PAGE).get({ key, sequenceNo })?.page;
      if (typeof page !== "string") return;
      const { buffer, byteOffset, length } = Buffer.from(page, "hex");
      const packed = new Uint8Array(buffer, byteOffset, length);
      if (packed.length % CHANGE_BYTES !== 0 || packed.length * 2 !== page.length) {
        throw new StateError("E_STORE_CORRUPT", "a column of a leaf has another length");
      }
      for (let at = 0; at < packed.length; at += CHANGE_BYTES) {
        const change = leafChange(packed.subarray(at, at + CHANGE_BYTES));
        yield change;
        [key, sequenceNo] = [change.key, change.sequenceNo];
      }
    }
  }

  /** The first `limit` leaves, in order of keys from `from` on, that exist after the commit. */
  leavesFrom(from: TreeKey, sequenceNo: bigint, limit: number): LeafRow[] {
    const newest = "SELECT max(sequenceNo) FROM leaf WHERE key = this.key AND sequenceNo <= :at";
    const sql = `SELECT * FROM leaf AS this WHERE key >= :from AND sequenceNo = (${newest})
      AND header IS NOT NULL ORDER BY key LIMIT :limit`;
    return this.#prepare(sql).all({ from, at: sequenceNo, limit }).map(leafRow);
  }

  /** Newest change of `key` at or before the commit. */
  leaf(key: TreeKey, sequenceNo: bigint): LeafRow | undefined {
    const sql =
      "SELECT * FROM leaf WHERE key = ? AND sequenceNo <= ? ORDER BY sequenceNo DESC LIMIT 1";
    const row = this.#prepare(sql).get(key, sequenceNo);
    return row && leafRow(row);
  }

  /** Content stored under `hash`, not hashed again. */
  content(hash: ContentHash): Uint8Array | undefined {
    const row = this.#prepare("SELECT bytes FROM content WHERE hash = ?").get(hash);
    return row && bytes(row, "bytes");
  }

  /** Every commit whose root is there, in order. */
  sequenceNos(): bigint[] {
    const rows = this.#prepare("SELECT sequenceNo FROM version ORDER BY sequenceNo").all();
    return rows.map((row) => integer(row, "sequenceNo"));
  }

  /** Every content by its row, without its bytes. */
  contentIds(): { id: bigint; hash: ContentHash; isUsed: boolean }[] {
    const used = "EXISTS (SELECT 1 FROM leaf WHERE contentHash = content.hash)";
    const rows = this.#prepare(`SELECT id, hash, ${used} AS isUsed FROM content`).all();
    return rows.map((row) => ({
      id: integer(row, "id"),
      hash: bytes32<ContentHash>(bytes(row, "hash")),
      isUsed: row.isUsed === 1n,
    }));
  }

  /** Bytes of the content in this row, not hashed. */
  contentById(id: bigint): Uint8Array {
    const row = this.#prepare("SELECT bytes FROM content WHERE id = ?").get(id);
    return row === undefined ? new Uint8Array() : bytes(row, "bytes");
  }

  /** Every change with its commit and the length of its content, if that is there. Nothing else may read them meanwhile. */
  *records(): Generator<StoredChange> {
    const length = "(SELECT length(bytes) FROM content WHERE hash = leaf.contentHash)";
    const sql = `SELECT *, ${length} AS contentLength FROM leaf ORDER BY key, sequenceNo`;
    for (const row of this.#prepare(sql).iterate()) {
      const contentLength = row.contentLength === null ? undefined : integer(row, "contentLength");
      yield { ...leafRow(row), sequenceNo: integer(row, "sequenceNo"), contentLength };
    }
  }

  /** A content that a leaf has and that is not there, if there is one. */
  missingContent(): Uint8Array | undefined {
    const sql = `SELECT contentHash FROM leaf WHERE contentHash IS NOT NULL
      EXCEPT SELECT hash FROM content LIMIT 1`;
    const row = this.#prepare(sql).get();
    return row && bytes(row, "contentHash");
  }

  /** Writes the commit, and drops what only older versions needed; part of the transaction around it. */
  insertVersion({ sequenceNo, stateRoot, leaves, oldestKept }: NewVersion): void {
    this.#prepare("INSERT INTO version VALUES (?, ?)").run(sequenceNo, stateRoot);
    this.#insertLeaves(sequenceNo, leaves);
    for (let at = this.oldestSequenceNo() + 1n; at <= oldestKept; at++) this.#dropBefore(at);
  }

  #insertLeaves(sequenceNo: bigint, leaves: readonly NewLeafRow[]): void {
    const insertContent = this.#prepare(
      "INSERT INTO content (hash, bytes) VALUES (?, ?) ON CONFLICT (hash) DO NOTHING",
    );
    const insertLeaf = this.#prepare("INSERT INTO leaf VALUES (?, ?, ?, ?)");
    for (const { key, live, content } of leaves) {
      if (live) insertContent.run(live.contentHash, content);
      insertLeaf.run(key, sequenceNo, live?.header ?? null, live?.contentHash ?? null);
    }
  }

  /** Makes `oldest` the oldest version: of the keys it changed, older rows are needed no more. */
  #dropBefore(oldest: bigint): void {
    const changed = "key IN (SELECT key FROM leaf WHERE sequenceNo = :oldest)";
    const superseded = `${changed} AND sequenceNo < :oldest`;
    const removed = "sequenceNo = :oldest AND header IS NULL";
    const dropped = this.#prepare(`DELETE FROM leaf WHERE ${superseded} RETURNING contentHash`).all(
      { oldest },
    );
    this.#prepare(`DELETE FROM leaf WHERE ${removed}`).run({ oldest });
    const dropContent = this.#prepare(
      "DELETE FROM content WHERE hash = :hash AND NOT EXISTS (SELECT 1 FROM leaf WHERE contentHash = :hash)",
    );
    for (const { contentHash } of dropped) {
      if (contentHash instanceof Uint8Array) dropContent.run({ hash: contentHash });
    }
    this.#prepare("UPDATE store SET oldestSequenceNo = ?").run(oldest);
  }

  #prepare(sql: string) {
    return this.#database.prepare(sql);
  }

  #one(sql: string): Row {
    const row = this.#prepare(sql).get();
    if (row === undefined) throw new StateError("E_STORE_CORRUPT", `no row for ${sql}`);
    return row;
  }
}

function leafRow(row: Row): LeafRow {
  const key = bytes32<TreeKey>(bytes(row, "key"));
  if (row.header === null) return { key, live: null };
  const contentHash = bytes32<ContentHash>(bytes(row, "contentHash"));
  return { key, live: { header: bytes(row, "header"), contentHash } };
}

function leafChange(packed: Uint8Array): LeafChange {
  const record = packed.subarray(40);
  return {
    key: bytes32<TreeKey>(packed.subarray(0, 32)),
    sequenceNo: new DataView(packed.buffer, packed.byteOffset + 32).getBigUint64(0),
    record: isZero(record) ? undefined : record,
  };
}

function bytes(row: Row, column: string): Uint8Array {
  const value = row[column];
  if (value instanceof Uint8Array) return value;
  throw new StateError("E_STORE_CORRUPT", `column ${column}: expected bytes`);
}

function integer(row: Row, column: string): bigint {
  const value = row[column];
  if (typeof value === "bigint") return value;
  throw new StateError("E_STORE_CORRUPT", `column ${column}: expected an integer`);
}
