import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { isJsonObject, parseJsonObject } from "../../src/artifact/json.ts";
import { ARTIFACT_MAX_BYTES } from "../../src/artifact/kind.ts";
import { loadPolicyFolder } from "../../src/policy/folder.ts";
import type { DemoPolicy, IntentSample } from "../../src/sim/demo/context.ts";
import { TaskError } from "./errors.ts";

const POLICIES = resolve(import.meta.dirname, "../../policies");

/** More files than this make no policy. */
const MAX_FILES = 200;

/** The named policies of this repository, their plugins built from source. */
export async function loadRepositoryPolicies(names: readonly string[]): Promise<DemoPolicy[]> {
  const { buildPlugins } = await import("../../scripts/build-plugins.ts");
  await buildPlugins();
  return names.map((name) => loadPolicy(join(POLICIES, name)));
}

/**
 * The policy in a folder, with its sample params and intents.
 * @throws {TaskError} `E_FILE_NOT_FOUND`, `E_FILE_INVALID`
 * @throws {PolicyError} {ArtifactError} by what is wrong with the policy
 */
export function loadPolicy(folder: string): DemoPolicy {
  if (!existsSync(folder)) throw new TaskError("E_FILE_NOT_FOUND", `there is no folder ${folder}`);
  const files = readFiles(folder);
  const bundle = loadPolicyFolder(files);
  const params = files.get("params.json");
  if (params === undefined) {
    throw new TaskError("E_FILE_NOT_FOUND", `${folder} has no params.json`);
  }
  const samples = [...files].flatMap(([name, bytes]) =>
    name.startsWith("intents/") ? [sampleOf(name, bytes)] : [],
  );
  return { name: bundle.manifest.name, bundle, params, samples };
}

/** Regular files of a folder and of the folders in it, by path. */
function readFiles(folder: string): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (const entry of readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()) {
    const path = join(folder, entry);
    const status = lstatSync(path);
    if (!status.isFile()) continue;
    if (status.size > ARTIFACT_MAX_BYTES || files.size === MAX_FILES) {
      throw new TaskError("E_FILE_INVALID", `${path}: too large, or one of too many files`);
    }
    files.set(entry, readFileSync(path));
  }
  return files;
}

/** @throws {TaskError} `E_FILE_INVALID` */
function sampleOf(file: string, bytes: Uint8Array): IntentSample {
  const { intent, args, expected } = parseJsonObject(bytes, file);
  const allowed = isJsonObject(expected) ? expected.allowed : undefined;
  if (!isJsonObject(intent) || !isJsonObject(args) || typeof allowed !== "boolean") {
    throw new TaskError("E_FILE_INVALID", `${file}: expected {intent, args, expected: {allowed}}`);
  }
  return { name: basename(file, ".json"), intent, args, allowed };
}
