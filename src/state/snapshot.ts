import type { ContentHash, TreeKey } from "../bytes/brand.ts";
import { zero32 } from "../bytes/brand.ts";
import { type Hex, toHex } from "../bytes/hex.ts";
import { keccak256 } from "../bytes/keccak.ts";
import { nextKey } from "../tree/path.ts";
import { StateError } from "./errors.ts";
import { contentHashOf, decodeHeader, HEADER_BYTES } from "./leaf.ts";
import { encodeSnapshotChunk } from "./snapshotChunk.ts";
import {
  encodeSnapshotManifest,
  MAX_CHUNK_LEAVES,
  type SnapshotChunkEntry,
  type SnapshotChunkHash,
} from "./snapshotManifest.ts";
import type { SnapshotPeer } from "./snapshotPeer.ts";
import type { StateStore } from "./store.ts";
import type { ListedLeaf } from "./storedLeaf.ts";

/** Snapshots of a store: all leaves of one commit, cut into chunks that prove themselves. */

/** Of which commit, and in what pieces. */
export interface SnapshotOptions {
  /** The head by default. */
  readonly sequenceNo?: bigint;
  /** Leaves of one chunk, 1 to 8,192, which is the default. */
  readonly chunkLeaves?: number;
}

/** A chunk as it is made. */
export interface TakenChunk {
  readonly index: number;
  readonly bytes: Uint8Array;
  readonly leaves: readonly ListedLeaf[];
  readonly entry: SnapshotChunkEntry;
}

/** What a leaf says of its content. */
export interface ContentClaim {
  readonly hash: ContentHash;
  /** Bytes. */
  readonly length: number;
}

/**
 * The chunks of a snapshot, in key order. Commits may be made between two of them: every chunk is of the same commit, as long
 * as the store retains it.
 * @throws {StateError} `E_VERSION_PRUNED` also if the commit is pruned meanwhile; and as `StateStore.page`
 */
export function* takeChunks(
  store: StateStore,
  options: SnapshotOptions = {},
): Generator<TakenChunk> {
  const { sequenceNo = store.head.sequenceNo, chunkLeaves = MAX_CHUNK_LEAVES } = options;
  if (!Number.isInteger(chunkLeaves) || chunkLeaves < 1 || chunkLeaves > MAX_CHUNK_LEAVES) {
    throw new StateError("E_SNAPSHOT_SIZE", `chunkLeaves: expected 1 to 8192, got ${chunkLeaves}`);
  }
  const place = { chainId: store.chainId, sequenceNo };
  let from: TreeKey | undefined = zero32<TreeKey>();
  for (let index = 0; from !== undefined; index++) {
    const page = store.page(from, chunkLeaves, sequenceNo);
    const { first, last, leaves } = page;
    const bytes = encodeSnapshotChunk({ ...place, index }, page);
    const hash = keccak256<SnapshotChunkHash>(bytes);
    const entry = { first, last, leafCount: leaves.length, length: bytes.length, hash };
    yield { index, bytes, leaves, entry };
    from = nextKey(last);
  }
}

/** Adds up what the chunks of one snapshot are, and which contents they bring that were not there before. */
export class SnapshotTally {
  readonly #store: StateStore;
  readonly #sequenceNo: bigint;
  readonly #chunks: SnapshotChunkEntry[] = [];
  readonly #contents = new ContentSet();
  #leafCount = 0;
  #contentBytes = 0n;

  constructor(store: StateStore, sequenceNo: bigint) {
    this.#store = store;
    this.#sequenceNo = sequenceNo;
  }

  /** Takes the next chunk and gives its contents that no earlier leaf has, in the order of their leaves. */
  add({ entry, leaves }: TakenChunk): ContentClaim[] {
    this.#chunks.push(entry);
    this.#leafCount += entry.leafCount;
    const claims = this.#contents.addAll(leaves);
    for (const { length } of claims) this.#contentBytes += BigInt(length);
    return claims;
  }

  get report() {
    const { size } = this.#contents;
    const [chunks, leafCount] = [this.#chunks.length, this.#leafCount];
    return { chunks, leafCount, contents: size, contentBytes: this.#contentBytes };
  }

  /** The encoded manifest of all chunks taken. @throws {StateError} as {@link encodeSnapshotManifest} */
  manifest(): Uint8Array {
    return encodeSnapshotManifest({
      chainId: this.#store.chainId,
      sequenceNo: this.#sequenceNo,
      stateRoot: this.#store.rootAt(this.#sequenceNo),
      leafCount: this.#leafCount,
      contentBytes: this.#contentBytes,
      chunks: this.#chunks,
    });
  }
}

/** Hashes of contents, each once. */
export class ContentSet {
  readonly #seen = new Set<Hex>();

  get size(): number {
    return this.#seen.size;
  }

  /** The contents of `leaves` that were not in the set, which they are from now on. */
  addAll(leaves: readonly ListedLeaf[]): ContentClaim[] {
    const fresh: ContentClaim[] = [];
    for (const { record } of leaves) {
      const hash = contentHashOf(record);
      const name = toHex(hash);
      if (this.#seen.has(name)) continue;
      this.#seen.add(name);
      const { contentLength } = decodeHeader(record.subarray(0, HEADER_BYTES));
      fresh.push({ hash, length: Number(contentLength) });
    }
    return fresh;
  }
}

/** Serves a snapshot straight from a store in this process. */
export function peerOfStore(
  store: StateStore,
  options: SnapshotOptions & { readonly id?: string } = {},
): SnapshotPeer {
  const sequenceNo = options.sequenceNo ?? store.head.sequenceNo;
  let taken: { manifest: Uint8Array; chunks: readonly Uint8Array[] } | undefined;
  const take = () => {
    const tally = new SnapshotTally(store, sequenceNo);
    const chunks = [...takeChunks(store, { ...options, sequenceNo })].map((chunk) => {
      tally.add(chunk);
      return chunk.bytes;
    });
    return { manifest: tally.manifest(), chunks };
  };
  const snapshot = () => {
    taken ??= take();
    return taken;
  };
  return {
    id: options.id ?? "store",
    manifest: async () => snapshot().manifest,
    chunk: async (index) => found(snapshot().chunks[index], `chunk ${index}`),
    content: async (hash) => found(store.content(hash), `content ${toHex(hash)}`),
  };
}

function found(bytes: Uint8Array | undefined, what: string): Uint8Array {
  if (bytes === undefined) throw new StateError("E_SNAPSHOT_NOT_FOUND", `there is no ${what}`);
  return bytes;
}
