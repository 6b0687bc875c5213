import { expect } from "chai";
import { seededBytes } from "../../scripts/vectors/seededBytes.ts";
import { bytes32, type DaCertHash, type StateRoot } from "../../src/bytes/brand.ts";
import { uintBytes } from "../../src/bytes/codec.ts";
import { fromHex, toHex } from "../../src/bytes/hex.ts";
import { commitDigest, quorumMessage } from "../../src/commit/message.ts";
import { g1Coordinates, g2Coordinates, R } from "../../src/operators/bn254.ts";
import {
  buildCertificate,
  encodeCertificate,
  verifyCertificate,
} from "../../src/operators/certificate.ts";
import { hashToG1 } from "../../src/operators/hashToG1.ts";
import { KeyPair } from "../../src/operators/keyPair.ts";
import { possessionMessage, provePossession } from "../../src/operators/possession.ts";
import {
  commitArgument,
  deployQuorum,
  expectRejected,
  possessionArgument,
  type Quorum,
} from "../helpers/quorum.ts";

/** Key whose G2 half is the other's negated. */
function opposite(key: KeyPair): KeyPair {
  const secret = BigInt(toHex(key.exportSecret()));
  return KeyPair.fromSecret(uintBytes(R - secret, 32));
}

describe("quorum on chain", function () {
  this.timeout(120_000);
  let quorum: Quorum;
  before(async () => {
    quorum = await deployQuorum(10);
  });

  it("lists the operators that signers know, in the same order", async () => {
    const { operatorSets, setOf } = quorum;
    const set = setOf(1);
    const records = await operatorSets.operatorsOf(1);
    expect(records.length).to.equal(10);
    for (const [index, record] of records.entries()) {
      const { address, weight, keyG1, keyG2 } = set.operatorAt(index);
      expect(fromHex(record.operator)).to.deep.equal(address);
      expect(record.weight).to.equal(weight);
      const { xImaginary, xReal, yImaginary, yReal } = record.keyG2;
      expect({ x: record.keyG1.x, y: record.keyG1.y }).to.deep.equal(g1Coordinates(keyG1));
      expect({ xImaginary, xReal, yImaginary, yReal }).to.deep.equal(g2Coordinates(keyG2));
    }
    const epoch = await operatorSets.epochOf(1);
    expect(epoch.aggregateKeyHash).to.equal(toHex(set.aggregateKeyHash));
    expect(epoch.totalWeight).to.equal(set.totalWeight);
  });

  it("ABI-09: digests and binds a commit as signers do", async () => {
    const { registry, verifier, chainId, nextCommit } = quorum;
    const commit = await nextCommit();
    const digest = commitDigest(
      { chainId, registry: fromHex(await registry.getAddress()) },
      commit,
    );
    expect(await registry.digestOf(commitArgument(commit))).to.equal(toHex(digest));
    expect(await verifier.messageOf(7, digest)).to.equal(toHex(quorumMessage(7, digest)));
  });

  for (const missing of [[], [4], [0, 5, 9]]) {
    it(`accepts a commit with ${missing.length} of 10 operators missing, from anybody`, async () => {
      const { registry, accounts, nextCommit, certify } = quorum;
      const commit = await nextCommit();
      const certificate = await certify(commit, missing);
      const anybody = accounts.at(-1);
      await expect(
        registry.connect(anybody).commitStateRoot(commitArgument(commit), certificate),
      ).to.emit(registry, "StateRootCommitted");
      expect(await registry.getStateRoot()).to.equal(toHex(commit.newStateRoot));
      expect(await registry.stateRootAt(commit.sequenceNo)).to.equal(toHex(commit.newStateRoot));
    });
  }

  it("BLS-13: refuses a commit that less than the quorum signed", async () => {
    const { registry, nextCommit, certify, stateOf } = quorum;
    const commit = await nextCommit();
    const before = await stateOf();
    await expect(
      registry.commitStateRoot(commitArgument(commit), await certify(commit, [0, 1, 2, 3])),
    )
      .to.be.revertedWithCustomError(registry, "InsufficientQuorum")
      .withArgs(600, 1_000, 6_667);
    expect(await stateOf()).to.equal(before);
  });

  it("BLS-12: refuses the certificate of another registry on the same chain", async () => {
    const { nextCommit, certify, deployRegistry } = quorum;
    const other = await deployRegistry();
    const commit = await nextCommit({}, other);
    await expectRejected(quorum, commit, await certify(commit), "MessageMismatch", other);
  });

  it("BLS-11: refuses the certificate of another chain with the same operators and addresses", async () => {
    const there = await deployQuorum(10, "optimism");
    expect(await there.registry.getAddress()).to.equal(await quorum.registry.getAddress());
    const commit = await there.nextCommit();
    await expectRejected(
      there,
      commit,
      await there.certify(commit, [], { onChain: 1n }),
      "MessageMismatch",
    );
    await there.registry.commitStateRoot(commitArgument(commit), await there.certify(commit));
  });

  it("SEQ-10: refuses the same certificate twice", async () => {
    const { registry, nextCommit, certify, stateOf } = quorum;
    const commit = await nextCommit();
    const certificate = await certify(commit);
    await registry.commitStateRoot(commitArgument(commit), certificate);
    const before = await stateOf();
    await expect(registry.commitStateRoot(commitArgument(commit), certificate))
      .to.be.revertedWithCustomError(registry, "SequenceGap")
      .withArgs(commit.sequenceNo + 1n, commit.sequenceNo);
    expect(await stateOf()).to.equal(before);
  });

  it("ABI-04: refuses every field of the commit changed after signing", async () => {
    const { nextCommit, certify } = quorum;
    const commit = await nextCommit();
    const certificate = await certify(commit, [1]);
    const changed = [
      { timestamp: commit.timestamp + 1n },
      { newStateRoot: bytes32<StateRoot>(new Uint8Array(32).fill(1)) },
      { daCertHash: bytes32<DaCertHash>(new Uint8Array(32).fill(1)) },
    ];
    for (const change of changed) {
      const forged = await nextCommit({ ...commit, ...change });
      await expectRejected(quorum, forged, certificate, "MessageMismatch");
    }
  });

  it("ABI-04: refuses a certificate with any field altered, by the fault that signers name", async () => {
    const { registry, chainId, nextCommit, certify, setOf, stateOf } = quorum;
    const commit = await nextCommit();
    const bytes = fromHex(await certify(commit, [2, 6]));
    const digest = commitDigest(
      { chainId, registry: fromHex(await registry.getAddress()) },
      commit,
    );
    const never = (1n << 64n) - 1n;
    const context = {
      epochOf: (epoch: number) =>
        epoch === 1 ? { set: setOf(1), expiresAtSeconds: never } : undefined,
      messageOf: (epoch: number) => quorumMessage(epoch, digest),
      nowSeconds: 0n,
    };
    const before = await stateOf();
    const fieldStarts = [0, 3, 4, 5, 36, 37, 68, 69, 100, 101, 132, 133, 165, 197, 228, 229, 230];
    for (const at of fieldStarts) {
      const altered = Uint8Array.from(bytes);
      altered[at] = (altered[at] ?? 0) ^ 1;
      const { fault } = verifyCertificate(altered, context);
      expect(fault, `byte ${at}`).not.to.equal("None");
      await expectRejected(quorum, commit, toHex(altered), fault);
    }
    expect(await stateOf()).to.equal(before);
    await registry.commitStateRoot(commitArgument(commit), toHex(bytes));
  });

  it("BLS-07: refuses a proof of possession as a commit signature, and the reverse", async () => {
    const lone = await deployQuorum(1);
    const { operatorSets, registry, operators, accounts, domainOf, nextCommit, chainId, setOf } =
      lone;
    const [operator] = operators;
    const stranger = accounts[5];
    if (operator === undefined || stranger === undefined) throw new Error("accounts");
    const { key, account } = operator;
    // The proof's own hint does not fit the commit's message, and with the right hint its signature does not.
    const commit = await nextCommit();
    const proof = provePossession(domainOf(account), key);
    const digest = commitDigest(
      { chainId, registry: fromHex(await registry.getAddress()) },
      commit,
    );
    const message = quorumMessage(1, digest);
    const honest = buildCertificate(setOf(1), message, new Map([[0, key.sign(message)]]));
    const offered = (certificate: typeof honest) => toHex(encodeCertificate(certificate));
    await expectRejected(lone, commit, offered({ ...honest, ...proof }), "MessageMismatch");
    const { signature } = proof;
    await expectRejected(lone, commit, offered({ ...honest, signature }), "InvalidSignature");

    const fresh = KeyPair.generate(seededBytes("BLS-07"));
    const owned = possessionMessage(domainOf(stranger), fresh.keyG1, fresh.keyG2);
    const { counter, hintY } = hashToG1(owned);
    const commitSignature = { signature: fresh.sign(message), counter, hintY };
    await expect(
      operatorSets
        .connect(stranger)
        .register(
          g1Coordinates(fresh.keyG1),
          g2Coordinates(fresh.keyG2),
          possessionArgument(commitSignature),
        ),
    ).to.be.revertedWithCustomError(operatorSets, "InvalidProofOfPossession");
  });

  it("BLS-05: refuses a rogue key made from the others", async () => {
    const { operatorSets, operators, accounts, domainOf } = quorum;
    const attacker = accounts[15];
    const own = KeyPair.generate(seededBytes("BLS-05"));
    if (attacker === undefined) throw new Error("accounts");
    let [rogueG1, rogueG2] = [own.keyG1, own.keyG2];
    for (const { key } of operators) {
      rogueG1 = rogueG1.subtract(key.keyG1);
      rogueG2 = rogueG2.subtract(key.keyG2);
    }
    const message = possessionMessage(domainOf(attacker), rogueG1, rogueG2);
    const { counter, hintY } = hashToG1(message);
    const attempt = { signature: own.sign(message), counter, hintY };
    await expect(
      operatorSets
        .connect(attacker)
        .register(g1Coordinates(rogueG1), g2Coordinates(rogueG2), possessionArgument(attempt)),
    )
      .to.be.revertedWithCustomError(operatorSets, "InvalidProofOfPossession")
      .withArgs(attacker.address);
    expect((await operatorSets.queuedOperators()).length).to.equal(10);
  });

  it("BLS-08: starts no epoch of two keys that cancel, and counts them once each beside a third", async () => {
    const empty = await deployQuorum(0);
    const { operatorSets, accounts, register, networkHelpers } = empty;
    const [, a, b, c] = accounts;
    if (a === undefined || b === undefined || c === undefined) throw new Error("accounts");
    const key = KeyPair.generate(seededBytes("BLS-08"));
    const third = KeyPair.generate(seededBytes("BLS-08 third"));
    await register(a, key);
    await register(b, opposite(key));
    for (const account of [a, b]) await operatorSets.setWeight(account, 100);
    await expect(operatorSets.startEpoch(g2Coordinates(key.keyG2))).to.be.revertedWithCustomError(
      operatorSets,
      "ZeroKey",
    );
    expect(await operatorSets.currentEpoch()).to.equal(0);

    await register(c, third);
    await operatorSets.setWeight(c, 100);
    await operatorSets.startEpoch(g2Coordinates(third.keyG2));
    const of = [
      { account: a, key },
      { account: b, key: opposite(key) },
      { account: c, key: third },
    ];
    const commit = await empty.nextCommit();
    await empty.registry.commitStateRoot(
      commitArgument(commit),
      await empty.certify(commit, [], { of }),
    );
    await networkHelpers.mine();
    const next = await empty.nextCommit();
    const lone = await empty.certify(next, [0, 1], { of });
    await expect(empty.registry.commitStateRoot(commitArgument(next), lone))
      .to.be.revertedWithCustomError(empty.registry, "InsufficientQuorum")
      .withArgs(100, 300, 6_667);
  });
});
