import { expect } from "chai";
import fc from "fast-check";
import { bitAt, commonPrefixBits } from "../../../src/tree/path.ts";

const key = fc.uint8Array({ minLength: 32, maxLength: 32 });
const bits = (bytes: Uint8Array) =>
  [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");

describe("path", () => {
  it("reads bits from the most significant of the first byte", () => {
    fc.assert(
      fc.property(key, fc.nat(255), (bytes, depth) => {
        expect(bitAt(bytes, depth)).to.equal(Number(bits(bytes)[depth]));
      }),
    );
  });

  it("counts the bits two keys share", () => {
    fc.assert(
      fc.property(key, fc.nat(255), (bytes, bit) => {
        const other = Uint8Array.from(bytes);
        other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7));
        expect(commonPrefixBits(bytes, other)).to.equal(bit);
        expect(commonPrefixBits(bytes, bytes)).to.equal(256);
      }),
    );
  });
});
