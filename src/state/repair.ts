import { existsSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import type { ContentHash } from "../bytes/brand.ts";
import { CodedError } from "../bytes/errors.ts";
import { toHex } from "../bytes/hex.ts";
import type { DurableDatabase } from "../durable/database.ts";
import { withNamedFailures } from "../durable/errors.ts";
import { syncPath } from "../durable/file.ts";
import { StateError } from "./errors.ts";
import { type FsckReport, fsckStore, type StoreFault } from "./fsck.ts";
import { decodeHeader } from "./leaf.ts";
import { type BannedPeer, PeerPool } from "./peerPool.ts";
import { contentQuestion, type RestoreOptions, restoreSnapshot } from "./restore.ts";
import type { HashedContent } from "./restoreTarget.ts";
import type { ContentClaim } from "./snapshot.ts";
import { openStoreFile, readRows, type StoreFileOptions } from "./storeFile.ts";
import { StoreRows } from "./storeRows.ts";

/**
 * Repairs of a store, with what is wrong (`fsckStore`) going before. Contents are fetched by hash and put back; indexes are
 * built anew; and where rows or roots are damaged, the whole store is restored from a snapshot of a certified commit, with
 * the contents that are still good. What the peers say is believed as little as in a restore.
 */

export interface RepairOptions
  extends StoreFileOptions,
    Pick<RestoreOptions, "peers" | "certifiedRoot" | "wait" | "maxContentBytes"> {}

export interface RepairReport {
  /** What was wrong before. */
  readonly before: FsckReport;
  /** `none`: nothing was wrong. `snapshot`: older versions than that of the snapshot can no longer be proved. */
  readonly repair: "none" | "indexes" | "contents" | "snapshot";
  /** The newest commit afterwards; the deltas of later ones are to be applied again. */
  readonly head: bigint;
  readonly contents: number;
  readonly banned: readonly BannedPeer[];
}

const CONTENT_FAULTS: readonly StoreFault["code"][] = [
  "E_MISSING_CONTENT",
  "E_CORRUPT_CONTENT",
  "E_ORPHAN_CONTENT",
];

/**
 * Repairs the store at `path`, after which `fsckStore` finds nothing. The file is as it was if that cannot be done.
 * @throws {StateError} `E_NO_PEER`, `E_REPAIR_INCOMPLETE`, and as {@link fsckStore} and {@link restoreSnapshot}
 * @throws {DurableError} as {@link fsckStore}
 */
export async function repairStore(options: RepairOptions): Promise<RepairReport> {
  const before = fsckStore(options);
  const done = (repair: RepairReport["repair"], after: FsckReport) => {
    return { before, repair, head: after.head, contents: 0, banned: [] };
  };
  if (before.faults.length === 0) return done("none", before);
  if (isReindexed(options)) {
    const after = fsckStore(options);
    if (after.faults.length === 0) return done("indexes", after);
  }
  const current = fsckStore(options);
  if (current.faults.every(({ code }) => CONTENT_FAULTS.includes(code))) {
    const fetched = await repairContents(options, current.faults);
    return { ...done("contents", assertClean(options)), ...fetched };
  }
  const { contents, banned } = await restoreBeside(options);
  putInPlace(repairedPath(options), options.path);
  return { ...done("snapshot", assertClean(options)), contents, banned };
}

function assertClean(options: StoreFileOptions): FsckReport {
  const after = fsckStore(options);
  const [fault] = after.faults;
  if (fault === undefined) return after;
  throw new StateError("E_REPAIR_INCOMPLETE", `${fault.code}: ${fault.detail}`);
}

/** Builds the indexes anew from the tables, if the file can be written at all. */
function isReindexed(options: StoreFileOptions): boolean {
  let database: DurableDatabase | undefined;
  try {
    const open = openStoreFile(options);
    database = open;
    open.write(() => open.execute("REINDEX"));
    return true;
  } catch (cause) {
    if (cause instanceof CodedError && cause.code !== "E_LOCKED") return false;
    throw cause;
  } finally {
    database?.close();
  }
}

async function repairContents(options: RepairOptions, faults: readonly StoreFault[]) {
  const database = openStoreFile(options);
  try {
    const pool = new PeerPool(options.peers, options.wait);
    const claims = readRows(database, () => claimsOf(new StoreRows(database), faults));
    const found: HashedContent[] = [];
    for (const claim of claims) found.push(await pool.answer(contentQuestion(claim)));
    database.write(() => {
      const sql =
        "INSERT INTO content (hash, bytes) VALUES (?, ?) ON CONFLICT (hash) DO UPDATE SET bytes = excluded.bytes";
      for (const { hash, content } of found) database.prepare(sql).run(hash, content);
      database.execute(
        "DELETE FROM content WHERE hash NOT IN (SELECT contentHash FROM leaf WHERE contentHash NOT NULL)",
      );
    });
    return { contents: found.length, banned: pool.banned };
  } finally {
    database.close();
  }
}

/** The contents to fetch, each once, with the length that its leaf says. */
function claimsOf(rows: StoreRows, faults: readonly StoreFault[]): ContentClaim[] {
  const claims = new Map<string, ContentClaim>();
  for (const { code, key, sequenceNo, contentHash: hash } of faults) {
    if (code === "E_ORPHAN_CONTENT" || !key || !sequenceNo || !hash) continue;
    const live = rows.leaf(key, sequenceNo)?.live;
    if (!live) continue;
    const { contentLength } = decodeHeader(live.header);
    claims.set(toHex(hash), { hash, length: Number(contentLength) });
  }
  return [...claims.values()];
}

/** Restores a store beside the damaged one, with what is still good in that. */
async function restoreBeside(options: RepairOptions) {
  const repaired = repairedPath(options);
  const salvage = openSalvage(options);
  try {
    const atHand = (hash: ContentHash) => salvaged(salvage, hash);
    // What an earlier repair restored and did not put in its place.
    if (existsSync(repaired)) return { contents: 0, banned: [] };
    const { contents, banned } = await restoreSnapshot({ ...options, path: repaired, atHand });
    return { contents, banned };
  } finally {
    salvage?.close();
  }
}

function repairedPath({ path }: StoreFileOptions): string {
  return `${path}.repaired`;
}

function openSalvage(options: StoreFileOptions): DurableDatabase | undefined {
  try {
    return openStoreFile(options);
  } catch (cause) {
    if (cause instanceof CodedError && cause.code !== "E_LOCKED") return undefined;
    throw cause;
  }
}

function salvaged(salvage: DurableDatabase | undefined, hash: ContentHash) {
  try {
    return salvage?.read(() => new StoreRows(salvage).content(hash));
  } catch {
    // Whatever keeps it from being read, a peer has it.
    return undefined;
  }
}

function putInPlace(repaired: string, path: string): void {
  withNamedFailures(path, () => {
    // A log that stays would be read as that of the new file.
    for (const suffix of ["-wal", "-journal"]) rmSync(`${path}${suffix}`, { force: true });
    renameSync(repaired, path);
    syncPath(dirname(path));
  });
}
