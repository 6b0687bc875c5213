import { tag } from "../../bytes/codec.ts";
import { instantiate } from "../../chain/policies.ts";
import { deployedPolicy, type FaultStep } from "./context.ts";
import { certifiedDecision, decideHonestly, honestDecision } from "./decisions.ts";
import { deployPolicy } from "./deployPolicy.ts";
import { honestCommit } from "./honestCommit.ts";
import { prove } from "./prove.ts";

const decideByTheOld: FaultStep = {
  name: "stale-instance",
  title: "the client moves to other params; a corrupt quorum decides by the old ones",
  async run(context) {
    const { instance } = deployedPolicy(context);
    const { contracts, parts } = context.chain;
    const moved = { ...instance, params: tag('{"limit":1}') };
    await instantiate(contracts, parts.cast.client, moved);
    const stale = await honestDecision(context);
    const evidence = await certifiedDecision(context, "stale-instance", stale);
    return await prove(context.chain, evidence);
  },
};

/** A decision is made under an instance that is not the client's current one any more. */
export const STALE_INSTANCE: readonly FaultStep[] = [
  honestCommit,
  deployPolicy,
  decideHonestly("stale-instance"),
  decideByTheOld,
];
