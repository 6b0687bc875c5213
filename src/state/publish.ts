import type { DaCertHash } from "../bytes/brand.ts";
import { chunkCommitment, splitChunks } from "./chunk.ts";
import { pack } from "./codec.ts";
import type { DaOptions, DataAvailability } from "./dataAvailability.ts";
import { type Delta, encodeDelta } from "./delta.ts";
import { daCertHashOf, encodeManifest, type ManifestChunk } from "./manifest.ts";

/** Where a delta is, once everybody can get it. */
export interface Published {
  readonly manifestBytes: Uint8Array;
  readonly daCertHash: DaCertHash;
}

/**
 * Puts the delta, chunk by chunk, and then its manifest. Resolves when all are there.
 * @throws {StateError} as {@link encodeDelta}
 * @throws {DaError} as `DataAvailability.put`
 */
export async function publishDelta(
  da: Pick<DataAvailability, "put">,
  delta: Delta,
  options: DaOptions = {},
): Promise<Published> {
  const encoded = encodeDelta(delta);
  const { codec, payload } = pack(encoded);
  const chunks: ManifestChunk[] = [];
  for (const chunk of splitChunks(payload)) {
    const pointer = await da.put(chunk, options);
    chunks.push({ length: chunk.length, commitment: chunkCommitment(chunk), pointer });
  }
  const { chainId, sequenceNo } = delta;
  const deltaLength = encoded.length;
  const manifestBytes = encodeManifest({ chainId, sequenceNo, codec, deltaLength, chunks });
  await da.put(manifestBytes, options);
  return { manifestBytes, daCertHash: daCertHashOf(manifestBytes) };
}
