import { keccak_256 } from "@noble/hashes/sha3.js";
import { expect } from "chai";
import fc from "fast-check";
import { concatBytes } from "../../../src/bytes/codec.ts";
import { equalBytes } from "../../../src/bytes/compare.ts";
import { toHex } from "../../../src/bytes/hex.ts";
import { keccak256 } from "../../../src/bytes/keccak.ts";
import { Random } from "../../helpers/random.ts";

/** Bytes that pass through the kernel's window at once: 481 blocks of 136. */
const WINDOW_BYTES = 481 * 136;

describe("keccak256", () => {
  it("is the published digest of nothing and of abc", () => {
    expect(toHex(keccak256())).to.equal(
      "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470",
    );
    expect(toHex(keccak256(new TextEncoder().encode("abc")))).to.equal(
      "0x4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45",
    );
  });

  it("equals the reference for every length from 0 to 1,000", () => {
    const input = new Random(1).bytes(1_000);
    for (let length = 0; length <= input.length; length++) {
      const part = input.subarray(0, length);
      expect(equalBytes(keccak256(part), keccak_256(part)), `${length} bytes`).to.equal(true);
    }
  });

  it("equals the reference around whole blocks and windows", () => {
    const input = new Random(2).bytes(3 * WINDOW_BYTES + 200);
    for (const windows of [0, 1, 2, 3]) {
      for (const beside of [-137, -136, -135, -1, 0, 1, 135, 136, 137]) {
        const part = input.subarray(0, Math.max(0, windows * WINDOW_BYTES + beside));
        const isSame = equalBytes(keccak256(part), keccak_256(part));
        expect(isSame, `${part.length} bytes`).to.equal(true);
      }
    }
  });

  it("does not depend on where the input stands or how it is cut", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 2_000 }),
        fc.nat(15),
        fc.array(fc.nat(2_000), { maxLength: 8 }),
        (input, offset, cuts) => {
          const unaligned = concatBytes(new Uint8Array(offset), input).subarray(offset);
          const bounds = [0, ...cuts.map((cut) => cut % (input.length + 1)), input.length];
          bounds.sort((a, b) => a - b);
          const parts = bounds.slice(1).map((end, i) => unaligned.subarray(bounds[i], end));
          return equalBytes(keccak256(...parts), keccak_256(input));
        },
      ),
      { numRuns: 300 },
    );
  });

  it("equals the reference for long inputs cut into uneven parts", () => {
    const random = new Random(3);
    for (let run = 0; run < 6; run++) {
      const input = random.bytes(WINDOW_BYTES * 2 + random.below(300_000));
      const parts: Uint8Array[] = [];
      for (let at = 0; at < input.length; ) {
        const end = Math.min(input.length, at + random.below(WINDOW_BYTES * 2));
        parts.push(input.subarray(at, end));
        at = Math.max(end, at);
      }
      expect(equalBytes(keccak256(...parts), keccak_256(input))).to.equal(true);
    }
  });

  it("gives a digest that later calls do not change", () => {
    const first = keccak256(Uint8Array.of(1));
    const copy = first.slice();
    keccak256(Uint8Array.of(2));
    expect(first).to.deep.equal(copy);
  });
});
