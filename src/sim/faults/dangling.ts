import { tag } from "../../bytes/codec.ts";
import { danglingBy, danglingEvidence } from "../../challenge/dangling.ts";
import { followCommit } from "../../challenge/examine.ts";
import { intakeArtifact } from "../../commit/gateway.ts";
import { TICK_SECONDS } from "../../commit/loop.ts";
import { CorruptQuorum } from "../corruptQuorum.ts";
import { expectThat } from "../story.ts";
import { deployedPolicy, type FaultContext, type FaultStep, openedParts } from "./context.ts";
import { deployPolicy } from "./deployPolicy.ts";
import { honestCommit } from "./honestCommit.ts";
import { HONEST_KEY } from "./leaves.ts";
import { expectVerdict, prove } from "./prove.ts";

const NEXT_POLICY = tag("package next\n\ndefault allow := false\n");

function registrationOf(context: FaultContext) {
  const { template, sequenceNo } = deployedPolicy(context);
  return { of: "template", template, sequenceNo } as const;
}

const honestTwin: FaultStep = {
  name: "honest-registration",
  title: "an honest quorum commits once more; the registered artifact is still there",
  async run(context) {
    const { local, challenger } = openedParts(context);
    intakeArtifact(local.lane, "rego", NEXT_POLICY);
    await context.chain.mineAt(context.clock.nextTick(TICK_SECONDS));
    const outcome = await local.lane.tick();
    expectThat(outcome.status === "committed", `expected a commit, got ${outcome.status}`);
    await followCommit(challenger, local.da, outcome.commit);
    const { sequenceNo } = outcome.commit;
    const record = challenger.leaf(HONEST_KEY)?.record;
    expectThat(record !== undefined, "the artifact is gone");
    const later = { sequenceNo, record, proof: challenger.prove(HONEST_KEY) };
    await expectVerdict(
      context.chain,
      danglingEvidence(registrationOf(context), 0, later),
      "NoFault",
    );
    return { summary: "NoFault", figures: { verdict: "NoFault" } };
  },
};

const lose: FaultStep = {
  name: "dangling",
  title: "a corrupt quorum removes a registered artifact; the challenger proves the loss",
  async run(context) {
    const { local, challenger, keys } = openedParts(context);
    const now = context.clock.nextTick(TICK_SECONDS);
    await context.chain.mineAt(now);
    const adversary = new CorruptQuorum(keys, local.target, local.da, challenger);
    const commit = await adversary.commit([{ operation: "delete", key: HONEST_KEY }], now);
    const found = await followCommit(challenger, local.da, commit);
    const loss = found.find(({ kind }) => kind === "rewrite");
    expectThat(loss?.kind === "rewrite", "the challenger found no loss");
    const [evidence] = danglingBy(loss, [registrationOf(context)]);
    expectThat(evidence !== undefined, "the registration does not name the lost leaf");
    return await prove(context.chain, evidence);
  },
};

/** A registered artifact is gone. */
export const DANGLING: readonly FaultStep[] = [honestCommit, deployPolicy, honestTwin, lose];
