import { expect } from "chai";
import fc from "fast-check";
import { bytes32, zero32 } from "../../../src/bytes/brand.ts";
import { ByteReader, bytesToUint, concatBytes, uintBytes } from "../../../src/bytes/codec.ts";
import { compareBytes, equalBytes, isZero } from "../../../src/bytes/compare.ts";
import { fromHex, toHex } from "../../../src/bytes/hex.ts";
import { asyncCodeOf } from "../../helpers/codes.ts";

describe("bytes", () => {
  it("come back from hex as they were", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(fromHex(toHex(bytes))).to.deep.equal(bytes);
        expect(fromHex(toHex(bytes).toUpperCase().replace("0X", "0x"))).to.deep.equal(bytes);
      }),
    );
  });

  it("E_HEX: refuses what is not 0x and pairs of digits", async () => {
    for (const text of ["", "0", "0x0", "0xzz", "ab", "0x 0", "0X00", "0x00\n"]) {
      expect(await asyncCodeOf(() => fromHex(text)), JSON.stringify(text)).to.equal("E_HEX");
    }
  });

  it("E_LENGTH: makes a 32-byte noun of 32 bytes only", async () => {
    expect(isZero(zero32())).to.equal(true);
    expect(await asyncCodeOf(() => bytes32(new Uint8Array(31)))).to.equal("E_LENGTH");
    expect(await asyncCodeOf(() => bytes32(`0x${"00".repeat(33)}`))).to.equal("E_LENGTH");
  });

  it("E_RANGE: encodes a number in as many bytes as it is given, if it fits", async () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (value) => {
        expect(bytesToUint(uintBytes(value, 8))).to.equal(value);
      }),
    );
    expect(await asyncCodeOf(() => uintBytes(256, 1))).to.equal("E_RANGE");
    expect(await asyncCodeOf(() => uintBytes(-1n, 8))).to.equal("E_RANGE");
    expect(toHex(uintBytes(258, 4))).to.equal("0x00000102");
  });

  it("E_TRUNCATED, E_TRAILING: are read from front to back, all of them and no more", async () => {
    const reader = new ByteReader(concatBytes(uintBytes(7, 1), uintBytes(9n, 8)), "test");
    expect(reader.number(1)).to.equal(7);
    expect(await asyncCodeOf(() => reader.end())).to.equal("E_TRAILING");
    expect(await asyncCodeOf(() => reader.take(9))).to.equal("E_TRUNCATED");
    expect(reader.uint(8)).to.equal(9n);
    expect(await asyncCodeOf(() => reader.end())).to.equal("none");
  });

  it("sort as numbers of equal length do, a prefix first", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4, maxLength: 4 }), (a) => {
        const b = uintBytes((bytesToUint(a) + 1n) & 0xffff_ffffn, 4);
        const sign = Math.sign(Number(bytesToUint(a) - bytesToUint(b)));
        expect(Math.sign(compareBytes(a, b))).to.equal(sign);
        expect(equalBytes(a, a.slice())).to.equal(true);
      }),
    );
    expect(compareBytes(Uint8Array.of(1), Uint8Array.of(1, 0))).to.be.lessThan(0);
  });
});
