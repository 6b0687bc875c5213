import {
  bytes32,
  type ContentHash,
  type StateRoot,
  type TreeKey,
  type ValueHash,
} from "../bytes/brand.ts";
import { equalBytes } from "../bytes/compare.ts";
import { toHex } from "../bytes/hex.ts";
import { keccak256 } from "../bytes/keccak.ts";
import { valueHash } from "../tree/hasher.ts";
import { type Entry, VersionedTree } from "../tree/versionedTree.ts";
import type { DeltaLeaf } from "./delta.ts";
import { StateError } from "./errors.ts";
import { decodeHeader, type LeafHeader, leafRecord } from "./leaf.ts";
import type { LeafChange, LeafRow, NewLeafRow, StoreRows } from "./storeRows.ts";

/** Between rows, which may be damaged, and leaves, which have been checked. */

/** A leaf whose record and content have been checked against the tree. */
export interface StoredLeaf {
  /** 52 bytes. */
  readonly record: Uint8Array;
  readonly header: LeafHeader;
  readonly contentHash: ContentHash;
  readonly content: Uint8Array;
}

/** A leaf as the tree has it at a commit. */
export interface LeafQuery {
  readonly key: TreeKey;
  readonly sequenceNo: bigint;
  readonly expected: ValueHash;
}

/** The row to store for a leaf of a delta; the content is hashed here. */
export function newLeafRow(leaf: DeltaLeaf): NewLeafRow {
  if (leaf.operation === "delete") return { key: leaf.key, live: null, content: new Uint8Array() };
  const { key, header, content } = leaf;
  return { key, live: { header, contentHash: keccak256<ContentHash>(content) }, content };
}

/** What the row means to the tree. */
export function updateOf({ key, live }: LeafRow): readonly [TreeKey, ValueHash | null] {
  return [key, live && valueHash(leafRecord(live.header, live.contentHash))];
}

/**
 * The leaf, with everything hashed again.
 * @throws {StateError} `E_CORRUPT_LEAF`
 */
export function readLeaf(rows: StoreRows, { key, sequenceNo, expected }: LeafQuery): StoredLeaf {
  const live = rows.leaf(key, sequenceNo)?.live;
  if (!live) throw corrupt(key, "its row is gone");
  const { header: headerBytes, contentHash } = live;
  const record = leafRecord(headerBytes, contentHash);
  if (!equalBytes(valueHash(record), expected)) throw corrupt(key, "its record is another");
  const content = rows.content(contentHash);
  if (content === undefined) throw corrupt(key, "its content is gone");
  if (!equalBytes(keccak256(content), contentHash)) throw corrupt(key, "its content is another");
  return { record, header: decodeHeader(headerBytes), contentHash, content };
}

/** Some leaves in key order, and the proof that there are no others from `first` to `last`. */
export interface LeafPage {
  readonly first: TreeKey;
  readonly last: TreeKey;
  readonly leaves: readonly ListedLeaf[];
  /** Packed range proof. */
  readonly proof: Uint8Array;
}

/** A leaf without its content. */
export interface ListedLeaf {
  readonly key: TreeKey;
  /** 52 bytes. */
  readonly record: Uint8Array;
}

/** The last of all keys. */
export const LAST_KEY = bytes32<TreeKey>(new Uint8Array(32).fill(0xff));

/**
 * The first `limit` leaves from `from` on, each record checked against the tree.
 * @throws {StateError} `E_CORRUPT_LEAF`
 */
export function readPage(
  rows: StoreRows,
  tree: VersionedTree,
  query: { readonly from: TreeKey; readonly limit: number; readonly sequenceNo: bigint },
): LeafPage {
  const { from, limit, sequenceNo } = query;
  const found = rows.leavesFrom(from, sequenceNo, limit);
  const end = found.length < limit ? undefined : found.at(-1)?.key;
  const last = end ?? LAST_KEY;
  const { leaves: proved, proof } = tree.proveRange(from, last, sequenceNo);
  const leaves = proved.map(([key, expected], i) => {
    const row = found[i];
    if (!row?.live || !equalBytes(row.key, key)) throw corrupt(key, "its row is gone");
    const record = leafRecord(row.live.header, row.live.contentHash);
    if (!equalBytes(valueHash(record), expected)) throw corrupt(key, "its record is another");
    return { key, record };
  });
  const extra = found[leaves.length];
  if (extra !== undefined) throw corrupt(extra.key, "the tree has no such leaf");
  return { first: from, last, leaves, proof };
}

