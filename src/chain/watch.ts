import type { Provider } from "ethers";
import { CodedError } from "../bytes/errors.ts";
import { danglingBy } from "../challenge/dangling.ts";
import type { Evidence, Verdict } from "../challenge/evidence.ts";
import { followCommit } from "../challenge/examine.ts";
import type { StateCommit } from "../commit/message.ts";
import type { CommitTarget } from "../commit/target.ts";
import { DaError } from "../state/errors.ts";
import type { DeltaSource } from "../state/fetch.ts";
import type { StateStore } from "../state/store.ts";
import { estimateChallenge, judge, submitChallenge } from "./challenges.ts";
import type { Contracts } from "./contracts.ts";
import { registrationsOn } from "./registrations.ts";
import {
  advanceRequests,
  missingChunks,
  requestMissing,
  type WatchedRequest,
} from "./watchedRequests.ts";
import { invalidTransition, type TransitionFinding } from "./watchedTransitions.ts";

/** A challenger that follows a chain: what it can see from chain and data availability, it proves. */

/** What watching needs. `store` is the challenger's own replica, which follows honest commits only. */
export interface Watch {
  readonly contracts: Contracts;
  readonly provider: Provider;
  readonly target: Pick<CommitTarget, "commitsFrom">;
  readonly deltas: DeltaSource;
  readonly store: StateStore;
  /** Account to credit. */
  readonly challenger: string;
  /** Judge and estimate, and submit nothing. */
  readonly isDryRun: boolean;
  /** Most wei of bonds that one pass puts up for chunks that cannot be had; none by default, which only reports them. */
  readonly maxBondWei?: bigint;
  /** Evidence handed in by others: certificates and decisions that no registry has seen. */
  readonly handedIn?: readonly Evidence[];
}

/** One piece of evidence for a challenge verifier, and what became of it. */
export interface LeafFinding {
  readonly evidence: Evidence;
  readonly verdict: Verdict;
  readonly faultId: string;
  /** Of submitting it now; none unless it proves. */
  readonly estimatedGas?: bigint;
  /** None if nothing was submitted. */
  readonly transactionHash?: string;
}

/** See {@link LeafFinding} and {@link TransitionFinding}. */
export type Finding = LeafFinding | TransitionFinding;

/** What one pass came to. */
export interface WatchPass {
  /** The newest commit that is honest, and applied. */
  readonly followedTo: bigint;
  readonly findings: readonly Finding[];
  /** Requests for data: the challenger's own, and the chunks that cannot be had. */
  readonly requests: readonly WatchedRequest[];
}

/**
 * Follows the chain from where the store is to its newest commit, or to the first that is faulty, and proves what it finds;
 * takes its requests for data a step further.
 * @throws {DaError} if data availability itself is out of order
 * @throws {ChainError}
 * @throws {CodedError} as `followCommit`, if the commit does follow and the store is at fault
 */
export async function watchOnce(watch: Watch): Promise<WatchPass> {
  const requests = [...(await advanceRequests(watch))];
  const findings: Finding[] = [];
  for (const evidence of watch.handedIn ?? []) findings.push(await pursue(watch, evidence));
  const { target, store } = watch;
  for (const commit of await target.commitsFrom(store.head.sequenceNo + 1n)) {
    const found = await examined(watch, commit);
    if (found === undefined) continue;
    findings.push(...found.findings);
    const known = new Set(requests.map(({ requestId }) => requestId));
    // What stands in the way of another request may be the challenger's own, which is reported already.
    const isNews = ({ requestId, state }: WatchedRequest) =>
      !known.has(requestId) || state === "Wanted" || state === "Asked";
    requests.push(...found.requests.filter(isNews));
    break;
  }
  return { followedTo: store.head.sequenceNo, findings, requests };
}

type Found = Pick<WatchPass, "findings" | "requests">;

/** What is wrong with `commit`; nothing if it was followed. */
async function examined(
  watch: Watch,
  commit: StateCommit,
  isRetry = false,
): Promise<Found | undefined> {
  let evidence: readonly Evidence[];
  try {
    evidence = await followCommit(watch.store, watch.deltas, commit);
  } catch (error) {
    if (error instanceof DaError) {
      const missing = await missingChunks(watch.deltas, commit);
      const isBack = missing?.chunkIndexes.length === 0;
      if (isBack && isRetry) throw error;
      if (isBack) return await examined(watch, commit, true);
      return { findings: [], requests: await requestMissing(watch, commit, missing) };
    }
    if (!(error instanceof CodedError)) throw error;
    const finding = await invalidTransition(watch, commit);
    if (finding === undefined) throw error;
    return { findings: [finding], requests: [] };
  }
  if (evidence.length === 0) return undefined;
  const losses = evidence.filter((one) => one.kind === "rewrite");
  const registrations = losses.length === 0 ? [] : await registrationsOn(watch.contracts);
  const dangling = losses.map((loss) => danglingBy(loss, registrations).slice(0, 1));
  const findings: Finding[] = [];
  for (const one of [...evidence, ...dangling.flat()]) findings.push(await pursue(watch, one));
  return { findings, requests: [] };
}

async function pursue(watch: Watch, evidence: Evidence): Promise<LeafFinding> {
  const { contracts, challenger, isDryRun } = watch;
  const { verdict, faultId } = await judge(contracts, evidence);
  if (verdict !== "Proven") return { evidence, verdict, faultId };
  const estimatedGas = await estimateChallenge(contracts, evidence, challenger);
  if (isDryRun) return { evidence, verdict, faultId, estimatedGas };
  const { transactionHash } = await submitChallenge(contracts, evidence, challenger);
  return { evidence, verdict, faultId, estimatedGas, transactionHash };
}
