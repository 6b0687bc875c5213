import { expect } from "chai";
import { bytes32 } from "../../src/bytes/brand.ts";
import { tag, uintBytes } from "../../src/bytes/codec.ts";
import { fromHex, toHex } from "../../src/bytes/hex.ts";
import { keccak256 } from "../../src/bytes/keccak.ts";
import { connectContracts } from "../../src/chain/contracts.ts";
import { EvmCommitTarget } from "../../src/chain/evmTarget.ts";
import type { StateCommit } from "../../src/commit/message.ts";
import { encodeBatchCertificate, mergeCertificates } from "../../src/operators/batchCertificate.ts";
import { g2Coordinates, sumG2 } from "../../src/operators/bn254.ts";
import { CERTIFICATE_FAULTS, decodeCertificate } from "../../src/operators/certificate.ts";
import { NOWHERE } from "../helpers/nowhere.ts";
import { commitArgument, deployQuorum, expectRejected, type Quorum } from "../helpers/quorum.ts";

/** `count` commits, the first of which is next, all due now. */
async function nextBatch(quorum: Quorum, count: number): Promise<StateCommit[]> {
  // The batch before may have ended as many seconds ahead of the chain as it had commits.
  await quorum.networkHelpers.time.increase(32);
  const first = await quorum.nextCommit();
  const commits = [first];
  while (commits.length < count) {
    const last = commits.at(-1) ?? first;
    const sequenceNo = last.sequenceNo + 1n;
    commits.push({
      ...last,
      sequenceNo,
      prevStateRoot: last.newStateRoot,
      newStateRoot: keccak256(tag("batch root"), uintBytes(sequenceNo, 8)),
      timestamp: last.timestamp + 1n,
    });
  }
  return commits;
}

/** One certificate of all operators but `missing` over all of `commits`. */
async function certifyBatch(
  { certify }: Quorum,
  commits: readonly StateCommit[],
  missing: readonly number[] = [],
): Promise<string> {
  const parts = await Promise.all(commits.map((commit) => certify(commit, missing)));
  const certificates = parts.map((part) => decodeCertificate(fromHex(part)));
  return toHex(encodeBatchCertificate(mergeCertificates(certificates)));
}

describe("batches on chain", function () {
  this.timeout(120_000);
  let quorum: Quorum;
  before(async () => {
    quorum = await deployQuorum(10);
  });

  async function expectBatchRejected(
    commits: readonly StateCommit[],
    certificate: string,
    fault: (typeof CERTIFICATE_FAULTS)[number],
  ): Promise<void> {
    const { registry, stateOf } = quorum;
    const before = await stateOf();
    await expect(registry.commitStateRoots(commits.map(commitArgument), certificate))
      .to.be.revertedWithCustomError(registry, "CertificateRejected")
      .withArgs(CERTIFICATE_FAULTS.indexOf(fault));
    expect(await stateOf()).to.equal(before);
  }

  for (const [count, missing] of [
    [1, []],
    [4, []],
    [5, [2, 7]],
    [32, []],
  ] as const) {
    it(`lands ${count} commits with ${missing.length} of 10 operators missing, from anybody`, async () => {
      const { registry, accounts } = quorum;
      const commits = await nextBatch(quorum, count);
      const certificate = await certifyBatch(quorum, commits, missing);
      const before = await registry.getSequenceNo();
      await registry
        .connect(accounts.at(-1))
        .commitStateRoots(commits.map(commitArgument), certificate);
      expect(await registry.getSequenceNo()).to.equal(before + BigInt(count));
      for (const { sequenceNo, newStateRoot } of commits) {
        expect(await registry.stateRootAt(sequenceNo)).to.equal(toHex(newStateRoot));
      }
    });
  }

  it("BLS-13: refuses a batch that less than the quorum signed", async () => {
    const { registry, stateOf } = quorum;
    const commits = await nextBatch(quorum, 3);
    const certificate = await certifyBatch(quorum, commits, [0, 1, 2, 3]);
    const before = await stateOf();
    await expect(registry.commitStateRoots(commits.map(commitArgument), certificate))
      .to.be.revertedWithCustomError(registry, "InsufficientQuorum")
      .withArgs(600, 1_000, 6_667);
    expect(await stateOf()).to.equal(before);
  });

  it("ABI-04: refuses a batch with a field of any member changed after signing", async () => {
    const commits = await nextBatch(quorum, 3);
    const certificate = await certifyBatch(quorum, commits);
    for (const place of commits.keys()) {
      const forged = commits.map((commit, i) =>
        i === place ? { ...commit, daCertHash: bytes32(new Uint8Array(32).fill(9)) } : commit,
      );
      await expectBatchRejected(forged as StateCommit[], certificate, "MessageMismatch");
    }
  });

  it("refuses a certificate for another number of commits", async () => {
    const commits = await nextBatch(quorum, 4);
    const certificate = await certifyBatch(quorum, commits);
    // The 33 bytes too many are read as non-signers.
    await expectBatchRejected(commits.slice(0, 3), certificate, "NonSignersNotAscending");
    const shorter = await certifyBatch(quorum, commits.slice(0, 3));
    await expectBatchRejected(commits, shorter, "InvalidEncoding");
  });

  it("judges as an external verifier what it judges as a registry", async () => {
    const { registry, verifier } = quorum;
    const commits = await nextBatch(quorum, 3);
    const digests = await Promise.all(
      commits.map((commit) => registry.digestOf(commitArgument(commit))),
    );
    for (const missing of [[], [1]]) {
      const certificate = await certifyBatch(quorum, commits, missing);
      const [fault, signed, total] = await verifier.verifyBatch(digests, certificate);
      expect([fault, signed, total]).to.deep.equal([
        0n,
        BigInt(1_000 - 100 * missing.length),
        1_000n,
      ]);
    }
  });
});

