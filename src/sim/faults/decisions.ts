import { bytes32 } from "../../bytes/brand.ts";
import { fromHex } from "../../bytes/hex.ts";
import { type Decision, decisionDigest, decisionOf } from "../../challenge/decision.ts";
import type { StaleInstanceEvidence, WrongIdentityEvidence } from "../../challenge/evidence.ts";
import { CorruptQuorum } from "../corruptQuorum.ts";
import { expectThat } from "../story.ts";
import { deployedPolicy, type FaultContext, type FaultStep, openedParts } from "./context.ts";
import { expectVerdict } from "./prove.ts";

/** What a decision can be wrong by. */
type DecisionFault = (WrongIdentityEvidence | StaleInstanceEvidence)["kind"];

/** The decision of the deployed policy for one task, read at the newest block. */
export async function honestDecision(context: FaultContext): Promise<Decision> {
  const { chain } = context;
  const { template, instance } = deployedPolicy(context);
  const block = await chain.parts.ethersProvider.getBlock("latest");
  expectThat(block !== null, "the chain has no block");
  return decisionOf(chain.chainId, template, instance, {
    taskId: bytes32(new Uint8Array(32).fill(0x7a)),
    referenceBlock: BigInt(block.number),
    isAllowed: true,
  });
}

/** Evidence of `kind`, certified by all operators, about a decision whose reference block is in the past. */
export async function certifiedDecision(
  context: FaultContext,
  kind: DecisionFault,
  decision: Decision,
): Promise<WrongIdentityEvidence | StaleInstanceEvidence> {
  const { keys, local, challenger } = openedParts(context);
  const { chain, clock } = context;
  const policyRegistry = fromHex(await chain.contracts.policies.getAddress(), "policyRegistry");
  const digest = decisionDigest({ chainId: chain.chainId, policyRegistry }, decision);
  const signers = new CorruptQuorum(keys, local.target, local.da, challenger);
  const certificate = await signers.certify(digest);
  await chain.mineAt(clock.advance(12n));
  return { kind, decision, certificate };
}

/** The honest twin of a fault that lies in a decision: the quorum certifies what the policy decided. */
export function decideHonestly(kind: DecisionFault): FaultStep {
  return {
    name: "honest-decision",
    title: "an honest quorum certifies a decision; nothing is proven",
    async run(context) {
      const evidence = await certifiedDecision(context, kind, await honestDecision(context));
      await expectVerdict(context.chain, evidence, "NoFault");
      return { summary: "NoFault", figures: { verdict: "NoFault" } };
    },
  };
}
