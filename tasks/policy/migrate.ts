import { join, resolve } from "node:path";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { MigrationPlan } from "../../src/chain/migration.ts";
import { TaskError } from "../support/errors.ts";
import { type Progress, report, type TaskOutput, table } from "../support/output.ts";
import { accountOf, openWorkspace, type Workspace, withServices } from "../support/workspace.ts";
import {
  readMigrationFile,
  readPolicies,
  requireFresh,
  verifyText,
  writeMigration,
} from "./migrationFolder.ts";

interface Options {
  readonly plan: boolean;
  readonly rehearse: boolean;
  readonly folder: string;
  readonly policies: string;
  readonly stages: string;
  readonly safe: string;
  readonly clients: string;
  readonly expireAfterBlocks: number;
  readonly dataDir: string;
  readonly dryRun: boolean;
  readonly json: boolean;
}

const REPOSITORY_POLICIES = resolve(import.meta.dirname, "../../policies");

/** Plans a migration in stages, or carries a plan's files out on a fork of the network. Sends nothing to the network. */
export default async function migratePolicies(
  options: Options,
  hre: HardhatRuntimeEnvironment,
): Promise<void> {
  await report(options.json, async (progress) => {
    if (options.plan === options.rehearse) {
      throw new TaskError("E_OPTION", "expected either --plan or --rehearse");
    }
    const workspace = await openWorkspace(hre, options.dataDir);
    const folder = options.folder === "" ? join(workspace.dataDir, "migration") : options.folder;
    if (options.plan) return await writePlan(workspace, { ...options, folder });
    return await rehearsePlan(workspace, { ...options, folder }, hre, progress);
  });
}

async function writePlan(workspace: Workspace, options: Options): Promise<TaskOutput> {
  const { folder, dryRun } = options;
  if (!dryRun) requireFresh(folder);
  const { planMigration } = await import("../../src/chain/migration.ts");
  const { sentencesAfter } = await import("../../src/chain/migrationCheck.ts");
  const { encodePlan } = await import("../../src/chain/migrationPlanFile.ts");
  const { encodeSafeBatch } = await import("../../src/chain/safeBatch.ts");
  const { chainId, addresses, provider, networkName } = workspace;
  const safe = await safeOf(workspace, options.safe);
  const { plan, batches } = await withServices(workspace, async ({ lane }) => {
    await lane.sync();
    // A batch with proofs of a root that has not landed would be refused.
    if (lane.heldStatus.commits > 0) {
      throw new TaskError("E_NOT_COMMITTED", `${lane.heldStatus.commits} commits are held back`);
    }
    const block = await provider.getBlock("latest");
    return planMigration({
      policies: readPolicies(policiesRoot(options), options.clients, safe),
      stageSizes: await stageSizesOf(options.stages),
      store: lane.store,
      chainId,
      deployment: addresses,
      expireAfterBlocks: options.expireAfterBlocks,
      safe,
      createdAtMs: (block?.timestamp ?? 0) * 1_000,
    });
  });
  const stages = plan.stages.map((stage, i) => {
    const batch = batches[i];
    if (batch === undefined) throw new RangeError(`no batch for stage ${stage.stage}`);
    const verify = verifyText(plan, stage, sentencesAfter(stage), networkName);
    return { stage: stage.stage, batch: encodeSafeBatch(batch), verify };
  });
  const files = dryRun ? [] : writeMigration(folder, encodePlan(plan), stages);
  const counts = batches.map(({ transactions }) => transactions.length);
  return {
    document: { networkName, folder, dryRun, files, transactions: counts, plan },
    text: `${planText(plan)}\n${dryRun ? "nothing is written" : `written to ${folder}`}`,
  };
}

