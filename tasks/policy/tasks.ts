import { emptyTask, task } from "hardhat/config";
import { ArgumentType } from "hardhat/types/arguments";
import type { TaskDefinition } from "hardhat/types/tasks";
import { DATA_DIR_OPTION, DRY_RUN_FLAG, JSON_FLAG } from "../support/options.ts";

const EXPIRE_OPTION = {
  name: "expireAfterBlocks",
  description: "How many blocks a decision stays valid",
  type: ArgumentType.INT,
  defaultValue: 100,
} as const;

const policyRegister = task(
  ["policy", "register"],
  "Register a policy's templates with proofs that its artifacts are committed",
)
  .addPositionalArgument({ name: "folder", description: "A folder with a policy.json" })
  .addOption(DATA_DIR_OPTION)
  .addFlag(DRY_RUN_FLAG)
  .addFlag(JSON_FLAG)
  .setAction(() => import("./register.ts"))
  .build();

const policyInstantiate = task(
  ["policy", "instantiate"],
  "Deploy an instance of a policy for the client account and make it the current one",
)
  .addPositionalArgument({ name: "folder", description: "A folder with a policy.json" })
  .addOption({
    name: "params",
    description: "JSON file with the params (default: the folder's params.json)",
    type: ArgumentType.STRING,
    defaultValue: "",
  })
  .addOption(EXPIRE_OPTION)
  .addOption(DATA_DIR_OPTION)
  .addFlag(DRY_RUN_FLAG)
  .addFlag(JSON_FLAG)
  .setAction(() => import("./instantiate.ts"))
  .build();

const policyShow = task(
  ["policy", "show"],
  "Show what the chain says of a template or an instance, by its ref or id",
)
  .addPositionalArgument({ name: "id", description: "Ref or id: 0x and 64 digits" })
  .addOption(DATA_DIR_OPTION)
  .addFlag(JSON_FLAG)
  .setAction(() => import("./show.ts"))
  .build();

const policyDiff = task(
  ["policy", "diff"],
  "Show what changed between two policies: Rego, schemas, params, plugin imports",
)
  .addPositionalArgument({ name: "a", description: "A ref, an id or a folder" })
  .addPositionalArgument({ name: "b", description: "Another" })
  .addOption(DATA_DIR_OPTION)
  .addFlag(JSON_FLAG)
  .setAction(() => import("./diff.ts"))
  .build();

const policyVerify = task(
  ["policy", "verify"],
  "Hold a policy's bytes, proofs, refs and ids against the chain",
)
  .addPositionalArgument({ name: "subject", description: "A ref, an id or a folder" })
  .addOption(DATA_DIR_OPTION)
  .addFlag(JSON_FLAG)
  .setAction(() => import("./verify.ts"))
  .build();

const text = <const Name extends string>(name: Name, description: string) =>
  ({ name, description, type: ArgumentType.STRING, defaultValue: "" }) as const;

const policyMigrate = task(
  ["policy", "migrate"],
  "Move policies to a chain in stages, the least risk first: --plan writes Safe batches, --rehearse tries them on a fork",
)
  .addFlag({ name: "plan", description: "Write the plan, and for each stage a batch" })
  .addFlag({ name: "rehearse", description: "Carry the files of a plan out on a fork" })
  .addOption(text("folder", "Folder of the plan (default: migration, in the data directory)"))
  .addOption(text("policies", "Folder of policy folders (default: those of this repository)"))
  .addOption(text("stages", "Policies of each stage (default: 3,5,6)"))
  .addOption(text("safe", "The Safe that sends the batches (default: the client account)"))
  .addOption(text("clients", "JSON file: accounts by policy (default: the Safe, for each)"))
  .addOption(EXPIRE_OPTION)
  .addOption(DATA_DIR_OPTION)
  .addFlag(DRY_RUN_FLAG)
  .addFlag(JSON_FLAG)
  .setAction(() => import("./migrate.ts"))
  .build();

/** `policy …`. */
export const policyTasks: TaskDefinition[] = [
  emptyTask("policy", "Policies: register, instantiate, audit, migrate").build(),
  policyRegister,
  policyInstantiate,
  policyShow,
  policyDiff,
  policyVerify,
  policyMigrate,
];