describe("landing of certified commits", function () {
  this.timeout(120_000);

  it("takes one transaction per run of the same signers, and one for each commit where they differ", async () => {
    const quorum = await deployQuorum(10);
    const { registry, ethers } = quorum;
    const address = await registry.getAddress();
    const [sender] = await ethers.getSigners();
    if (sender === undefined) throw new Error("no accounts");
    const contracts = connectContracts({ ...NOWHERE, stateCommitRegistry: address }, sender);
    const target = await EvmCommitTarget.connect(contracts, ethers.provider);

    const commits = await nextBatch(quorum, 6);
    const absent = [[], [], [3], [4], [4], [4]];
    const certified = await Promise.all(
      commits.map(async (commit, i) => ({
        commit,
        certificate: fromHex(await quorum.certify(commit, absent[i])),
      })),
    );
    const landed = await target.landAll(certified);
    expect(landed.length).to.equal(3);
    expect(await registry.getSequenceNo()).to.equal(6n);
    expect(await target.commitsFrom(1n)).to.deep.equal(commits);

    const [again] = certified;
    const refusal: unknown = await target
      .landAll(again === undefined ? [] : [again])
      .catch((e) => e);
    expect(refusal).to.have.property("code", "SequenceGap");
    expect(await target.landAll([])).to.deep.equal([]);
  });
});

describe("cached subsets on chain", function () {
  this.timeout(120_000);

  it("makes certificates of a subset cheaper, and proves no more than before", async () => {
    const quorum = await deployQuorum(10);
    const { ethers, registry, operators, nextCommit, certify } = quorum;
    const cache = await ethers.getContractAt("IBlsQuorumVerifier", await registry.getAddress());
    const missing = [3, 8];
    const keys = operators.filter((_, i) => !missing.includes(i)).map(({ key }) => key.keyG2);
    const land = async () => {
      const commit = await nextCommit();
      const call = await registry.commitStateRoot(
        commitArgument(commit),
        await certify(commit, missing),
      );
      return (await call.wait())?.gasUsed ?? 0n;
    };
    const before = await land();
    await expect(cache.cacheSubset(1, Uint8Array.from(missing), g2Coordinates(sumG2(keys))))
      .to.emit(cache, "SubsetCached")
      .withArgs(1, toHex(Uint8Array.from(missing)), 800, 1_000);
    expect(Number(before - (await land()))).to.be.greaterThan(12_000);

    const commit = await nextCommit();
    const bytes = fromHex(await certify(commit, missing));
    for (const [at, fault] of [
      [36, "MessageMismatch"],
      [100, "InvalidPoint"],
      [228, "InvalidPoint"],
      [229, "AggregateKeyMismatch"],
    ] as const) {
      const altered = Uint8Array.from(bytes);
      altered[at] = (altered[at] ?? 0) ^ 1;
      await expectRejected(quorum, commit, toHex(altered), fault);
    }
    const other = await certify(await nextCommit({ timestamp: commit.timestamp + 1n }), missing);
    await expectRejected(quorum, commit, other, "MessageMismatch");
    await registry.commitStateRoot(commitArgument(commit), toHex(bytes));
  });

  it("OPS-11: takes no certificate of a cached subset when its epoch has ended", async () => {
    const quorum = await deployQuorum(4);
    const { ethers, operatorSets, registry, operators, nextCommit, certify } = quorum;
    const cache = await ethers.getContractAt("IBlsQuorumVerifier", await registry.getAddress());
    const keys = operators.slice(1).map(({ key }) => key.keyG2);
    await cache.cacheSubset(1, "0x00", g2Coordinates(sumG2(keys)));
    const commit = await nextCommit();
    const certificate = await certify(commit, [0]);
    await operatorSets.startEmergencyEpoch(
      g2Coordinates(sumG2(operators.map(({ key }) => key.keyG2))),
    );
    await expectRejected(quorum, commit, certificate, "EpochExpired");
  });

  it("GAS-06: changes nothing when a commit runs out of gas, however late", async () => {
    const { registry, nextCommit, certify, stateOf } = await deployQuorum(4);
    const commit = await nextCommit();
    const certificate = await certify(commit, [1]);
    const before = await stateOf();
    for (let gasLimit = 40_000n; gasLimit < 180_000n; gasLimit += 7_000n) {
      let isRefused = false;
      try {
        await (
          await registry.commitStateRoot(commitArgument(commit), certificate, { gasLimit })
        ).wait();
      } catch {
        isRefused = true;
      }
      expect(isRefused, String(gasLimit)).to.equal(true);
      expect(await stateOf()).to.equal(before);
    }
    await registry.commitStateRoot(commitArgument(commit), certificate);
  });
});
