import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { buildPlugins, policyNames } from "../../scripts/build-plugins.ts";
import { isJsonObject, type JsonObject, parseJsonObject } from "../../src/artifact/json.ts";
import type { PluginCall } from "../../src/policy/evaluate.ts";
import { loadPolicyFolder, type PolicyBundle } from "../../src/policy/folder.ts";
import { type IntentSample, samplesOf } from "../../src/policy/samples.ts";

/** The policies of policies/, with their plugins built. */
export interface PolicySample {
  readonly name: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly bundle: PolicyBundle;
  readonly params: JsonObject;
  readonly intents: readonly IntentSample[];
}

/** Builds the plugins and loads every policy. */
export async function loadPolicies(): Promise<PolicySample[]> {
  const built = await buildPlugins();
  const names = await policyNames();
  return names.map((name) => {
    const files = readFolder(join("policies", name));
    for (const { policy, file, wasm } of built) if (policy === name) files.set(file, wasm);
    return {
      name,
      files,
      bundle: loadPolicyFolder(files),
      params: parseJsonObject(files.get("params.json") ?? new Uint8Array(0), "params.json"),
      intents: samplesOf(files),
    };
  });
}

/** The plugin calls of an intent. */
export function callsOf({ bundle }: PolicySample, { args, secrets }: IntentSample): PluginCall[] {
  return bundle.data.map(({ binding: { name }, wasm }) => {
    const given = secrets[name];
    const call = { name, wasm, args: args[name] ?? null };
    return isJsonObject(given) ? { ...call, secrets: given } : call;
  });
}

function readFolder(folder: string): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(folder.length + 1).replaceAll("\\", "/");
    files.set(name, Uint8Array.from(readFileSync(path)));
  }
  return files;
}
