import { readFileSync } from "node:fs";
import { expect } from "chai";
import type { GasReport } from "../scripts/bench/gas.ts";
import { land, landBatch } from "../scripts/bench/landing.ts";
import { fillRing, openQuorumChain, type QuorumChain } from "../scripts/bench/quorumChain.ts";
import { type GasRun, gasDocument, gasSnapshot, runGas } from "../scripts/gas-report.ts";
import { fromHex } from "../src/bytes/hex.ts";

const text = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");

describe("gas", function () {
  this.timeout(600_000);
  let run: GasRun;
  let report: GasReport;
  before(async () => {
    run = await runGas();
    report = run.report;
  });

  it("is, to the unit, what snapshots/gas.json holds", () => {
    expect(JSON.parse(gasSnapshot(run))).to.deep.equal(JSON.parse(text("snapshots/gas.json")));
  });

  it("is what docs/Gas.md says", () => {
    expect(gasDocument(run)).to.equal(text("docs/Gas.md"));
  });

  it("GAS-01: stays within what is promised for a commit, whoever is missing", () => {
    const { ns0, ns1, ns10, ns33, cached1, cached10, cached33 } = report.commit.n100;
    expect(ns0).to.be.at.most(157_000);
    expect(ns1).to.be.at.most(175_000);
    expect(ns10).to.be.at.most(180_000);
    expect(ns33).to.be.at.most(193_000);
    for (const cached of [cached1, cached10, cached33]) expect(cached).to.be.at.most(161_000);
    expect((ns33 - ns1) / 32).to.be.at.most(600);
    // A third of the most operators there can be: nobody can miss more and reach the quorum.
    expect(report.commit.n256.ns85).to.be.at.most(225_000);
  });

  it("stays within what is promised for batches", () => {
    expect(report.batch.k4).to.be.at.most(50_000);
    expect(report.batch.k12).to.be.at.most(25_000);
  });

  it("stays within what is promised for proofs at depth 20, beside OpenZeppelin's as well", () => {
    const { inclusion20, absence20, ratio, ...transactions } = report.prove;
    expect(inclusion20).to.be.at.most(6_000);
    expect(absence20).to.be.at.most(6_000);
    // Integers only: chai's matchers for chains take no others.
    expect(Math.round(10_000 * ratio)).to.be.at.most(10_600);
    const { inclusion20Transaction: ours, openZeppelin20Transaction: theirs } = transactions;
    expect(Math.round((10_000 * ours) / theirs)).to.equal(Math.round(10_000 * ratio));
  });

  it("CHL-13: takes at most ten million for a transition, two for anything else about deltas", () => {
    for (const { gas } of Object.values(report.transition)) expect(gas).to.be.below(9_700_000);
    for (const gas of Object.values(report.request)) expect(gas).to.be.at.most(2_000_000);
  });

  it("is less for a multiproof than for a proof of each leaf, however many", () => {
    for (const gas of Object.values(report.several)) {
      expect(gas.multiProofTransaction).to.be.below(gas.singlesTransaction);
    }
  });

  it("is less for policies than where each is a contract, step by step", () => {
    const { contracts, ...own } = report.policy;
    expect(own.registerData).to.be.below(contracts.deployData);
    expect(own.registerTemplate).to.be.below(contracts.deployPolicy);
    expect(own.bundle).to.be.below(contracts.setAddress + contracts.setPolicy);
    expect(own.instantiateShared).to.be.below(contracts.setAddress + contracts.setPolicy);
    expect(own.instantiate).to.be.below(contracts.setPolicyAgain);
    expect(own.instantiateLeaf).to.be.below(contracts.setPolicyAgain);
    expect(own.movePointer).to.be.below(contracts.setOtherAddress + contracts.setPolicyAgain);
  });

  it("CHL-13: stays within 2,000,000 for a challenge of any kind, with a hook that burns what it gets", () => {
    const hookGas = 550_000;
    for (const [kind, gas] of Object.entries(report.challenge)) {
      expect(gas + hookGas, kind).to.be.at.most(2_000_000);
    }
  });

  it("GAS-03: does not depend on the number of operators but by their keys' bytes", () => {
    // Zero bytes of calldata cost 12 gas less each.
    expect(Math.abs(report.commit.n100.ns0 - report.commit.n10.ns0)).to.be.at.most(120);
  });
});

/** What a transaction's gas is without that for its bytes. */
async function executionGas(chain: QuorumChain, hash: string, gas: number): Promise<number> {
  const transaction = await chain.ethers.provider.getTransaction(hash);
  if (transaction === null) throw new Error("no transaction");
  return fromHex(transaction.data).reduce((rest, byte) => rest - (byte === 0 ? 4 : 16), gas);
}

describe("steady state", function () {
  this.timeout(300_000);

  it("GAS-08: is the same after 720 commits as in slots filled beforehand, and stays so", async () => {
    const committed = await openQuorumChain(10);
    await land(committed);
    for (let landed = 1; landed < 720; ) {
      const count = Math.min(32, 720 - landed);
      await landBatch(committed, count);
      landed += count;
    }
    const filled = await openQuorumChain(10);
    await land(filled);
    await fillRing(filled);
    const found: number[] = [];
    for (const chain of [committed, filled, committed]) {
      const { hash, gas } = await land(chain);
      found.push(await executionGas(chain, hash, gas));
    }
    expect(new Set(found).size, String(found)).to.equal(1);
    expect(await committed.registry.retainedRange()).to.deep.equal([3n, 722n]);
  });
});
