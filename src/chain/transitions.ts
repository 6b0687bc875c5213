import type { TransitionEvidence } from "../challenge/transitionEvidence.ts";
import {
  TRANSITION_FAULTS,
  TRANSITION_VERDICTS,
  type TransitionJudgement,
} from "../challenge/transitionFault.ts";
import type { LandedCommit } from "../commit/target.ts";
import { type Contracts, reverts } from "./contracts.ts";
import { landed } from "./landed.ts";
import { transitionStruct } from "./transitionArgument.ts";

/** What `TransitionVerifier` makes of evidence, without recording anything. */
export interface ChainTransitionJudgement extends TransitionJudgement {
  /** Id of the fault, `0x` and 64 digits; zero unless it is proven or recorded. */
  readonly faultId: string;
}

/** The verdict the chain would give now. */
export async function judgeTransitionOnChain(
  { transitions }: Pick<Contracts, "transitions">,
  evidence: TransitionEvidence,
): Promise<ChainTransitionJudgement> {
  return await reverts.run(async () => {
    const [verdict, fault, faultId] = await transitions.judgeTransition(transitionStruct(evidence));
    return {
      verdict: TRANSITION_VERDICTS[Number(verdict)] ?? "Unset",
      fault: TRANSITION_FAULTS[Number(fault)] ?? "None",
      faultId,
    };
  });
}

/** Gas that submitting evidence would take now. @throws {ChainError} as the call would revert */
export async function estimateTransition(
  { transitions }: Pick<Contracts, "transitions">,
  evidence: TransitionEvidence,
  challenger: string,
): Promise<bigint> {
  return await reverts.run(() =>
    transitions.challengeTransition.estimateGas(transitionStruct(evidence), challenger),
  );
}

/** Submits evidence for `challenger`, an address. The fault is on record only if the verdict was `Proven`. */
export async function submitTransition(
  { transitions }: Pick<Contracts, "transitions">,
  evidence: TransitionEvidence,
  challenger: string,
): Promise<LandedCommit> {
  return await reverts.run(async () => {
    const call = await transitions.challengeTransition(transitionStruct(evidence), challenger);
    return landed(await call.wait());
  });
}
