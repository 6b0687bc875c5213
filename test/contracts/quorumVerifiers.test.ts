import { expect } from "chai";
import { artifacts } from "hardhat";
import { bytes32, type Digest, type StateRoot } from "../../src/bytes/brand.ts";
import { fromHex, toHex } from "../../src/bytes/hex.ts";
import { keccak256 } from "../../src/bytes/keccak.ts";
import { commitDigest, type StateCommit } from "../../src/commit/message.ts";
import { CERTIFICATE_FAULTS } from "../../src/operators/certificate.ts";
import {
  CHANGE_DELAY_SECONDS,
  commitArgument,
  deployQuorum,
  HEARTBEAT_SECONDS,
} from "../helpers/quorum.ts";
import {
  OPERATOR_COUNT,
  VERIFIER_BENCHES,
  type VerifierBench,
} from "../helpers/verifierBenches.ts";

/** What a registry may expect of any verifier, and that it is the same registry with each. */

type Quorum = Awaited<ReturnType<typeof deployQuorum>>;
type Registry = Awaited<ReturnType<Quorum["deployRegistry"]>>;

async function deployRegistry({ ethers, owner }: Quorum, verifier: string): Promise<Registry> {
  return await ethers.deployContract("StateCommitRegistry", [
    owner,
    verifier,
    ethers.ZeroAddress,
    6_667,
    60,
    HEARTBEAT_SECONDS,
    CHANGE_DELAY_SECONDS,
  ]);
}

