import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { equalBytes } from "../../src/bytes/compare.ts";
import { ChainError } from "../../src/chain/errors.ts";
import { startEpoch } from "../../src/chain/operatorSets.ts";
import { intakeArtifact } from "../../src/commit/gateway.ts";
import { HeldCommits } from "../../src/commit/held.ts";
import type { TickOutcome } from "../../src/commit/lane.ts";
import { g2Coordinates, sumG2 } from "../../src/operators/bn254.ts";
import { decodeCertificate } from "../../src/operators/certificate.ts";
import { CorruptQuorum } from "../../src/sim/corruptQuorum.ts";
import { contentKey } from "../../src/state/key.ts";
import { CertifiedReader, rebuild } from "../../src/state/replica.ts";
import { StateStore } from "../../src/state/store.ts";
import { pendingLeaf } from "../helpers/artifacts.ts";
import { asyncCodeOf } from "../helpers/codes.ts";
import { type LocalNetwork, openLocalNetwork, temporaryFolder } from "../helpers/localNetwork.ts";

const HOLD = { maxHeldCommits: 4, maxHeldSeconds: 1_200n };

describe("commits held back on a simulated chain", () => {
  let network: LocalNetwork;

  beforeEach(async () => {
    network = await openLocalNetwork({ operatorCount: 4, hold: HOLD });
  });

  afterEach(() => network.close());

  /** One tick with one more artifact. */
  async function commitLeaf(name: string): Promise<TickOutcome> {
    network.local.lane.journal.add(pendingLeaf("rego", `package ${name}\n`));
    await network.nextTick();
    return await network.local.lane.tick();
  }

  /** Holds as many commits and gives their roots. */
  async function holdCommits(...names: readonly string[]): Promise<void> {
    for (const name of names) expect((await commitLeaf(name)).status, name).to.equal("held");
  }

  async function chainHead(): Promise<bigint> {
    return (await network.local.target.head()).sequenceNo;
  }

  /** Checks that chain, gateway, operators and a replica from blobs alone have the same `commits` commits. */
  async function expectSettledAt(commits: bigint): Promise<void> {
    const { lane, target, operators, da } = network.local;
    const head = await target.head();
    expect(head.sequenceNo).to.equal(commits);
    expect(lane.heldStatus.commits).to.equal(0);
    expect(lane.journal.openProposal()).to.equal(undefined);
    const replica = StateStore.open({
      path: join(temporaryFolder(), "state.db"),
      chainId: target.chainId,
    });
    await rebuild(replica, da, await target.commitsFrom(1n));
    for (const { signer } of operators) await signer.sync();
    for (const store of [lane.store, replica, ...operators.map(({ signer }) => signer.store)]) {
      expect(store.head.sequenceNo).to.equal(commits);
      expect(equalBytes(store.head.stateRoot, head.stateRoot)).to.equal(true);
    }
    for (const { signer } of operators) expect(await signer.held()).to.deep.equal([]);
    replica.close();
  }

  it("CML6: lands four commits in one transaction, each for less than half of what one alone costs", async () => {
    await holdCommits("a", "b", "c");
    expect(await chainHead()).to.equal(0n);
    const fourth = await commitLeaf("d");
    expect([fourth.status, fourth.landed.commits]).to.deep.equal(["committed", 4]);
    expect([fourth.landed.transactions.length, fourth.held.commits]).to.deep.equal([1, 0]);
    await expectSettledAt(4n);
    // Slots are warm from here on, for both.
    await holdCommits("e", "f", "g");
    const batch = (await commitLeaf("h")).landed.gasUsed;
    network.local.lane.landNow();
    const alone = (await commitLeaf("i")).landed;
    expect(alone.commits).to.equal(1);
    expect(Number(batch) / 4).to.be.lessThan(Number(alone.gasUsed) / 2);
  });

  it("CML6: lands at once when somebody waits for the root, and holds the next one again", async () => {
    await holdCommits("a", "b");
    network.local.lane.landNow();
    await network.nextTick();
    const outcome = await network.local.lane.tick();
    expect([outcome.status, outcome.landed.commits]).to.deep.equal(["landed", 2]);
    await holdCommits("c");
    network.local.lane.landNow();
    const both = await commitLeaf("d");
    expect([both.status, both.landed.commits]).to.deep.equal(["committed", 2]);
    await expectSettledAt(4n);
    // Nothing was there to land, so nobody waits any more.
    network.local.lane.landNow();
    await network.nextTick();
    expect((await network.local.lane.tick()).status).to.equal("skipped");
    await holdCommits("e");
    const landing = await network.local.lane.landHeld();
    expect([landing.commits, landing.transactions.length]).to.deep.equal([1, 1]);
    expect(landing.gasUsed > 0n).to.equal(true);
    expect((await network.local.lane.landHeld()).commits).to.equal(0);
  });

  it("lands when the oldest is as old as the rules allow, and says since when it holds", async () => {
    await holdCommits("a");
    const since = network.clock.now();
    expect(network.local.lane.heldStatus).to.deep.equal({ commits: 1, sinceSeconds: since });
    while (network.clock.now() < since + HOLD.maxHeldSeconds - 120n) {
      await network.nextTick();
      expect((await network.local.lane.tick()).status).to.equal("skipped");
    }
    await network.nextTick();
    const outcome = await network.local.lane.tick();
    expect([outcome.status, outcome.landed.commits]).to.deep.equal(["landed", 1]);
    await expectSettledAt(1n);
  });

  it("lands what is held in the place of a heartbeat", async () => {
    const { local, clock, chain } = network;
    await holdCommits("a");
    await local.lane.landHeld();
    const { heartbeatSeconds } = await local.target.rules();
    clock.advance(heartbeatSeconds - 240n);
    await holdCommits("b");
    await chain.mineAt(clock.advance(240n));
    const outcome = await local.lane.tick();
    expect([outcome.status, outcome.landed.commits]).to.deep.equal(["landed", 1]);
    await network.nextTick();
    expect((await local.lane.tick()).status).to.equal("skipped");
    await chain.mineAt(clock.advance(heartbeatSeconds));
    expect((await local.lane.tick()).status).to.equal("heartbeat");
    await expectSettledAt(3n);
  });

  it("lands what is held when the quorum is missing for the next one", async () => {
    await holdCommits("a", "b");
    network.local.setOffline(2);
    network.local.lane.landNow();
    const outcome = await commitLeaf("c");
    expect([outcome.status, outcome.landed.commits]).to.deep.equal(["no-quorum", 2]);
    network.local.setOffline(0);
    await network.nextTick();
    expect((await network.local.lane.tick()).status).to.equal("held");
  });

  it("OPS-03: lands under the epoch before while it overlaps, and has the next commit signed by the new one", async () => {
    const { local, chain, clock } = network;
    clock.advance(3_600n);
    await holdCommits("a", "b");
    await startEpoch(chain.contracts, chain.parts.cast.owner);
    const outcome = await commitLeaf("c");
    expect([outcome.landed.commits, outcome.landed.transactions.length]).to.deep.equal([2, 1]);
    expect([outcome.status, outcome.held.commits]).to.deep.equal(["held", 1]);
    const [only] = (await local.operators[0]?.signer.held()) ?? [];
    expect(only && decodeCertificate(only.certificate).epoch).to.equal(2);
    await local.lane.landHeld();
    await expectSettledAt(3n);
  });

  async function endEpoch(): Promise<void> {
    const { chain, keys } = network;
    const aggregate = g2Coordinates(sumG2(keys.map(({ keyG2 }) => keyG2)));
    const { operatorSets } = chain.as(chain.parts.cast.owner);
    await (await operatorSets.startEmergencyEpoch(aggregate)).wait();
  }

  it("OPS-04 E_HELD_EXPIRED: has the very same commits signed again when their epoch has ended, and lands them", async () => {
    const { local } = network;
    await holdCommits("a", "b", "c");
    const roots = [1n, 2n, 3n].map((n) => local.lane.store.rootAt(n));
    await endEpoch();
    local.setOffline(2);
    await network.nextTick();
    expect(await asyncCodeOf(() => local.lane.tick())).to.equal("E_HELD_EXPIRED");
    expect([await chainHead(), local.lane.heldStatus.commits]).to.deep.equal([0n, 3]);
    local.setOffline(0);
    await network.nextTick();
    const outcome = await local.lane.tick();
    expect(outcome.status).to.equal("skipped");
    local.lane.landNow();
    await network.nextTick();
    expect((await local.lane.tick()).landed.commits).to.equal(3);
    await expectSettledAt(3n);
    expect([1n, 2n, 3n].map((n) => local.lane.store.rootAt(n))).to.deep.equal(roots);
  });

  it("lands what can be landed when a transaction fails, and the rest at the next tick", async () => {
    const { local } = network;
    await holdCommits("a", "b");
    // Other signers: another transaction.
    local.setOffline(1);
    await holdCommits("c");
    local.setOffline(0);
    const { land } = local.target;
    local.target.land = async () => {
      throw new ChainError("E_UNREACHABLE", "no node", []);
    };
    expect(await asyncCodeOf(() => commitLeaf("d"))).to.equal("E_UNREACHABLE");
    expect([await chainHead(), local.lane.heldStatus.commits]).to.deep.equal([2n, 2]);
    for (const { signer } of local.operators) expect((await signer.held()).length).to.equal(2);
    local.target.land = land;
    local.lane.landNow();
    await network.nextTick();
    const outcome = await local.lane.tick();
    expect([outcome.status, outcome.landed.transactions.length]).to.deep.equal(["landed", 2]);
    await expectSettledAt(4n);
  });

  it("SEQ-10: counts held commits that somebody else landed first as its own", async () => {
    const { local } = network;
    await holdCommits("a", "b");
    const [keeper] = local.operators;
    const kept = (await keeper?.signer.held()) ?? [];
    expect(kept.length).to.equal(2);
    const { landAll } = local.target;
    local.target.landAll = async (certified) => {
      local.target.landAll = landAll;
      await local.target.landAll(kept);
      return await local.target.landAll(certified);
    };
    local.lane.landNow();
    const outcome = await commitLeaf("c");
    expect([outcome.status, outcome.landed.commits]).to.deep.equal(["committed", 3]);
    expect(outcome.landed.transactions.length).to.equal(1);
    await expectSettledAt(3n);
  });

  const steps = {
    "before it is on record": () => {
      const { put } = HeldCommits.prototype;
      HeldCommits.prototype.put = crash;
      return () => {
        HeldCommits.prototype.put = put;
      };
    },
    "before the store has it": () => {
      network.local.lane.store.commit = crash;
    },
    "before the journal is settled": () => {
      network.local.lane.journal.settle = crash;
    },
    "before it is landed": () => {
      network.local.target.landAll = crash;
    },
    "before the record of it is dropped": () => {
      const { dropThrough } = HeldCommits.prototype;
      HeldCommits.prototype.dropThrough = crash;
      return () => {
        HeldCommits.prototype.dropThrough = dropThrough;
      };
    },
  } as const;

  function crash(): never {
    throw new ChainError("E_CRASH", "the process ends here", []);
  }

  for (const [step, arrange] of Object.entries(steps)) {
    it(`CML8 GW-17: is whole again after a crash ${step}`, async () => {
      await holdCommits("a");
      network.local.lane.landNow();
      const undo = arrange();
      expect(await asyncCodeOf(() => commitLeaf("b"))).to.equal("E_CRASH");
      undo?.();
      network = await network.reopen();
      network.local.lane.landNow();
      await network.nextTick();
      await network.local.lane.tick();
      await expectSettledAt(2n);
      expect(network.local.lane.journal.length).to.equal(0);
      expect((await network.local.lane.tick()).status).to.equal("skipped");
    });
  }

  for (const lost of ["gateway", "gateway/held.db"]) {
    it(`CML8: goes on from what the operators hold when ${lost} is lost`, async () => {
      await holdCommits("a", "b");
      const { head } = network.local.lane.store;
      network.local.close();
      for (const suffix of ["", "-wal"]) {
        rmSync(join(network.dataDir, `${lost}${suffix}`), { recursive: true, force: true });
      }
      network = await network.reopen();
      const outcome = await commitLeaf("c");
      expect([outcome.status, outcome.held.commits]).to.deep.equal(["held", 3]);
      expect(network.local.lane.store.rootAt(2n)).to.deep.equal(head.stateRoot);
      await network.local.lane.landHeld();
      await expectSettledAt(3n);
    });
  }

  it("E_STORE_AHEAD: stops when its record is lost and nobody else holds what the store has", async () => {
    await holdCommits("a");
    network.local.close();
    for (const home of ["gateway", ...[0, 1, 2, 3].map((i) => `operator-${i}`)]) {
      for (const file of ["held.db", "held.db-wal"]) {
        rmSync(join(network.dataDir, home, file), { force: true });
      }
    }
    network = await network.reopen();
    const { lane } = network.local;
    expect(await asyncCodeOf(() => lane.tick())).to.equal("E_STORE_AHEAD");
    expect([lane.store.head.sequenceNo, await chainHead()]).to.deep.equal([1n, 0n]);
  });

  it("has commits of an ended epoch, that only operators hold, signed again for a new gateway", async () => {
    await holdCommits("a", "b");
    network.local.close();
    rmSync(join(network.dataDir, "gateway"), { recursive: true });
    await endEpoch();
    network = await network.reopen();
    network.local.lane.landNow();
    await network.nextTick();
    expect((await network.local.lane.tick()).landed.commits).to.equal(2);
    await expectSettledAt(2n);
  });

  it("lets an operator that was offline while commits were held catch up with the next proposal", async () => {
    const { local } = network;
    local.setOffline(1);
    await holdCommits("a", "b");
    local.setOffline(0);
    const outcome = await commitLeaf("c");
    if (outcome.status !== "held") return expect.fail(outcome.status);
    expect(outcome.signatures.signers.length).to.equal(4);
    local.lane.landNow();
    await commitLeaf("d");
    await expectSettledAt(4n);
  });

  it("E_FORKED: stops when the chain has another root for a held number", async () => {
    const { local, keys, clock, chain } = network;
    await holdCommits("a");
    await local.lane.landHeld();
    await holdCommits("b");
    const honest = StateStore.open({
      path: join(temporaryFolder(), "state.db"),
      chainId: local.target.chainId,
    });
    await rebuild(honest, local.da, await local.target.commitsFrom(1n));
    const corrupt = new CorruptQuorum(keys, local.target, local.da, honest);
    const { delta } = honest.stage([
      { operation: "put", ...pendingLeaf("rego", "package other\n") },
    ]);
    await chain.mineAt(clock.nextTick(120n));
    await corrupt.commit(delta.leaves, clock.now());
    const { head } = local.lane.store;
    expect(await asyncCodeOf(() => local.lane.tick())).to.equal("E_FORKED");
    expect(await asyncCodeOf(() => local.operators[0]?.signer.sync())).to.equal("E_FORKED");
    expect([local.lane.store.head, local.lane.heldStatus.commits]).to.deep.equal([head, 1]);
    honest.close();
  });

  it("P8: serves nothing that is held to readers of certified roots", async () => {
    const { local } = network;
    await holdCommits("a");
    const reader = new CertifiedReader(local.lane.store);
    expect(await asyncCodeOf(async () => reader.certify(await local.target.head()))).to.equal(
      "E_GAP",
    );
    await local.lane.landHeld();
    const text = "package b\n\ndefault allow := false\n";
    const content = new TextEncoder().encode(text);
    expect(intakeArtifact(local.lane, "rego", content).status).to.equal("pending");
    await network.nextTick();
    expect((await local.lane.tick()).status).to.equal("held");
    reader.certify(await local.target.head());
    const receipt = intakeArtifact(local.lane, "rego", content);
    const key = contentKey(pendingLeaf("rego", text).namespace, receipt.contentHash);
    expect(receipt.status).to.equal("committed");
    expect([reader.head.sequenceNo, reader.leaf(key)]).to.deep.equal([1n, undefined]);
    await local.lane.landHeld();
    reader.certify(await local.target.head());
    expect(reader.leaf(key)?.content).to.deep.equal(content);
  });
});