async function rehearsePlan(
  workspace: Workspace,
  options: Options,
  hre: HardhatRuntimeEnvironment,
  progress: Progress,
): Promise<TaskOutput> {
  const { decodePlan } = await import("../../src/chain/migrationPlanFile.ts");
  const { rehearseMigration } = await import("../../src/sim/migrationRehearsal.ts");
  const { folder } = options;
  const plan = decodePlan(readMigrationFile(folder), "plan.json");
  const { connectContracts } = await import("../../src/chain/contracts.ts");
  requireSameChain(plan, workspace);
  const fork = await openFork(workspace, hre);
  try {
    const contracts = connectContracts(workspace.addresses, fork.ethers.provider);
    const files = {
      policies: () => readPolicies(policiesRoot(options), options.clients, plan.safe),
      batch: (stage: number) => readMigrationFile(folder, stage),
    };
    const chain = { provider: fork.provider, contracts };
    const stages = await rehearseMigration(chain, plan, files, ({ stage, transactions }) =>
      progress(`· stage ${stage}: ${transactions} calls`),
    );
    const rows = stages.map(({ stage, transactions, gasUsed, verified }) => [
      `stage ${stage}`,
      `${transactions} calls`,
      `${gasUsed} gas`,
      `${verified} things verified`,
    ]);
    const { networkName } = workspace;
    const document = { networkName, folder, blockNumber: fork.blockNumber, stages };
    return { document, text: `${table(rows)}\nnothing was sent to ${networkName}` };
  } finally {
    await fork.close();
  }
}

/** The network's newest block, as a simulated chain in this process. */
async function openFork(
  { provider, chainId, networkName }: Workspace,
  hre: HardhatRuntimeEnvironment,
) {
  const network = hre.config.networks[networkName];
  if (network?.type !== "http") {
    throw new TaskError("E_OPTION", `${networkName} has no node that could be forked`);
  }
  const { chainType = "generic" } = network;
  const forking = { url: await network.url.getUrl(), blockNumber: await provider.getBlockNumber() };
  const override = { chainId: Number(chainId), chainType, forking };
  const fork = await hre.network.create({ network: "mainnet", chainType, override });
  const { ethers, provider: forked } = fork;
  return { ethers, provider: forked, close: () => fork.close(), blockNumber: forking.blockNumber };
}

function requireSameChain(plan: MigrationPlan, { chainId, addresses }: Workspace): void {
  const isSame =
    plan.chainId === String(chainId) &&
    plan.addressesProvider === addresses.addressesProvider &&
    plan.policyDataRegistry === addresses.policyDataRegistry &&
    plan.policyRegistry === addresses.policyRegistry;
  if (isSame) return;
  throw new TaskError("E_OPTION", `the plan is for other registries, on chain ${plan.chainId}`);
}

async function safeOf(workspace: Workspace, option: string): Promise<string> {
  const { getAddress, isAddress } = await import("ethers");
  if (option === "") return await accountOf(workspace, "client").getAddress();
  const isOne: boolean = isAddress(option);
  if (isOne) return getAddress(option);
  throw new TaskError("E_OPTION", `--safe: ${option.slice(0, 80)} is no address`);
}

async function stageSizesOf(option: string): Promise<readonly number[]> {
  const { QUICKSTART_STAGES } = await import("../../src/chain/migration.ts");
  if (option === "") return QUICKSTART_STAGES;
  if (/^[1-9][0-9]{0,2}(?:,[1-9][0-9]{0,2}){0,31}$/.test(option))
    return option.split(",").map(Number);
  throw new TaskError(
    "E_OPTION",
    `--stages: expected numbers like 3,5,6, got ${option.slice(0, 80)}`,
  );
}

function policiesRoot({ policies }: Options): string {
  return policies === "" ? REPOSITORY_POLICIES : policies;
}

function planText({ stages, sequenceNo, provableThrough, safe }: MigrationPlan): string {
  const rows = stages.flatMap(({ stage, policies }) =>
    policies.map(({ name, score, facts }) => [
      `stage ${stage}`,
      name,
      `score ${score}`,
      `${facts.secrets} secrets, ${facts.plugins} plugins, ${facts.paramsBytes} bytes of params`,
    ]),
  );
  const proofs = `proofs against commit ${sequenceNo}, good through commit ${provableThrough}`;
  return `${table(rows)}\nto be sent by ${safe}; ${proofs}`;
}
