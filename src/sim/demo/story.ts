import type { StoryStep } from "../story.ts";
import { commitAll, commitWithAbsent, idleTick, publish, refuseWithoutQuorum } from "./commits.ts";
import type { DemoContext } from "./context.ts";
import { cost } from "./cost.ts";
import { challengeRewrite } from "./fault.ts";
import { deploy, registerOperators } from "./network.ts";
import { evaluate, registerPolicies } from "./policies.ts";
import { freshReplica, proveAbsence, readBack } from "./reads.ts";

/** The demo: from an author's file to a challenge proven on chain. */
export const demoStory: readonly StoryStep<DemoContext>[] = [
  deploy,
  registerOperators,
  publish,
  commitAll,
  idleTick,
  refuseWithoutQuorum,
  commitWithAbsent,
  registerPolicies,
  readBack,
  proveAbsence,
  evaluate,
  freshReplica,
  challengeRewrite,
  cost,
];
