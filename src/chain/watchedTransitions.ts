import type { SignedCommit } from "../challenge/signedCommit.ts";
import { transitionOf } from "../challenge/transition.ts";
import type { TransitionEvidence } from "../challenge/transitionEvidence.ts";
import {
  judgeTransition,
  type TransitionFault,
  type TransitionVerdict,
} from "../challenge/transitionFault.ts";
import type { StateCommit } from "../commit/message.ts";
import type { DeltaSource } from "../state/fetch.ts";
import type { StateStore } from "../state/store.ts";
import { type Announcer, announce } from "./announcing.ts";
import { ChainError } from "./errors.ts";
import { signedCommitAt } from "./signedCommits.ts";
import { estimateTransition, judgeTransitionOnChain, submitTransition } from "./transitions.ts";

/** Transitions that a challenger cannot follow: proven, if the contract can see why. */

/** A commit that does not follow, and what became of the evidence. */
export interface TransitionFinding {
  readonly evidence: TransitionEvidence & { readonly kind: "invalid-transition" };
  readonly verdict: TransitionVerdict;
  readonly fault: TransitionFault;
  readonly faultId: string;
  /** Of submitting it now; none unless it proves. */
  readonly estimatedGas?: bigint;
  /** None if nothing was announced in this pass. */
  readonly announcementHash?: string;
  /** None if nothing was submitted. */
  readonly transactionHash?: string;
}

const NOTHING = new Uint8Array(0);

interface Watcher extends Announcer {
  readonly deltas: DeltaSource;
  readonly store: StateStore;
  /** Where the contracts' events begin; 0 by default. */
  readonly fromBlock?: number;
}

/**
 * What is wrong with the step to `commit`, which `watcher.store` stands before and could not follow. Nothing if it does
 * follow. What is beyond the contract's reach, or signed where no certificate shows, is found and not submitted.
 */
export async function invalidTransition(
  watcher: Watcher,
  commit: StateCommit,
): Promise<TransitionFinding | undefined> {
  const { contracts, deltas, store, challenger, isDryRun } = watcher;
  const signed = await signedOrBare(watcher, commit);
  const whole = await transitionOf(store, deltas, signed);
  const smallest = whole === undefined ? undefined : smallestOf(whole, store.chainId);
  if (smallest === undefined) return undefined;
  const evidence = { kind: "invalid-transition", ...smallest } as const;
  const { verdict, fault, faultId } = await judgeTransitionOnChain(contracts, evidence);
  const finding = { evidence, verdict, fault, faultId };
  if (verdict !== "Proven") return finding;
  const estimatedGas = await estimateTransition(contracts, evidence, challenger);
  if (isDryRun) return { ...finding, estimatedGas };
  const announcementHash = await announce(watcher, "transitions", faultId);
  const { transactionHash } = await submitTransition(contracts, evidence, challenger);
  const announced = announcementHash === undefined ? {} : { announcementHash };
  return { ...finding, estimatedGas, ...announced, transactionHash };
}

/**
 * As little of `whole` as shows the fault: a manifest or a delta that breaks a rule by itself needs nothing else. Nothing if
 * there is no fault.
 */
function smallestOf(whole: TransitionEvidence, chainId: bigint): TransitionEvidence | undefined {
  const unproven = { ...whole, oldValueHashes: [], proof: NOTHING, openings: NOTHING };
  return [{ ...unproven, delta: NOTHING }, unproven, whole].find((evidence) => {
    const { verdict } = judgeTransition(evidence, chainId);
    return verdict === "Proven" || verdict === "OutOfReach";
  });
}

/** `commit` with its certificate; with none if it landed through another contract, whose calls are unknown. */
async function signedOrBare(
  { contracts, provider, fromBlock }: Watcher,
  commit: StateCommit,
): Promise<SignedCommit> {
  try {
    return await signedCommitAt(contracts, provider, commit.sequenceNo, fromBlock);
  } catch (error) {
    if (!(error instanceof ChainError) || error.code !== "E_TRANSACTION") throw error;
    return { commit, digests: [], certificate: new Uint8Array(0) };
  }
}
