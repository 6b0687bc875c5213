import { expect } from "chai";
import fc from "fast-check";
import { bls12381Cases, bls12381Vectors, SETS } from "../../../../scripts/vectors/bls12381.ts";
import { seededBytes } from "../../../../scripts/vectors/seededBytes.ts";
import { bytes32, type Digest } from "../../../../src/bytes/brand.ts";
import { fromHex } from "../../../../src/bytes/hex.ts";
import { quorumMessage } from "../../../../src/commit/message.ts";
import {
  bls12381Certificate,
  verifyBls12381Certificate,
} from "../../../../src/operators/bls12381/certificate.ts";
import {
  decodeBls12381G2,
  encodeBls12381G2,
  G2_GENERATOR,
  packG1,
  unpackG1,
} from "../../../../src/operators/bls12381/curve.ts";
import { Bls12381KeyPair } from "../../../../src/operators/bls12381/keyPair.ts";
import { codeOf } from "../../../helpers/codes.ts";
import { vectorText } from "../../../helpers/vectors.ts";

const vectors = bls12381Vectors();
const digest = bytes32<Digest>(vectors.digest);
const context = {
  epochOf: (epoch: number) => {
    const set = SETS.find((candidate) => candidate.epoch === epoch);
    return set && { set, isValid: epoch > 1 };
  },
  messageOf: (epoch: number) => quorumMessage(epoch, digest),
};

describe("BLS12-381 certificate", function () {
  this.timeout(60_000);

  it("has its vectors in test/vectors/bls12381.json", () => {
    expect(JSON.parse(vectorText("bls12381"))).to.deep.equal(vectors);
  });

  for (const { name, certificate, fault } of bls12381Cases()) {
    it(`${fault === "None" ? "accepts" : `names ${fault} for`} ${name}`, () => {
      const verdict = verifyBls12381Certificate(certificate, context);
      expect(verdict.fault).to.equal(fault);
      expect(verdict.totalWeight === 0n).to.equal(fault !== "None");
    });
  }

  it("never throws, and accepts nothing, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(verifyBls12381Certificate(bytes, context).fault).not.to.equal("None");
      }),
      { numRuns: 200 },
    );
  });

  it("is made of signatures of operators in the set only", () => {
    const [set] = SETS;
    const key = Bls12381KeyPair.generate(seededBytes("stranger"));
    const signature = key.sign(quorumMessage(1, digest));
    expect(codeOf(() => bls12381Certificate(set, new Map()))).to.equal("E_SIGNERS");
    expect(codeOf(() => bls12381Certificate(set, new Map([[3, signature]])))).to.equal("E_SIGNERS");
  });
});

describe("BLS12-381 points", () => {
  it("decode to what was encoded", () => {
    const key = Bls12381KeyPair.generate(seededBytes("points"));
    const signature = key.sign(digest);
    expect(decodeBls12381G2(encodeBls12381G2(key.key)).equals(key.key)).to.equal(true);
    expect(unpackG1(packG1(signature)).equals(signature)).to.equal(true);
  });

  it("BLS-20: refuse halves of a coordinate in the wrong order", () => {
    const bytes = encodeBls12381G2(G2_GENERATOR);
    const swapped = Uint8Array.from([...bytes.subarray(64, 128), ...bytes.subarray(0, 64)]);
    const whole = Uint8Array.from([...swapped, ...bytes.subarray(128)]);
    expect(codeOf(() => decodeBls12381G2(whole))).to.equal("E_POINT");
  });

  it("refuse other lengths and coordinates not below p", () => {
    expect(codeOf(() => unpackG1(new Uint8Array(95)))).to.equal("E_POINT");
    expect(codeOf(() => decodeBls12381G2(new Uint8Array(255)))).to.equal("E_POINT");
    expect(codeOf(() => decodeBls12381G2(new Uint8Array(256).fill(0xff)))).to.equal("E_POINT");
  });
});

describe("BLS12-381 key", () => {
  it("does not show its secret", () => {
    const key = Bls12381KeyPair.generate(seededBytes("secret"));
    expect(JSON.stringify({ key })).to.equal(`{"key":"${key}"}`);
    expect(`${key}`).to.match(/^Bls12381KeyPair\(0x[0-9a-f]{512}\)$/);
  });

  it("refuses secrets and seeds of the wrong size or range", () => {
    const order = "0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001";
    for (const secret of [new Uint8Array(31), new Uint8Array(32), fromHex(order)]) {
      expect(codeOf(() => Bls12381KeyPair.fromSecret(secret))).to.equal("E_SECRET_KEY");
    }
    expect(codeOf(() => Bls12381KeyPair.generate(() => new Uint8Array(47)))).to.equal(
      "E_SECRET_KEY",
    );
  });
});
