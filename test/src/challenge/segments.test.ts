import { readFileSync } from "node:fs";
import { expect } from "chai";
import fc from "fast-check";
import { pattern } from "../../../scripts/vectors/delta.ts";
import { generate } from "../../../scripts/vectors/segments.ts";
import { uintBytes } from "../../../src/bytes/codec.ts";
import { keccak256 } from "../../../src/bytes/keccak.ts";
import { answerFor, drawnSegments } from "../../../src/challenge/segments.ts";
import { chunkCommitment, proveSegment, SEGMENT_BYTES } from "../../../src/state/chunk.ts";
import { CODECS } from "../../../src/state/codec.ts";
import { MemoryDataAvailability } from "../../../src/state/daMemory.ts";
import { encodeManifest } from "../../../src/state/manifest.ts";
import { asyncCodeOf, codeOf } from "../../helpers/codes.ts";

describe("segments", () => {
  it("have vectors that their generator writes", () => {
    const path = new URL("../../vectors/segments.json", import.meta.url);
    expect(generate()).to.equal(readFileSync(path, "utf8"));
  });

  it("are drawn once each, below the total, for any seed", () => {
    const draw = fc.tuple(
      fc.nat(),
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 0, max: 50 }),
    );
    fc.assert(
      fc.property(draw, ([seed, count, more]) => {
        const indexes = drawnSegments(keccak256(uintBytes(seed, 8)), count, count + more);
        expect(new Set(indexes).size).to.equal(count);
        expect(Math.max(...indexes)).to.be.lessThan(count + more);
      }),
    );
  });

  it("E_LENGTH: are not proven beyond the chunk's end", () => {
    expect(codeOf(() => proveSegment(pattern(SEGMENT_BYTES), 1))).to.equal("E_LENGTH");
    expect(proveSegment(pattern(SEGMENT_BYTES + 1), 1).segment.length).to.equal(1);
  });

  it("DA-06: answer for a chunk that is there, and name one that is gone", async () => {
    const da = new MemoryDataAvailability();
    const chunk = pattern(3 * SEGMENT_BYTES);
    const pointer = await da.put(chunk);
    const entry = { length: chunk.length, commitment: chunkCommitment(chunk), pointer };
    const head = { chainId: 1n, sequenceNo: 1n, codec: CODECS.none, deltaLength: chunk.length };
    const manifest = encodeManifest({ ...head, chunks: [entry] });
    const answer = await answerFor(da, manifest, 0, [2, 0]);
    expect(answer).to.deep.equal([proveSegment(chunk, 2), proveSegment(chunk, 0)]);
    expect(await answerFor(da, manifest, 1, [0])).to.equal(undefined);
    da.forget(pointer);
    expect(await asyncCodeOf(() => answerFor(da, manifest, 0, [0]))).to.equal("E_DA_NOT_FOUND");
  });
});
