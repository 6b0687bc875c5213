import { statSync } from "node:fs";
import type { ContentHash, StateRoot, TreeKey } from "../bytes/brand.ts";
import { equalBytes } from "../bytes/compare.ts";
import { CodedError } from "../bytes/errors.ts";
import { toHex } from "../bytes/hex.ts";
import { keccak256 } from "../bytes/keccak.ts";
import type { DurableDatabase } from "../durable/database.ts";
import { withNamedFailures } from "../durable/errors.ts";
import { StateError } from "./errors.ts";
import { checkLeaf, decodeHeader, HEADER_BYTES, leafRecord } from "./leaf.ts";
import { replayVersions } from "./storedLeaf.ts";
import { openStoreFile, readRows, type StoreFileOptions } from "./storeFile.ts";
import { StoreRows } from "./storeRows.ts";

/**
 * A look at everything in a store: the structure of the file, every leaf record and its key, every content's hash, and the
 * root of every retained version, computed anew. It changes nothing.
 */

/** What is wrong; `key`, `sequenceNo` and `contentHash` say where, as far as there is a where. */
export interface StoreFault {
  readonly code:
    | "E_STORE_UNREADABLE"
    | "E_STORE_SCHEMA"
    | "E_STORE_CORRUPT"
    | "E_CORRUPT_LEAF"
    | "E_CORRUPT_CONTENT"
    | "E_MISSING_CONTENT"
    | "E_ORPHAN_CONTENT"
    | "E_MISSING_VERSION"
    | "E_ROOT_MISMATCH";
  readonly key?: TreeKey;
  readonly sequenceNo?: bigint;
  readonly contentHash?: ContentHash;
  readonly detail: string;
}

export interface FsckReport {
  /** The newest commit, and the oldest retained; 0 where they cannot be read. */
  readonly head: bigint;
  readonly oldest: bigint;
  /** Leaf records, contents and bytes of contents that were looked at. */
  readonly records: number;
  readonly contents: number;
  readonly contentBytes: bigint;
  /** Roots that were computed anew. */
  readonly roots: number;
  readonly faults: readonly StoreFault[];
}

/** More faults than this are counted in the last one and not listed. */
const MAX_FAULTS = 1_000;

/**
 * What is wrong with the store at `path`: no faults if nothing is.
 * @throws {StateError} `E_STORE_MISSING`, `E_WRONG_CHAIN` @throws {DurableError} `E_LOCKED`, `E_STORE_READONLY`, `E_STORE_IO`
 */
export function fsckStore(options: StoreFileOptions): FsckReport {
  const { path } = options;
  if (withNamedFailures(path, () => statSync(path, { throwIfNoEntry: false })) === undefined) {
    throw new StateError("E_STORE_MISSING", `${path}: there is no store`);
  }
  const check = new StoreCheck();
  let database: DurableDatabase | undefined;
  try {
    database = openStoreFile(options);
    check.run(database);
  } catch (cause) {
    if (!check.takes(cause)) throw cause;
  } finally {
    database?.close();
  }
  return check.report();
}

const FILE_FAULTS = ["E_STORE_UNREADABLE", "E_STORE_SCHEMA", "E_STORE_CORRUPT"] as const;

class StoreCheck {
  readonly #faults: StoreFault[] = [];
  readonly #badContents = new Set<string>();
  #head = 0n;
  #oldest = 0n;
  #records = 0;
  #contents = 0;
  #contentBytes = 0n;
  #roots = 0;

  run(database: DurableDatabase): void {
    const rows = new StoreRows(database);
    for (const detail of database.integrityFaults()) this.#add("E_STORE_UNREADABLE", { detail });
    const steps = [
      () => this.#checkVersions(rows),
      () => this.#checkContents(rows),
      () => this.#checkLeaves(rows),
      () => this.#checkRoots(rows),
    ];
    for (const step of steps) {
      try {
        readRows(database, step);
      } catch (cause) {
        if (!this.takes(cause)) throw cause;
      }
    }
  }

  /** Lists what tells of damage. @returns whether it does */
  takes(cause: unknown): boolean {
    const code = FILE_FAULTS.find((name) => cause instanceof CodedError && cause.code === name);
    if (code === undefined || !(cause instanceof CodedError)) return false;
    this.#add(code, { detail: cause.message });
    return true;
  }

