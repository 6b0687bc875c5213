import { inspect } from "node:util";
import { expect } from "chai";
import { seededBytes } from "../../../scripts/vectors/seededBytes.ts";
import { bytes32, type Digest } from "../../../src/bytes/brand.ts";
import { uintBytes } from "../../../src/bytes/codec.ts";
import { toHex } from "../../../src/bytes/hex.ts";
import { G1_ZERO, G2_ZERO, R, sumG2 } from "../../../src/operators/bn254.ts";
import { KeyPair } from "../../../src/operators/keyPair.ts";
import {
  aggregateSignatures,
  halvesAgree,
  signMessage,
  verifySignature,
} from "../../../src/operators/signature.ts";
import { codeOf } from "../../helpers/codes.ts";

const MESSAGE = bytes32<Digest>(new Uint8Array(32).fill(5));

describe("key pair", () => {
  it("comes back from its secret", () => {
    const key = KeyPair.generate(seededBytes("key pair"));
    const again = KeyPair.fromSecret(key.exportSecret());
    expect(again.keyG1.equals(key.keyG1) && again.keyG2.equals(key.keyG2)).to.equal(true);
    expect(halvesAgree(key.keyG1, again.keyG2)).to.equal(true);
  });

  it("refuses secrets that are no scalar from 1 to r - 1", () => {
    for (const secret of [uintBytes(0n, 32), uintBytes(R, 32), new Uint8Array(32).fill(0xff)]) {
      expect(codeOf(() => KeyPair.fromSecret(secret))).to.equal("E_SECRET_KEY");
    }
    for (const length of [0, 31, 33]) {
      expect(codeOf(() => KeyPair.fromSecret(new Uint8Array(length).fill(1)))).to.equal(
        "E_SECRET_KEY",
      );
    }
    expect(KeyPair.fromSecret(uintBytes(R - 1n, 32)).exportSecret()).to.deep.equal(
      uintBytes(R - 1n, 32),
    );
  });

  it("refuses a random source that gives too little", () => {
    expect(codeOf(() => KeyPair.generate((length) => new Uint8Array(length - 1)))).to.equal(
      "E_SECRET_KEY",
    );
  });

  it("KEY-02: keeps its secret out of whatever prints it", () => {
    const key = KeyPair.generate(seededBytes("printing"));
    const secret = toHex(key.exportSecret()).slice(2);
    const decimal = BigInt(`0x${secret}`).toString();
    const shown = [
      String(key),
      JSON.stringify({ key }),
      inspect(key, { showHidden: true, depth: 9 }),
      inspect({ nested: [key] }, { depth: 9 }),
      Object.entries(key).map(String).join(),
    ].join("\n");
    expect(shown).to.include("KeyPair(0x");
    expect(shown).not.to.include(secret);
    expect(shown).not.to.include(decimal);
  });
});

describe("signature", () => {
  const keys = [1, 2, 3].map((n) => KeyPair.generate(seededBytes(`signer ${n}`)));

  it("verifies under its key and message only", () => {
    const [signer, other] = keys;
    if (signer === undefined || other === undefined) throw new Error("three keys");
    const signature = signMessage(signer, MESSAGE);
    expect(verifySignature(MESSAGE, signature, signer.keyG2)).to.equal(true);
    expect(verifySignature(MESSAGE, signature, other.keyG2)).to.equal(false);
    expect(verifySignature(MESSAGE, signature.negate(), signer.keyG2)).to.equal(false);
    const another = bytes32<Digest>(new Uint8Array(32).fill(6));
    expect(verifySignature(another, signature, signer.keyG2)).to.equal(false);
  });

  it("BLS-02, BLS-03: never verifies at infinity", () => {
    expect(verifySignature(MESSAGE, G1_ZERO, G2_ZERO)).to.equal(false);
    expect(verifySignature(MESSAGE, G1_ZERO, keys[0]?.keyG2 ?? G2_ZERO)).to.equal(false);
  });

  it("adds up under the sum of the keys", () => {
    const sum = aggregateSignatures(keys.map((key) => key.sign(MESSAGE)));
    expect(verifySignature(MESSAGE, sum, sumG2(keys.map(({ keyG2 }) => keyG2)))).to.equal(true);
  });

  it("BLS-16: refuses to aggregate nothing", () => {
    expect(codeOf(() => aggregateSignatures([]))).to.equal("E_SIGNERS");
  });
});
