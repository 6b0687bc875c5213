import { expect } from "chai";
import type { DaCertHash } from "../../src/bytes/brand.ts";
import { equalBytes } from "../../src/bytes/compare.ts";
import { keccak256 } from "../../src/bytes/keccak.ts";
import { commitDigest, type StateCommit } from "../../src/commit/message.ts";
import { publishDelta } from "../../src/state/publish.ts";
import { pendingLeaf } from "../helpers/artifacts.ts";
import { asyncCodeOf } from "../helpers/codes.ts";
import { type LocalNetwork, openLocalNetwork } from "../helpers/localNetwork.ts";

/** A commit as it was sent. */
interface Sent {
  readonly commit: StateCommit;
  readonly certificate: Uint8Array;
}

describe("commit loop across a reorganisation", () => {
  let network: LocalNetwork;
  let sent: Sent[];

  beforeEach(async () => {
    network = await openLocalNetwork({ operatorCount: 4 });
    sent = [];
    const { target } = network.local;
    const { land } = target;
    target.land = async (commit, certificate) => {
      sent.push({ commit, certificate });
      return await land.call(target, commit, certificate);
    };
  });

  afterEach(() => network.close());

  async function request(method: string, ...params: unknown[]): Promise<unknown> {
    return await network.chain.parts.provider.request({ method, params });
  }

  /** Commits a leaf of its own and says what was sent. */
  async function commitLeaf(name: string): Promise<Sent> {
    network.local.lane.journal.add(pendingLeaf("rego", `package ${name}\n`));
    await network.nextTick();
    expect((await network.local.lane.tick()).status).to.equal("committed");
    const last = sent.at(-1);
    if (last === undefined) return expect.fail();
    return last;
  }

  /** Lands what was sent before, byte for byte. */
  async function resend({ commit, certificate }: Sent): Promise<void> {
    await network.local.target.land(commit, certificate);
  }

  for (const depth of [1, 7, 64, 157]) {
    it(`SEQ-08: lands the same bytes again when ${depth} blocks are lost, as the same commit`, async () => {
      const { local } = network;
      await commitLeaf("a");
      const snapshot = await request("evm_snapshot");
      const second = await commitLeaf("b");
      if (depth > 1) await request("hardhat_mine", `0x${(depth - 1).toString(16)}`);
      const before = await local.target.head();
      await request("evm_revert", snapshot);
      expect((await local.target.head()).sequenceNo).to.equal(1n);
      // A gateway ahead of its chain says so and signs nothing new.
      expect(await asyncCodeOf(() => local.lane.tick())).to.equal("E_STORE_AHEAD");
      await network.nextTick();
      await resend(second);
      const after = await local.target.head();
      expect(after.sequenceNo).to.equal(2n);
      expect(equalBytes(after.stateRoot, before.stateRoot)).to.equal(true);
      expect((await local.lane.tick()).status).to.equal("skipped");
      await commitLeaf("c");
      expect((await local.target.head()).sequenceNo).to.equal(3n);
    });
  }

  it("SEQ-09: lands N again, then N + 1, and not the other way round", async () => {
    const { local } = network;
    const snapshot = await request("evm_snapshot");
    const first = await commitLeaf("a");
    const second = await commitLeaf("b");
    await request("evm_revert", snapshot);
    // The later one does not land without the earlier one.
    await network.nextTick();
    expect(await asyncCodeOf(() => resend(second))).to.equal("SequenceGap");
    await resend(first);
    await resend(second);
    const head = await local.target.head();
    expect(head.sequenceNo).to.equal(2n);
    expect(equalBytes(head.stateRoot, second.commit.newStateRoot)).to.equal(true);
  });

  it("SEQ-09: gets no second root out of an operator for a number that the chain has lost", async () => {
    const { local } = network;
    const snapshot = await request("evm_snapshot");
    await commitLeaf("a");
    const { commit: lost } = await commitLeaf("b");
    await request("evm_revert", snapshot);
    await network.nextTick();
    for (const operator of local.operators) {
      // What an operator would be asked to sign next: its store is at the commit before.
      const staged = operator.signer.store.stage([
        { operation: "put", ...pendingLeaf("rego", "package c\n") },
      ]);
      const { daCertHash } = await publishDelta(local.da, staged.delta);
      const commit = { ...lost, newStateRoot: staged.delta.newStateRoot, daCertHash };
      expect(staged.delta.sequenceNo).to.equal(lost.sequenceNo);
      const { chainId, registry } = local.target;
      const digest = commitDigest({ chainId, registry }, commit);
      expect(
        await asyncCodeOf(() => operator.sign({ chainId, commit, epoch: 1, digest })),
      ).to.equal("E_DOUBLE_VOTE");
    }
  });

  it("SEQ-11: takes the one of two aggregators' commits that comes first; the other reconciles", async () => {
    const { local } = network;
    const { target } = local;
    const first = await commitLeaf("a");
    // The same root by another manifest: another digest, which the certificate is not for.
    const other = { ...first.commit, daCertHash: keccak256<DaCertHash>(first.commit.daCertHash) };
    const before = await target.head();
    expect(await asyncCodeOf(() => target.land(other, first.certificate))).to.equal("SequenceGap");
    expect((await target.head()).sequenceNo).to.equal(before.sequenceNo);
    const sentCount = sent.length;
    await network.nextTick();
    expect((await local.lane.tick()).status).to.equal("skipped");
    expect(sent.length).to.equal(sentCount);
  });
});
