import { emptyTask, overrideTask, task } from "hardhat/config";
import { ArgumentType } from "hardhat/types/arguments";
import type { TaskDefinition } from "hardhat/types/tasks";

/** Definitions only: actions are loaded when they run, since what they import needs a build first. */

const JSON_FLAG = {
  name: "json",
  description: "Print one JSON document on stdout instead of text",
} as const;

const DRY_RUN_FLAG = {
  name: "dryRun",
  description: "Check everything and write nothing",
} as const;

const DATA_DIR_OPTION = {
  name: "dataDir",
  description: "Folder of the services' files (default: .state/<network>)",
  type: ArgumentType.STRING,
  defaultValue: "",
} as const;

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
  .setAction(() => import("./operators/register.ts"))
  .build();

const artifactPublish = task(
  ["artifact", "publish"],
  "Check an artifact, or a policy folder, and hand it to the gateway for the next commit",
)
  .addPositionalArgument({ name: "path", description: "A file, or a folder with a policy.json" })
  .addOption({
    name: "kind",
    description: "Kind of the file: rego, input-schema, wasm-plugin, output-schema, secrets-schema",
    type: ArgumentType.STRING,
    defaultValue: "",
  })
  .addOption(DATA_DIR_OPTION)
  .addFlag(DRY_RUN_FLAG)
  .addFlag(JSON_FLAG)
  .setAction(() => import("./artifact/publish.ts"))
  .build();

const artifactCheck = task(
  ["artifact", "check"],
  "Check a policy folder offline: artifacts, secrets, Rego, schemas, params, samples",
)
  .addPositionalArgument({ name: "folder", description: "A folder with a policy.json" })
  .addFlag(JSON_FLAG)
  .setAction(() => import("./artifact/check.ts"))
  .build();

const artifactImport = task(
  ["artifact", "import"],
  "Take an artifact out of IPFS: check its bytes against its CID, then publish them",
)
  .addPositionalArgument({
    name: "kind",
    description: "Kind: rego, input-schema, wasm-plugin, output-schema, secrets-schema",
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
  .setAction(() => import("./artifact/import.ts"))
  .build();

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
  .addOption(DATA_DIR_OPTION)
  .addFlag(DRY_RUN_FLAG)
  .addFlag(JSON_FLAG)
  .setAction(() => import("./state/commit.ts"))
  .build();

const stateHead = task(["state", "head"], "Show the newest commit and what is pending")
  .addOption(DATA_DIR_OPTION)
  .addFlag(JSON_FLAG)
  .setAction(() => import("./state/head.ts"))
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
  .setAction(() => import("./state/prove.ts"))
  .build();

const stateVerify = task(["state", "verify"], "Have the chain check a proof file")
  .addPositionalArgument({ name: "path", description: "File that `state prove --out` wrote" })
  .addOption(DATA_DIR_OPTION)
  .addFlag(JSON_FLAG)
  .setAction(() => import("./state/verify.ts"))
  .build();

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
  .setAction(() => import("./state/fsck.ts"))
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
  .setAction(() => import("./state/snapshot.ts"))
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
  .setAction(() => import("./state/restore.ts"))
  .build();

const policyRegister = task(
  ["policy", "register"],
  "Register a policy's templates with proofs that its artifacts are committed",
)
  .addPositionalArgument({ name: "folder", description: "A folder with a policy.json" })
  .addOption(DATA_DIR_OPTION)
  .addFlag(DRY_RUN_FLAG)
  .addFlag(JSON_FLAG)
  .setAction(() => import("./policy/register.ts"))
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
  .addOption({
    name: "expireAfterBlocks",
    description: "How many blocks a decision stays valid",
    type: ArgumentType.INT,
    defaultValue: 100,
  })
  .addOption(DATA_DIR_OPTION)
  .addFlag(DRY_RUN_FLAG)
  .addFlag(JSON_FLAG)
  .setAction(() => import("./policy/instantiate.ts"))
  .build();

const challengeSimulate = task(
  ["challenge", "simulate"],
  "Stage a fault of a corrupt quorum on a simulated chain, and prove it",
)
  .addPositionalArgument({ name: "fault", description: "rewrite, removal or malformed-leaf" })
  .addFlag(JSON_FLAG)
  .setAction(() => import("./challenge/simulate.ts"))
  .build();

const vectorsCheck = task(
  ["vectors", "check"],
  "Compare tree roots that another implementation computed with this one",
)
  .addPositionalArgument({
    name: "path",
    description: "JSON file: {hash, trees: [{name, versions}]}",
  })
  .addFlag(JSON_FLAG)
  .setAction(() => import("./vectors/check.ts"))
  .build();

/** Every task of this project. */
export const tasks: TaskDefinition[] = [
  demo,
  deploy,
  emptyTask("operators", "Operators: their keys and the epochs they sign in").build(),
  operatorsRegister,
  emptyTask("artifact", "Artifacts: check, publish, import").build(),
  artifactCheck,
  artifactPublish,
  artifactImport,
  emptyTask("state", "State: commit, head, proofs, snapshots, repair").build(),
  stateCommit,
  stateHead,
  stateProve,
  stateVerify,
  stateFsck,
  stateSnapshot,
  stateRestore,
  emptyTask("policy", "Policies: register templates, deploy instances").build(),
  policyRegister,
  policyInstantiate,
  emptyTask("challenge", "Challenges: faults of a quorum").build(),
  challengeSimulate,
  emptyTask("vectors", "Vectors: compare with other implementations").build(),
  vectorsCheck,
];
