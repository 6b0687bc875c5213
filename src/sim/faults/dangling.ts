import { ARTIFACT_KINDS } from "../../artifact/kinds.ts";
import { tag } from "../../bytes/codec.ts";
import { danglingBy, danglingEvidence, type Registered } from "../../challenge/dangling.ts";
import type { Evidence } from "../../challenge/evidence.ts";
import { followCommit } from "../../challenge/examine.ts";
import { intakeArtifact } from "../../commit/gateway.ts";
import { TICK_SECONDS } from "../../commit/loop.ts";
import { contentKey } from "../../state/key.ts";
import { CorruptQuorum } from "../corruptQuorum.ts";
import { expectThat } from "../story.ts";
import {
  deployedInstanceOfLeaf,
  deployedPolicy,
  type FaultContext,
  type FaultStep,
  openedParts,
} from "./context.ts";
import { deployParamsLeaf } from "./deployParamsLeaf.ts";
import { deployPolicy } from "./deployPolicy.ts";
import { followHonest, honestCommit } from "./honestCommit.ts";
import { HONEST_KEY } from "./leaves.ts";
import { expectVerdict, prove } from "./prove.ts";

const NEXT_POLICY = tag("package next\n\ndefault allow := false\n");

/** The template, the instance, and the leaf that each names. */
function registrationsOf(context: FaultContext) {
  const { template, sequenceNo } = deployedPolicy(context);
  const ofTemplate: Registered = { of: "template", template, sequenceNo };
  const ofInstance = deployedInstanceOfLeaf(context);
  const paramsKey = contentKey(ARTIFACT_KINDS.params.namespace, ofInstance.paramsHash);
  return [
    { registered: ofTemplate, key: HONEST_KEY },
    { registered: ofInstance, key: paramsKey },
  ];
}

const honestTwin: FaultStep = {
  name: "honest-registration",
  title:
    "an honest quorum commits once more; the registered artifact and the params are still there",
  async run(context) {
    const { local, challenger } = openedParts(context);
    intakeArtifact(local.lane, "rego", NEXT_POLICY);
    const sequenceNo = await followHonest(context);
    for (const { registered, key } of registrationsOf(context)) {
      const record = challenger.leaf(key)?.record;
      expectThat(record !== undefined, `the leaf of the ${registered.of} is gone`);
      const later = { sequenceNo, record, proof: challenger.prove(key) };
      await expectVerdict(context.chain, danglingEvidence(registered, 0, later), "NoFault");
    }
    return { summary: "NoFault, twice", figures: { verdict: "NoFault" } };
  },
};

const lose: FaultStep = {
  name: "dangling",
  title: "a corrupt quorum removes artifact and params; the challenger proves both losses",
  async run(context) {
    const { local, challenger, keys } = openedParts(context);
    const now = context.clock.nextTick(TICK_SECONDS);
    await context.chain.mineAt(now);
    const adversary = new CorruptQuorum(keys, local.target, local.da, challenger);
    const registrations = registrationsOf(context);
    const leaves = registrations.map(({ key }) => ({ operation: "delete", key }) as const);
    const commit = await adversary.commit(leaves, now);
    const found = await followCommit(challenger, local.da, commit);
    const registered = registrations.map((each) => each.registered);
    const evidence = found.flatMap((one): readonly Evidence[] =>
      one.kind === "rewrite" ? danglingBy(one, registered) : [],
    );
    const artifact = evidence.find(({ kind }) => kind === "dangling-template");
    const params = evidence.find(({ kind }) => kind === "dangling-params");
    expectThat(artifact !== undefined && params !== undefined, "a loss was not found");
    const { summary, figures } = await prove(context.chain, artifact);
    const other = await prove(context.chain, params);
    const { faultId: paramsFaultId = "", gasUsed: paramsGasUsed = 0n } = other.figures;
    return {
      summary: `${summary}; params: ${other.summary}`,
      figures: { ...figures, paramsFaultId, paramsGasUsed },
    };
  },
};

/** A registered artifact is gone, and so are the params of an instance. */
export const DANGLING: readonly FaultStep[] = [
  honestCommit,
  deployPolicy,
  deployParamsLeaf,
  honestTwin,
  lose,
];
