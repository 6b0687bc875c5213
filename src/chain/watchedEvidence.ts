import { CodedError } from "../bytes/errors.ts";
import type { Evidence, Verdict } from "../challenge/evidence.ts";
import type { Warning } from "../challenge/observationFolder.ts";
import { type Announcer, announce } from "./announcing.ts";
import { estimateChallenge, judge, ledgerNameOf, submitChallenge } from "./challenges.ts";

/** One piece of evidence for a challenge verifier, and what became of it. */
export interface LeafFinding {
  readonly evidence: Evidence;
  readonly verdict: Verdict;
  readonly faultId: string;
  /** Of submitting it now; none unless it proves. */
  readonly estimatedGas?: bigint;
  /** None if nothing was announced in this pass. */
  readonly announcementHash?: string;
  /** None if nothing was submitted. */
  readonly transactionHash?: string;
}

/** What bringing evidence needs. */
export interface Pursuer extends Announcer {
  /** Takes what went wrong with a piece that others supplied. */
  readonly warn: (warning: Warning) => void;
}

/** Has `evidence` judged, and submits it only if it proves; announces it first where that is wanted. @throws {ChainError} */
export async function pursue(pursuer: Pursuer, evidence: Evidence): Promise<LeafFinding> {
  const { contracts, challenger, isDryRun } = pursuer;
  const { verdict, faultId } = await judge(contracts, evidence);
  if (verdict !== "Proven") return { evidence, verdict, faultId };
  const estimatedGas = await estimateChallenge(contracts, evidence, challenger);
  const finding = { evidence, verdict, faultId, estimatedGas };
  if (isDryRun) return finding;
  const announcementHash = await announce(pursuer, ledgerNameOf(evidence), faultId);
  const { transactionHash } = await submitChallenge(contracts, evidence, challenger);
  const announced = announcementHash === undefined ? {} : { announcementHash };
  return { ...finding, ...announced, transactionHash };
}

/**
 * As {@link pursue}, of what others supplied: whatever goes wrong with it becomes a warning, and the pass goes on.
 * @throws {ChainError} `E_UNREACHABLE`
 */
export async function pursueOrWarn(
  pursuer: Pursuer,
  evidence: Evidence,
): Promise<LeafFinding | undefined> {
  try {
    return await pursue(pursuer, evidence);
  } catch (error) {
    if (!(error instanceof CodedError) || error.code === "E_UNREACHABLE") throw error;
    pursuer.warn({ source: evidence.kind, code: error.code, message: error.message });
    return undefined;
  }
}