for (const [name, deployBench] of Object.entries(VERIFIER_BENCHES)) {
  describe(`registry with ${name}`, function () {
    this.timeout(120_000);
    let quorum: Quorum;
    let bench: VerifierBench;
    let registry: Registry;
    before(async () => {
      quorum = await deployQuorum(OPERATOR_COUNT);
      bench = await deployBench(quorum);
      registry = await deployRegistry(quorum, bench.address);
    });

    const digestFor = async (
      commit: StateCommit,
      { on = registry, onChain = quorum.chainId } = {},
    ): Promise<Digest> =>
      commitDigest({ chainId: onChain, registry: fromHex(await on.getAddress()) }, commit);
    const land = (commit: StateCommit, certificate: Uint8Array) =>
      registry.commitStateRoot(commitArgument(commit), toHex(certificate));

    async function expectRejected(commit: StateCommit, certificate: Uint8Array): Promise<void> {
      const before = await quorum.stateOf(registry);
      await expect(land(commit, certificate))
        .to.be.revertedWithCustomError(registry, "CertificateRejected")
        .withArgs(CERTIFICATE_FAULTS.indexOf(bench.wrongDigestFault));
      expect(await quorum.stateOf(registry)).to.equal(before);
    }

    for (const missing of [[], [4], [0, 5, 9]]) {
      it(`accepts a commit that all but ${missing.length} of 10 signed`, async () => {
        const commit = await quorum.nextCommit({}, registry);
        await land(commit, await bench.certify(await digestFor(commit), missing));
        expect(await registry.getStateRoot()).to.equal(toHex(commit.newStateRoot));
      });
    }

    it("BLS-13: refuses a commit that less than the quorum signed", async () => {
      const commit = await quorum.nextCommit({}, registry);
      const certificate = await bench.certify(await digestFor(commit), [0, 1, 2, 3]);
      const before = await quorum.stateOf(registry);
      await expect(land(commit, certificate))
        .to.be.revertedWithCustomError(registry, "InsufficientQuorum")
        .withArgs(600, 1_000, 6_667);
      expect(await quorum.stateOf(registry)).to.equal(before);
    });

    it("BLS-11: refuses a certificate for another chain", async () => {
      const commit = await quorum.nextCommit({}, registry);
      const digest = await digestFor(commit, { onChain: 10n });
      await expectRejected(commit, await bench.certify(digest));
    });

    it("BLS-12: refuses a certificate for another registry", async () => {
      const commit = await quorum.nextCommit({}, registry);
      const digest = await digestFor(commit, { on: await deployRegistry(quorum, bench.address) });
      await expectRejected(commit, await bench.certify(digest));
    });

    it("SEQ-10: refuses a certificate twice, for the next commit too", async () => {
      const commit = await quorum.nextCommit({}, registry);
      const certificate = await bench.certify(await digestFor(commit), [4]);
      await land(commit, certificate);
      const before = await quorum.stateOf(registry);
      await expect(land(commit, certificate)).to.be.revertedWithCustomError(
        registry,
        "SequenceGap",
      );
      expect(await quorum.stateOf(registry)).to.equal(before);
      await expectRejected(await quorum.nextCommit({}, registry), certificate);
    });

    it("ABI-04: refuses a certificate with any one byte changed, or one more or less", async () => {
      const commit = await quorum.nextCommit({}, registry);
      const digest = await digestFor(commit);
      const before = await quorum.stateOf(registry);
      for (const missing of [[], [4]]) {
        const certificate = await bench.certify(digest, missing);
        const changed = [...certificate.keys()].map((at) => {
          const altered = Uint8Array.from(certificate);
          altered[at] = (altered[at] ?? 0) ^ (1 << (at % 8));
          return altered;
        });
        const lengths = [certificate.subarray(1), certificate.subarray(0, -1)];
        // More than 256 indices of 4 bytes.
        lengths.push(new Uint8Array([...certificate, ...new Uint8Array(2_000)]));
        for (const bytes of [...changed, ...lengths, new Uint8Array(0)]) {
          const attempt = registry.commitStateRoot.staticCall(commitArgument(commit), toHex(bytes));
          await expect(attempt).to.be.revertedWithCustomError(registry, "CertificateRejected");
        }
        // What was not refused is what was signed.
        await registry.commitStateRoot.staticCall(commitArgument(commit), toHex(certificate));
      }
      expect(await quorum.stateOf(registry)).to.equal(before);
    });

    /** `count` commits, the first of which is next, all due now. */
    async function nextCommits(count: number): Promise<StateCommit[]> {
      // Later than all that was committed: a batch ends some seconds after its block.
      await quorum.networkHelpers.time.increase(120);
      const commits = [await quorum.nextCommit({}, registry)];
      for (let last = commits[0]; last !== undefined && commits.length < count; ) {
        const sequenceNo = last.sequenceNo + 1n;
        const newStateRoot = keccak256<StateRoot>(last.newStateRoot);
        const prevStateRoot = last.newStateRoot;
        const timestamp = last.timestamp + 1n;
        last = { ...last, sequenceNo, prevStateRoot, newStateRoot, timestamp };
        commits.push(last);
      }
      return commits;
    }

    const landAll = (commits: readonly StateCommit[], certificate: Uint8Array) =>
      registry.commitStateRoots(commits.map(commitArgument), toHex(certificate));

    for (const missing of [[], [4], [0, 5, 9]]) {
      it(`accepts a batch that all but ${missing.length} of 10 signed`, async () => {
        const commits = await nextCommits(4);
        const digests = await Promise.all(commits.map((commit) => digestFor(commit)));
        await landAll(commits, bench.certifyBatch(digests, missing));
        expect(await registry.getStateRoot()).to.equal(
          toHex(commits.at(-1)?.newStateRoot ?? new Uint8Array(0)),
        );
      });
    }

    it("BLS-13: refuses a batch that less than the quorum signed", async () => {
      const commits = await nextCommits(3);
      const digests = await Promise.all(commits.map((commit) => digestFor(commit)));
      const before = await quorum.stateOf(registry);
      await expect(landAll(commits, bench.certifyBatch(digests, [0, 1, 2, 3])))
        .to.be.revertedWithCustomError(registry, "InsufficientQuorum")
        .withArgs(600, 1_000, 6_667);
      expect(await quorum.stateOf(registry)).to.equal(before);
    });

    it("ABI-04: refuses a batch with a member forged, reordered, repeated, added or missing", async () => {
      const commits = await nextCommits(3);
      const [first, second, third] = commits;
      if (first === undefined || second === undefined || third === undefined) return expect.fail();
      const digests = await Promise.all(commits.map((commit) => digestFor(commit)));
      const certificate = bench.certifyBatch(digests, [4]);
      const before = await quorum.stateOf(registry);
      const forged = { ...third, newStateRoot: keccak256<StateRoot>(third.newStateRoot) };
      const lists: readonly [readonly StateCommit[], string][] = [
        [[first, second, forged], "CertificateRejected"],
        [[first, second], "CertificateRejected"],
        [[first, third, second], "SequenceGap"],
        [[first, second, second], "SequenceGap"],
        [[second, third], "SequenceGap"],
        [[...commits, third], "SequenceGap"],
        [[], "InvalidBatchSize"],
      ];
      for (const [list, refusal] of lists) {
        await expect(landAll(list, certificate)).to.be.revertedWithCustomError(registry, refusal);
      }
      // A certificate of fewer, of more, or of the same in another order.
      for (const others of [digests.slice(1), [...digests, ...digests], digests.toReversed()]) {
        if (name !== "BlsQuorumVerifier" && others.length === 3) continue;
        await expect(
          landAll(commits, bench.certifyBatch(others, [4])),
        ).to.be.revertedWithCustomError(registry, "CertificateRejected");
      }
      expect(await quorum.stateOf(registry)).to.equal(before);
    });

    if (name !== "BlsQuorumVerifier") {
      it("takes a batch only if every digest of it was signed", async () => {
        const { certifyBatch } = bench;
        const verifier = await quorum.ethers.getContractAt(name, bench.address);
        const [a, b, c] = [1, 2, 3].map((n) => bytes32<Digest>(new Uint8Array(32).fill(n)));
        if (a === undefined || b === undefined || c === undefined) return expect.fail();
        const judged = async (digests: readonly Digest[], certificate: Uint8Array) => {
          const judge = verifier.getFunction("verifyBatch");
          const [fault, signedWeight] = await judge(digests.map(toHex), toHex(certificate));
          return [CERTIFICATE_FAULTS[Number(fault)], signedWeight];
        };
        const batch = certifyBatch([a, b, c], [4]);
        expect(await judged([a, b, c], batch)).to.deep.equal(["None", 900n]);
        expect(await judged([a, b, b], batch)).to.deep.equal(["InvalidSignature", 0n]);
        for (const digests of [[a], [a, b]]) {
          const [fault] = await judged(digests, batch);
          expect(fault).to.be.oneOf([
            "InvalidSignature",
            "InvalidEncoding",
            "NonSignerOutOfRange",
            "NonSignersNotAscending",
          ]);
        }
        expect(await judged([], batch)).to.deep.equal(["InvalidEncoding", 0n]);
        expect(await judged(Array<Digest>(33).fill(a), batch)).to.deep.equal([
          "InvalidEncoding",
          0n,
        ]);
      });
    }

    it("reports the weight that signed, and the whole", async () => {
      const { ethers } = quorum;
      const verifier = await ethers.getContractAt("IQuorumVerifier", bench.address);
      const digest = bytes32<Digest>(new Uint8Array(32).fill(9));
      const certificate = await bench.certify(digest, [4]);
      const { fault, signedWeight, totalWeight } = await verifier.verify(digest, certificate);
      expect([fault, signedWeight, totalWeight]).to.deep.equal([0n, 900n, 1_000n]);
    });
  });
}

