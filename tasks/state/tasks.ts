import { emptyTask, task } from "hardhat/config";
import { ArgumentType } from "hardhat/types/arguments";
import type { TaskDefinition } from "hardhat/types/tasks";
import { DATA_DIR_OPTION, DRY_RUN_FLAG, JSON_FLAG } from "../support/options.ts";

const STORE_OPTION = {
  name: "store",
  description: "Whose store: gateway, or operator-<index>",
  type: ArgumentType.STRING,
  defaultValue: "gateway",
} as const;

const RPC_OPTION = {
  name: "rpc",
  description:
    "URLs of further nodes, separated by commas, that must name the same certified roots",
  type: ArgumentType.STRING,
  defaultValue: "",
} as const;

const stateCommit = task(
  ["state", "commit"],
  "Run one tick: commit what is pending under the quorum",
)
  .addOption({
    name: "offline",
    description: "How many operators to leave out, for a rehearsal",
    type: ArgumentType.INT,
    defaultValue: 0,
  })
  .addOption({
    name: "hold",
    description:
      "Hold certified commits back until there are this many, or an hour has passed; 1 lands all",
    type: ArgumentType.INT,
    defaultValue: 1,
  })
  .addFlag({
    name: "observe",
    description: "Write the certified commit to observations/ of the data folder, for challengers",
  })
  .addOption(DATA_DIR_OPTION)
  .addFlag(DRY_RUN_FLAG)
  .addFlag(JSON_FLAG)
  .setAction(() => import("./commit.ts"))
  .build();

const stateHead = task(
  ["state", "head"],
  "Show the newest commit, what is held back, and what is pending",
)
  .addOption(DATA_DIR_OPTION)
  .addFlag(JSON_FLAG)
  .setAction(() => import("./head.ts"))
  .build();

const stateProve = task(
  ["state", "prove"],
  "Prove that an artifact is, or is not, in the committed state",
)
  .addPositionalArgument({ name: "hash", description: "Content hash with --kind, or a tree key" })
  .addOption({
    name: "kind",
    description: "Kind of the artifact; without it the hash is a tree key",
    type: ArgumentType.STRING,
    defaultValue: "",
  })
  .addOption({
    name: "out",
    description: "File to write the proof to",
    type: ArgumentType.STRING,
    defaultValue: "",
  })
  .addOption(DATA_DIR_OPTION)
  .addFlag(JSON_FLAG)
  .setAction(() => import("./prove.ts"))
  .build();

const stateVerify = task(["state", "verify"], "Have the chain check a proof file")
  .addPositionalArgument({ name: "path", description: "File that `state prove --out` wrote" })
  .addOption(DATA_DIR_OPTION)
  .addFlag(JSON_FLAG)
  .setAction(() => import("./verify.ts"))
  .build();

const stateFsck = task(
  ["state", "fsck"],
  "Look through every store of the data directory for damage, and repair it",
)
  .addVariadicArgument({
    name: "from",
    description: "Folders with snapshots to repair from, besides the stores that are sound",
    defaultValue: [],
  })
  .addFlag({ name: "repair", description: "Repair what is found" })
  .addOption(RPC_OPTION)
  .addOption(DATA_DIR_OPTION)
  .addFlag(JSON_FLAG)
  .setAction(() => import("./fsck.ts"))
  .build();

const stateSnapshot = task(
  ["state", "snapshot"],
  "Write the newest commit of a store to a folder that others can restore from",
)
  .addOption({
    name: "out",
    description: "Folder to write to; it must not have a snapshot yet",
    type: ArgumentType.STRING,
    defaultValue: "",
  })
  .addOption(STORE_OPTION)
  .addOption(DATA_DIR_OPTION)
  .addFlag(DRY_RUN_FLAG)
  .addFlag(JSON_FLAG)
  .setAction(() => import("./snapshot.ts"))
  .build();

const stateRestore = task(
  ["state", "restore"],
  "Make a store from snapshots, proven against the chain's roots: --from <folder> [<folder>...]",
)
  .addOption({
    name: "from",
    description: "Folder with a snapshot; further ones may follow",
    type: ArgumentType.STRING,
    defaultValue: "",
  })
  .addVariadicArgument({
    name: "more",
    description: "Further folders with snapshots, asked at the same time",
    defaultValue: [],
  })
  .addOption(RPC_OPTION)
  .addOption(STORE_OPTION)
  .addOption(DATA_DIR_OPTION)
  .addFlag(DRY_RUN_FLAG)
  .addFlag(JSON_FLAG)
  .setAction(() => import("./restore.ts"))
  .build();

/** `state …`. */
export const stateTasks: TaskDefinition[] = [
  emptyTask("state", "State: commit, head, proofs, snapshots, repair").build(),
  stateCommit,
  stateHead,
  stateProve,
  stateVerify,
  stateFsck,
  stateSnapshot,
  stateRestore,
];
