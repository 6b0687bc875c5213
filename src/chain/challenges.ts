import { toHex } from "../bytes/hex.ts";
import { type Evidence, VERDICTS, type Verdict } from "../challenge/evidence.ts";
import type { LandedCommit } from "../commit/target.ts";
import { type Contracts, reverts } from "./contracts.ts";
import { landed } from "./landed.ts";

/** What `ChallengeVerifier` makes of evidence, without recording anything. */
export interface Judgement {
  readonly verdict: Verdict;
  /** Id of the fault, `0x` and 64 digits; zero unless it is proven or recorded. */
  readonly faultId: string;
}

/** The verdict the chain would give now. */
export async function judge({ challenges }: Contracts, evidence: Evidence): Promise<Judgement> {
  return await reverts.run(async () => {
    const [verdict, faultId] =
      evidence.kind === "rewrite"
        ? await challenges.judgeRewrite(rewriteStruct(evidence))
        : await challenges.judgeMalformedLeaf(malformedStruct(evidence));
    return { verdict: VERDICTS[Number(verdict)] ?? "Unset", faultId };
  });
}

/** Submits evidence for `challenger`, an address. The fault is on record only if the verdict was `Proven`. */
export async function submitChallenge(
  { challenges }: Contracts,
  evidence: Evidence,
  challenger: string,
): Promise<LandedCommit> {
  return await reverts.run(async () => {
    const call =
      evidence.kind === "rewrite"
        ? await challenges.challengeRewrite(rewriteStruct(evidence), challenger)
        : await challenges.challengeMalformedLeaf(malformedStruct(evidence), challenger);
    return landed(await call.wait());
  });
}

function rewriteStruct(evidence: Extract<Evidence, { kind: "rewrite" }>) {
  return {
    key: toHex(evidence.key),
    earlierSequenceNo: evidence.earlierSequenceNo,
    earlierRecord: toHex(evidence.earlierRecord),
    earlierProof: toHex(evidence.earlierProof),
    laterSequenceNo: evidence.laterSequenceNo,
    laterRecord: toHex(evidence.laterRecord),
    laterProof: toHex(evidence.laterProof),
  };
}

function malformedStruct(evidence: Extract<Evidence, { kind: "malformed-leaf" }>) {
  return {
    key: toHex(evidence.key),
    sequenceNo: evidence.sequenceNo,
    record: toHex(evidence.record),
    proof: toHex(evidence.proof),
  };
}
