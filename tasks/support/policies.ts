import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { loadPolicyBundle, type PolicyBundle } from "../../src/policy/bundle.ts";
import { readBundleFiles } from "../../src/policy/bundleFiles.ts";
import { TaskError } from "./errors.ts";

const POLICIES = resolve(import.meta.dirname, "../../policies");

/** The named policies of this repository, their plugins built from source. */
export async function loadPolicies(names: readonly string[]): Promise<PolicyBundle[]> {
  const { buildPlugins } = await import("../../scripts/build-plugins.ts");
  await buildPlugins();
  return names.map((name) => loadPolicyBundle(readBundleFiles(join(POLICIES, name))));
}

/** The policy in a folder. @throws {TaskError} `E_FILE_NOT_FOUND`; as {@link loadPolicyBundle} for what is wrong in it */
export function loadPolicy(folder: string): PolicyBundle {
  if (!existsSync(folder)) throw new TaskError("E_FILE_NOT_FOUND", `there is no folder ${folder}`);
  return loadPolicyBundle(readBundleFiles(folder));
}
