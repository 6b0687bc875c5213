import type { Bytes32, DaCertHash } from "../bytes/brand.ts";
import { equalBytes } from "../bytes/compare.ts";
import { toHex } from "../bytes/hex.ts";
import { keccak256 } from "../bytes/keccak.ts";
import { type ChunkCommitment, chunkCommitment } from "./chunk.ts";
import { DaError } from "./errors.ts";

/**
 * The port to data availability: transport of blobs, which may be gone once they have been applied. A pointer is the
 * adapter's own business and never says what the bytes are; what they must be, the reader says with {@link Expected}.
 */

/** What a blob must be. */
export type Expected =
  | { readonly scheme: "keccak256"; readonly digest: Bytes32 }
  | {
      readonly scheme: "chunk";
      readonly digest: ChunkCommitment;
      readonly lengthBytes: number;
    };

/** Bounds of an adapter. */
export interface DaLimits {
  readonly maxPayloadBytes: number;
  /** How long a blob stays; infinite where nothing expires. */
  readonly retentionSeconds: number;
}

/** A request that can be given up. */
export interface DaOptions {
  readonly signal?: AbortSignal;
}

export interface GetOptions extends DaOptions {
  readonly expected: Expected;
  /** More is never read into memory. */
  readonly maxBytes: number;
}

/** Puts blobs somewhere and gets them back. */
export interface DataAvailability {
  /** Name of the adapter, for logs. */
  readonly id: string;
  limits(): Promise<DaLimits>;
  /**
   * Where the payload is now, at most 1,024 bytes. Resolves when a reader elsewhere can get it.
   * @throws {DaError} `E_DA_TOO_LARGE`, `E_DA_FULL`, `E_DA_READONLY`, `E_DA_IO`
   */
  put(payload: Uint8Array, options?: DaOptions): Promise<Uint8Array>;
  /**
   * The blob, hashed again on every call.
   * @throws {DaError} `E_DA_POINTER`, `E_DA_NOT_FOUND`, `E_DA_TOO_LARGE`, `E_BLOB_TRUNCATED`, `E_BLOB_HASH`,
   *   `E_DA_IO`
   */
  get(pointer: Uint8Array, options: GetOptions): Promise<Uint8Array>;
}

/** Finds the manifest that a commit names. Whoever asks hashes the answer again. */
export interface ManifestSource {
  /** @throws {DaError} `E_DA_NOT_FOUND`, and as `DataAvailability.get` */
  manifest(daCertHash: DaCertHash): Promise<Uint8Array>;
}

/**
 * Every adapter's last step before it hands bytes out.
 * @throws {DaError} `E_DA_TOO_LARGE`, `E_BLOB_TRUNCATED`, `E_BLOB_HASH`
 */
export function assertBlob(bytes: Uint8Array, { expected, maxBytes }: GetOptions): void {
  assertBlobLength(bytes.length, { expected, maxBytes });
  const got = expected.scheme === "chunk" ? chunkCommitment(bytes) : keccak256(bytes);
  if (!equalBytes(got, expected.digest)) {
    const wanted = toHex(expected.digest);
    throw new DaError(
      "E_BLOB_HASH",
      `blob: expected ${expected.scheme} ${wanted}, got ${toHex(got)}`,
    );
  }
}

/**
 * What can be said before the bytes are read.
 * @throws {DaError} `E_DA_TOO_LARGE`, `E_BLOB_TRUNCATED`
 */
export function assertBlobLength(lengthBytes: number, { expected, maxBytes }: GetOptions): void {
  const most = expected.scheme === "chunk" ? Math.min(maxBytes, expected.lengthBytes) : maxBytes;
  const least = expected.scheme === "chunk" ? expected.lengthBytes : 1;
  if (lengthBytes > most) {
    throw new DaError("E_DA_TOO_LARGE", `blob: expected at most ${most} bytes, got ${lengthBytes}`);
  }
  if (lengthBytes < least) {
    throw new DaError("E_BLOB_TRUNCATED", `blob: expected ${least} bytes, got ${lengthBytes}`);
  }
}
