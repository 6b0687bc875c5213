import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { ContentHash } from "../bytes/brand.ts";
import { type Hex, toHex } from "../bytes/hex.ts";
import { durableError, fieldOf, withNamedFailures } from "../durable/errors.ts";
import {
  replaceFile,
  sweepTemporary,
  syncPath,
  TEMPORARY_SUFFIX,
  writeAll,
} from "../durable/file.ts";
import { StateError } from "./errors.ts";
import {
  type ContentClaim,
  ContentSet,
  type SnapshotOptions,
  SnapshotTally,
  takeChunks,
} from "./snapshot.ts";
import { decodeSnapshotChunk } from "./snapshotChunk.ts";
import {
  decodeSnapshotManifest,
  MAX_SNAPSHOT_CHUNK_BYTES,
  MAX_SNAPSHOT_CHUNKS,
  MAX_SNAPSHOT_MANIFEST_BYTES,
} from "./snapshotManifest.ts";
import type { PeerRequest, SnapshotPeer } from "./snapshotPeer.ts";
import type { StateStore } from "./store.ts";

/**
 * Snapshots in a folder: `manifest`, and for each chunk `chunk-00000000` and `contents-00000000`, the contents that its leaves
 * have and no earlier ones do, one behind the other. The manifest is written last: a folder without one is no snapshot.
 * Names are made of indexes alone, so nothing that a snapshot says leads out of its folder.
 */

const MANIFEST = "manifest";

/** What {@link writeSnapshot} wrote, or would write. */
export interface SnapshotReport {
  readonly sequenceNo: bigint;
  readonly chunks: number;
  readonly leafCount: number;
  readonly contents: number;
  readonly contentBytes: bigint;
}

export interface WriteSnapshotOptions extends SnapshotOptions {
  /** Only checks that everything can be read. */
  readonly dryRun?: boolean;
}

/**
 * Writes a snapshot of `store` to `folder`, which is made if it is not there. Commits may be made meanwhile. What is left of
 * an attempt that did not come to its end is written over.
 * @throws {StateError} `E_SNAPSHOT_EXISTS` if there is a snapshot already, `E_VERSION_UNKNOWN` before the first commit, and
 *   as {@link takeChunks}
 * @throws {DurableError} `E_STORE_FULL`, `E_STORE_READONLY`, `E_STORE_IO`
 */
export async function writeSnapshot(
  store: StateStore,
  folder: string,
  options: WriteSnapshotOptions = {},
): Promise<SnapshotReport> {
  const { sequenceNo = store.head.sequenceNo, dryRun = false } = options;
  if (sequenceNo < 1n) throw new StateError("E_VERSION_UNKNOWN", "nothing is committed yet");
  const out = new SnapshotWriter(folder, dryRun);
  const tally = new SnapshotTally(store, sequenceNo);
  for (const chunk of takeChunks(store, { ...options, sequenceNo })) {
    const { index, bytes } = chunk;
    out.file(chunkName(index), bytes);
    await out.contents(contentsName(index), contentsOf(store, tally.add(chunk)));
    await nextTurn();
  }
  out.finish(tally.report.chunks, tally.manifest());
  return { sequenceNo, ...tally.report };
}

function* contentsOf(store: StateStore, claims: readonly ContentClaim[]): Generator<Uint8Array> {
  for (const { hash } of claims) {
    const content = store.content(hash);
    if (content === undefined) {
      throw new StateError("E_CORRUPT_LEAF", `content ${toHex(hash)} is gone`);
    }
    yield content;
  }
}

/** Every failure of the file system under its name. */
class SnapshotWriter {
  readonly #folder: string;
  readonly #isDry: boolean;

