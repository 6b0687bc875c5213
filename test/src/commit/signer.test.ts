import { expect } from "chai";
import { bytes32, type DaCertHash, type StateRoot } from "../../../src/bytes/brand.ts";
import { tag } from "../../../src/bytes/codec.ts";
import { keccak256 } from "../../../src/bytes/keccak.ts";
import { collectSignatures } from "../../../src/commit/collect.ts";
import { COMMIT_VERSION, commitDigest, type StateCommit } from "../../../src/commit/message.ts";
import type { CommitProposal, OperatorClient } from "../../../src/commit/target.ts";
import { publishDelta } from "../../../src/state/publish.ts";
import { pendingLeaf } from "../../helpers/artifacts.ts";
import { asyncCodeOf } from "../../helpers/codes.ts";
import { type LocalNetwork, openLocalNetwork } from "../../helpers/localNetwork.ts";

describe("CommitSigner", () => {
  let network: LocalNetwork;
  let honest: StateCommit;

  beforeEach(async () => {
    network = await openLocalNetwork({ operatorCount: 3 });
    await network.nextTick();
    honest = await commitOf("package a\n");
  });

  afterEach(() => network.close());

  /** The commit that a gateway would propose next for one Rego module. */
  async function commitOf(content: string): Promise<StateCommit> {
    const { lane, da } = network.local;
    const staged = lane.store.stage([{ operation: "put", ...pendingLeaf("rego", content) }]);
    const { sequenceNo, prevStateRoot, newStateRoot } = staged.delta;
    const { daCertHash } = await publishDelta(da, staged.delta);
    return {
      version: COMMIT_VERSION,
      sequenceNo,
      prevStateRoot,
      newStateRoot,
      timestamp: network.clock.now(),
      daCertHash,
      pcr0Commitment: bytes32(new Uint8Array(32)),
    };
  }

  function proposalOf(commit: StateCommit, change: Partial<CommitProposal> = {}): CommitProposal {
    const { chainId, registry } = network.local.target;
    const digest = commitDigest({ chainId, registry }, commit);
    return { chainId, commit, epoch: 1, digest, ...change };
  }

  function operator(index = 0) {
    const found = network.local.operators[index];
    return found === undefined ? expect.fail(`no operator ${index}`) : found.signer;
  }

  async function refusal(proposal: CommitProposal): Promise<string> {
    const before = operator().store.head;
    const code = await asyncCodeOf(() => operator().sign(proposal));
    expect(operator().store.head).to.deep.equal(before);
    return code;
  }

  it("signs a commit whose root it recomputed, and again the same one", async () => {
    const first = await operator().sign(proposalOf(honest));
    const again = await operator().sign(proposalOf(honest));
    expect(again).to.deep.equal(first);
    expect(first.signature.length).to.equal(64);
  });

  it("CML1 NET-06: signs no second root for a sequence number, also after a restart", async () => {
    await operator().sign(proposalOf(honest));
    const other = await commitOf("package b\n");
    expect(await refusal(proposalOf(other))).to.equal("E_DOUBLE_VOTE");
    network = await network.reopen();
    expect(await refusal(proposalOf(other))).to.equal("E_DOUBLE_VOTE");
    // The root it voted for may get another timestamp.
    const later = { ...honest, timestamp: honest.timestamp + 1n };
    expect((await operator().sign(proposalOf(later))).operatorIndex).to.be.within(0, 2);
  });

  it("CML3 KEY-07: refuses a root that does not follow from the delta", async () => {
    const newStateRoot = keccak256<StateRoot>(tag("another root"));
    expect(await refusal(proposalOf({ ...honest, newStateRoot }))).to.equal("E_ROOT_MISMATCH");
  });

  it("CML3 DA-16 NET-05: refuses a root over a delta that nobody can fetch", async () => {
    const daCertHash = keccak256<DaCertHash>(tag("never published"));
    expect(await refusal(proposalOf({ ...honest, daCertHash }))).to.equal("E_DA_NOT_FOUND");
  });

  it("refuses a commit that is not the next one", async () => {
    const skipped = { ...honest, sequenceNo: 2n };
    expect(await refusal(proposalOf(skipped))).to.equal("E_NOT_NEXT");
  });

  it("refuses another version, and an enclave where none is configured", async () => {
    expect(await refusal(proposalOf({ ...honest, version: 1 }))).to.equal("E_COMMIT_VERSION");
    const pcr0Commitment = keccak256<StateCommit["pcr0Commitment"]>(tag("enclave"));
    expect(await refusal(proposalOf({ ...honest, pcr0Commitment }))).to.equal("E_COMMIT_VERSION");
  });

  it("NET-10: refuses another chain's proposal and a digest of another commit", async () => {
    expect(await refusal(proposalOf(honest, { chainId: 10n }))).to.equal("E_DIGEST_MISMATCH");
    const digest = keccak256<CommitProposal["digest"]>(tag("another digest"));
    expect(await refusal(proposalOf(honest, { digest }))).to.equal("E_DIGEST_MISMATCH");
  });

  it("NET-09: refuses a timestamp beyond the registry's skew, and one that does not rise", async () => {
    const { maxSkewSeconds } = await network.local.target.rules();
    const latest = network.clock.now() + maxSkewSeconds;
    const late = { ...honest, timestamp: latest + 1n };
    expect(await refusal(proposalOf(late))).to.equal("E_TIMESTAMP");
    expect(await refusal(proposalOf({ ...honest, timestamp: 0n }))).to.equal("E_TIMESTAMP");
    const atTheEdge = await operator().sign(proposalOf({ ...honest, timestamp: latest }));
    expect(atTheEdge.signature.length).to.equal(64);
  });

  it("refuses a heartbeat before it is due", async () => {
    network.local.lane.journal.add(pendingLeaf("rego", "package a\n"));
    await network.local.lane.tick();
    const { sequenceNo, stateRoot } = network.local.lane.store.head;
    const heartbeat: StateCommit = {
      ...honest,
      sequenceNo: sequenceNo + 1n,
      prevStateRoot: stateRoot,
      newStateRoot: stateRoot,
      timestamp: network.clock.now() + 1n,
      daCertHash: bytes32<DaCertHash>(new Uint8Array(32)),
    };
    await operator().sync();
    expect(await refusal(proposalOf(heartbeat))).to.equal("E_HEARTBEAT_NOT_DUE");
  });

  it("refuses to sign for an epoch it is not in", async () => {
    expect(await refusal(proposalOf(honest, { epoch: 2 }))).to.equal("E_NOT_IN_SET");
  });

  describe("collectSignatures", () => {
    async function collect(operators: readonly OperatorClient[], timeoutMs?: number) {
      const set = await network.local.target.operatorSet();
      return await collectSignatures(proposalOf(honest), set, operators, timeoutMs);
    }

    function corrupt(index: number, flip: (signature: Uint8Array) => Uint8Array): OperatorClient {
      return {
        name: `corrupt ${index}`,
        sign: async (proposal) => {
          const { operatorIndex, signature } = await operator(index).sign(proposal);
          return { operatorIndex, signature: flip(signature) };
        },
      };
    }

    it("NET-04: leaves out a signature that is not its sender's, and counts the others", async () => {
      const foreign = await operator(2).sign(proposalOf(honest));
      const lying = corrupt(1, () => foreign.signature);
      const collected = await collect([operator(0), lying, operator(2)]);
      expect(collected.signedWeight).to.equal(2n);
      expect(collected.refusals.map(({ code }) => code)).to.deep.equal(["E_SIGNATURE_INVALID"]);
    });

    it("leaves out an answer that is no point of the curve", async () => {
      const garbage = corrupt(1, (signature) => signature.map((byte) => byte ^ 1));
      const collected = await collect([operator(0), garbage]);
      expect(collected.refusals.map(({ code }) => code)).to.deep.equal(["E_POINT"]);
      expect(collected.signers.length).to.equal(1);
    });

    it("leaves out an index that is not in the set", async () => {
      const stranger: OperatorClient = {
        name: "stranger",
        sign: async (proposal) => ({ ...(await operator(0).sign(proposal)), operatorIndex: 9 }),
      };
      const collected = await collect([stranger]);
      expect(collected.refusals.map(({ code }) => code)).to.deep.equal(["E_SIGNERS"]);
      expect(collected.certificate).to.equal(undefined);
    });

    it("NET-01: goes on without an operator that does not answer", async () => {
      const silent: OperatorClient = { name: "silent", sign: () => new Promise(() => {}) };
      const collected = await collect([operator(0), silent, operator(2)], 500);
      expect(collected.refusals.map(({ code }) => code)).to.deep.equal(["E_TIMEOUT"]);
      expect(collected.signedWeight).to.equal(2n);
    });

    it("counts an operator once that answers twice", async () => {
      const collected = await collect([operator(0), operator(0)]);
      expect(collected.signedWeight).to.equal(1n);
    });
  });
});
