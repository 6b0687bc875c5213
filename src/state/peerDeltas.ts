import type { DaCertHash } from "../bytes/brand.ts";
import { CodedError } from "../bytes/errors.ts";
import { assertBlob, type GetOptions } from "./dataAvailability.ts";
import type { DeltaSource } from "./fetch.ts";
import { MAX_MANIFEST_BYTES } from "./manifest.ts";

/** Most peers that are asked besides the own source. */
export const MAX_DELTA_PEERS = 16;

/**
 * Several sources as one: the own, and after it those of others, none of whom is believed. What one lacks, cannot read or has
 * wrong is asked of the next, so wrong bytes of one never hide right bytes of another. If nobody has it, the own source's
 * failure is the answer: what is wrong with a peer is never a trouble of the reader's own.
 */
export class PeerDeltas implements DeltaSource {
  readonly #own: DeltaSource;
  readonly #peers: readonly DeltaSource[];

  /** @throws {RangeError} for more than {@link MAX_DELTA_PEERS} peers */
  constructor(own: DeltaSource, peers: readonly DeltaSource[]) {
    if (peers.length > MAX_DELTA_PEERS) {
      throw new RangeError(`expected at most ${MAX_DELTA_PEERS} peers, got ${peers.length}`);
    }
    this.#own = own;
    this.#peers = peers;
  }

  /** @throws {DaError} as the own source */
  async get(pointer: Uint8Array, options: GetOptions): Promise<Uint8Array> {
    return await this.#first((source) => source.get(pointer, options), options);
  }

  /** @throws {DaError} as the own source */
  async manifest(daCertHash: DaCertHash): Promise<Uint8Array> {
    const expected = { scheme: "keccak256", digest: daCertHash } as const;
    const options = { expected, maxBytes: MAX_MANIFEST_BYTES };
    return await this.#first((source) => source.manifest(daCertHash), options);
  }

  async #first(
    ask: (source: DeltaSource) => Promise<Uint8Array>,
    options: GetOptions,
  ): Promise<Uint8Array> {
    const checked = async (source: DeltaSource): Promise<Uint8Array> => {
      const bytes = await ask(source);
      assertBlob(bytes, options);
      return bytes;
    };
    try {
      return await checked(this.#own);
    } catch (cause) {
      if (!(cause instanceof CodedError)) throw cause;
      for (const peer of this.#peers) {
        options.signal?.throwIfAborted();
        const [answer] = await Promise.allSettled([checked(peer)]);
        if (answer.status === "fulfilled") return answer.value;
      }
      throw cause;
    }
  }
}
