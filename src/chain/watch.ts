import { bytes32, type ContentHash } from "../bytes/brand.ts";
import { fromHex } from "../bytes/hex.ts";
import { danglingBy, type Registered } from "../challenge/dangling.ts";
import type { Evidence, Verdict } from "../challenge/evidence.ts";
import { followCommit } from "../challenge/examine.ts";
import type { CommitTarget } from "../commit/target.ts";
import type { PolicyDataRef } from "../policy/ids.ts";
import type { DeltaSource } from "../state/fetch.ts";
import type { StateStore } from "../state/store.ts";
import { estimateChallenge, judge, submitChallenge } from "./challenges.ts";
import { type Contracts, reverts } from "./contracts.ts";

/** A challenger that follows a chain: what it can see from chain and data availability, it proves. */

/** What watching needs. `store` is the challenger's own replica, which follows honest commits only. */
export interface Watch {
  readonly contracts: Contracts;
  readonly target: Pick<CommitTarget, "commitsFrom">;
  readonly deltas: DeltaSource;
  readonly store: StateStore;
  /** Account to credit. */
  readonly challenger: string;
  /** Judge and estimate, and submit nothing. */
  readonly isDryRun: boolean;
  /** Evidence handed in by others: certificates and decisions that no registry has seen. */
  readonly handedIn?: readonly Evidence[];
}

/** One piece of evidence, and what became of it. */
export interface Finding {
  readonly evidence: Evidence;
  readonly verdict: Verdict;
  readonly faultId: string;
  /** Of submitting it now; none unless it proves. */
  readonly estimatedGas?: bigint;
  /** None if nothing was submitted. */
  readonly transactionHash?: string;
}

/** What one pass came to. */
export interface WatchPass {
  /** The newest commit that is honest, and applied. */
  readonly followedTo: bigint;
  readonly findings: readonly Finding[];
}

/**
 * Follows the chain from where the store is to its newest commit, or to the first that is faulty, and proves what it finds.
 * @throws as `followCommit`: a delta that cannot be had, or that does not make the committed root, ends the pass
 */
export async function watchOnce(watch: Watch): Promise<WatchPass> {
  const { target, store, deltas, contracts } = watch;
  const found: Evidence[] = [...(watch.handedIn ?? [])];
  for (const commit of await target.commitsFrom(store.head.sequenceNo + 1n)) {
    const evidence = await followCommit(store, deltas, commit);
    if (evidence.length === 0) continue;
    const losses = evidence.filter((one) => one.kind === "rewrite");
    const registrations = losses.length === 0 ? [] : await registrationsOn(contracts);
    const dangling = losses.map((loss) => danglingBy(loss, registrations).slice(0, 1));
    found.push(...evidence, ...dangling.flat());
    break;
  }
  const findings: Finding[] = [];
  for (const evidence of found) findings.push(await pursue(watch, evidence));
  return { followedTo: store.head.sequenceNo, findings };
}

async function pursue(watch: Watch, evidence: Evidence): Promise<Finding> {
  const { contracts, challenger, isDryRun } = watch;
  const { verdict, faultId } = await judge(contracts, evidence);
  if (verdict !== "Proven") return { evidence, verdict, faultId };
  const estimatedGas = await estimateChallenge(contracts, evidence, challenger);
  if (isDryRun) return { evidence, verdict, faultId, estimatedGas };
  const { transactionHash } = await submitChallenge(contracts, evidence, challenger);
  return { evidence, verdict, faultId, estimatedGas, transactionHash };
}

/** Every registered template and data template, from the registries' events. */
export async function registrationsOn(contracts: Contracts): Promise<readonly Registered[]> {
  const { policies, policyData } = contracts;
  return await reverts.run(async () => {
    const hash = (text: string) => bytes32<ContentHash>(fromHex(text));
    const registered: Registered[] = [];
    for (const { args } of await policyData.queryFilter(
      policyData.filters.PolicyDataRegistered(),
    )) {
      const { template } = args;
      const { sequenceNo } = await policyData.policyData(args.ref);
      const parts = {
        wasmHash: hash(template.wasmHash),
        argsSchemaHash: hash(template.argsSchemaHash),
        outputSchemaHash: hash(template.outputSchemaHash),
        secretsSchemaHash: hash(template.secretsSchemaHash),
        teeRequired: template.teeRequired,
        cleartextHash: hash(template.cleartextHash),
      };
      registered.push({ of: "data", template: parts, sequenceNo });
    }
    for (const { args } of await policies.queryFilter(
      policies.filters.PolicyTemplateRegistered(),
    )) {
      const { template } = args;
      const { sequenceNo } = await policies.policyTemplate(args.ref);
      const parts = {
        regoHash: hash(template.regoHash),
        paramsSchemaHash: hash(template.paramsSchemaHash),
        entrypoint: template.entrypoint,
        environment: Number(template.environment),
        data: template.data.map(({ name, ref }) => ({
          name,
          ref: bytes32<PolicyDataRef>(fromHex(ref)),
        })),
      };
      registered.push({ of: "template", template: parts, sequenceNo });
    }
    return registered;
  });
}
