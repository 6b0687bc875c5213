import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseJsonObject } from "../../src/artifact/json.ts";
import type { MigrationPlan } from "../../src/chain/migration.ts";
import type { MigratedPolicy } from "../../src/chain/migrationCalls.ts";
import { TaskError } from "../support/errors.ts";
import { loadPolicy } from "../support/policies.ts";

/** A migration on disk: `plan.json`, and for each stage its batch and what to verify after it. */

const PLAN_FILE = "plan.json";
const MANIFEST_FILE = "policy.json";
const ADDRESS = /^0x[0-9a-fA-F]{40}$/;
/** Policies of one migration, and clients of one policy. */
const MAX_ITEMS = 256;

/** What is written for a stage. */
export interface StageFiles {
  readonly stage: number;
  readonly batch: Uint8Array;
  readonly verify: string;
}

/** Every policy in the folders of `root`, with the clients of `clientsFile`, or `safe` where none are named. */
export function readPolicies(root: string, clientsFile: string, safe: string): MigratedPolicy[] {
  if (!existsSync(root)) throw new TaskError("E_FILE_NOT_FOUND", `there is no folder ${root}`);
  const clients = readClients(clientsFile);
  const folders = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(root, entry.name, MANIFEST_FILE)))
    .map(({ name }) => name)
    .sort();
  if (folders.length === 0 || folders.length > MAX_ITEMS) {
    const message = `${root}: expected 1 to ${MAX_ITEMS} folders with a ${MANIFEST_FILE}`;
    throw new TaskError("E_FILE_INVALID", message);
  }
  return folders.map((folder) => {
    const { name, bundle, params } = loadPolicy(join(root, folder));
    return { name, bundle, params, clients: clients.get(name) ?? [safe] };
  });
}

/** `{"<policy>": ["0x…", …]}`. */
function readClients(path: string): ReadonlyMap<string, readonly string[]> {
  if (path === "") return new Map();
  if (!existsSync(path)) throw new TaskError("E_FILE_NOT_FOUND", `there is no file ${path}`);
  const json = parseJsonObject(readFileSync(path), path);
  return new Map(
    Object.entries(json).map(([name, list]) => {
      const isList = Array.isArray(list) && list.length <= MAX_ITEMS;
      const addresses = isList ? list.map(String).filter((one) => ADDRESS.test(one)) : [];
      if (isList && addresses.length === list.length) return [name, addresses];
      const message = `${path}: ${name}: expected a list of at most ${MAX_ITEMS} addresses`;
      throw new TaskError("E_FILE_INVALID", message);
    }),
  );
}

/** Refuses a folder that has a plan already: its batches may be on their way. */
export function requireFresh(folder: string): void {
  if (!existsSync(join(folder, PLAN_FILE))) return;
  throw new TaskError("E_OPTION", `--folder: ${folder} has a plan already; name another`);
}

/** Writes the plan last: a folder with a plan is complete. Gives the names of the files. */
export function writeMigration(
  folder: string,
  plan: Uint8Array,
  stages: readonly StageFiles[],
): string[] {
  mkdirSync(folder, { recursive: true });
  const files: [string, Uint8Array | string][] = [
    ...stages.flatMap(({ stage, batch, verify }): [string, Uint8Array | string][] => [
      [batchFile(stage), batch],
      [`stage-${stage}.verify.md`, verify],
    ]),
    [PLAN_FILE, plan],
  ];
  for (const [name, content] of files) writeFileSync(join(folder, name), content);
  return files.map(([name]) => join(folder, name));
}

/** Bytes of the plan, or of a stage's batch. @throws {TaskError} `E_FILE_NOT_FOUND` */
export function readMigrationFile(folder: string, stage?: number): Uint8Array {
  const path = resolve(folder, stage === undefined ? PLAN_FILE : batchFile(stage));
  if (!existsSync(path)) throw new TaskError("E_FILE_NOT_FOUND", `there is no file ${path}`);
  return readFileSync(path);
}

/** What people verify after a stage. */
export function verifyText(
  plan: MigrationPlan,
  stage: MigrationPlan["stages"][number],
  sentences: readonly string[],
  networkName: string,
): string {
  const { sequenceNo, provableThrough, safe, chainId } = plan;
  return [
    `# After stage ${stage.stage} of ${plan.stages.length}`,
    "",
    `Chain ${chainId}, Safe ${safe}. Proofs are against commit ${sequenceNo}: send before commit ${provableThrough} is superseded.`,
    `Checksum of the batch: \`${stage.checksum}\`.`,
    "",
    ...sentences.map((one) => `- [ ] ${one}`),
    "",
    "Everything, bytes and proofs included, is looked at by:",
    "",
    "```sh",
    ...stage.policies.flatMap(({ templateRef, instances }) =>
      [templateRef, ...instances.map(({ id }) => id)].map(
        (id) => `npx hardhat policy verify ${id} --network ${networkName}`,
      ),
    ),
    "```",
    "",
  ].join("\n");
}

function batchFile(stage: number): string {
  return `stage-${stage}.batch.json`;
}
