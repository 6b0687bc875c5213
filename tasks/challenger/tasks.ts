import { emptyTask, task } from "hardhat/config";
import { ArgumentType } from "hardhat/types/arguments";
import type { TaskDefinition } from "hardhat/types/tasks";
import { DATA_DIR_OPTION, DRY_RUN_FLAG, JSON_FLAG } from "../support/options.ts";

const challengerWatch = task(
  ["challenger", "watch"],
  "Follow the chain with a replica of its own, and prove the faults that it sees",
)
  .addOption({
    name: "evidence",
    description:
      "File of evidence and observations, or folder of such files, read in each pass (docs/Challenges.md)",
    type: ArgumentType.STRING,
    defaultValue: "",
  })
  .addOption({
    name: "peers",
    description:
      "Data folders of others, separated by commas: their da/ and observations/ are read, and not believed",
    type: ArgumentType.STRING,
    defaultValue: "",
  })
  .addOption({
    name: "maxBondWei",
    description: "Most wei of bonds that one pass puts up for withheld chunks",
    type: ArgumentType.BIGINT,
    defaultValue: 0n,
  })
  .addOption(DATA_DIR_OPTION)
  .addFlag({
    name: "announce",
    description:
      "Announce each fault a block before its evidence, and claim it if a copy came first",
  })
  .addFlag({ name: "loop", description: "Pass every 120 seconds, until it is interrupted" })
  .addFlag(DRY_RUN_FLAG)
  .addFlag(JSON_FLAG)
  .setAction(() => import("./watch.ts"))
  .build();

/** `challenger …`. */
export const challengerTasks: TaskDefinition[] = [
  emptyTask("challenger", "The challenger: finds faults of a quorum by itself").build(),
  challengerWatch,
];