/** The content under `hash`, hashed again. @throws {StateError} `E_CORRUPT_LEAF` */
export function readContent(rows: StoreRows, hash: ContentHash): Uint8Array | undefined {
  const content = rows.content(hash);
  if (content === undefined || equalBytes(keccak256(content), hash)) return content;
  throw new StateError("E_CORRUPT_LEAF", `content ${toHex(hash)}: its bytes are others`);
}

/** A retained version as its leaves have it, and as it was stored. */
export interface ReplayedVersion {
  readonly sequenceNo: bigint;
  readonly computed: StateRoot;
  readonly stored: StateRoot | undefined;
}

/**
 * The tree with every retained version, each root compared with the stored one. Contents are not read.
 * @throws {StateError} `E_STORE_CORRUPT`
 */
export function rebuildTree(rows: StoreRows): VersionedTree {
  const missing = rows.missingContent();
  if (missing) throw new StateError("E_STORE_CORRUPT", `content ${toHex(missing)} is gone`);
  const replay = replayVersions(rows);
  for (;;) {
    const next = replay.next();
    if (next.done) return next.value;
    const { sequenceNo, computed, stored } = next.value;
    if (stored !== undefined && equalBytes(stored, computed)) continue;
    const wanted = stored === undefined ? "no root" : toHex(stored);
    const got = `leaves of root ${toHex(computed)}, stored is ${wanted}`;
    throw new StateError("E_STORE_CORRUPT", `commit ${sequenceNo}: ${got}`);
  }
}

/**
 * Computes every retained version from its leaves, from the oldest, and gives the tree with all of them in the end.
 * @throws {StateError} `E_STORE_CORRUPT` if there are leaves of versions that are not there
 */
export function* replayVersions(
  rows: StoreRows,
): Generator<ReplayedVersion, VersionedTree, undefined> {
  const oldest = rows.oldestSequenceNo();
  const head = rows.headSequenceNo();
  const later = new Map<bigint, Change[]>();
  const tree = VersionedTree.restore(oldest, baseOf(rows.changes(), oldest, later));
  const version = () => {
    const sequenceNo = tree.head;
    return { sequenceNo, computed: tree.root(), stored: rows.stateRoot(sequenceNo) };
  };
  if (oldest > 0n) yield version();
  while (tree.head < head) {
    tree.commit(tree.stage(later.get(tree.head + 1n) ?? []));
    later.delete(tree.head);
    yield version();
  }
  for (const sequenceNo of later.keys()) {
    throw new StateError("E_STORE_CORRUPT", `leaves of commit ${sequenceNo}, which is not there`);
  }
  return tree;
}

/** What the tree has after `oldest`; what later commits changed goes to `later`, by commit. */
function* baseOf(
  changes: Iterable<LeafChange>,
  oldest: bigint,
  later: Map<bigint, Change[]>,
): Generator<Entry> {
  let newest: Change | undefined;
  for (const { key, sequenceNo, record } of changes) {
    const change = [key, record === undefined ? null : valueHash(record)] as const;
    if (sequenceNo > oldest) {
      const updates = later.get(sequenceNo);
      if (updates === undefined) later.set(sequenceNo, [change]);
      else updates.push(change);
      continue;
    }
    // The newest change of a key comes last.
    const isSameKey = newest !== undefined && equalBytes(newest[0], key);
    if (newest !== undefined && !isSameKey && isEntry(newest)) yield newest;
    newest = change;
  }
  if (newest !== undefined && isEntry(newest)) yield newest;
}

type Change = readonly [TreeKey, ValueHash | null];

function isEntry(change: Change): change is Entry {
  return change[1] !== null;
}

function corrupt(key: TreeKey, what: string): StateError {
  return new StateError("E_CORRUPT_LEAF", `${toHex(key)}: ${what}`);
}
