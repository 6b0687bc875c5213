import { emptyTask, task } from "hardhat/config";
import type { TaskDefinition } from "hardhat/types/tasks";
import { DATA_DIR_OPTION, JSON_FLAG } from "../support/options.ts";

const challengeSimulate = task(
  ["challenge", "simulate"],
  "Stage a fault of a corrupt quorum on a simulated chain, and prove it",
)
  .addPositionalArgument({
    name: "fault",
    description:
      "rewrite, removal, malformed-leaf, equivocation, dangling, wrong-identity, stale-instance, invalid-transition or withheld-data",
  })
  .addFlag(JSON_FLAG)
  .setAction(() => import("./simulate.ts"))
  .build();

const challengeExplain = task(
  ["challenge", "explain"],
  "Say what a transaction proved, under which roots, and whom it names",
)
  .addPositionalArgument({ name: "transaction", description: "hash of the transaction" })
  .addOption(DATA_DIR_OPTION)
  .addFlag(JSON_FLAG)
  .setAction(() => import("./explain.ts"))
  .build();

/** `challenge …`. */
export const challengeTasks: TaskDefinition[] = [
  emptyTask("challenge", "Challenges: faults of a quorum").build(),
  challengeSimulate,
  challengeExplain,
];
