import type { Provider } from "ethers";
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
import type { Contracts } from "./contracts.ts";
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
  /** None if nothing was submitted. */
  readonly transactionHash?: string;
}

interface Watcher {
  readonly contracts: Contracts;
  readonly provider: Provider;
  readonly deltas: DeltaSource;
  readonly store: StateStore;
  readonly challenger: string;
  readonly isDryRun: boolean;
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
  const bare = await transitionOf(store, deltas, signed);
  if (bare === undefined) return undefined;
  const own = judgeTransition(bare, store.chainId).verdict;
  if (own !== "Proven" && own !== "OutOfReach") return undefined;
  const evidence = { kind: "invalid-transition", ...bare } as const;
  const { verdict, fault, faultId } = await judgeTransitionOnChain(contracts, evidence);
  const finding = { evidence, verdict, fault, faultId };
  if (verdict !== "Proven") return finding;
  const estimatedGas = await estimateTransition(contracts, evidence, challenger);
  if (isDryRun) return { ...finding, estimatedGas };
  const { transactionHash } = await submitTransition(contracts, evidence, challenger);
  return { ...finding, estimatedGas, transactionHash };
}

/** `commit` with its certificate; with none if it landed through another contract, whose calls are unknown. */
async function signedOrBare(
  { contracts, provider }: Watcher,
  commit: StateCommit,
): Promise<SignedCommit> {
  try {
    return await signedCommitAt(contracts, provider, commit.sequenceNo);
  } catch (error) {
    if (!(error instanceof ChainError) || error.code !== "E_TRANSACTION") throw error;
    return { commit, digests: [], certificate: new Uint8Array(0) };
  }
}
