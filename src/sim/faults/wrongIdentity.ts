import type { ContentHash } from "../../bytes/brand.ts";
import { keccak256 } from "../../bytes/keccak.ts";
import type { FaultStep } from "./context.ts";
import { certifiedDecision, decideHonestly, honestDecision } from "./decisions.ts";
import { deployPolicy } from "./deployPolicy.ts";
import { honestCommit } from "./honestCommit.ts";
import { REPLACEMENT } from "./leaves.ts";
import { prove } from "./prove.ts";

const decideByAnother: FaultStep = {
  name: "wrong-identity",
  title: "a corrupt quorum decides by another module under the policy's name",
  async run(context) {
    const decision = {
      ...(await honestDecision(context)),
      regoHash: keccak256<ContentHash>(REPLACEMENT),
    };
    const evidence = await certifiedDecision(context, "wrong-identity", decision);
    return await prove(context.chain, evidence);
  },
};

/** A decision names a template that its parts are not. */
export const WRONG_IDENTITY: readonly FaultStep[] = [
  honestCommit,
  deployPolicy,
  decideHonestly("wrong-identity"),
  decideByAnother,
];
