import type { DaCertHash } from "../bytes/brand.ts";
import { type Hex, toHex } from "../bytes/hex.ts";
import { keccak256 } from "../bytes/keccak.ts";
import { CHUNK_BYTES } from "./chunk.ts";
import {
  assertBlob,
  type DaLimits,
  type DataAvailability,
  type GetOptions,
  type ManifestSource,
} from "./dataAvailability.ts";
import { DaError } from "./errors.ts";
import { MAX_MANIFEST_BYTES } from "./manifest.ts";

/** Data availability in this process's memory. A pointer is the keccak256 of the blob. */
export class MemoryDataAvailability implements DataAvailability, ManifestSource {
  readonly id = "memory";
  readonly #blobs = new Map<Hex, Uint8Array>();

  async limits(): Promise<DaLimits> {
    return { maxPayloadBytes: CHUNK_BYTES, retentionSeconds: Number.POSITIVE_INFINITY };
  }

  async put(payload: Uint8Array): Promise<Uint8Array> {
    if (payload.length > CHUNK_BYTES) {
      throw new DaError("E_DA_TOO_LARGE", `expected at most ${CHUNK_BYTES}, got ${payload.length}`);
    }
    const pointer = keccak256(payload);
    this.#blobs.set(toHex(pointer), payload.slice());
    return pointer;
  }

  async get(pointer: Uint8Array, options: GetOptions): Promise<Uint8Array> {
    const blob = this.#blobs.get(toHex(pointer));
    if (blob === undefined) {
      throw new DaError("E_DA_NOT_FOUND", `no blob at ${toHex(pointer.subarray(0, 32))}`);
    }
    assertBlob(blob, options);
    return blob.slice();
  }

  async manifest(daCertHash: DaCertHash): Promise<Uint8Array> {
    const expected = { scheme: "keccak256", digest: daCertHash } as const;
    return this.get(daCertHash, { expected, maxBytes: MAX_MANIFEST_BYTES });
  }

  /** Drops a blob, as a provider does after its retention. */
  forget(pointer: Uint8Array): void {
    this.#blobs.delete(toHex(pointer));
  }
}
