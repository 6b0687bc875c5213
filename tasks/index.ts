import { overrideTask, task } from "hardhat/config";
import type { TaskDefinition } from "hardhat/types/tasks";
import { artifactTasks } from "./artifact/tasks.ts";
import { challengeTasks } from "./challenge/tasks.ts";
import { challengerTasks } from "./challenger/tasks.ts";
import { operatorsTasks } from "./operators/tasks.ts";
import { policyTasks } from "./policy/tasks.ts";
import { providerTasks } from "./provider/tasks.ts";
import { stateTasks } from "./state/tasks.ts";
import { JSON_FLAG } from "./support/options.ts";
import { vectorsTasks } from "./vectors/tasks.ts";

/** Definitions only: actions are loaded when they run, since what they import needs a build first. */

const demo = task(
  "demo",
  "From an author's file to a challenge proven on chain, on three simulated chains",
)
  .addFlag(JSON_FLAG)
  .setAction(() => import("./demo/run.ts"))
  .build();

const deploy = overrideTask("deploy")
  .setAction(() => import("./deploy/run.ts"))
  .build();

/** Every task of this project. */
export const tasks: TaskDefinition[] = [
  demo,
  deploy,
  ...operatorsTasks,
  ...artifactTasks,
  ...stateTasks,
  ...policyTasks,
  ...providerTasks,
  ...challengeTasks,
  ...challengerTasks,
  ...vectorsTasks,
];
