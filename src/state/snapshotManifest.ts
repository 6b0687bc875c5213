import { type Bytes32, bytes32, type StateRoot, type TreeKey, zero32 } from "../bytes/brand.ts";
import { ByteReader, concatBytes, uintBytes } from "../bytes/codec.ts";
import { equalBytes } from "../bytes/compare.ts";
import { BytesError } from "../bytes/errors.ts";
import { toHex } from "../bytes/hex.ts";
import { nextKey } from "../tree/path.ts";
import { StateError } from "./errors.ts";
import { LAST_KEY } from "./storedLeaf.ts";

/**
 * Snapshot manifests: which commit a snapshot is of, and what its chunks are (docs/StateTree.md, "Snapshots"). Nobody
 * certifies a manifest: it only says which bytes to ask for, and each chunk proves itself against the state root.
 */

export const SNAPSHOT_VERSION = 1;
/** Leaves of one chunk; its bytes then fit {@link MAX_SNAPSHOT_CHUNK_BYTES}. */
export const MAX_CHUNK_LEAVES = 8_192;
/** Bytes of one chunk: 8,192 leaves of 84 bytes, and a range proof of 17 KiB at most. */
export const MAX_SNAPSHOT_CHUNK_BYTES = 720_896;
/** Chunks of one snapshot: 33 million leaves, more than a tree holds. */
export const MAX_SNAPSHOT_CHUNKS = 4_096;
const HEADER_BYTES = 1 + 8 + 8 + 32 + 8 + 8 + 4;
const CHUNK_ENTRY_BYTES = 32 + 32 + 4 + 4 + 32;
export const MAX_SNAPSHOT_MANIFEST_BYTES = HEADER_BYTES + MAX_SNAPSHOT_CHUNKS * CHUNK_ENTRY_BYTES;

/** keccak256 of an encoded chunk. */
export type SnapshotChunkHash = Bytes32<"SnapshotChunkHash">;

/** What one chunk is. */
export interface SnapshotChunkEntry {
  /** The chunk has all leaves from `first` to `last`, both included. */
  readonly first: TreeKey;
  readonly last: TreeKey;
  readonly leafCount: number;
  /** Bytes of the encoded chunk. */
  readonly length: number;
  readonly hash: SnapshotChunkHash;
}

export interface SnapshotManifest {
  readonly chainId: bigint;
  /** The commit whose leaves these are. */
  readonly sequenceNo: bigint;
  readonly stateRoot: StateRoot;
  readonly leafCount: number;
  /** Bytes of all contents, each counted once. */
  readonly contentBytes: bigint;
  readonly chunks: readonly SnapshotChunkEntry[];
}

/**
 * The bytes of `manifest`.
 * @throws {StateError} `E_DELTA_SEQUENCE`, `E_CHUNK_COUNT`, `E_SNAPSHOT_GAP`, `E_SNAPSHOT_SIZE`, `E_LENGTH`
 */
export function encodeSnapshotManifest(manifest: SnapshotManifest): Uint8Array {
  assertManifest(manifest);
  return concatBytes(
    uintBytes(SNAPSHOT_VERSION, 1),
    uintBytes(manifest.chainId, 8),
    uintBytes(manifest.sequenceNo, 8),
    manifest.stateRoot,
    uintBytes(manifest.leafCount, 8),
    uintBytes(manifest.contentBytes, 8),
    uintBytes(manifest.chunks.length, 4),
    ...manifest.chunks.flatMap(({ first, last, leafCount, length, hash }) => [
      first,
      last,
      uintBytes(leafCount, 4),
      uintBytes(length, 4),
      hash,
    ]),
  );
}

/** The manifest that `bytes` encode. @throws {StateError} `E_VERSION`, and as {@link encodeSnapshotManifest} */
export function decodeSnapshotManifest(bytes: Uint8Array): SnapshotManifest {
  if (bytes.length > MAX_SNAPSHOT_MANIFEST_BYTES) {
    const wanted = `at most ${MAX_SNAPSHOT_MANIFEST_BYTES} bytes`;
    throw new StateError("E_SNAPSHOT_SIZE", `manifest: expected ${wanted}, got ${bytes.length}`);
  }
  try {
    const manifest = readManifest(new ByteReader(bytes, "snapshot manifest"));
    assertManifest(manifest);
    return manifest;
  } catch (cause) {
    if (!(cause instanceof BytesError)) throw cause;
    throw new StateError("E_LENGTH", cause.message, { cause });
  }
}

function readManifest(reader: ByteReader): SnapshotManifest {
  const version = reader.number(1);
  if (version !== SNAPSHOT_VERSION) {
    throw new StateError("E_VERSION", `snapshot: expected version 1, got ${version}`);
  }
  const head = {
    chainId: reader.uint(8),
    sequenceNo: reader.uint(8),
    stateRoot: bytes32<StateRoot>(reader.take(32)),
    leafCount: Number(reader.uint(8)),
    contentBytes: reader.uint(8),
  };
  const chunkCount = reader.number(4);
  assertChunkCount(chunkCount);
  const chunks = Array.from({ length: chunkCount }, () => ({
    first: bytes32<TreeKey>(reader.take(32)),
    last: bytes32<TreeKey>(reader.take(32)),
    leafCount: reader.number(4),
    length: reader.number(4),
    hash: bytes32<SnapshotChunkHash>(reader.take(32)),
  }));
  reader.end();
  return { ...head, chunks };
}

function assertManifest({ sequenceNo, leafCount, chunks }: SnapshotManifest): void {
  if (sequenceNo < 1n) throw new StateError("E_DELTA_SEQUENCE", "sequenceNo: expected at least 1");
  assertChunkCount(chunks.length);
  let first: TreeKey | undefined = zero32<TreeKey>();
  let leaves = 0;
  for (const [i, chunk] of chunks.entries()) {
    if (first === undefined || !equalBytes(chunk.first, first)) {
      const wanted = first === undefined ? "no further chunk" : toHex(first);
      throw new StateError("E_SNAPSHOT_GAP", `chunk ${i}: expected ${wanted} first`);
    }
    if (chunk.leafCount > MAX_CHUNK_LEAVES || chunk.length > MAX_SNAPSHOT_CHUNK_BYTES) {
      const got = `${chunk.leafCount} leaves in ${chunk.length} bytes`;
      throw new StateError("E_SNAPSHOT_SIZE", `chunk ${i}: got ${got}`);
    }
    leaves += chunk.leafCount;
    first = nextKey(chunk.last);
  }
  if (!equalBytes(chunks.at(-1)?.last ?? zero32(), LAST_KEY)) {
    throw new StateError("E_SNAPSHOT_GAP", "the last chunk does not reach the last key");
  }
  if (leaves !== leafCount) {
    throw new StateError("E_LENGTH", `leafCount: got ${leafCount} for ${leaves} leaves of chunks`);
  }
}

function assertChunkCount(count: number): void {
  if (count < 1 || count > MAX_SNAPSHOT_CHUNKS) {
    const wanted = `expected 1 to ${MAX_SNAPSHOT_CHUNKS} chunks`;
    throw new StateError("E_CHUNK_COUNT", `snapshot: ${wanted}, got ${count}`);
  }
}
