import { expect } from "chai";
import { ethers } from "ethers";
import fc from "fast-check";
import { commitMessageVectors } from "../../../scripts/vectors/commitMessage.ts";
import { bytes32, type Digest } from "../../../src/bytes/brand.ts";
import { toHex } from "../../../src/bytes/hex.ts";
import { commitDigest, quorumMessage, type StateCommit } from "../../../src/commit/message.ts";
import { codeOf } from "../../helpers/codes.ts";
import { vectorText } from "../../helpers/vectors.ts";

const word = fc.uint8Array({ minLength: 32, maxLength: 32 });
const u64 = fc.bigInt(0n, (1n << 64n) - 1n);
const anyCommit = fc
  .record({
    version: fc.nat(255),
    sequenceNo: u64,
    timestamp: u64,
    words: fc.tuple(word, word, word, word),
  })
  .map(
    ({ version, sequenceNo, timestamp, words }): StateCommit => ({
      version,
      sequenceNo,
      prevStateRoot: bytes32(words[0]),
      newStateRoot: bytes32(words[1]),
      timestamp,
      daCertHash: bytes32(words[2]),
      pcr0Commitment: bytes32(words[3]),
    }),
  );
const anyDomain = fc.record({
  chainId: fc.bigInt(0n, (1n << 256n) - 1n),
  registry: fc.uint8Array({ minLength: 20, maxLength: 20 }),
});

const TYPES = {
  StateCommit: [
    { name: "version", type: "uint8" },
    { name: "sequenceNo", type: "uint64" },
    { name: "prevStateRoot", type: "bytes32" },
    { name: "newStateRoot", type: "bytes32" },
    { name: "timestamp", type: "uint64" },
    { name: "daCertHash", type: "bytes32" },
    { name: "pcr0Commitment", type: "bytes32" },
  ],
};

const ZERO_COMMIT: StateCommit = {
  version: 2,
  sequenceNo: 1n,
  prevStateRoot: bytes32(new Uint8Array(32)),
  newStateRoot: bytes32(new Uint8Array(32)),
  timestamp: 1n,
  daCertHash: bytes32(new Uint8Array(32)),
  pcr0Commitment: bytes32(new Uint8Array(32)),
};
const DOMAIN = { chainId: 1n, registry: new Uint8Array(20) };

describe("commit message", () => {
  it("ABI-09: has vectors, with 10,000 commits folded, that its generator writes", function () {
    this.timeout(60_000);
    const written = `${JSON.stringify(commitMessageVectors(), null, 2)}\n`;
    expect(written === vectorText("commitMessage")).to.equal(true);
  });

  it("ABI-09: is the EIP-712 digest of ethers, for any commit", () => {
    fc.assert(
      fc.property(anyDomain, anyCommit, (domain, commit) => {
        const shown = {
          name: "StateCommitRegistry",
          version: "2",
          chainId: domain.chainId,
          verifyingContract: toHex(domain.registry),
        };
        expect(toHex(commitDigest(domain, commit))).to.equal(
          ethers.TypedDataEncoder.hash(shown, TYPES, { ...commit }),
        );
      }),
    );
  });

  it("BLS-11, BLS-12: differs between chains, registries and epochs", () => {
    const digest = commitDigest(DOMAIN, ZERO_COMMIT);
    const others = [
      commitDigest({ ...DOMAIN, chainId: 2n }, ZERO_COMMIT),
      commitDigest({ ...DOMAIN, registry: new Uint8Array(20).fill(1) }, ZERO_COMMIT),
      quorumMessage(1, digest),
      quorumMessage(2, digest),
    ].map(toHex);
    expect(new Set([toHex(digest), ...others]).size).to.equal(5);
  });

  it("refuses fields that do not fit", () => {
    const bad: (() => unknown)[] = [
      () => commitDigest(DOMAIN, { ...ZERO_COMMIT, version: 256 }),
      () => commitDigest(DOMAIN, { ...ZERO_COMMIT, version: -1 }),
      () => commitDigest(DOMAIN, { ...ZERO_COMMIT, version: 1.5 }),
      () => commitDigest(DOMAIN, { ...ZERO_COMMIT, sequenceNo: 1n << 64n }),
      () => commitDigest(DOMAIN, { ...ZERO_COMMIT, timestamp: -1n }),
      () => commitDigest({ ...DOMAIN, chainId: 1n << 256n }, ZERO_COMMIT),
      () => commitDigest({ ...DOMAIN, registry: new Uint8Array(21) }, ZERO_COMMIT),
      () => quorumMessage(2 ** 32, bytes32<Digest>(new Uint8Array(32))),
      () => quorumMessage(-1, bytes32<Digest>(new Uint8Array(32))),
    ];
    for (const work of bad) expect(codeOf(work)).to.equal("E_FIELD");
  });
});
