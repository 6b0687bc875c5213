import { emptyTask, task } from "hardhat/config";
import { ArgumentType } from "hardhat/types/arguments";
import type { TaskDefinition } from "hardhat/types/tasks";
import { DATA_DIR_OPTION, DRY_RUN_FLAG, JSON_FLAG } from "../support/options.ts";

const operatorsRegister = task(
  ["operators", "register"],
  "Make operator keys, register them with proof of possession and start an epoch",
)
  .addOption({
    name: "count",
    description: "Number of operators",
    type: ArgumentType.INT,
    defaultValue: 10,
  })
  .addOption({
    name: "weight",
    description: "Weight of each operator",
    type: ArgumentType.BIGINT,
    defaultValue: 100n,
  })
  .addOption(DATA_DIR_OPTION)
  .addFlag(DRY_RUN_FLAG)
  .addFlag(JSON_FLAG)
  .setAction(() => import("./register.ts"))
  .build();

/** `operators …`. */
export const operatorsTasks: TaskDefinition[] = [
  emptyTask("operators", "Operators: their keys and the epochs they sign in").build(),
  operatorsRegister,
];
