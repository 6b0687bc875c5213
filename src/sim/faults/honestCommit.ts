import { tag } from "../../bytes/codec.ts";
import { followCommit } from "../../challenge/examine.ts";
import { intakeArtifact } from "../../commit/gateway.ts";
import { TICK_SECONDS } from "../../commit/loop.ts";
import { expectThat } from "../story.ts";
import { type FaultContext, type FaultStep, HONEST_POLICY, openedParts } from "./context.ts";

const OTHER_POLICY = tag("package other\n\ndefault allow := false\n");

/** The honest twin of a fault that lies in a commit: the challenger finds nothing in it. */
export const honestCommit: FaultStep = {
  name: "honest-twin",
  title: "an honest quorum commits a policy; the challenger finds nothing",
  async run(context) {
    const { local } = openedParts(context);
    intakeArtifact(local.lane, "rego", HONEST_POLICY);
    // A second leaf, so that removing the first does not leave an empty tree, which no registry takes.
    intakeArtifact(local.lane, "rego", OTHER_POLICY);
    await commitHonestly(context);
    return { summary: "commit 1: no evidence", figures: { commits: 1, evidence: 0 } };
  },
};

/**
 * Has the honest quorum commit what was taken in, and the challenger follow; the number of the commit.
 * @throws {StoryError} `E_UNEXPECTED` if it does not land, or is accused
 */
export async function commitHonestly(context: FaultContext): Promise<bigint> {
  const { local, challenger } = openedParts(context);
  await context.chain.mineAt(context.clock.nextTick(TICK_SECONDS));
  const outcome = await local.lane.tick();
  expectThat(outcome.status === "committed", `expected a commit, got ${outcome.status}`);
  const evidence = await followCommit(challenger, local.da, outcome.commit);
  expectThat(evidence.length === 0, "an honest commit was accused");
  return outcome.commit.sequenceNo;
}
