import { judge, submitChallenge } from "../../chain/challenges.ts";
import type { Evidence } from "../../challenge/evidence.ts";
import type { SimulatedChain } from "../simulatedChain.ts";
import { expectThat, type StepResult } from "../story.ts";

/** Has the chain judge and record `evidence`, once. @throws {StoryError} `E_UNEXPECTED` if it does not prove a new fault */
export async function prove(chain: SimulatedChain, evidence: Evidence): Promise<StepResult> {
  const { challenger } = chain.parts.cast;
  const contracts = chain.as(challenger);
  const { verdict, faultId } = await judge(contracts, evidence);
  expectThat(verdict === "Proven", `the verdict is ${verdict}`);
  const { gasUsed } = await submitChallenge(contracts, evidence, await challenger.getAddress());
  const record = await contracts.challenges.faultRecord(faultId);
  expectThat(record.recordedAt > 0n, "the fault is not on record");
  const again = await judge(contracts, evidence);
  expectThat(again.verdict === "AlreadyRecorded", `a second time it is ${again.verdict}`);
  return { summary: `fault ${faultId} recorded, ${gasUsed} gas`, figures: { faultId, gasUsed } };
}
