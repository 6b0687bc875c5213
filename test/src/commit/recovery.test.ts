import { expect } from "chai";
import { ethers } from "ethers";
import fc from "fast-check";
import { stateRecoveryVectors } from "../../../scripts/vectors/stateRecovery.ts";
import { bytes32 } from "../../../src/bytes/brand.ts";
import { toHex } from "../../../src/bytes/hex.ts";
import { recoveryDigest, type StateRecovery } from "../../../src/commit/recovery.ts";
import { codeOf } from "../../helpers/codes.ts";
import { vectorText } from "../../helpers/vectors.ts";

const TYPES = {
  StateRecovery: [
    { name: "sequenceNo", type: "uint64" },
    { name: "lostStateRoot", type: "bytes32" },
    { name: "newStateRoot", type: "bytes32" },
    { name: "timestamp", type: "uint64" },
    { name: "daCertHash", type: "bytes32" },
    { name: "reasonHash", type: "bytes32" },
  ],
};
const DOMAIN = { chainId: 1n, registry: new Uint8Array(20) };
const word = fc.uint8Array({ minLength: 32, maxLength: 32 });
const u64 = fc.bigInt(0n, (1n << 64n) - 1n);
const anyRecovery = fc.tuple(u64, u64, word, word, word, word).map(
  ([sequenceNo, timestamp, lost, next, manifest, reason]): StateRecovery => ({
    sequenceNo,
    lostStateRoot: bytes32(lost),
    newStateRoot: bytes32(next),
    timestamp,
    daCertHash: bytes32(manifest),
    reasonHash: bytes32(reason),
  }),
);

describe("state recovery", () => {
  it("SEQ-13: has vectors that its generator writes", () => {
    const written = `${JSON.stringify(stateRecoveryVectors(), null, 2)}\n`;
    expect(written === vectorText("stateRecovery")).to.equal(true);
  });

  it("SEQ-13: never has the digest of a commit with the same values", () => {
    const { digests, commitDigests } = stateRecoveryVectors();
    expect(digests.length).to.be.greaterThan(30);
    expect(new Set([...digests, ...commitDigests]).size).to.equal(2 * digests.length);
  });

  it("ABI-09: is the EIP-712 digest of ethers, for any recovery", () => {
    const shown = {
      name: "StateCommitRegistry",
      version: "2",
      chainId: DOMAIN.chainId,
      verifyingContract: toHex(DOMAIN.registry),
    };
    fc.assert(
      fc.property(anyRecovery, (recovery) => {
        const expected = ethers.TypedDataEncoder.hash(shown, TYPES, { ...recovery });
        expect(toHex(recoveryDigest(DOMAIN, recovery))).to.equal(expected);
      }),
    );
  });

  it("BLS-11, BLS-12: differs between chains and registries", () => {
    fc.assert(
      fc.property(anyRecovery, (recovery) => {
        const digests = [
          recoveryDigest(DOMAIN, recovery),
          recoveryDigest({ ...DOMAIN, chainId: 2n }, recovery),
          recoveryDigest({ ...DOMAIN, registry: new Uint8Array(20).fill(1) }, recovery),
        ].map(toHex);
        expect(new Set(digests).size).to.equal(3);
      }),
    );
  });

  it("refuses fields that do not fit", () => {
    const zero = bytes32(new Uint8Array(32));
    const good: StateRecovery = {
      sequenceNo: 2n,
      lostStateRoot: bytes32(zero),
      newStateRoot: bytes32(zero),
      timestamp: 1n,
      daCertHash: bytes32(zero),
      reasonHash: bytes32(zero),
    };
    const bad: (() => unknown)[] = [
      () => recoveryDigest(DOMAIN, { ...good, sequenceNo: 1n << 64n }),
      () => recoveryDigest(DOMAIN, { ...good, timestamp: -1n }),
      () => recoveryDigest({ ...DOMAIN, chainId: 1n << 256n }, good),
      () => recoveryDigest({ ...DOMAIN, registry: new Uint8Array(19) }, good),
    ];
    for (const work of bad) expect(codeOf(work)).to.equal("E_FIELD");
  });
});
