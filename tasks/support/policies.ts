import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { ARTIFACT_MAX_BYTES } from "../../src/artifact/kind.ts";
import { loadPolicyFolder } from "../../src/policy/folder.ts";
import { samplesOf } from "../../src/policy/samples.ts";
import type { DemoPolicy } from "../../src/sim/demo/context.ts";
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
  const files = readFiles(folder);
  const bundle = loadPolicyFolder(files);
  const params = files.get("params.json");
  if (params === undefined) {
    throw new TaskError("E_FILE_NOT_FOUND", `${folder} has no params.json`);
  }
  const samples = samplesOf(files).map(({ file, ...sample }) => ({
    ...sample,
    name: basename(file, ".json"),
  }));
  return { name: bundle.manifest.name, bundle, params, samples };
}

/**
 * Regular files of a folder and of the folders in it, by path with slashes.
 * @throws {TaskError} `E_FILE_NOT_FOUND`, `E_FILE_INVALID`
 */
export function readFiles(folder: string): Map<string, Uint8Array> {
  if (!existsSync(folder)) throw new TaskError("E_FILE_NOT_FOUND", `there is no folder ${folder}`);
  const files = new Map<string, Uint8Array>();
  for (const entry of readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()) {
    const path = join(folder, entry);
    const status = lstatSync(path);
    if (!status.isFile()) continue;
    if (status.size > ARTIFACT_MAX_BYTES || files.size === MAX_FILES) {
      throw new TaskError("E_FILE_INVALID", `${path}: too large, or one of too many files`);
    }
    files.set(entry.replaceAll("\\", "/"), readFileSync(path));
  }
  return files;
}
