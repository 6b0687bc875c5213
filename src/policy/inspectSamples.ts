import { type JsonObject, type JsonValue, parseJsonObject } from "../artifact/json.ts";
import { readRego } from "../artifact/regoText.ts";
import { faultsBySchema } from "../artifact/schemaValidator.ts";
import { strictText } from "../artifact/text.ts";
import { PolicyError } from "./errors.ts";
import { type Deciders, type Decision, decide } from "./evaluate.ts";
import { type Finding, findingsIn } from "./finding.ts";
import type { PolicyBundle } from "./folder.ts";
import type { ManifestData } from "./manifest.ts";
import { type IntentSample, samplesOf } from "./samples.ts";

/**
 * A policy tried out: its sample intents with the real plugins, what it says when data is missing, and its Rego tests.
 */

/** Rego tests, in a folder: rules `test_…` in the policy's own package. */
const TEST_FILE = "policy_test.rego";

const utf8 = new TextEncoder();

/** Schemas of what a plugin is given. */
interface DataSchemas {
  readonly args: JsonObject | undefined;
  readonly secrets: JsonObject | undefined;
}

/** What the samples and tests show; empty if all is as expected. Data that is missing must deny every sample. */
export async function inspectSamples(
  bundle: PolicyBundle,
  files: ReadonlyMap<string, Uint8Array>,
  deciders: Deciders,
): Promise<Finding[]> {
  const trial = new Trial(bundle, files, deciders);
  const findings = await findingsIn("intents", () => void samplesOf(files));
  if (findings.length > 0) return findings;
  findings.push(...(await findingsIn(bundle.manifest.rego, () => trial.denyNothing())));
  for (const sample of samplesOf(files)) {
    findings.push(...(await findingsIn(sample.file, () => trial.decideAsExpected(sample))));
  }
  findings.push(...(await findingsIn(TEST_FILE, () => trial.passTests())));
  return findings;
}

class Trial {
  readonly #bundle: PolicyBundle;
  readonly #files: ReadonlyMap<string, Uint8Array>;
  readonly #deciders: Deciders;
  readonly #params: JsonObject;
  readonly #schemas: ReadonlyMap<string, DataSchemas>;

  constructor(bundle: PolicyBundle, files: ReadonlyMap<string, Uint8Array>, deciders: Deciders) {
    this.#bundle = bundle;
    this.#files = files;
    this.#deciders = deciders;
    this.#params = this.#json("params.json") ?? {};
    this.#schemas = new Map(bundle.manifest.data.map((data) => [data.name, this.#schemasOf(data)]));
  }

  /** Nothing known at all: no intent, no params, no data. */
  async denyNothing(): Promise<void> {
    await this.#denies("nothing at all", { input: {}, data: { params: {}, wasm: {} } });
  }

  async decideAsExpected(sample: IntentSample): Promise<void> {
    this.#requireInputs(sample);
    const decision = await this.#decide(sample);
    const invalid = decision.failures.find(({ code }) => code === "E_OUTPUT_INVALID");
    if (invalid !== undefined) throw new PolicyError(invalid.code, invalid.message);
    if (decision.allowed !== sample.allowed) {
      const [got, wanted] = [decision.allowed, sample.allowed].map((is) =>
        is ? "allowed" : "denied",
      );
      const why = decision.failures.map(({ message }) => `; ${message}`).join("");
      throw new PolicyError("E_SAMPLE_DECISION", `${got}, expected to be ${wanted}${why}`);
    }
    if (decision.allowed) await this.#denyWithoutData(sample, decision.wasm);
  }

