import { expect } from "chai";
import { bytes32, type TreeKey } from "../../src/bytes/brand.ts";
import { toHex } from "../../src/bytes/hex.ts";
import { keccak256 } from "../../src/bytes/keccak.ts";
import {
  checkStage,
  type MigrationPlan,
  planMigration,
  QUICKSTART_STAGES,
} from "../../src/chain/migration.ts";
import type { MigratedPolicy } from "../../src/chain/migrationCalls.ts";
import { sentencesAfter, verifyStage } from "../../src/chain/migrationCheck.ts";
import { decodePlan, encodePlan } from "../../src/chain/migrationPlanFile.ts";
import { PolicyReader } from "../../src/chain/policyReader.ts";
import { encodeSafeBatch, type SafeBatch } from "../../src/chain/safeBatch.ts";
import { intakeArtifact } from "../../src/commit/gateway.ts";
import { loadPolicyFolder } from "../../src/policy/folder.ts";
import type { PolicyInstanceId } from "../../src/policy/ids.ts";
import { compareRisk, RISK_POINTS, riskFactsOf, riskScoreOf } from "../../src/policy/risk.ts";
import {
  type MigrationFiles,
  rehearseMigration,
  TRANSACTION_GAS_LIMIT,
} from "../../src/sim/migrationRehearsal.ts";
import { at } from "../helpers/at.ts";
import { asyncCodeOf } from "../helpers/codes.ts";
import { type LocalNetwork, openLocalNetwork } from "../helpers/localNetwork.ts";
import { loadPolicies, type PolicySample } from "../helpers/policyFolders.ts";

const utf8 = new TextEncoder();

/** Three without a plugin; then those with a small one, and the least of three with an interpreter; then the rest. */
const ORDER = [
  ["gas-price-cap", "time-window", "selector-allow-list"],
  ["allow-list", "approval-cap", "bridge-limit", "sanctions-screening", "spend-limit"],
  [
    "counterparty-risk",
    "kyc-tier",
    "price-deviation",
    "treasury-pack",
    "vault-exposure",
    "velocity-limit",
  ],
];

