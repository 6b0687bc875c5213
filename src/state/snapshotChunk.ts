import { bytes32, type TreeKey } from "../bytes/brand.ts";
import { ByteReader, concatBytes, uintBytes } from "../bytes/codec.ts";
import { equalBytes } from "../bytes/compare.ts";
import { BytesError } from "../bytes/errors.ts";
import { toHex } from "../bytes/hex.ts";
import { keccak256 } from "../bytes/keccak.ts";
import { valueHash } from "../tree/hasher.ts";
import { verifyRange } from "../tree/rangeProof.ts";
import { assertArtifactSize } from "./delta.ts";
import { StateError } from "./errors.ts";
import { checkLeaf, decodeHeader, HEADER_BYTES, RECORD_BYTES } from "./leaf.ts";
import {
  MAX_CHUNK_LEAVES,
  SNAPSHOT_VERSION,
  type SnapshotChunkHash,
  type SnapshotManifest,
} from "./snapshotManifest.ts";
import type { LeafPage, ListedLeaf } from "./storedLeaf.ts";

/**
 * Snapshot chunks: the leaves of an interval of keys, without their contents, and the range proof that there are no others
 * (docs/StateTree.md, "Snapshots").
 */

const LEAF_BYTES = 32 + RECORD_BYTES;

/** A chunk, unpacked. */
export interface SnapshotChunk {
  readonly chainId: bigint;
  readonly sequenceNo: bigint;
  /** Which chunk of the snapshot, from 0. */
  readonly index: number;
  readonly leaves: readonly ListedLeaf[];
  /** Packed range proof for the interval that the manifest gives the chunk. */
  readonly proof: Uint8Array;
}

/** Of which snapshot, and the how manieth, a chunk is. */
type ChunkPlace = Pick<SnapshotChunk, "chainId" | "sequenceNo" | "index">;

/** The bytes of the chunk that has the leaves of `page`. */
export function encodeSnapshotChunk(place: ChunkPlace, page: Pick<LeafPage, "leaves" | "proof">) {
  return concatBytes(
    uintBytes(SNAPSHOT_VERSION, 1),
    uintBytes(place.chainId, 8),
    uintBytes(place.sequenceNo, 8),
    uintBytes(place.index, 4),
    uintBytes(page.leaves.length, 4),
    ...page.leaves.flatMap(({ key, record }) => [key, record]),
    page.proof,
  );
}

/**
 * The chunk that `bytes` encode; keys, records and proof are views of them. Whether they are right is not looked at.
 * @throws {StateError} `E_VERSION`, `E_LENGTH`
 */
export function decodeSnapshotChunk(bytes: Uint8Array): SnapshotChunk {
  try {
    const reader = new ByteReader(bytes, "snapshot chunk");
    const version = reader.number(1);
    if (version !== SNAPSHOT_VERSION) {
      throw new StateError("E_VERSION", `chunk: expected version 1, got ${version}`);
    }
    const place = { chainId: reader.uint(8), sequenceNo: reader.uint(8), index: reader.number(4) };
    const leafCount = reader.number(4);
    if (leafCount > MAX_CHUNK_LEAVES || leafCount * LEAF_BYTES > reader.remaining) {
      throw new StateError("E_LENGTH", `chunk: got ${leafCount} leaves in ${bytes.length} bytes`);
    }
    const leaves = Array.from({ length: leafCount }, () => ({
      key: bytes32<TreeKey>(reader.take(32)),
      record: reader.take(RECORD_BYTES),
    }));
    return { ...place, leaves, proof: reader.take(reader.remaining) };
  } catch (cause) {
    if (!(cause instanceof BytesError)) throw cause;
    throw new StateError("E_LENGTH", cause.message, { cause });
  }
}

/**
 * The leaves of chunk `index`, shown to be exactly those that the state root has between its first and last key.
 * @throws {StateError} `E_CHUNK_PROOF` the bytes are not those that the manifest names; `E_VERSION`, `E_LENGTH`,
 *   `E_WRONG_CHAIN`, `E_DELTA_SEQUENCE`, `E_CHUNK_ORDER` another chunk; `E_RANGE_PROOF` a leaf is missing, added or changed;
 *   `E_LEAF`, `E_ARTIFACT_TOO_LARGE` a leaf that no commit may have
 */
export function openSnapshotChunk(
  manifest: SnapshotManifest,
  index: number,
  bytes: Uint8Array,
): readonly ListedLeaf[] {
  const entry = manifest.chunks[index];
  if (entry === undefined) throw new StateError("E_CHUNK_ORDER", `there is no chunk ${index}`);
  const got = keccak256<SnapshotChunkHash>(bytes);
  if (bytes.length !== entry.length || !equalBytes(got, entry.hash)) {
    throw new StateError("E_CHUNK_PROOF", `chunk ${index}: expected ${toHex(entry.hash)}`);
  }
  const chunk = decodeSnapshotChunk(bytes);
  assertPlace(chunk, { ...manifest, index });
  const { first: from, last: to } = entry;
  const leaves = chunk.leaves.map(({ key, record }) => [key, valueHash(record)] as const);
  const fault = verifyRange({ root: manifest.stateRoot, from, to, leaves }, chunk.proof);
  if (fault !== "None") throw new StateError("E_RANGE_PROOF", `chunk ${index}: ${fault}`);
  if (leaves.length !== entry.leafCount) {
    throw new StateError("E_LENGTH", `chunk ${index}: expected ${entry.leafCount} leaves`);
  }
  for (const { key, record } of chunk.leaves) {
    const leafFault = checkLeaf(key, record, manifest.sequenceNo);
    if (leafFault !== "None") throw new StateError("E_LEAF", `${toHex(key)}: ${leafFault}`);
    assertArtifactSize(decodeHeader(record.subarray(0, HEADER_BYTES)).contentLength);
  }
  return chunk.leaves;
}

function assertPlace(got: ChunkPlace, wanted: ChunkPlace): void {
  if (got.chainId !== wanted.chainId) {
    const chains = `expected ${wanted.chainId}, got ${got.chainId}`;
    throw new StateError("E_WRONG_CHAIN", `chunk ${wanted.index}: chain: ${chains}`);
  }
  if (got.sequenceNo !== wanted.sequenceNo) {
    const numbers = `expected ${wanted.sequenceNo}, got ${got.sequenceNo}`;
    throw new StateError("E_DELTA_SEQUENCE", `chunk ${wanted.index}: commit: ${numbers}`);
  }
  if (got.index !== wanted.index) {
    throw new StateError("E_CHUNK_ORDER", `expected chunk ${wanted.index}, got ${got.index}`);
  }
}
