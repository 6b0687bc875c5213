import { emptyTask, task } from "hardhat/config";
import type { TaskDefinition } from "hardhat/types/tasks";
import { JSON_FLAG } from "../support/options.ts";

const challengeSimulate = task(
  ["challenge", "simulate"],
  "Stage a fault of a corrupt quorum on a simulated chain, and prove it",
)
  .addPositionalArgument({
    name: "fault",
    description: "rewrite, removal, malformed-leaf, invalid-transition or withheld-data",
  })
  .addFlag(JSON_FLAG)
  .setAction(() => import("./simulate.ts"))
  .build();

/** `challenge …`. */
export const challengeTasks: TaskDefinition[] = [
  emptyTask("challenge", "Challenges: faults of a quorum").build(),
  challengeSimulate,
];
