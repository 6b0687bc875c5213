import { tag } from "../../bytes/codec.ts";
import { followCommit } from "../../challenge/examine.ts";
import { intakeArtifact } from "../../commit/gateway.ts";
import { TICK_SECONDS } from "../../commit/loop.ts";
import { expectThat } from "../story.ts";
import { type FaultStep, HONEST_POLICY, openedParts } from "./context.ts";

const OTHER_POLICY = tag("package other\n\ndefault allow := false\n");

/** The honest twin of a fault that lies in a commit: the challenger finds nothing in it. */
export const honestCommit: FaultStep = {
  name: "honest-twin",
  title: "an honest quorum commits a policy; the challenger finds nothing",
  async run(context) {
    const { local, challenger } = openedParts(context);
    intakeArtifact(local.lane, "rego", HONEST_POLICY);
    // A second leaf, so that removing the first does not leave an empty tree, which no registry takes.
    intakeArtifact(local.lane, "rego", OTHER_POLICY);
    await context.chain.mineAt(context.clock.nextTick(TICK_SECONDS));
    const outcome = await local.lane.tick();
    expectThat(outcome.status === "committed", `expected a commit, got ${outcome.status}`);
    const evidence = await followCommit(challenger, local.da, outcome.commit);
    expectThat(evidence.length === 0, "an honest commit was accused");
    return { summary: "commit 1: no evidence", figures: { commits: 1, evidence: 0 } };
  },
};
