import { judge, ledgerOf, submitChallenge } from "../../chain/challenges.ts";
import type { Evidence, Verdict } from "../../challenge/evidence.ts";
import type { SimulatedChain } from "../simulatedChain.ts";
import { expectThat, type StepResult } from "../story.ts";

/** Has the chain judge and record `evidence`, once. @throws {StoryError} `E_UNEXPECTED` if it does not prove a new fault */
export async function prove(chain: SimulatedChain, evidence: Evidence): Promise<StepResult> {
  const { challenger } = chain.parts.cast;
  const contracts = chain.as(challenger);
  await expectVerdict(chain, evidence, "Proven");
  const { faultId } = await judge(contracts, evidence);
  const { gasUsed, transactionHash } = await submitChallenge(
    contracts,
    evidence,
    await challenger.getAddress(),
  );
  const record = await ledgerOf(contracts, evidence).faultRecord(faultId);
  expectThat(record.recordedAt > 0n, "the fault is not on record");
  await expectVerdict(chain, evidence, "AlreadyRecorded");
  const figures = { faultId, gasUsed, transactionHash };
  return { summary: `fault ${faultId} recorded, ${gasUsed} gas`, figures };
}

/** The chain judges `evidence` to be `expected`. @throws {StoryError} `E_UNEXPECTED` if it does not */
export async function expectVerdict(
  chain: SimulatedChain,
  evidence: Evidence,
  expected: Verdict,
): Promise<void> {
  const { verdict } = await judge(chain.contracts, evidence);
  expectThat(verdict === expected, `${evidence.kind}: expected ${expected}, got ${verdict}`);
}
