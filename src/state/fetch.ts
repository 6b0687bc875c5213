import type { DaCertHash } from "../bytes/brand.ts";
import { concatBytes } from "../bytes/codec.ts";
import { unpack } from "./codec.ts";
import {
  assertBlob,
  type DaOptions,
  type DataAvailability,
  type ManifestSource,
} from "./dataAvailability.ts";
import { type Delta, decodeDelta } from "./delta.ts";
import { StateError } from "./errors.ts";
import {
  decodeManifest,
  MAX_MANIFEST_BYTES,
  type Manifest,
  type ManifestChunk,
} from "./manifest.ts";

/** Where deltas are fetched from; an adapter whose pointer is the hash of the blob is both halves in one. */
export type DeltaSource = Pick<DataAvailability, "get"> & ManifestSource;

/** Which delta the fetched one must be. */
export interface ExpectedDelta {
  readonly chainId: bigint;
  readonly sequenceNo: bigint;
}

/**
 * The delta behind `daCertHash`. Every length, hash and commitment is checked before what it covers is used, also where
 * `source` says it has done so.
 * @throws {DaError} as `DataAvailability.get`: `E_BLOB_TRUNCATED`, `E_BLOB_HASH`, …
 * @throws {StateError} `E_WRONG_CHAIN`, `E_DELTA_SEQUENCE`, and as {@link decodeManifest}, {@link unpack} and
 *   {@link decodeDelta}
 */
export async function fetchDelta(
  source: DeltaSource,
  daCertHash: DaCertHash,
  expected: ExpectedDelta & DaOptions,
): Promise<Delta> {
  const delta = decodeDelta(await fetchDeltaBytes(source, daCertHash, expected));
  assertIdentity("delta", delta, expected);
  return delta;
}

/**
 * The encoded delta behind `daCertHash`, as its manifest binds it; whether it is a good delta is not looked at.
 * @throws {DaError} {StateError} as {@link fetchDelta}, but for its last step
 */
export async function fetchDeltaBytes(
  source: DeltaSource,
  daCertHash: DaCertHash,
  expected: ExpectedDelta & DaOptions,
): Promise<Uint8Array> {
  const manifestBytes = await source.manifest(daCertHash);
  const digest = { scheme: "keccak256", digest: daCertHash } as const;
  assertBlob(manifestBytes, { expected: digest, maxBytes: MAX_MANIFEST_BYTES });
  const manifest = decodeManifest(manifestBytes);
  assertIdentity("manifest", manifest, expected);

  const payload = await fetchPayload(source, manifest, expected);
  return unpack({ codec: manifest.codec, payload }, manifest.deltaLength);
}

/**
 * The chunks of `manifest`, one behind the other: what its codec has made of the delta.
 * @throws {DaError} as {@link fetchDelta}
 */
export async function fetchPayload(
  source: Pick<DeltaSource, "get">,
  manifest: Manifest,
  options: DaOptions,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (const chunk of manifest.chunks) parts.push(await fetchChunk(source, chunk, options));
  return concatBytes(...parts);
}

/** One chunk of a manifest. @throws {DaError} as {@link fetchDelta} */
export async function fetchChunk(
  source: Pick<DeltaSource, "get">,
  { length, commitment, pointer }: ManifestChunk,
  { signal }: DaOptions,
): Promise<Uint8Array> {
  const expected = { scheme: "chunk", digest: commitment, lengthBytes: length } as const;
  const options = { expected, maxBytes: length, ...(signal && { signal }) };
  const chunk = await source.get(pointer, options);
  assertBlob(chunk, options);
  return chunk;
}

function assertIdentity(what: string, got: ExpectedDelta, wanted: ExpectedDelta): void {
  if (got.chainId !== wanted.chainId) {
    const chains = `expected ${wanted.chainId}, got ${got.chainId}`;
    throw new StateError("E_WRONG_CHAIN", `${what}: chain: ${chains}`);
  }
  if (got.sequenceNo !== wanted.sequenceNo) {
    const numbers = `expected ${wanted.sequenceNo}, got ${got.sequenceNo}`;
    throw new StateError("E_DELTA_SEQUENCE", `${what}: sequenceNo: ${numbers}`);
  }
}