  report(): FsckReport {
    const extra = this.#faults.length - MAX_FAULTS;
    const faults = this.#faults.slice(0, MAX_FAULTS);
    if (extra > 0) faults.push({ code: "E_STORE_CORRUPT", detail: `and ${extra} more faults` });
    return {
      head: this.#head,
      oldest: this.#oldest,
      records: this.#records,
      contents: this.#contents,
      contentBytes: this.#contentBytes,
      roots: this.#roots,
      faults,
    };
  }

  #add(code: StoreFault["code"], where: Omit<StoreFault, "code">): void {
    this.#faults.push({ code, ...where });
  }

  /** Versions follow each other without a gap up to the head, and the oldest retained one is among them. */
  #checkVersions(rows: StoreRows): void {
    this.#head = rows.headSequenceNo();
    this.#oldest = rows.oldestSequenceNo();
    let expected: bigint | undefined;
    for (const sequenceNo of rows.sequenceNos()) {
      for (let gap = expected ?? sequenceNo; gap < sequenceNo; gap++) {
        this.#add("E_MISSING_VERSION", { sequenceNo: gap, detail: "its root is not there" });
        // A damaged number may be anywhere.
        if (this.#faults.length > MAX_FAULTS) break;
      }
      expected = sequenceNo + 1n;
    }
    if (this.#oldest < 0n || this.#oldest > this.#head) {
      const detail = `the oldest version is ${this.#oldest}, the head ${this.#head}`;
      this.#add("E_STORE_CORRUPT", { detail });
    }
  }

  #checkContents(rows: StoreRows): void {
    for (const { id, hash, isUsed } of rows.contentIds()) {
      const content = rows.contentById(id);
      this.#contents++;
      this.#contentBytes += BigInt(content.length);
      if (!isUsed) {
        this.#add("E_ORPHAN_CONTENT", { contentHash: hash, detail: "no leaf has it" });
      } else if (!equalBytes(keccak256(content), hash)) {
        this.#badContents.add(toHex(hash));
      }
    }
  }

  #checkLeaves(rows: StoreRows): void {
    for (const { key, sequenceNo, live, contentLength } of rows.records()) {
      this.#records++;
      const at = { key, sequenceNo };
      if (live === null) {
        if (sequenceNo <= this.#oldest) {
          this.#add("E_CORRUPT_LEAF", { ...at, detail: "a removal that should be pruned" });
        }
        continue;
      }
      const { header, contentHash } = live;
      const where = { ...at, contentHash };
      const detail = faultOfRecord(key, sequenceNo, header, contentHash);
      if (detail !== undefined) this.#add("E_CORRUPT_LEAF", { ...where, detail });
      else if (contentLength === undefined) {
        this.#add("E_MISSING_CONTENT", { ...where, detail: "its content is gone" });
      } else if (this.#badContents.has(toHex(contentHash))) {
        this.#add("E_CORRUPT_CONTENT", { ...where, detail: "its content is another" });
      } else if (decodeHeader(header).contentLength !== contentLength) {
        this.#add("E_CORRUPT_LEAF", { ...where, detail: `its content has ${contentLength} bytes` });
      }
    }
  }

  #checkRoots(rows: StoreRows): void {
    for (const { sequenceNo, computed, stored } of replayVersions(rows)) {
      this.#roots++;
      if (isSameRoot(computed, stored)) continue;
      const wanted = stored === undefined ? "none is" : `${toHex(stored)} is`;
      const detail = `leaves of root ${toHex(computed)}, ${wanted} stored`;
      this.#add("E_ROOT_MISMATCH", { sequenceNo, detail });
    }
  }
}

function isSameRoot(computed: StateRoot, stored: StateRoot | undefined): boolean {
  return stored !== undefined && equalBytes(computed, stored);
}

/** What is wrong with a record at its place. */
function faultOfRecord(
  key: TreeKey,
  sequenceNo: bigint,
  header: Uint8Array,
  contentHash: ContentHash,
): string | undefined {
  if (header.length !== HEADER_BYTES) return `a header of ${header.length} bytes`;
  const fault = checkLeaf(key, leafRecord(header, contentHash), sequenceNo);
  return fault === "None" ? undefined : fault;
}
