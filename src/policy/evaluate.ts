import { isJsonObject, type JsonObject, type JsonValue } from "../artifact/json.ts";
import { checkSchema } from "../artifact/jsonSchema.ts";
import { checkRegoEntrypoint } from "../artifact/rego.ts";
import { pluginsRead } from "../artifact/regoText.ts";
import { faultsBySchema } from "../artifact/schemaValidator.ts";
import { PolicyError } from "./errors.ts";
import type { PluginRunner } from "./pluginRunner.ts";
import type { RegoEngine } from "./regoEngine.ts";

/**
 * From an intent to a decision. It fails closed: an intent is allowed only if every plugin that the policy is bound to,
 * and every one that it reads, has given data that its output schema accepts, and the entrypoint is `true`. A plugin at
 * fault denies, by name, as the fault is in its bytes or arguments and every operator sees the same. What depends on the
 * machine (a timeout, an engine that died) is no decision: it throws, and the operator abstains.
 */

/** A plugin of the policy and the arguments of this call. */
export interface PluginCall {
  /** The Rego reads its output as `data.wasm.<name>`. */
  readonly name: string;
  /** Exact stored bytes, decrypted. */
  readonly wasm: Uint8Array;
  readonly args: JsonValue;
  /** Exact stored bytes of the output schema, where the data template names one: what it does not accept is no data. */
  readonly outputSchema?: Uint8Array;
  /** What the client has deposited for the plugin; it finds it among its arguments, as `secrets`. */
  readonly secrets?: JsonObject;
}

/** What is decided upon. */
export interface DecisionRequest {
  /** Exact stored bytes of the module. */
  readonly rego: Uint8Array;
  /** `package.rule`. */
  readonly entrypoint: string;
  /** The transaction intent, read as `input`. */
  readonly intent: JsonObject;
  /** Read as `data.params`. */
  readonly params: JsonObject;
  readonly plugins: readonly PluginCall[];
}

/** Why there is no data from a plugin; `E_OUTPUT_INVALID` where its schema does not accept what it gave. */
export interface PluginFailure {
  readonly name: string;
  readonly code: PolicyError["code"];
  readonly message: string;
}

/** The decision, with what it rests on. */
export interface Decision {
  /** Whether the intent may proceed: iff `output` is `true`. */
  readonly allowed: boolean;
  /** Value of the entrypoint; null where `failures` kept it from being evaluated. */
  readonly output: JsonValue;
  /** Output of each plugin, by name. */
  readonly wasm: JsonObject;
  /** Plugins without data; empty if the Rego was evaluated. */
  readonly failures: readonly PluginFailure[];
}

/** What decides. */
export interface Deciders {
  readonly engine: RegoEngine;
  readonly runner: PluginRunner;
}

/** Faults that depend on the machine. */
const ABSTAIN: ReadonlySet<string> = new Set(["E_PLUGIN_TIMEOUT", "E_PLUGIN_ENGINE"]);

/**
 * Decides `request`.
 * @throws {ArtifactError} for a module or an output schema that intake refuses
 * @throws {PolicyError} `E_PLUGIN_TIMEOUT`, `E_PLUGIN_ENGINE` with the plugin's name; `E_REGO_…` of the engine
 */
export async function decide(
  { engine, runner }: Deciders,
  request: DecisionRequest,
): Promise<Decision> {
  const rego = checkRegoEntrypoint(request.rego, request.entrypoint);
  const calls = request.plugins.map((plugin) => ({ plugin, schema: schemaOf(plugin) }));
  const outputs = new Map<string, JsonValue>();
  const failures: PluginFailure[] = [];
  for (const { plugin, schema } of calls) {
    const result = accepted(schema, await runPlugin(runner, plugin), plugin);
    if ("output" in result) outputs.set(plugin.name, result.output);
    else failures.push(result);
  }
  const given = new Set(request.plugins.map(({ name }) => name));
  for (const name of pluginsRead(rego)) {
    if (!given.has(name)) failures.push(missing(name));
  }
  const wasm: JsonObject = Object.fromEntries(outputs);
  if (failures.length > 0) return { allowed: false, output: null, wasm, failures };

  const documents = { input: request.intent, data: { params: request.params, wasm } };
  const output = await engine.evaluate(request.rego, request.entrypoint, documents);
  return { allowed: output === true, output, wasm, failures };
}

async function runPlugin(
  runner: PluginRunner,
  { name, wasm, args, secrets }: PluginCall,
): Promise<{ readonly output: JsonValue } | PluginFailure> {
  try {
    return { output: await runner.run(wasm, argumentsOf(args, secrets)) };
  } catch (cause) {
    if (!(cause instanceof PolicyError)) throw cause;
    const message = `${name}: ${cause.message}`;
    if (ABSTAIN.has(cause.code)) throw new PolicyError(cause.code, message, { cause });
    return { name, code: cause.code, message };
  }
}

/** Checked again, as intake did: a pattern in it must not be slow on what the plugin gives. */
function schemaOf({ name, outputSchema }: PluginCall): JsonObject | undefined {
  return outputSchema === undefined ? undefined : checkSchema(outputSchema, `${name}: schema`);
}

function accepted(
  schema: JsonObject | undefined,
  result: { readonly output: JsonValue } | PluginFailure,
  { name }: PluginCall,
): { readonly output: JsonValue } | PluginFailure {
  if (schema === undefined || !("output" in result)) return result;
  const [fault] = faultsBySchema(schema, result.output);
  if (fault === undefined) return result;
  return { name, code: "E_OUTPUT_INVALID", message: `output of "${name}": ${fault}` };
}

/** Whoever asks picks the arguments, but never the secrets. */
function argumentsOf(args: JsonValue, secrets: JsonObject | undefined): JsonValue {
  if (!isJsonObject(args)) return args;
  const { secrets: _, ...rest } = args;
  return secrets === undefined ? rest : { ...rest, secrets };
}

function missing(name: string): PluginFailure {
  return { name, code: "E_PLUGIN_MISSING", message: `${name}: read by the policy, but not given` };
}
