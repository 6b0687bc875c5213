import type { Provider } from "ethers";
import { CodedError } from "../bytes/errors.ts";
import type { AnnouncementFolder } from "../challenge/announcementFolder.ts";
import { danglingBy } from "../challenge/dangling.ts";
import type { Evidence } from "../challenge/evidence.ts";
import { followCommit } from "../challenge/examine.ts";
import { isObservation, type Observation } from "../challenge/observation.ts";
import type { Warning } from "../challenge/observationFolder.ts";
import type { StateCommit } from "../commit/message.ts";
import type { CommitTarget } from "../commit/target.ts";
import { DaError } from "../state/errors.ts";
import type { DeltaSource } from "../state/fetch.ts";
import type { StateStore } from "../state/store.ts";
import { type Collected, collect } from "./collecting.ts";
import type { Contracts } from "./contracts.ts";
import { scanCalls } from "./observedCalls.ts";
import { registrationsOn } from "./registrations.ts";
import { type LeafFinding, orWarn, pursue, pursueOrWarn } from "./watchedEvidence.ts";
import { pursueObserved } from "./watchedObservations.ts";
import {
  advanceRequests,
  missingChunks,
  requestMissing,
  type WatchedRequest,
} from "./watchedRequests.ts";
import { invalidTransition, type TransitionFinding } from "./watchedTransitions.ts";
import { WatchMemory } from "./watchMemory.ts";

/** A challenger that follows a chain: what it can see from chain, data availability and peers, it proves. */

/** What watching needs. `store` is the challenger's own replica, which follows honest commits only. */
export interface Watch {
  /** Speaking as `challenger`. */
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
  /** Evidence and observations handed in by others. */
  readonly handedIn?: readonly (Evidence | Observation)[];
  /** Where salts of announcements are kept; without it nothing is announced or claimed. */
  readonly announcements?: AnnouncementFolder;
  /** Claim what was announced, and announce nothing more. */
  readonly isClaimingOnly?: boolean;
  /** Where the contracts' events begin; 0 by default. */
  readonly fromBlock?: number;
  /** What earlier passes have seen; a fresh one by default. */
  readonly memory?: WatchMemory;
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
  /** What the challenger was owed, and has now; in a dry run what it would have. */
  readonly collected: readonly Collected[];
  /** What went wrong with what others supplied, or with collecting. */
  readonly warnings: readonly Warning[];
}

/** A watch with what one pass adds to it. */
type Pass = Watch & { readonly warn: (warning: Warning) => void };

/**
 * Follows the chain from where the store is to its newest commit, or to the first that is faulty, and proves what it finds;
 * holds what others observed against the chain; takes its requests for data a step further, and collects what it is owed.
 * @throws {DaError} if data availability itself is out of order
 * @throws {ChainError}
 * @throws {CodedError} as `followCommit`, if the commit does follow and the store is at fault
 */
export async function watchOnce(watch: Watch): Promise<WatchPass> {
  const { handedIn = [], memory = new WatchMemory(), store } = watch;
  const warnings: Warning[] = [];
  const pass: Pass = { ...watch, warn: (warning) => warnings.push(warning) };
  const requests = [...(await advanceRequests(pass))];
  const findings: Finding[] = [];
  for (const piece of handedIn) {
    if (isObservation(piece)) continue;
    const finding = await pursueOrWarn(pass, piece);
    if (finding !== undefined) findings.push(finding);
  }
  // Before the chain is followed: a store or data in disorder must not hide what others saw.
  await orWarn(pass, "calls", () => scanCalls(pass.contracts, pass.provider, memory));
  findings.push(...(await pursueObserved(pass, handedIn.filter(isObservation), memory)));
  const faulty = await follow(pass);
  findings.push(...faulty.findings);
  const known = new Set(requests.map(({ requestId }) => requestId));
  // What stands in the way of another request may be the challenger's own, which is reported already.
  const isNews = ({ requestId, state }: WatchedRequest) =>
    !known.has(requestId) || state === "Wanted" || state === "Asked";
  requests.push(...faulty.requests.filter(isNews));
  // A note that is damaged, or a ledger that refuses, must not keep the challenger from proving.
  const collected = (await orWarn(pass, "collect", () => collect(pass, memory))) ?? [];
  return { followedTo: store.head.sequenceNo, findings, requests, collected, warnings };
}

type Found = Pick<WatchPass, "findings" | "requests">;

/** Follows the chain to its newest commit; gives what is wrong with the first that is faulty. */
async function follow(pass: Pass): Promise<Found> {
  for (const commit of await pass.target.commitsFrom(pass.store.head.sequenceNo + 1n)) {
    const found = await examined(pass, commit);
    if (found !== undefined) return found;
  }
  return { findings: [], requests: [] };
}

/** What is wrong with `commit`; nothing if it was followed. */
async function examined(
  watch: Pass,
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
  const registrations =
    losses.length === 0 ? [] : await registrationsOn(watch.contracts, watch.fromBlock);
  const dangling = losses.map((loss) => danglingBy(loss, registrations).slice(0, 1));
  const findings: Finding[] = [];
  for (const one of [...evidence, ...dangling.flat()]) findings.push(await pursue(watch, one));
  return { findings, requests: [] };
}
