import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { buildPlugins } from "../../scripts/build-plugins.ts";
import { type JsonObject, parseJsonObject } from "../../src/artifact/json.ts";
import type { PluginCall } from "../../src/policy/evaluate.ts";
import { loadPolicyFolder, type PolicyBundle } from "../../src/policy/folder.ts";

/** The policies of policies/, with their plugins built. */
export interface PolicySample {
  readonly name: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly bundle: PolicyBundle;
  readonly params: JsonObject;
  readonly intents: readonly IntentSample[];
}

/** One file of intents/. */
export interface IntentSample {
  readonly file: string;
  readonly why: string;
  readonly intent: JsonObject;
  readonly args: JsonObject;
  readonly allowed: boolean;
}

/** Builds the plugins and loads every policy. */
export async function loadPolicies(): Promise<PolicySample[]> {
  const built = await buildPlugins();
  return built.map(({ policy, wasm }) => {
    const files = readFolder(join("policies", policy)).set("build/plugin.wasm", wasm);
    const intents = [...files.keys()].filter((file) => file.startsWith("intents/")).sort();
    return {
      name: policy,
      files,
      bundle: loadPolicyFolder(files),
      params: objectIn(files, "params.json"),
      intents: intents.map((file) => intentIn(files, file)),
    };
  });
}

/** The plugin calls of an intent. */
export function callsOf({ bundle }: PolicySample, { args }: IntentSample): PluginCall[] {
  return bundle.data.map(({ binding, wasm }) => ({
    name: binding.name,
    wasm,
    args: args[binding.name] ?? null,
  }));
}

function intentIn(files: ReadonlyMap<string, Uint8Array>, file: string): IntentSample {
  const sample = objectIn(files, file);
  const { why, intent, args, expected } = sample;
  if (typeof why !== "string" || !isObject(intent) || !isObject(args) || !isObject(expected)) {
    throw new TypeError(`${file}: expected why, intent, args and expected`);
  }
  if (typeof expected.allowed !== "boolean") throw new TypeError(`${file}: expected.allowed`);
  return { file, why, intent, args, allowed: expected.allowed };
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function objectIn(files: ReadonlyMap<string, Uint8Array>, file: string): JsonObject {
  return parseJsonObject(files.get(file) ?? new Uint8Array(0), file);
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
