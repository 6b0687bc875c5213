import { readFileSync } from "node:fs";
import { expect } from "chai";
import { generate, pattern } from "../../../scripts/vectors/delta.ts";
import { bytes32, type StateRoot, zero32 } from "../../../src/bytes/brand.ts";
import { uintBytes } from "../../../src/bytes/codec.ts";
import { fromHex, toHex } from "../../../src/bytes/hex.ts";
import { keccak256 } from "../../../src/bytes/keccak.ts";
import { CHUNK_BYTES, chunkCommitment, MAX_CHUNKS, splitChunks } from "../../../src/state/chunk.ts";
import {
  assertDeltaSize,
  type Delta,
  decodeDelta,
  encodeDelta,
  MAX_ARTIFACT_BYTES,
  MAX_COMMIT_BYTES,
  MAX_DELTA_BYTES,
} from "../../../src/state/delta.ts";
import { encodeHeader } from "../../../src/state/leaf.ts";
import {
  daCertHashOf,
  decodeManifest,
  encodeManifest,
  MAX_MANIFEST_BYTES,
  MAX_POINTER_BYTES,
} from "../../../src/state/manifest.ts";
import { stageWrites } from "../../../src/state/stage.ts";
import { at } from "../../helpers/at.ts";
import { codeOf } from "../../helpers/codes.ts";
import { artifact, secret } from "./fixtures.ts";

const PATH = "test/vectors/delta.json";
const vectors: {
  deltas: { encoded: string; commitment: string; manifest: string; daCertHash: string }[];
  commitments: { length: number; commitment: string }[];
  mustFail: { name: string; encoded: string; code: string }[];
} = JSON.parse(readFileSync(PATH, "utf8"));

/** Writes of `byte` over each position in turn. */
function flips(bytes: Uint8Array): Uint8Array[] {
  return Array.from(bytes, (byte, i) => bytes.with(i, byte ^ 0x01));
}

function sample(): Delta {
  return decodeDelta(fromHex(at(vectors.deltas, 1).encoded));
}

describe("delta", () => {
  it("the vector file is what its generator writes", () => {
    expect(generate()).to.equal(readFileSync(PATH, "utf8"));
  });

  it("decodes and encodes the vectors to the same bytes", () => {
    for (const { encoded } of vectors.deltas) {
      expect(toHex(encodeDelta(decodeDelta(fromHex(encoded))))).to.equal(encoded);
    }
  });

  it("DA-10, DA-11, DA-15: refuses every must-fail vector by its name", () => {
    expect(vectors.mustFail.length).to.be.greaterThan(20);
    for (const { name, encoded, code } of vectors.mustFail) {
      expect(
        codeOf(() => decodeDelta(fromHex(encoded))),
        name,
      ).to.equal(code);
    }
  });

  it("DA-01: refuses a delta cut anywhere", () => {
    const encoded = fromHex(at(vectors.deltas, 1).encoded);
    for (let length = 0; length < encoded.length; length++) {
      expect(codeOf(() => decodeDelta(encoded.subarray(0, length)))).to.equal("E_LENGTH");
    }
  });

  it("DA-02: takes no two byte strings for one delta", () => {
    const encoded = fromHex(at(vectors.deltas, 1).encoded);
    for (const flipped of flips(encoded)) {
      let reencoded: Uint8Array | undefined;
      try {
        reencoded = encodeDelta(decodeDelta(flipped));
      } catch {
        continue;
      }
      expect(reencoded).to.deep.equal(flipped);
    }
  });

  it("DA-08: takes an artifact of exactly 32 MiB and a commit of exactly 50 MiB, and no byte more", () => {
    assertDeltaSize(MAX_COMMIT_BYTES, MAX_DELTA_BYTES);
    expect(codeOf(() => assertDeltaSize(MAX_COMMIT_BYTES + 1, 0))).to.equal("E_DELTA_TOO_LARGE");
    expect(codeOf(() => assertDeltaSize(0, MAX_DELTA_BYTES + 1))).to.equal("E_DELTA_TOO_LARGE");
    const context = { sequenceNo: 1n, current: () => undefined };
    const large = artifact(new Uint8Array(MAX_ARTIFACT_BYTES));
    const rest = artifact(new Uint8Array(MAX_COMMIT_BYTES - MAX_ARTIFACT_BYTES));
    expect(stageWrites([large, rest], context)).to.have.length(2);
    expect(codeOf(() => stageWrites([large, rest, artifact("x")], context))).to.equal(
      "E_DELTA_TOO_LARGE",
    );
    const tooLarge = { ...large, content: new Uint8Array(MAX_ARTIFACT_BYTES + 1) };
    expect(codeOf(() => stageWrites([tooLarge], context))).to.equal("E_ARTIFACT_TOO_LARGE");
    expect(codeOf(() => decodeDelta(new Uint8Array(MAX_DELTA_BYTES + 1)))).to.equal(
      "E_DELTA_TOO_LARGE",
    );
  });

  it("encodes forty thousand leaves, more than a call has arguments", () => {
    const writes = Array.from({ length: 40_000 }, (_, i) => secret(`s${i}`, "v"));
    const leaves = stageWrites(writes, { sequenceNo: 1n, current: () => undefined });
    const prevStateRoot = zero32<StateRoot>();
    const delta = { ...sample(), sequenceNo: 1n, prevStateRoot, leaves };
    expect(decodeDelta(encodeDelta(delta)).leaves).to.have.length(40_000);
  }).timeout(60_000);

  it("refuses to encode a header or content that does not fit its leaf", () => {
    const delta = sample();
    const put = delta.leaves.find((leaf) => leaf.operation === "put");
    if (put?.operation !== "put") throw new Error("the vector has a put");
    const encode = (changed: Partial<typeof put>) =>
      codeOf(() => encodeDelta({ ...delta, leaves: [{ ...put, ...changed }] }));
    expect(encode({ header: put.header.subarray(1) })).to.equal("E_LENGTH");
    expect(encode({ content: put.content.subarray(1) })).to.equal("E_LENGTH");
    expect(codeOf(() => encodeDelta({ ...delta, chainId: 2n ** 64n }))).to.equal("E_RANGE");
  });
});

