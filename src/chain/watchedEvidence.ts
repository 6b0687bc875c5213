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
  return await bring(pursuer, await judged(pursuer, evidence));
}

/**
 * As {@link pursue}, of what others supplied: whatever goes wrong with it becomes a warning, and the pass goes on. Nothing if it
 * could not be judged. @throws {ChainError} `E_UNREACHABLE`
 */
export async function pursueOrWarn(
  pursuer: Pursuer,
  evidence: Evidence,
): Promise<LeafFinding | undefined> {
  const finding = await orWarn(pursuer, evidence.kind, () => judged(pursuer, evidence));
  if (finding === undefined) return undefined;
  return (await orWarn(pursuer, evidence.kind, () => bring(pursuer, finding))) ?? finding;
}

/** What `action` gives; nothing, and a warning, if it fails. @throws {ChainError} `E_UNREACHABLE` */
export async function orWarn<T>(
  { warn }: Pick<Pursuer, "warn">,
  source: string,
  action: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof CodedError) || error.code === "E_UNREACHABLE") throw error;
    warn({ source, code: error.code, message: error.message });
    return undefined;
  }
}

async function judged({ contracts }: Pursuer, evidence: Evidence): Promise<LeafFinding> {
  return { evidence, ...(await judge(contracts, evidence)) };
}

async function bring(pursuer: Pursuer, finding: LeafFinding): Promise<LeafFinding> {
  const { contracts, challenger, isDryRun } = pursuer;
  const { evidence, verdict, faultId } = finding;
  if (verdict !== "Proven") return finding;
  const estimatedGas = await estimateChallenge(contracts, evidence, challenger);
  if (isDryRun) return { ...finding, estimatedGas };
  const announcementHash = await announce(pursuer, ledgerNameOf(evidence), faultId);
  const { transactionHash } = await submitChallenge(contracts, evidence, challenger);
  const announced = announcementHash === undefined ? {} : { announcementHash };
  return { ...finding, estimatedGas, ...announced, transactionHash };
}
