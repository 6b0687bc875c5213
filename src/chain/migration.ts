import { canonicalJson } from "../artifact/canonicalJson.ts";
import type { JsonObject } from "../artifact/json.ts";
import { toHex } from "../bytes/hex.ts";
import { keccak256 } from "../bytes/keccak.ts";
import { compareRisk, type RatedPolicy, riskFactsOf, riskScoreOf } from "../policy/risk.ts";
import { RETAINED_VERSIONS, type StateStore } from "../state/store.ts";
import type { Deployment } from "./deployment.ts";
import {
  type CallContext,
  distinctCalls,
  instancesOf,
  type MigratedPolicy,
  type MigrationCall,
  type ProofSources,
  proofArguments,
} from "./migrationCalls.ts";
import { MigrationError } from "./migrationError.ts";
import { isParamsLeaf, paramsProofOf, registrationOf } from "./registration.ts";
import { type BatchTransaction, type SafeBatch, safeBatchChecksum } from "./safeBatch.ts";

/**
 * Policies moved to a chain in stages, the least risk first: a Transaction Builder batch for each stage, which a Safe sends
 * as one transaction, and what the chain must say after it. Before a stage everything in it is derived anew from the bytes
 * on disk and compared with the plan and with the batch.
 */

/** What a migration is planned from. */
export interface MigrationRequest {
  readonly policies: readonly MigratedPolicy[];
  /** How many policies each stage takes. */
  readonly stageSizes: readonly number[];
  /** State of the chain, in which every artifact is. */
  readonly store: StateStore;
  readonly chainId: bigint;
  readonly deployment: Deployment;
  readonly expireAfterBlocks: number;
  /** The account that sends the batches, and acts for the clients. */
  readonly safe: string;
  /** Milliseconds since 1970; the same plan has the same time. */
  readonly createdAtMs: number;
}

/** A policy in a plan: what it is, and what the chain is to know it by. */
export interface PlannedPolicy extends RatedPolicy {
  readonly templateRef: string;
  readonly regoHash: string;
  readonly paramsHash: string;
  readonly data: readonly {
    readonly name: string;
    readonly ref: string;
    readonly wasmHash: string;
  }[];
  readonly instances: readonly { readonly client: string; readonly id: string }[];
}

/** One stage of a plan. */
export interface PlannedStage {
  /** From 1 on. */
  readonly stage: number;
  /** Of its batch file. */
  readonly checksum: string;
  readonly policies: readonly PlannedPolicy[];
}

/** A plan, as it is written down. */
export interface MigrationPlan {
  readonly chainId: string;
  readonly safe: string;
  readonly addressesProvider: string;
  readonly policyDataRegistry: string;
  readonly policyRegistry: string;
  readonly expireAfterBlocks: number;
  /** The commit that the proofs are made against, and its root. */
  readonly sequenceNo: string;
  readonly stateRoot: string;
  /** The last commit after which the chain still retains that root. */
  readonly provableThrough: string;
  readonly stages: readonly PlannedStage[];
}

/** The stages of the fourteen policies of this repository. */
export const QUICKSTART_STAGES = [3, 5, 6] as const;

/**
 * The plan, and the batch of each stage.
 * @throws {MigrationError} `E_STAGES`, `E_NOT_COMMITTED`
 */
export function planMigration(request: MigrationRequest): {
  readonly plan: MigrationPlan;
  readonly batches: readonly SafeBatch[];
} {
  const { deployment, safe, chainId, store, stageSizes } = request;
  requireStages(request);
  const rated = request.policies.map((policy) => ({ policy, rating: ratingOf(policy) }));
  rated.sort((a, b) => compareRisk(a.rating, b.rating));
  let taken = 0;
  const planned = stageSizes.map((size, i) => {
    const policies = rated.slice(taken, taken + size).map(({ policy }) => policy);
    taken += size;
    return planStage(i + 1, policies, request);
  });
  const { sequenceNo, stateRoot } = store.head;
  const plan: MigrationPlan = {
    chainId: String(chainId),
    safe,
    addressesProvider: deployment.addressesProvider,
    policyDataRegistry: deployment.policyDataRegistry,
    policyRegistry: deployment.policyRegistry,
    expireAfterBlocks: request.expireAfterBlocks,
    sequenceNo: String(sequenceNo),
    stateRoot: toHex(stateRoot),
    provableThrough: String(sequenceNo + BigInt(RETAINED_VERSIONS) - 1n),
    stages: planned.map(({ stage }) => stage),
  };
  return { plan, batches: planned.map(({ batch }) => batch) };
}

function planStage(
  stage: number,
  policies: readonly MigratedPolicy[],
  request: MigrationRequest,
): { readonly stage: PlannedStage; readonly batch: SafeBatch } {
  const { chainId, createdAtMs, safe, stageSizes } = request;
  const batch: SafeBatch = {
    chainId,
    createdAtMs,
    name: `Policies, stage ${stage} of ${stageSizes.length}`,
    description: policies.map(({ name }) => name).join(", "),
    safe,
    transactions: transactionsOf(policies, request),
  };
  const checksum = safeBatchChecksum(batch);
  return {
    batch,
    stage: { stage, checksum, policies: policies.map((one) => planOf(one, request)) },
  };
}

