import { expect } from "chai";
import { ethers } from "ethers";
import fc from "fast-check";
import { addressWord, typedDataDigest } from "../../../src/bytes/eip712.ts";
import { fromHex, toHex } from "../../../src/bytes/hex.ts";
import { codeOf } from "../../helpers/codes.ts";

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

describe("eip712", () => {
  it("gives the digest that ethers gives, for any domain", () => {
    const anyDomain = fc.record({
      name: fc.string(),
      version: fc.string(),
      chainId: fc.bigInt(0n, (1n << 256n) - 1n),
      verifyingContract: bytes(20),
    });
    fc.assert(
      fc.property(anyDomain, bytes(32), (domain, value) => {
        const types = { Word: [{ name: "value", type: "bytes32" }] };
        const shown = { ...domain, verifyingContract: toHex(domain.verifyingContract) };
        const structHash = ethers.TypedDataEncoder.hashStruct("Word", types, { value });
        expect(toHex(typedDataDigest(domain, fromHex(structHash)))).to.equal(
          ethers.TypedDataEncoder.hash(shown, types, { value }),
        );
      }),
    );
  });

  it("refuses an address that does not have 20 bytes", () => {
    for (const length of [0, 19, 21, 32]) {
      expect(codeOf(() => addressWord(new Uint8Array(length)))).to.equal("E_LENGTH");
    }
    expect(addressWord(new Uint8Array(20).fill(1)).slice(0, 12)).to.deep.equal(new Uint8Array(12));
  });
});
