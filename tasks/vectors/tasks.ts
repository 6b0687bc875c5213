import { emptyTask, task } from "hardhat/config";
import type { TaskDefinition } from "hardhat/types/tasks";
import { JSON_FLAG } from "../support/options.ts";

const vectorsCheck = task(
  ["vectors", "check"],
  "Compare tree roots that another implementation computed with this one",
)
  .addPositionalArgument({
    name: "path",
    description: "JSON file: {hash, trees: [{name, versions}]}",
  })
  .addFlag(JSON_FLAG)
  .setAction(() => import("./check.ts"))
  .build();

/** `vectors …`. */
export const vectorsTasks: TaskDefinition[] = [
  emptyTask("vectors", "Vectors: compare with other implementations").build(),
  vectorsCheck,
];