describe("migrating the policies in stages", function () {
  this.timeout(180_000);
  let samples: PolicySample[];
  let network: LocalNetwork;
  let safe: string;
  let migrated: MigratedPolicy[];
  let plan: MigrationPlan;
  let batches: readonly SafeBatch[];

  before(async () => {
    samples = await loadPolicies();
    network = await openLocalNetwork({ operatorCount: 1 });
    const { chain, local } = network;
    for (const { bundle } of samples) {
      for (const { kind, bytes } of bundle.artifacts) intakeArtifact(local.lane, kind, bytes);
    }
    await network.nextTick();
    await local.lane.tick();
    safe = await chain.parts.cast.client.getAddress();
    migrated = samples.map(({ name, bundle, files }) => ({
      name,
      bundle,
      params: files.get("params.json") ?? new Uint8Array(0),
      clients: [safe],
    }));
    ({ plan, batches } = planned());
  });
  after(() => network.close());

  const planned = (change: Partial<Parameters<typeof planMigration>[0]> = {}) =>
    planMigration({
      policies: migrated,
      stageSizes: QUICKSTART_STAGES,
      store: network.local.lane.store,
      chainId: network.chain.chainId,
      deployment: network.chain.deployment,
      expireAfterBlocks: 100,
      safe,
      createdAtMs: 1_790_000_000_000,
      ...change,
    });
  /** Files as they were written, but for what is given. */
  const files = (change: Partial<MigrationFiles> = {}): MigrationFiles => ({
    policies: () => migrated,
    batch: (stage) => encodeSafeBatch(at(batches, stage - 1)),
    ...change,
  });
  const rehearse = (change: Partial<MigrationFiles> = {}, of = plan) => {
    const { parts, contracts } = network.chain;
    return rehearseMigration({ provider: parts.provider, contracts }, of, files(change));
  };
  const registered = async () => {
    const { policies } = network.chain.contracts;
    const names: string[] = [];
    for (const { name, bundle } of samples) {
      const { registeredAt } = await policies.policyTemplate(toHex(bundle.templateRef));
      if (registeredAt !== 0n) names.push(name);
    }
    return names.sort();
  };
  const stateOfChain = async () => {
    const { ethersProvider } = network.chain.parts;
    const block = await ethersProvider.getBlock("latest");
    return [block?.number, await ethersProvider.getBalance(safe), await registered()];
  };
  /** The policies on disk with one byte more in the Rego of one of them. */
  const drifted = (name: string): MigratedPolicy[] => {
    const { files: before } = at(
      samples.filter((one) => one.name === name),
      0,
    );
    const after = new Map(before);
    after.set(
      "policy.rego",
      utf8.encode(`${new TextDecoder().decode(before.get("policy.rego"))} `),
    );
    const bundle = loadPolicyFolder(after);
    return migrated.map((policy) => (policy.name === name ? { ...policy, bundle } : policy));
  };
  const snapshot = async <T>(run: () => Promise<T>): Promise<T> => {
    const { provider } = network.chain.parts;
    const id = await provider.request({ method: "evm_snapshot", params: [] });
    try {
      return await run();
    } finally {
      await provider.request({ method: "evm_revert", params: [id] });
    }
  };

  it("orders the fourteen by risk, in stages of three, five and six", () => {
    expect(
      plan.stages.map(({ policies }) => policies.map(({ name }) => name).sort()),
    ).to.deep.equal(ORDER.map((names) => [...names].sort()));
    const scores = plan.stages.flatMap(({ policies }) => policies.map(({ score }) => score));
    expect(scores).to.deep.equal([...scores].sort((a, b) => a - b));
    for (const { facts, score } of plan.stages.flatMap(({ policies }) => policies)) {
      expect(score).to.equal(riskScoreOf(facts));
    }
    expect(planned({ policies: [...migrated].reverse() }).plan).to.deep.equal(plan);
  });

  it("scores secrets above plugins, an interpreter on top, and sizes last", () => {
    const none = {
      secrets: 0,
      plugins: 0,
      interpreters: 0,
      imports: 0,
      paramsBytes: 0,
      regoBytes: 0,
    };
    expect(riskScoreOf(none)).to.equal(0);
    expect(riskScoreOf({ ...none, secrets: 1, plugins: 1 })).to.equal(
      RISK_POINTS.secrets + RISK_POINTS.plugins,
    );
    expect(riskScoreOf({ ...none, paramsBytes: 1_025, regoBytes: 1 })).to.equal(3);
    const { bundle, params } = at(
      migrated.filter(({ name }) => name === "kyc-tier"),
      0,
    );
    expect(riskFactsOf(bundle, params)).to.deep.include({
      secrets: 1,
      plugins: 1,
      interpreters: 1,
      imports: 0,
    });
    const rated = (name: string, regoBytes: number) => ({
      name,
      score: 1,
      facts: { ...none, regoBytes },
    });
    expect(
      [rated("b", 1), rated("c", 1), rated("a", 2)].sort(compareRisk).map(({ name }) => name),
    ).to.deep.equal(["b", "c", "a"]);
  });

  it("carries the very batch files out, stage by stage, and finds what was to be verified", async () => {
    await snapshot(async () => {
      const stages = await rehearse();
      expect(stages.map(({ stage }) => stage)).to.deep.equal([1, 2, 3]);
      expect(stages.map(({ transactions }) => transactions)).to.deep.equal(
        batches.map(({ transactions }) => transactions.length),
      );
      for (const { gasUsed } of stages) expect(gasUsed < TRANSACTION_GAS_LIMIT).to.equal(true);
      expect(await registered()).to.deep.equal(samples.map(({ name }) => name).sort());
      for (const stage of plan.stages.slice(0, 2)) {
        // A later stage has moved the client's pointer; everything else still holds.
        const others = sentencesAfter(stage).length - 1;
        const verifying = verifyStage(network.chain.contracts, stage);
        const error = await verifying.catch((cause: unknown) => cause);
        expect(error).to.have.property("message").that.contains("currentPolicyInstance");
        expect(others).to.be.greaterThan(5);
      }
      const last = at(plan.stages, 2);
      expect(await verifyStage(network.chain.contracts, last)).to.equal(
        sentencesAfter(last).length,
      );
      // Once more: everything is there, nothing is refused.
      expect(await rehearse()).to.have.length(3);
    });
    expect(await registered()).to.deep.equal([]);
  });

  it("E_DRIFT: a hash that drifted in stage one stops there, with nothing half done", async () => {
    const before = await stateOfChain();
    const [first = ""] = at(plan.stages, 0).policies.map(({ name }) => name);
    expect(await asyncCodeOf(() => rehearse({ policies: () => drifted(first) }))).to.equal(
      "E_DRIFT",
    );
    expect(await stateOfChain()).to.deep.equal(before);
    const error = await rehearse({ policies: () => drifted(first) }).catch(
      (cause: unknown) => cause,
    );
    expect(error).to.have.property(
      "message",
      `stage 1: ${first}: regoHash is not what was planned`,
    );
  });

  it("E_DRIFT: a hash that drifts after stage one leaves stage one whole, and of stage two nothing", async () => {
    await snapshot(async () => {
      const [victim = ""] = at(plan.stages, 1).policies.map(({ name }) => name);
      let reads = 0;
      const driftLate = () => (reads++ === 0 ? migrated : drifted(victim));
      expect(await asyncCodeOf(() => rehearse({ policies: driftLate }))).to.equal("E_DRIFT");
      expect(await registered()).to.deep.equal([...at(ORDER, 0)].sort());
      expect(await verifyStage(network.chain.contracts, at(plan.stages, 0))).to.be.greaterThan(5);
    });
  });

  it("E_DRIFT, E_BATCH_CHECKSUM: a batch or a plan that was changed is not sent", async () => {
    const before = await stateOfChain();
    const batch = at(batches, 0);
    const resealed = (change: Partial<SafeBatch>) => {
      const other = { ...batch, ...change };
      return {
        batch: (stage: number) => (stage === 1 ? encodeSafeBatch(other) : new Uint8Array()),
      };
    };
    expect(await asyncCodeOf(() => rehearse(resealed({ transactions: [] })))).to.equal("E_DRIFT");
    const bytes = encodeSafeBatch(batch);
    bytes[bytes.length - 200] = 0x61;
    expect(await asyncCodeOf(() => rehearse({ batch: () => bytes }))).to.be.oneOf([
      "E_BATCH_CHECKSUM",
      "E_BATCH_INVALID",
    ]);
    const [stage] = plan.stages;
    if (stage === undefined) return expect.fail();
    // Plan and batch agree with one another, but not with the folders.
    const { transactions } = batch;
    const others: Partial<SafeBatch>[] = [
      { transactions: transactions.slice(1) },
      { transactions: [...transactions].reverse() },
      { transactions: transactions.map((one) => ({ ...one, value: "1" })) },
      { transactions: transactions.map((one) => ({ ...one, to: safe })) },
      { transactions: transactions.map((one) => ({ ...one, data: `${one.data}00` })) },
      { safe: network.chain.deployment.policyRegistry },
      { chainId: 10n },
    ];
    for (const [i, change] of others.entries()) {
      const other = { ...batch, ...change };
      const { safeBatchChecksum } = await import("../../src/chain/safeBatch.ts");
      const sealed = { ...stage, checksum: safeBatchChecksum(other) };
      const check = () => checkStage(plan, sealed, other, migrated);
      expect(await asyncCodeOf(check), `${i}`).to.equal("E_DRIFT");
    }
    const renamed = {
      ...stage,
      policies: stage.policies.map((one) => ({ ...one, name: "other" })),
    };
    expect(await asyncCodeOf(() => checkStage(plan, renamed, batch, migrated))).to.equal("E_DRIFT");
    for (const key of ["templateRef", "paramsHash"] as const) {
      const policies = stage.policies.map((one) => ({ ...one, [key]: toHex(keccak256()) }));
      const check = () => checkStage(plan, { ...stage, policies }, batch, migrated);
      expect(await asyncCodeOf(check)).to.equal("E_DRIFT");
    }
    expect(await stateOfChain()).to.deep.equal(before);
  });

  it("E_STAGE_FAILED: a stage of which the chain refuses one call is taken back whole", async () => {
    await snapshot(async () => {
      const { owner } = network.chain.parts.cast;
      const stranger = await owner.getAddress();
      // The Safe does not act for this client, so the last call is refused.
      const foreign = migrated.map((policy, i) =>
        i === 0 ? policy : { ...policy, clients: [stranger] },
      );
      const other = planned({ policies: foreign });
      const before = await stateOfChain();
      const change = {
        policies: () => foreign,
        batch: (stage: number) => encodeSafeBatch(at(other.batches, stage - 1)),
      };
      expect(await asyncCodeOf(() => rehearse(change, other.plan))).to.equal("E_STAGE_FAILED");
      expect(await stateOfChain()).to.deep.equal(before);
    });
  });

  it("E_STAGE_GAS: a stage that does not fit one transaction is taken back", async () => {
    // As much params as a registry takes, 200 gas a byte.
    const wide = migrated.map((policy) => {
      const params = new Uint8Array(8_000).fill(0x20);
      params.set(policy.params);
      return { ...policy, params };
    });
    const other = planned({ policies: wide, stageSizes: [14] });
    const before = await stateOfChain();
    const change = {
      policies: () => wide,
      batch: (stage: number) => encodeSafeBatch(at(other.batches, stage - 1)),
    };
    expect(await asyncCodeOf(() => rehearse(change, other.plan))).to.equal("E_STAGE_GAS");
    expect(await stateOfChain()).to.deep.equal(before);
  });

  it("E_STAGE_UNVERIFIED: a chain that does not say what it should", async () => {
    const verifying = () => verifyStage(network.chain.contracts, at(plan.stages, 0));
    expect(await asyncCodeOf(verifying)).to.equal("E_STAGE_UNVERIFIED");
  });

  it("E_STAGES, E_NOT_COMMITTED: what cannot be planned", async () => {
    for (const stageSizes of [[3, 5, 5], [14, 0], [], [3.5, 10.5]]) {
      expect(await asyncCodeOf(() => planned({ stageSizes }))).to.equal("E_STAGES");
    }
    const twice = [...migrated.slice(1), at(migrated, 1)];
    expect(await asyncCodeOf(() => planned({ policies: twice }))).to.equal("E_STAGES");
    const policies = drifted("kyc-tier");
    expect(await asyncCodeOf(() => planned({ policies }))).to.equal("E_NOT_COMMITTED");
  });

  it("params above what the chain keeps come with their proof, and are read back from their leaf", async () => {
    const { chain, local } = network;
    const params = new Uint8Array(9_000).fill(0x20);
    const [small] = migrated.filter(({ name }) => name === "time-window");
    if (small === undefined) return expect.fail();
    params.set(small.params);
    const policies = [{ ...small, params }];
    expect(await asyncCodeOf(() => planned({ policies, stageSizes: [1] }))).to.equal(
      "E_NOT_COMMITTED",
    );
    intakeArtifact(local.lane, "params", params);
    await network.nextTick();
    await local.lane.tick();
    const other = planned({ policies, stageSizes: [1] });
    await snapshot(async () => {
      const change = {
        policies: () => policies,
        batch: (stage: number) => encodeSafeBatch(at(other.batches, stage - 1)),
      };
      expect(await rehearse(change, other.plan)).to.have.length(1);
      const [instance] = at(other.plan.stages, 0).policies.flatMap(({ instances }) => instances);
      const id = bytes32<PolicyInstanceId>(instance?.id ?? "");
      const { ethersProvider } = chain.parts;
      const reader = (contentAt?: (key: TreeKey) => Uint8Array | undefined) =>
        new PolicyReader(chain.contracts, ethersProvider, chain.chainId, contentAt);
      const found = await reader((key) => local.lane.store.leaf(key)?.content).instance(id);
      expect(found?.instance.params).to.deep.equal(params);
      expect(await asyncCodeOf(() => reader().instance(id))).to.equal("ParamsInLeaf");
      expect(await asyncCodeOf(() => reader(() => new Uint8Array(1)).instance(id))).to.equal(
        "E_EVENT_FORGED",
      );
    });
  });

  it("E_PLAN_INVALID: reads the plan that it wrote, and no other", async () => {
    const bytes = encodePlan(plan);
    expect(decodePlan(bytes, "plan")).to.deep.equal(plan);
    const json = JSON.parse(new TextDecoder().decode(bytes));
    const broken = [
      { ...json, chainId: 1 },
      { ...json, safe: "0x1" },
      { ...json, stages: {} },
      { ...json, stages: [{ ...json.stages[0], checksum: "0x" }] },
      { ...json, stages: [{ ...json.stages[0], policies: [{}] }] },
      { ...json, expireAfterBlocks: -1 },
    ];
    for (const one of broken) {
      const decoding = () => decodePlan(utf8.encode(JSON.stringify(one)), "plan");
      expect(await asyncCodeOf(decoding)).to.equal("E_PLAN_INVALID");
    }
    expect(await asyncCodeOf(() => decodePlan(utf8.encode("{"), "plan"))).to.equal(
      "E_PLAN_INVALID",
    );
  });
});
