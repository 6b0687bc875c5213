import { emptyTask, task } from "hardhat/config";
import { ArgumentType } from "hardhat/types/arguments";
import type { TaskDefinition } from "hardhat/types/tasks";
import { JSON_FLAG } from "../support/options.ts";

const providerPlan = task(
  ["provider", "plan"],
  "Show which contracts must be redeployed for changes of the directory: set:NAME=0x… remove:NAME deploy:NAME",
)
  .addVariadicArgument({
    name: "changes",
    description: "Changes in their order; without one, what everybody copied",
    defaultValue: [],
  })
  .addOption({
    name: "file",
    description: "JSON file with changes, and with consumers beside those of this project",
    type: ArgumentType.STRING,
    defaultValue: "",
  })
  .addFlag(JSON_FLAG)
  .setAction(() => import("./plan.ts"))
  .build();

/** `provider …`. */
export const providerTasks: TaskDefinition[] = [
  emptyTask("provider", "Provider: the directory of addresses, and who copied them").build(),
  providerPlan,
];