  /** What was allowed must not be any more when a plugin failed or said nothing, or a document is empty. */
  async #denyWithoutData({ intent }: IntentSample, wasm: JsonObject): Promise<void> {
    const params = this.#params;
    for (const name of Object.keys(wasm)) {
      const { [name]: _, ...others } = wasm;
      await this.#denies(`data.wasm.${name}`, { input: intent, data: { params, wasm: others } });
      for (const output of [{}, { error: "nothing known" }]) {
        const data = { params, wasm: { ...others, [name]: output } };
        await this.#denies(`what data.wasm.${name} should say`, { input: intent, data });
      }
    }
    await this.#denies("the intent", { input: {}, data: { params, wasm } });
    // Params that the schema accepts as none are an author's choice.
    const { paramsSchema } = this.#bundle.manifest;
    const schema = paramsSchema === undefined ? undefined : this.#json(paramsSchema);
    if (schema !== undefined && faultsBySchema(schema, {}).length > 0) {
      await this.#denies("data.params", { input: intent, data: { params: {}, wasm } });
    }
  }

  /** Rules `test_…` of the folder's tests: both texts are one module, as they share the package. */
  async passTests(): Promise<void> {
    const bytes = this.#files.get(TEST_FILE);
    if (bytes === undefined) return;
    const tests = readRego(strictText(bytes, TEST_FILE));
    const rules = Array.from(
      tests.code.matchAll(/^(test_\w+)\s+if\b/gm),
      (match) => match[1] ?? "",
    );
    const module = utf8.encode(
      `${strictText(this.#bundle.rego, "rego")}\n${tests.text.slice(tests.packageEnd)}`,
    );
    const documents = { input: {}, data: { params: {}, wasm: {} } };
    for (const rule of new Set(rules)) {
      const entrypoint = `${tests.packageName}.${rule}`;
      const failed = new PolicyError("E_REGO_TEST", `${rule} failed`);
      try {
        const value = await this.#deciders.engine.evaluate(module, entrypoint, documents);
        if (value !== true) throw failed;
      } catch (cause) {
        if (cause instanceof PolicyError && cause.code === "E_REGO_UNDEFINED") throw failed;
        throw cause;
      }
    }
  }

  async #decide(sample: IntentSample): Promise<Decision> {
    const { data, manifest, rego } = this.#bundle;
    return await decide(this.#deciders, {
      rego,
      entrypoint: manifest.entrypoint,
      intent: sample.intent,
      params: this.#params,
      plugins: data.map(({ binding: { name }, wasm, outputSchema }) => ({
        name,
        wasm,
        args: sample.args[name] ?? null,
        ...(outputSchema === undefined ? {} : { outputSchema }),
        ...secretsOf(sample, name),
      })),
    });
  }

  async #denies(
    what: string,
    documents: Parameters<Deciders["engine"]["evaluate"]>[2],
  ): Promise<void> {
    const { manifest, rego } = this.#bundle;
    const value = await this.#deciders.engine.evaluate(rego, manifest.entrypoint, documents);
    if (value !== true) return;
    throw new PolicyError("E_REGO_FAIL_OPEN", `rego: allows when ${what} is missing`);
  }

  #requireInputs(sample: IntentSample): void {
    for (const [name, schemas] of this.#schemas) {
      const args = sample.args[name];
      if (!sample.hasInvalidArgs) {
        requireValid("E_ARGS_INVALID", schemas.args, args, `args of "${name}"`);
      }
      if (schemas.secrets === undefined) continue;
      requireValid(
        "E_SECRETS_INVALID",
        schemas.secrets,
        sample.secrets[name],
        `secrets of "${name}"`,
      );
    }
  }

  #schemasOf({ argsSchema, secretsSchema }: ManifestData): DataSchemas {
    return { args: this.#json(argsSchema), secrets: this.#json(secretsSchema) };
  }

  #json(file: string | undefined): JsonObject | undefined {
    const bytes = file === undefined ? undefined : this.#files.get(file);
    return bytes === undefined ? undefined : parseJsonObject(bytes, file ?? "");
  }
}

function secretsOf({ secrets }: IntentSample, name: string): { readonly secrets?: JsonObject } {
  const value = secrets[name];
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? { secrets: Object.fromEntries(Object.entries(value)) } : {};
}

function requireValid(
  code: PolicyError["code"],
  schema: JsonObject | undefined,
  value: JsonValue | undefined,
  label: string,
): void {
  if (schema === undefined) return;
  const [fault] = value === undefined ? ["not given"] : faultsBySchema(schema, value);
  if (fault !== undefined) throw new PolicyError(code, `${label}: ${fault}`);
}