  constructor(folder: string, isDry: boolean) {
    this.#folder = folder;
    this.#isDry = isDry;
    this.#run(() => {
      if (statSync(join(folder, MANIFEST), { throwIfNoEntry: false }) !== undefined) {
        throw new StateError("E_SNAPSHOT_EXISTS", `${folder} has a snapshot`);
      }
      if (isDry) return;
      mkdirSync(folder, { recursive: true });
      sweepTemporary(folder);
    });
  }

  file(name: string, bytes: Uint8Array): void {
    if (!this.#isDry) this.#run(() => replaceFile(join(this.#folder, name), bytes));
  }

  async contents(name: string, contents: Iterable<Uint8Array>): Promise<void> {
    const temporary = join(this.#folder, `${name}${TEMPORARY_SUFFIX}`);
    const file = this.#isDry ? undefined : this.#run(() => openSync(temporary, "w"));
    try {
      for (const content of contents) {
        if (file !== undefined) this.#run(() => writeAll(file, content));
        await nextTurn();
      }
      if (file !== undefined) this.#run(() => fsyncSync(file));
    } finally {
      if (file !== undefined) this.#run(() => closeSync(file));
    }
    if (!this.#isDry) this.#run(() => renameSync(temporary, join(this.#folder, name)));
  }

  /** Removes what is left of a longer attempt, and makes the folder a snapshot. */
  finish(chunks: number, manifest: Uint8Array): void {
    if (this.#isDry) return;
    this.#run(() => {
      for (const name of readdirSync(this.#folder)) {
        const index = /^(?:chunk|contents)-(\d{8})$/.exec(name)?.[1];
        if (index !== undefined && Number(index) >= chunks) rmSync(join(this.#folder, name));
      }
      syncPath(this.#folder);
      replaceFile(join(this.#folder, MANIFEST), manifest);
      syncPath(this.#folder);
      syncPath(dirname(this.#folder));
    });
  }

  #run<T>(work: () => T): T {
    return withNamedFailures(this.#folder, work);
  }
}

/** Where a content is in the folder. */
interface ContentPlace extends ContentClaim {
  readonly chunk: number;
  readonly offset: number;
}

/** Serves the snapshot in a folder. */
export class SnapshotFolder implements SnapshotPeer {
  readonly id: string;
  readonly #folder: string;
  #places: Map<Hex, ContentPlace> | undefined;

  constructor(folder: string) {
    this.id = folder;
    this.#folder = folder;
  }

  /** @throws {StateError} `E_SNAPSHOT_NOT_FOUND`, `E_SNAPSHOT_SIZE`, `E_PATH` @throws {DurableError} */
  async manifest({ maxBytes }: Pick<PeerRequest, "maxBytes">): Promise<Uint8Array> {
    return this.#read(MANIFEST, maxBytes);
  }

  /** @throws as {@link manifest} */
  async chunk(index: number, { maxBytes }: Pick<PeerRequest, "maxBytes">): Promise<Uint8Array> {
    return this.#read(chunkName(index), maxBytes);
  }

  /** @throws as {@link manifest}, and as the decoders of manifest and chunk */
  async content(
    hash: ContentHash,
    { maxBytes }: Pick<PeerRequest, "maxBytes">,
  ): Promise<Uint8Array> {
    this.#places ??= this.#index();
    const place = this.#places.get(toHex(hash));
    if (place === undefined) {
      throw new StateError("E_SNAPSHOT_NOT_FOUND", `${this.#folder}: no content ${toHex(hash)}`);
    }
    const { chunk, offset, length } = place;
    assertSize(length, maxBytes);
    return this.#open(contentsName(chunk), (file) => readAt(file, offset, length));
  }

  #index(): Map<Hex, ContentPlace> {
    const places = new Map<Hex, ContentPlace>();
    const contents = new ContentSet();
    const { chunks } = decodeSnapshotManifest(this.#read(MANIFEST, MAX_SNAPSHOT_MANIFEST_BYTES));
    for (const chunk of chunks.keys()) {
      const bytes = this.#read(chunkName(chunk), MAX_SNAPSHOT_CHUNK_BYTES);
      let offset = 0;
      for (const claim of contents.addAll(decodeSnapshotChunk(bytes).leaves)) {
        places.set(toHex(claim.hash), { ...claim, chunk, offset });
        offset += claim.length;
      }
    }
    return places;
  }

  #read(name: string, maxBytes: number): Uint8Array {
    return this.#open(name, (file) => {
      const { size } = fstatSync(file);
      assertSize(size, maxBytes);
      return readAt(file, 0, size);
    });
  }

  /** Opens nothing but plain files: a link may lead anywhere, and a pipe would be waited for. */
  #open<T>(name: string, read: (file: number) => T): T {
    const path = join(this.#folder, name);
    try {
      const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
      const file = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
      try {
        if (!fstatSync(file).isFile()) throw new StateError("E_PATH", `${path} is no plain file`);
        return read(file);
      } finally {
        closeSync(file);
      }
    } catch (cause) {
      const code = fieldOf(cause, "code");
      if (code === "ENOENT") {
        throw new StateError("E_SNAPSHOT_NOT_FOUND", `there is no ${path}`, { cause });
      }
      if (code === "ELOOP") throw new StateError("E_PATH", `${path} is a link`, { cause });
      throw durableError(cause, path);
    }
  }
}

function chunkName(index: number): string {
  return `chunk-${padded(index)}`;
}

function contentsName(index: number): string {
  return `contents-${padded(index)}`;
}

function padded(index: number): string {
  if (!Number.isInteger(index) || index < 0 || index >= MAX_SNAPSHOT_CHUNKS) {
    throw new StateError("E_PATH", `there is no chunk ${index}`);
  }
  return String(index).padStart(8, "0");
}

function assertSize(length: number, maxBytes: number): void {
  if (length <= maxBytes) return;
  throw new StateError("E_SNAPSHOT_SIZE", `expected at most ${maxBytes} bytes, got ${length}`);
}

/** What is there of `length` bytes from `offset` on. */
function readAt(file: number, offset: number, length: number): Uint8Array {
  const { size } = fstatSync(file);
  const bytes = new Uint8Array(Math.max(0, Math.min(length, size - offset)));
  let filled = 0;
  while (filled < bytes.length) {
    const read = readSync(file, bytes, filled, bytes.length - filled, offset + filled);
    if (read === 0) break;
    filled += read;
  }
  return bytes.subarray(0, filled);
}
