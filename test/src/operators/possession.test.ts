import { expect } from "chai";
import { seededBytes } from "../../../scripts/vectors/seededBytes.ts";
import type { Digest } from "../../../src/bytes/brand.ts";
import { uintBytes } from "../../../src/bytes/codec.ts";
import { keccak256 } from "../../../src/bytes/keccak.ts";
import { G1_ZERO, G2_ZERO } from "../../../src/operators/bn254.ts";
import { hashCandidate, hashToG1, pointFromHint } from "../../../src/operators/hashToG1.ts";
import { KeyPair } from "../../../src/operators/keyPair.ts";
import {
  possessionMessage,
  provePossession,
  verifyPossession,
} from "../../../src/operators/possession.ts";
import { codeOf } from "../../helpers/codes.ts";

const key = KeyPair.generate(seededBytes("possession"));
const victim = KeyPair.generate(seededBytes("victim"));
const domain = {
  chainId: 1n,
  registry: new Uint8Array(20).fill(1),
  operator: new Uint8Array(20).fill(2),
};
const proof = provePossession(domain, key);

describe("hash to G1", () => {
  it("BLS-18: takes the first candidate on the curve, and none beyond the count", () => {
    let searched = 0;
    for (let n = 0; n < 40; n++) {
      const message = keccak256<Digest>(uintBytes(n, 1));
      const { counter } = hashToG1(message);
      for (let before = 0; before < counter; before++) {
        expect(hashCandidate(message, before)).to.equal(undefined);
      }
      expect(codeOf(() => hashToG1(message, counter))).to.equal("E_HASH_TO_G1");
      expect(hashToG1(message, counter + 1).counter).to.equal(counter);
      searched += counter;
    }
    expect(searched).to.be.greaterThan(0);
  });
});

describe("proof of possession", () => {
  it("verifies for its key and domain", () => {
    expect(verifyPossession(domain, key.keyG1, key.keyG2, proof)).to.equal(true);
  });

  it("BLS-06: does not verify for another operator, chain or registry", () => {
    const others = [
      { ...domain, chainId: 2n },
      { ...domain, registry: new Uint8Array(20).fill(9) },
      { ...domain, operator: new Uint8Array(20).fill(9) },
    ];
    for (const other of others) {
      expect(verifyPossession(other, key.keyG1, key.keyG2, proof)).to.equal(false);
    }
  });

  it("BLS-05: does not verify for a key made from another's", () => {
    // pk' = pk − pk(victim): its owner knows no secret, and signs with what he has.
    const rogueG1 = key.keyG1.subtract(victim.keyG1);
    const rogueG2 = key.keyG2.subtract(victim.keyG2);
    const message = possessionMessage(domain, rogueG1, rogueG2);
    const { counter, hintY } = hashToG1(message);
    const attempt = { signature: key.sign(message), counter, hintY };
    expect(verifyPossession(domain, rogueG1, rogueG2, attempt)).to.equal(false);
  });

  it("does not verify when the halves disagree, or at infinity", () => {
    expect(verifyPossession(domain, key.keyG1, victim.keyG2, proof)).to.equal(false);
    expect(verifyPossession(domain, G1_ZERO, G2_ZERO, { ...proof, signature: G1_ZERO })).to.equal(
      false,
    );
    const message = possessionMessage(domain, key.keyG1, victim.keyG2);
    const { counter, hintY } = hashToG1(message);
    const mixed = { signature: key.sign(message), counter, hintY };
    expect(verifyPossession(domain, key.keyG1, victim.keyG2, mixed)).to.equal(false);
  });

  it("takes no other hint than the even root", () => {
    const message = possessionMessage(domain, key.keyG1, key.keyG2);
    const { counter, hintY, point } = hashToG1(message);
    expect(pointFromHint(message, counter, hintY)?.equals(point)).to.equal(true);
    for (const y of [hintY + 1n, hintY + 2n, -hintY, 0n]) {
      expect(pointFromHint(message, counter, y)).to.equal(undefined);
      expect(verifyPossession(domain, key.keyG1, key.keyG2, { ...proof, hintY: y })).to.equal(
        false,
      );
    }
  });
});