/**
 * Refuses a stage unless folders, plan and batch are the same: `policies` are those on disk now, `batch` is that of the file.
 * @throws {MigrationError} `E_DRIFT`, naming what differs
 */
export function checkStage(
  plan: MigrationPlan,
  { stage, checksum, policies: planned }: PlannedStage,
  batch: SafeBatch,
  policies: readonly MigratedPolicy[],
): void {
  const drift = (what: string) => new MigrationError("E_DRIFT", `stage ${stage}: ${what}`);
  if (safeBatchChecksum(batch) !== checksum) {
    throw drift(`the batch has checksum ${safeBatchChecksum(batch)}, the plan says ${checksum}`);
  }
  if (String(batch.chainId) !== plan.chainId || batch.safe !== plan.safe) {
    throw drift(`the batch is for ${batch.safe} on chain ${batch.chainId}`);
  }
  const context = contextOf(plan);
  const onDisk = planned.map((wanted) => {
    const policy = policies.find(({ name }) => name === wanted.name);
    if (policy === undefined) throw drift(`there is no folder of ${wanted.name}`);
    const [different] = differingKeys(planOf(policy, context), wanted);
    if (different !== undefined) {
      throw drift(`${wanted.name}: ${different} is not what was planned`);
    }
    return policy;
  });
  const [odd] = oddTransactions(batch, distinctCalls(onDisk, context));
  if (odd !== undefined) throw drift(odd);
}

/** Transactions that are not what `calls` give with the proofs that they have. */
function oddTransactions({ transactions }: SafeBatch, calls: readonly MigrationCall[]): string[] {
  if (calls.length !== transactions.length) {
    return [`expected ${calls.length} transactions, got ${transactions.length}`];
  }
  return transactions.flatMap(({ to, data, value }, i) => {
    const call = calls[i];
    const proofs = call?.proofsIn(data);
    const isSame =
      proofs !== undefined && call?.encode(proofs) === data && call.to === to && value === "0";
    return isSame ? [] : [`transaction ${i} is not "${call?.what}" of ${call?.policy}`];
  });
}

function requireStages({ policies, stageSizes }: MigrationRequest): void {
  const total = stageSizes.reduce((sum, size) => sum + size, 0);
  const areCounts = stageSizes.every((size) => Number.isSafeInteger(size) && size > 0);
  if (!areCounts || total !== policies.length) {
    const message = `stages of ${stageSizes.join(" + ")} do not take ${policies.length} policies`;
    throw new MigrationError("E_STAGES", message);
  }
  const names = policies.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new MigrationError("E_STAGES", `${twice} is there twice`);
}

/** Calls with proofs against the store's newest commit. */
function transactionsOf(
  policies: readonly MigratedPolicy[],
  request: MigrationRequest,
): BatchTransaction[] {
  const sources = new Map(policies.map((policy) => [policy.name, proofsOf(policy, request.store)]));
  return distinctCalls(policies, request).map((call) => {
    const of = sources.get(call.policy);
    const proofs = of === undefined ? [] : call.proofsFrom(of);
    return { to: call.to, value: "0", data: call.encode(proofArguments(proofs)) };
  });
}

function proofsOf({ name, bundle, params }: MigratedPolicy, store: StateStore): ProofSources {
  const registration = registrationOf(store, bundle);
  const paramsProof = isParamsLeaf(params) ? paramsProofOf(store, params) : undefined;
  if (registration !== undefined && isParamsLeaf(params) === (paramsProof !== undefined)) {
    return { registration, params: paramsProof };
  }
  const what = registration === undefined ? `an artifact of ${name} is` : `params of ${name} are`;
  throw new MigrationError("E_NOT_COMMITTED", `${what} not committed yet; publish and commit`);
}

function ratingOf({ name, bundle, params }: MigratedPolicy): RatedPolicy {
  const facts = riskFactsOf(bundle, params);
  return { name, score: riskScoreOf(facts), facts };
}

function planOf(policy: MigratedPolicy, context: CallContext): PlannedPolicy {
  const { bundle, params } = policy;
  return {
    ...ratingOf(policy),
    templateRef: toHex(bundle.templateRef),
    regoHash: toHex(bundle.template.regoHash),
    paramsHash: toHex(keccak256(params)),
    data: bundle.data.map(({ binding: { name, ref }, template }) => ({
      name,
      ref: toHex(ref),
      wasmHash: toHex(template.wasmHash),
    })),
    instances: instancesOf(policy, context).map(({ client, id }) => ({ client, id })),
  };
}

function contextOf(plan: MigrationPlan): CallContext {
  const { chainId, policyDataRegistry, policyRegistry, expireAfterBlocks } = plan;
  const deployment = { policyDataRegistry, policyRegistry };
  return { chainId: BigInt(chainId), deployment, expireAfterBlocks };
}

/** Names of what differs, those that say most first. */
function differingKeys(a: PlannedPolicy, b: PlannedPolicy): string[] {
  const [left, right] = [a, b].map((one): JsonObject => JSON.parse(JSON.stringify(one)));
  const keys = ["regoHash", "data", "templateRef", "paramsHash", "instances", "facts", "score"];
  const isSame = (key: string) =>
    canonicalJson(left?.[key] ?? null) === canonicalJson(right?.[key] ?? null);
  return keys.filter((key) => !isSame(key));
}