describe("stageWrites", () => {
  const context = { sequenceNo: 3n, current: () => undefined };

  it("writes header, key order and sequence number", () => {
    const [first, second] = stageWrites([artifact("b"), secret("a", "x")], context);
    expect(first?.key[0]).to.equal(3);
    expect(second?.key[0]).to.equal(6);
    if (second?.operation !== "put") throw new Error("expected a put");
    const header = { version: 1, namespace: 6, flags: 0, contentLength: 1n, sequenceNo: 3n };
    expect(second.header).to.deep.equal(encodeHeader(header));
  });

  it("refuses flags, contents, ids and keys that break a rule", () => {
    const stage = (...writes: Parameters<typeof stageWrites>[0]) =>
      codeOf(() => stageWrites(writes, context));
    expect(stage(artifact("a", 6, 2))).to.equal("E_LEAF");
    expect(stage(artifact("a", 6, 4))).to.equal("E_LEAF");
    expect(stage(secret("a", ""))).to.equal("E_LEAF");
    expect(stage({ ...artifact("a"), namespace: 10 })).to.equal("E_NAMESPACE");
    expect(stage({ ...artifact("a"), id: keccak256(uintBytes(1, 1)) })).to.equal("E_CONTENT_ID");
    expect(stage(artifact("a"), artifact("a"))).to.equal("E_DUPLICATE_KEY");
    const key = (namespace: number) => bytes32<never>(new Uint8Array(32).fill(namespace));
    expect(stage({ operation: "delete", key: key(4) })).to.equal("E_APPEND_ONLY");
    expect(stage({ operation: "delete", key: key(10) })).to.equal("E_NAMESPACE");
  });
});

describe("chunk", () => {
  it("commits to the vectors", () => {
    for (const { length, commitment } of vectors.commitments) {
      expect(toHex(chunkCommitment(pattern(length))), `${length}`).to.equal(commitment);
    }
    expect(codeOf(() => chunkCommitment(new Uint8Array()))).to.equal("E_LENGTH");
  });

  it("DA-07: 16,252,897 bytes are one chunk; a byte more, and 16 MiB, are two", () => {
    const lengths = (bytes: number) => splitChunks(new Uint8Array(bytes)).map((c) => c.length);
    expect(CHUNK_BYTES).to.equal(16_252_897);
    expect(lengths(CHUNK_BYTES)).to.deep.equal([CHUNK_BYTES]);
    expect(lengths(CHUNK_BYTES + 1)).to.deep.equal([CHUNK_BYTES, 1]);
    expect(lengths(16_777_216)).to.deep.equal([CHUNK_BYTES, 16_777_216 - CHUNK_BYTES]);
    expect(codeOf(() => splitChunks(new Uint8Array()))).to.equal("E_CHUNK_COUNT");
    const tooMany = new Uint8Array(MAX_CHUNKS * CHUNK_BYTES + 1);
    expect(codeOf(() => splitChunks(tooMany))).to.equal("E_CHUNK_COUNT");
  });
});

