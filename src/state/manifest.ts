import { bytes32, type DaCertHash } from "../bytes/brand.ts";
import { ByteReader, concatBytes, uintBytes } from "../bytes/codec.ts";
import { BytesError } from "../bytes/errors.ts";
import { keccak256 } from "../bytes/keccak.ts";
import { CHUNK_BYTES, type ChunkCommitment, MAX_CHUNKS } from "./chunk.ts";
import { CODECS, RAW_DELTA_BYTES } from "./codec.ts";
import { DELTA_HEADER_BYTES, MAX_DELTA_BYTES } from "./delta.ts";
import { StateError } from "./errors.ts";

/**
 * Delta manifests: where the chunks of a delta are and what they must be (docs/StateTree.md, "Chunks and the delta
 * manifest"). The commit carries the manifest's hash. One manifest has one encoding.
 */

export const MANIFEST_VERSION = 1;
export const MAX_POINTER_BYTES = 1_024;
/** Bytes of the largest manifest: 28 of header, then 8 chunks. */
export const MAX_MANIFEST_BYTES = 28 + MAX_CHUNKS * (4 + 32 + 2 + MAX_POINTER_BYTES);

/** One chunk of the payload. */
export interface ManifestChunk {
  /** Bytes. */
  readonly length: number;
  readonly commitment: ChunkCommitment;
  /** Where the data-availability adapter finds it; other adapters cannot read it. */
  readonly pointer: Uint8Array;
}

export interface Manifest {
  readonly chainId: bigint;
  readonly sequenceNo: bigint;
  /** See `CODECS`. */
  readonly codec: number;
  /** Bytes of the encoded delta before the codec. */
  readonly deltaLength: number;
  readonly chunks: readonly ManifestChunk[];
}

/** What a commit names a manifest by. */
export function daCertHashOf(manifestBytes: Uint8Array): DaCertHash {
  return keccak256<DaCertHash>(manifestBytes);
}

/**
 * The bytes of `manifest`.
 * @throws {StateError} `E_DELTA_SEQUENCE`, `E_CODEC`, `E_CHUNK_COUNT`, `E_CHUNK_ORDER`, `E_LENGTH`
 */
export function encodeManifest(manifest: Manifest): Uint8Array {
  assertManifest(manifest);
  const chunks = manifest.chunks.flatMap(({ length, commitment, pointer }) => [
    uintBytes(length, 4),
    commitment,
    uintBytes(pointer.length, 2),
    pointer,
  ]);
  return concatBytes(
    uintBytes(MANIFEST_VERSION, 1),
    uintBytes(manifest.chainId, 8),
    uintBytes(manifest.sequenceNo, 8),
    uintBytes(manifest.codec, 1),
    uintBytes(manifest.deltaLength, 8),
    uintBytes(manifest.chunks.length, 2),
    ...chunks,
  );
}

/** The manifest that `bytes` encode. @throws {StateError} `E_VERSION`, and as {@link encodeManifest} */
export function decodeManifest(bytes: Uint8Array): Manifest {
  if (bytes.length > MAX_MANIFEST_BYTES) {
    throw new StateError("E_LENGTH", `manifest: got ${bytes.length} bytes`);
  }
  try {
    const manifest = readManifest(new ByteReader(bytes, "manifest"));
    assertManifest(manifest);
    return manifest;
  } catch (cause) {
    if (!(cause instanceof BytesError)) throw cause;
    throw new StateError("E_LENGTH", cause.message, { cause });
  }
}

function readManifest(reader: ByteReader): Manifest {
  const version = reader.number(1);
  if (version !== MANIFEST_VERSION) {
    throw new StateError("E_VERSION", `manifest: expected version 1, got ${version}`);
  }
  const head = {
    chainId: reader.uint(8),
    sequenceNo: reader.uint(8),
    codec: reader.number(1),
    deltaLength: boundedLength(reader.uint(8)),
  };
  const chunkCount = reader.number(2);
  assertChunkCount(chunkCount);
  const chunks = Array.from({ length: chunkCount }, () => readChunk(reader));
  reader.end();
  return { ...head, chunks };
}

function readChunk(reader: ByteReader): ManifestChunk {
  const length = reader.number(4);
  const commitment = bytes32<ChunkCommitment>(reader.take(32));
  return { length, commitment, pointer: reader.take(reader.number(2)) };
}

function assertManifest({ sequenceNo, codec, deltaLength, chunks }: Manifest): void {
  if (sequenceNo < 1n) throw new StateError("E_DELTA_SEQUENCE", "sequenceNo: expected at least 1");
  if (codec !== CODECS.none && codec !== CODECS.zstd) {
    throw new StateError("E_CODEC", `codec: expected 0 or 1, got ${codec}`);
  }
  boundedLength(BigInt(deltaLength));
  if (codec !== CODECS.none && deltaLength <= RAW_DELTA_BYTES) {
    throw new StateError("E_CODEC", `codec: expected 0 for ${deltaLength} bytes, got ${codec}`);
  }
  assertChunkCount(chunks.length);
  let payloadLength = 0;
  chunks.forEach(({ length, pointer }, i) => {
    const isLast = i === chunks.length - 1;
    if (length > CHUNK_BYTES || length < 1 || pointer.length > MAX_POINTER_BYTES) {
      throw new StateError("E_LENGTH", `chunk ${i}: got ${length} bytes at ${pointer.length}`);
    }
    if (!isLast && length !== CHUNK_BYTES) {
      throw new StateError("E_CHUNK_ORDER", `chunk ${i}: expected a full one, got ${length} bytes`);
    }
    payloadLength += length;
  });
  const isSmaller = payloadLength < deltaLength;
  if (codec === CODECS.zstd ? !isSmaller : payloadLength !== deltaLength) {
    const got = `${payloadLength} bytes of payload for ${deltaLength} of delta`;
    throw new StateError("E_LENGTH", `codec ${codec}: got ${got}`);
  }
}

function boundedLength(deltaLength: bigint): number {
  if (deltaLength < DELTA_HEADER_BYTES || deltaLength > MAX_DELTA_BYTES) {
    const wanted = `${DELTA_HEADER_BYTES} to ${MAX_DELTA_BYTES}`;
    throw new StateError("E_LENGTH", `deltaLength: expected ${wanted} bytes, got ${deltaLength}`);
  }
  return Number(deltaLength);
}

function assertChunkCount(count: number): void {
  if (count < 1 || count > MAX_CHUNKS) {
    throw new StateError("E_CHUNK_COUNT", `expected 1 to ${MAX_CHUNKS} chunks, got ${count}`);
  }
}
