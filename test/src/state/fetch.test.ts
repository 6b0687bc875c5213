import { expect } from "chai";
import type { DaCertHash } from "../../../src/bytes/brand.ts";
import { toHex } from "../../../src/bytes/hex.ts";
import { CHUNK_BYTES, chunkCommitment } from "../../../src/state/chunk.ts";
import { MemoryDataAvailability } from "../../../src/state/daMemory.ts";
import type { GetOptions } from "../../../src/state/dataAvailability.ts";
import { type Delta, encodeDelta } from "../../../src/state/delta.ts";
import { type DeltaSource, fetchDelta } from "../../../src/state/fetch.ts";
import {
  daCertHashOf,
  decodeManifest,
  encodeManifest,
  type Manifest,
} from "../../../src/state/manifest.ts";
import { publishDelta } from "../../../src/state/publish.ts";
import type { LeafWrite } from "../../../src/state/stage.ts";
import type { StateStore } from "../../../src/state/store.ts";
import { at } from "../../helpers/at.ts";
import { asyncCodeOf } from "../../helpers/codes.ts";
import { artifact, CHAIN_ID, noise, secret, Workspace } from "./fixtures.ts";

const expected = { chainId: CHAIN_ID, sequenceNo: 1n };

/** A source that hands out what it is told to, as a liar does. */
class Liar implements DeltaSource {
  readonly #manifest: Uint8Array;
  readonly #blob: (pointer: Uint8Array) => Promise<Uint8Array>;

  constructor(manifest: Uint8Array, blob: (pointer: Uint8Array) => Promise<Uint8Array>) {
    this.#manifest = manifest;
    this.#blob = blob;
  }

  async manifest(): Promise<Uint8Array> {
    return this.#manifest;
  }

  async get(pointer: Uint8Array): Promise<Uint8Array> {
    return this.#blob(pointer);
  }
}

