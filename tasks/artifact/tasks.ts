import { emptyTask, task } from "hardhat/config";
import { ArgumentType } from "hardhat/types/arguments";
import type { TaskDefinition } from "hardhat/types/tasks";
import { DATA_DIR_OPTION, DRY_RUN_FLAG, JSON_FLAG } from "../support/options.ts";

const artifactCheck = task(
  ["artifact", "check"],
  "Check a policy folder offline: artifacts, secrets, Rego, schemas, params, samples",
)
  .addPositionalArgument({ name: "folder", description: "A folder with a policy.json" })
  .addFlag(JSON_FLAG)
  .setAction(() => import("./check.ts"))
  .build();

const artifactPublish = task(
  ["artifact", "publish"],
  "Check an artifact, or a policy folder, and hand it to the gateway for the next commit",
)
  .addPositionalArgument({ name: "path", description: "A file, or a folder with a policy.json" })
  .addOption({
    name: "kind",
    description:
      "Kind of the file: rego, input-schema, wasm-plugin, output-schema, secrets-schema, params",
    type: ArgumentType.STRING,
    defaultValue: "",
  })
  .addOption(DATA_DIR_OPTION)
  .addFlag(DRY_RUN_FLAG)
  .addFlag(JSON_FLAG)
  .setAction(() => import("./publish.ts"))
  .build();

const artifactImport = task(
  ["artifact", "import"],
  "Take an artifact out of IPFS: check its bytes against its CID, then publish them",
)
  .addPositionalArgument({
    name: "kind",
    description: "Kind: rego, input-schema, wasm-plugin, output-schema, secrets-schema, params",
  })
  .addOption({
    name: "cid",
    description: "CID of the file, version 0 or 1",
    type: ArgumentType.STRING,
    defaultValue: "",
  })
  .addOption({
    name: "from",
    description: "A CAR file (`ipfs dag export`), or the one block as it is",
    type: ArgumentType.STRING,
    defaultValue: "",
  })
  .addOption({
    name: "gateway",
    description: "URL of an IPFS gateway; it is not trusted",
    type: ArgumentType.STRING,
    defaultValue: "",
  })
  .addOption({
    name: "out",
    description: "File to write the bytes to as well",
    type: ArgumentType.STRING,
    defaultValue: "",
  })
  .addOption(DATA_DIR_OPTION)
  .addFlag(DRY_RUN_FLAG)
  .addFlag(JSON_FLAG)
  .setAction(() => import("./import.ts"))
  .build();

/** `artifact …`. */
export const artifactTasks: TaskDefinition[] = [
  emptyTask("artifact", "Artifacts: check, publish, import").build(),
  artifactCheck,
  artifactPublish,
  artifactImport,
];