describe("registry bytecode", function () {
  this.timeout(120_000);

  it("is the same with every verifier but for the words that hold its own address and the verifier's", async () => {
    const quorum = await deployQuorum(OPERATOR_COUNT);
    const { immutableReferences = {}, deployedBytecode } =
      await artifacts.readArtifact("StateCommitRegistry");
    const places = Object.values(immutableReferences).flat();
    expect(places.length).to.be.greaterThan(0);
    const seen: string[][] = [];
    for (const deployBench of Object.values(VERIFIER_BENCHES)) {
      const { address } = await deployBench(quorum);
      const registry = await deployRegistry(quorum, address);
      const own = (await registry.getAddress()).toLowerCase();
      const code = fromHex(await quorum.ethers.provider.getCode(own));
      const words = places.map(({ start, length }) => {
        const word = toHex(code.subarray(start, start + length));
        code.fill(0, start, start + length);
        return word.endsWith(address.toLowerCase().slice(2)) ? "verifier" : word;
      });
      expect(toHex(code)).to.equal(deployedBytecode);
      expect(words).to.include("verifier");
      seen.push(words.map((word) => (word.endsWith(own.slice(2)) ? "own address" : word)));
    }
    const [first = [], ...others] = seen;
    for (const words of others) {
      const different = first.filter((word, index) => word !== words[index]);
      // EIP-712's domain separator, which holds the registry's own address, in each place that reads it.
      expect(new Set(different).size).to.equal(1);
    }
  });
});
