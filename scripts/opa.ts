import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isJsonObject, type JsonObject, parseJsonObject } from "../src/artifact/json.ts";
import { REGO_ENVIRONMENTS } from "../src/artifact/regoEnvironment.ts";
import { parseManifest } from "../src/policy/manifest.ts";
import { OpaEngine } from "../src/policy/opaEngine.ts";
import { PluginRunner } from "../src/policy/pluginRunner.ts";
import type { RegoDocuments } from "../src/policy/regoEngine.ts";
import { samplesOf } from "../src/policy/samples.ts";
import { readFiles } from "../tasks/support/policies.ts";
import { buildPlugins, policyNames } from "./build-plugins.ts";
import { evaluateWithOpa, OPA_VERSION, opa } from "./currentOpa.ts";

/**
 * Holds the embedded engine equal to the current `opa`, on every policy: `opa check --strict`, `opa test`, and the decision
 * of every sample intent, with its data and without. `npm run test:opa [-- <policy> …]`.
 */

const POLICIES = join(import.meta.dirname, "../policies");
const engine = new OpaEngine({ timeoutMs: 60_000, startTimeoutMs: 60_000 });
const runner = new PluginRunner({ timeoutMs: 60_000, startTimeoutMs: 60_000 });

/** Decisions compared. @throws {Error} for the first that differ */
async function compare(policy: string): Promise<number> {
  const folder = join(POLICIES, policy);
  const rego = join(folder, "policy.rego");
  const tests = join(folder, "policy_test.rego");
  opa(["check", "--strict", rego, tests]);
  opa(["test", rego, tests]);
  const files = readFiles(folder);
  const module = readFileSync(rego);
  const { data, entrypoint } = parseManifest(files.get("policy.json") ?? new Uint8Array(0));
  const params = parseJsonObject(files.get("params.json") ?? new Uint8Array(0), "params.json");
  let compared = 0;
  for (const { file, intent, args, secrets } of samplesOf(files)) {
    const outputs: [string, JsonObject][] = [];
    for (const { name, wasm } of data) {
      const given = { ...objectIn(args, name), secrets: objectIn(secrets, name) };
      const call = isJsonObject(secrets[name]) ? given : objectIn(args, name);
      const output = await runner.run(files.get(wasm) ?? new Uint8Array(0), call);
      outputs.push([name, isJsonObject(output) ? output : {}]);
    }
    for (const documents of variants(intent, params, Object.fromEntries(outputs))) {
      const embedded = await engine.evaluate(module, entrypoint, documents);
      const current = evaluateWithOpa(rego, entrypoint, documents);
      if (JSON.stringify(embedded) !== JSON.stringify(current)) {
        const both = `${JSON.stringify(embedded)} embedded, ${JSON.stringify(current)} in ${OPA_VERSION}`;
        throw new Error(`${policy}/${file}: ${both} over ${JSON.stringify(documents)}`);
      }
      compared++;
    }
  }
  return compared;
}

/** The documents of a sample, and what is left when one of them is empty. */
function variants(input: JsonObject, params: JsonObject, wasm: JsonObject): RegoDocuments[] {
  return [
    { input, data: { params, wasm } },
    { input: {}, data: { params, wasm } },
    { input, data: { params: {}, wasm } },
    { input, data: { params, wasm: {} } },
  ];
}

function objectIn(object: JsonObject, key: string): JsonObject {
  const value = object[key];
  return isJsonObject(value) ? value : {};
}

/** @throws {Error} unless the current release knows every function of every environment */
function requireBuiltins(): number {
  const { builtins }: { builtins: { name: string }[] } = JSON.parse(
    opa(["capabilities", "--current"]),
  );
  const known = new Set(builtins.map(({ name }) => name));
  const wanted = [...REGO_ENVIRONMENTS.values()].flatMap(({ builtins: names }) => [...names]);
  const missing = wanted.filter((name) => !known.has(name));
  if (missing.length > 0) throw new Error(`no functions of ${OPA_VERSION}: ${missing.join(", ")}`);
  return wanted.length;
}

const asked = process.argv.slice(2);
await buildPlugins();
console.log(`${requireBuiltins()} functions are known to opa ${OPA_VERSION}`);
try {
  for (const policy of asked.length > 0 ? asked : await policyNames()) {
    console.log(`${policy}: ${await compare(policy)} decisions are equal, tests pass in both`);
  }
} finally {
  engine.close();
}
