import { tag } from "../../bytes/codec.ts";
import { followCommit } from "../../challenge/examine.ts";
import { intakeArtifact } from "../../commit/gateway.ts";
import { TICK_SECONDS } from "../../commit/loop.ts";
import type { StateCommit } from "../../commit/message.ts";
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
    await followHonest(context);
    return { summary: "commit 1: no evidence", figures: { commits: 1, evidence: 0 } };
  },
};

/** Has the honest quorum commit what was taken in. @throws {StoryError} `E_UNEXPECTED` if it does not */
export async function commitHonestly(context: FaultContext): Promise<StateCommit> {
  const { lane } = openedParts(context).local;
  await context.chain.mineAt(context.clock.nextTick(TICK_SECONDS));
  const outcome = await lane.tick();
  expectThat(outcome.status === "committed", `expected a commit, got ${outcome.status}`);
  return outcome.commit;
}

/** As {@link commitHonestly}; the challenger follows the commit, and finds nothing. Gives its number. */
export async function followHonest(context: FaultContext): Promise<bigint> {
  const { local, challenger } = openedParts(context);
  const commit = await commitHonestly(context);
  const evidence = await followCommit(challenger, local.da, commit);
  expectThat(evidence.length === 0, "an honest commit was accused");
  return commit.sequenceNo;
}