describe("manifest", () => {
  const bytes = fromHex(at(vectors.deltas, 0).manifest);
  const manifest = decodeManifest(bytes);
  const chunk = at(manifest.chunks, 0);

  it("encodes and hashes the vectors", () => {
    for (const { manifest: hex, daCertHash, encoded, commitment } of vectors.deltas) {
      const decoded = decodeManifest(fromHex(hex));
      expect(toHex(encodeManifest(decoded))).to.equal(hex);
      expect(toHex(daCertHashOf(fromHex(hex)))).to.equal(daCertHash);
      expect(toHex(at(decoded.chunks, 0).commitment)).to.equal(commitment);
      expect(decoded.deltaLength).to.equal(fromHex(encoded).length);
    }
  });

  it("refuses to be cut anywhere, and bytes behind its end", () => {
    for (let length = 0; length < bytes.length; length++) {
      expect(codeOf(() => decodeManifest(bytes.subarray(0, length)))).to.equal("E_LENGTH");
    }
    expect(codeOf(() => decodeManifest(Uint8Array.of(...bytes, 0)))).to.equal("E_LENGTH");
    const tooLong = new Uint8Array(MAX_MANIFEST_BYTES + 1);
    expect(codeOf(() => decodeManifest(tooLong))).to.equal("E_LENGTH");
  });

  it("takes no two byte strings for one manifest", () => {
    for (const flipped of flips(bytes)) {
      let reencoded: Uint8Array | undefined;
      try {
        reencoded = encodeManifest(decodeManifest(flipped));
      } catch {
        continue;
      }
      expect(reencoded).to.deep.equal(flipped);
    }
  });

  it("DA-03, DA-10, DA-15: refuses versions, codecs, counts, lengths and order by name", () => {
    const code = (changed: Partial<typeof manifest>) =>
      codeOf(() => encodeManifest({ ...manifest, ...changed }));
    const chunks = (...lengths: number[]) => lengths.map((length) => ({ ...chunk, length }));
    expect(codeOf(() => decodeManifest(bytes.with(0, 2)))).to.equal("E_VERSION");
    expect(code({ sequenceNo: 0n })).to.equal("E_DELTA_SEQUENCE");
    expect(code({ codec: 2 })).to.equal("E_CODEC");
    expect(code({ chunks: [] })).to.equal("E_CHUNK_COUNT");
    expect(code({ chunks: chunks(...Array(9).fill(1)) })).to.equal("E_CHUNK_COUNT");
    expect(code({ chunks: chunks(5, CHUNK_BYTES) })).to.equal("E_CHUNK_ORDER");
    expect(code({ chunks: chunks(0) })).to.equal("E_LENGTH");
    expect(code({ chunks: chunks(CHUNK_BYTES + 1) })).to.equal("E_LENGTH");
    expect(code({ chunks: chunks(chunk.length + 1) })).to.equal("E_LENGTH");
    // Compressed although small, and not smaller for it.
    expect(code({ codec: 1 })).to.equal("E_CODEC");
    expect(code({ codec: 1, deltaLength: 65_536 })).to.equal("E_CODEC");
    expect(code({ codec: 1, deltaLength: 65_537 })).to.equal("none");
    const large = { codec: 1, deltaLength: 65_537 };
    expect(code({ ...large, chunks: chunks(65_537) })).to.equal("E_LENGTH");
    expect(code({ deltaLength: MAX_DELTA_BYTES + 1 })).to.equal("E_LENGTH");
    expect(code({ deltaLength: 84 })).to.equal("E_LENGTH");
    const pointer = new Uint8Array(MAX_POINTER_BYTES + 1);
    expect(code({ chunks: [{ ...chunk, pointer }] })).to.equal("E_LENGTH");
    const huge = Uint8Array.from(bytes);
    huge.set(uintBytes(2n ** 64n - 1n, 8), 18);
    expect(codeOf(() => decodeManifest(huge))).to.equal("E_LENGTH");
  });
});
