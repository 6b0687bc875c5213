import { expect } from "chai";
import { equalBytes } from "../../src/bytes/compare.ts";
import { keccak256 } from "../../src/bytes/keccak.ts";
import { ChainError } from "../../src/chain/errors.ts";
import { CommitLoop } from "../../src/commit/loop.ts";
import { pendingLeaf } from "../helpers/artifacts.ts";
import { asyncCodeOf } from "../helpers/codes.ts";
import { type LocalNetwork, openLocalNetwork } from "../helpers/localNetwork.ts";

describe("commit loop on a simulated chain", () => {
  let network: LocalNetwork;

  beforeEach(async () => {
    network = await openLocalNetwork({ operatorCount: 4 });
  });

  afterEach(() => network.close());

  it("lands what is pending, then skips an idle tick", async () => {
    const { local } = network;
    local.lane.journal.add(pendingLeaf("rego", "package a\n"));
    await network.nextTick();
    const first = await local.lane.tick();
    expect(first.status).to.equal("committed");
    await network.nextTick();
    expect((await local.lane.tick()).status).to.equal("skipped");
    const head = await local.target.head();
    expect(head.sequenceNo).to.equal(1n);
    expect(equalBytes(head.stateRoot, local.lane.store.head.stateRoot)).to.equal(true);
    expect(local.lane.journal.length).to.equal(0);
  });

  it("CML2 NET-02: lands nothing without a quorum, loses nothing, and lands the same delta when operators return", async () => {
    const { local } = network;
    local.lane.journal.add(pendingLeaf("rego", "package a\n"));
    local.setOffline(2);
    await network.nextTick();
    const refused = await local.lane.tick();
    expect(refused.status).to.equal("no-quorum");
    expect((await local.target.head()).sequenceNo).to.equal(0n);
    // What arrives now must wait: operators have voted for the root without it.
    local.lane.journal.add(pendingLeaf("rego", "package b\n"));
    local.setOffline(1);
    await network.nextTick();
    const landed = await local.lane.tick();
    expect(landed.status).to.equal("committed");
    if (landed.status !== "committed" || refused.status !== "no-quorum") return expect.fail();
    expect(landed.commit.newStateRoot).to.deep.equal(refused.commit.newStateRoot);
    expect(landed.leafCount).to.equal(1);
    await network.nextTick();
    expect((await local.lane.tick()).status).to.equal("committed");
    expect(local.lane.journal.length).to.equal(0);
  });

  it("is refused by the registry when the certificate is short of the quorum", async () => {
    const { local } = network;
    local.lane.journal.add(pendingLeaf("rego", "package a\n"));
    local.setOffline(2);
    await network.nextTick();
    const refused = await local.lane.tick();
    if (refused.status !== "no-quorum") return expect.fail();
    const { certificate } = refused.signatures;
    if (certificate === undefined) return expect.fail();
    const before = await local.target.head();
    let code = "none";
    try {
      await local.target.land(refused.commit, certificate);
    } catch (error) {
      if (error instanceof ChainError) code = error.code;
    }
    expect(code).to.equal("InsufficientQuorum");
    expect((await local.target.head()).sequenceNo).to.equal(before.sequenceNo);
  });

  it("CML5 GW-17: goes on after a restart with what was acknowledged before", async () => {
    network.local.lane.journal.add(pendingLeaf("rego", "package a\n"));
    network = await network.reopen();
    await network.nextTick();
    expect((await network.local.lane.tick()).status).to.equal("committed");
    network = await network.reopen();
    expect(network.local.lane.store.head.sequenceNo).to.equal(1n);
  });

  it("SEQ-10: counts a commit that somebody else landed first as its own", async () => {
    const { local } = network;
    local.lane.journal.add(pendingLeaf("rego", "package a\n"));
    await network.nextTick();
    const { land } = local.target;
    local.target.land = async (commit, certificate) => {
      await land.call(local.target, commit, certificate);
      return await land.call(local.target, commit, certificate);
    };
    expect((await local.lane.tick()).status).to.equal("committed");
    expect((await local.target.head()).sequenceNo).to.equal(1n);
  });

  it("sends a heartbeat when nothing was committed for the heartbeat interval", async () => {
    const { local, clock, chain } = network;
    local.lane.journal.add(pendingLeaf("rego", "package a\n"));
    await network.nextTick();
    await local.lane.tick();
    const { heartbeatSeconds } = await local.target.rules();
    await chain.mineAt(clock.advance(heartbeatSeconds + 120n));
    const outcome = await local.lane.tick();
    expect(outcome.status).to.equal("heartbeat");
    const head = await local.target.head();
    expect(head.sequenceNo).to.equal(2n);
    expect(local.lane.store.head.sequenceNo).to.equal(2n);
  });

  it("E_FORKED, E_STORE_AHEAD: stops when the registry has another history than the store", async () => {
    const { local } = network;
    local.lane.journal.add(pendingLeaf("rego", "package a\n"));
    await network.nextTick();
    await local.lane.tick();
    const head = await local.target.head();
    const { head: honest } = local.target;
    local.target.head = async () => ({ ...head, stateRoot: keccak256(head.stateRoot) });
    expect(await asyncCodeOf(() => local.lane.tick())).to.equal("E_FORKED");
    local.target.head = async () => ({ ...head, sequenceNo: 0n });
    expect(await asyncCodeOf(() => local.lane.tick())).to.equal("E_STORE_AHEAD");
    local.target.head = honest;
    expect(local.lane.store.head.sequenceNo).to.equal(1n);
    expect((await local.lane.tick()).status).to.equal("skipped");
  });

  it("CML4 SEQ-15: keeps the lanes of other chains going when one fails", async () => {
    const other = await openLocalNetwork({ network: "base", operatorCount: 3 });
    try {
      network.local.lane.journal.add(pendingLeaf("rego", "package a\n"));
      other.local.lane.journal.add(pendingLeaf("rego", "package a\n"));
      await network.nextTick();
      await other.nextTick();
      network.local.target.head = async () => {
        throw new ChainError("E_UNREACHABLE", "no node", []);
      };
      const results = await new CommitLoop([network.local.lane, other.local.lane]).tick();
      expect(
        results.map((result) => ("error" in result ? "failed" : result.outcome.status)),
      ).to.deep.equal(["failed", "committed"]);
    } finally {
      other.close();
    }
  });
});