describe("fetchDelta", () => {
  let workspace: Workspace;
  let store: StateStore;
  const da = new MemoryDataAvailability();
  before(() => {
    workspace = new Workspace();
    store = workspace.open();
  });
  after(() => workspace.dispose());

  /** Staged on an empty store, which stays empty. */
  function deltaOf(writes: readonly LeafWrite[]): Delta {
    return store.stage(writes).delta;
  }

  /** Publishes `manifest` as it is and fetches the delta behind it. */
  async function codeFor(manifest: Manifest): Promise<string> {
    const bytes = encodeManifest(manifest);
    await da.put(bytes);
    return asyncCodeOf(() => fetchDelta(da, daCertHashOf(bytes), expected));
  }

  it("gives back the published delta, in one chunk and in several", async () => {
    for (const [chunks, writes] of [
      [1, [artifact("module"), secret("s", "x")]],
      [2, [artifact(noise(CHUNK_BYTES))]],
    ] as const) {
      const delta = deltaOf(writes);
      const { manifestBytes, daCertHash } = await publishDelta(da, delta);
      expect(decodeManifest(manifestBytes).chunks).to.have.length(chunks);
      const fetched = await fetchDelta(da, daCertHash, expected);
      expect(encodeDelta(fetched)).to.deep.equal(encodeDelta(delta));
    }
  });

  it("DA-12: refuses the manifest or the delta of another chain or commit", async () => {
    const delta = deltaOf([artifact("module")]);
    const { manifestBytes, daCertHash } = await publishDelta(da, delta);
    const code = (other: Partial<typeof expected>) =>
      asyncCodeOf(() => fetchDelta(da, daCertHash, { ...expected, ...other }));
    expect(await code({ chainId: 11n })).to.equal("E_WRONG_CHAIN");
    expect(await code({ sequenceNo: 2n })).to.equal("E_DELTA_SEQUENCE");
    const manifest = decodeManifest(manifestBytes);
    const foreign = { ...delta, chainId: 11n };
    const published = decodeManifest((await publishDelta(da, foreign)).manifestBytes);
    expect(await codeFor({ ...published, chainId: CHAIN_ID })).to.equal("E_WRONG_CHAIN");
    expect(await codeFor({ ...manifest, sequenceNo: 2n })).to.equal("E_DELTA_SEQUENCE");
  });

  it("DA-02: refuses every flipped byte of a manifest, by its hash", async () => {
    const { manifestBytes, daCertHash } = await publishDelta(da, deltaOf([artifact("m")]));
    for (let i = 0; i < manifestBytes.length; i++) {
      const flipped = manifestBytes.with(i, (manifestBytes[i] ?? 0) ^ 0x80);
      const liar = new Liar(flipped, async () => new Uint8Array());
      const code = await asyncCodeOf(() => fetchDelta(liar, daCertHash, expected));
      expect(code, `byte ${i}`).to.equal("E_BLOB_HASH");
    }
  });

  it("DA-01, DA-02: refuses every flipped byte of a blob, and every cut", async () => {
    const delta = deltaOf([artifact("module"), secret("s", "x")]);
    const { manifestBytes, daCertHash } = await publishDelta(da, delta);
    const { length, commitment, pointer } = at(decodeManifest(manifestBytes).chunks, 0);
    const wanted = { scheme: "chunk", digest: commitment, lengthBytes: length } as const;
    const blob = await da.get(pointer, { expected: wanted, maxBytes: length });
    const code = (bytes: Uint8Array) => {
      const liar = new Liar(manifestBytes, async () => bytes);
      return asyncCodeOf(() => fetchDelta(liar, daCertHash, expected));
    };
    for (let i = 0; i < blob.length; i++) {
      const flipped = blob.with(i, (blob[i] ?? 0) ^ 1);
      expect(await code(flipped), `byte ${i}`).to.equal("E_BLOB_HASH");
      expect(await code(blob.subarray(0, i)), `cut ${i}`).to.equal("E_BLOB_TRUNCATED");
    }
    expect(await code(Uint8Array.of(...blob, 0))).to.equal("E_DA_TOO_LARGE");
  });

  it("refuses every flipped byte of a blob whose manifest was made for it", async () => {
    const delta = deltaOf([artifact("module"), secret("s", "x")]);
    const encoded = encodeDelta(delta);
    const [newRootStart, newRootEnd] = [49, 81];
    for (let i = 0; i < encoded.length; i++) {
      const blob = encoded.with(i, (encoded[i] ?? 0) ^ 0x80);
      const pointer = await da.put(blob);
      const chunks = [{ length: blob.length, commitment: chunkCommitment(blob), pointer }];
      const manifest = { ...expected, codec: 0, deltaLength: blob.length, chunks };
      const isRoot = i >= newRootStart && i < newRootEnd;
      // What passes here is refused by the recomputed root: see the replica's tests.
      const isSecret = isSecretByte(encoded, i);
      const code = await codeFor(manifest);
      if (isRoot || isSecret) expect(code, `byte ${i}`).to.equal("none");
      else expect(code, `byte ${i}`).to.match(/^E_/);
    }
  });

  it("DA-03: refuses chunks in another order", async () => {
    const delta = deltaOf([artifact(noise(CHUNK_BYTES, "a")), artifact(noise(CHUNK_BYTES, "b"))]);
    const { manifestBytes } = await publishDelta(da, delta);
    const manifest = decodeManifest(manifestBytes);
    const [first, second, third] = manifest.chunks;
    if (!first || !second || !third) throw new Error("expected three chunks");
    const swappedPointers = [
      { ...first, pointer: second.pointer },
      { ...second, pointer: first.pointer },
      third,
    ];
    expect(await codeFor({ ...manifest, chunks: swappedPointers })).to.equal("E_BLOB_HASH");
    const swapped = await codeFor({ ...manifest, chunks: [second, first, third] });
    expect(swapped).to.equal("E_VERSION");
    const pointers = manifest.chunks.map(({ pointer }) => toHex(pointer));
    expect(new Set(pointers).size).to.equal(3);
  });

  it("DA-09: stops a bomb behind an honest-looking manifest", async () => {
    const { pack } = await import("../../../src/state/codec.ts");
    const bomb = pack(new Uint8Array(2 ** 26)).payload;
    const pointer = await da.put(bomb);
    const chunks = [{ length: bomb.length, commitment: chunkCommitment(bomb), pointer }];
    const code = await codeFor({ ...expected, codec: 1, deltaLength: 1_000_000, chunks });
    expect(code).to.equal("E_DECOMPRESS_LIMIT");
  });

  it("DA-06: names a chunk that is gone, and does not skip it", async () => {
    const { manifestBytes, daCertHash } = await publishDelta(da, deltaOf([artifact("g")]));
    da.forget(at(decodeManifest(manifestBytes).chunks, 0).pointer);
    const code = await asyncCodeOf(() => fetchDelta(da, daCertHash, expected));
    expect(code).to.equal("E_DA_NOT_FOUND");
  });

  it("passes the signal on to the adapter", async () => {
    const { daCertHash } = await publishDelta(da, deltaOf([artifact("m")]));
    const { signal } = new AbortController();
    const seen: (AbortSignal | undefined)[] = [];
    const source = {
      manifest: (hash: DaCertHash) => da.manifest(hash),
      get: (pointer: Uint8Array, options: GetOptions) => {
        seen.push(options.signal);
        return da.get(pointer, options);
      },
    };
    await fetchDelta(source, daCertHash, { ...expected, signal });
    expect(seen).to.deep.equal([signal]);
  });
});

/** Whether byte `i` of the encoding is in the content, or the id, of the secret: nothing in the delta itself binds it. */
function isSecretByte(encoded: Uint8Array, i: number): boolean {
  const leafStart = 85;
  if (encoded[leafStart] !== 3) throw new Error("expected the secret first");
  const isId = i > leafStart && i < leafStart + 32;
  const contentStart = leafStart + 33 + 20;
  return isId || i === contentStart;
}
