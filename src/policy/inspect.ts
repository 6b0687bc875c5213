import { checkArtifact } from "../artifact/intake.ts";
import { type JsonObject, parseJsonObject } from "../artifact/json.ts";
import type { ArtifactKindName } from "../artifact/kinds.ts";
import { REGO_ENVIRONMENTS, type RegoEnvironment } from "../artifact/regoEnvironment.ts";
import { faultsBySchema } from "../artifact/schemaValidator.ts";
import { requireNoSecrets } from "../artifact/secrets.ts";
import { strictText } from "../artifact/text.ts";
import { PolicyError } from "./errors.ts";
import type { Deciders } from "./evaluate.ts";
import { type Finding, findingsIn } from "./finding.ts";
import { loadPolicyFolder, MANIFEST_FILE, type PolicyBundle } from "./folder.ts";
import { inspectSamples } from "./inspectSamples.ts";
import { type PolicyManifest, parseManifest } from "./manifest.ts";
import { faultsOfReads } from "./regoReads.ts";

/**
 * Everything that is checked before an author's folder becomes public: no network, no chain. Artifacts by their kind,
 * secrets in any file, the Rego on its engine and against the schemas it reads through, params, and the sample intents with
 * the real plugins.
 */

/** Sample params, in a folder. */
export const PARAMS_FILE = "params.json";

/** What the checks came to. */
export interface Inspection {
  /** Undefined if a part is missing or refused. */
  readonly bundle: PolicyBundle | undefined;
  /** What has been checked, in order. */
  readonly checks: readonly string[];
  /** Empty if the folder may be published. */
  readonly findings: readonly Finding[];
}

/**
 * Inspects the files of a folder, given as a map from name to bytes.
 * @throws {PolicyError} `E_REGO_TIMEOUT`, `E_REGO_ENGINE`, `E_PLUGIN_TIMEOUT`, `E_PLUGIN_ENGINE`: faults of the machine,
 *   which say nothing of the policy
 */
export async function inspectFolder(
  files: ReadonlyMap<string, Uint8Array>,
  deciders: Deciders,
): Promise<Inspection> {
  const secrets = await inspectSecrets(files);
  const artifacts = await inspectArtifacts(files);
  const checks = ["secrets", "artifacts"];
  if (artifacts.length > 0) {
    return { bundle: undefined, checks, findings: [...secrets, ...artifacts] };
  }
  const bundle = loadPolicyFolder(files);
  const rego = await inspectRego(bundle, files, deciders);
  const params = await inspectParams(bundle, files);
  checks.push("rego", "params");
  const findings = [...secrets, ...rego, ...params];
  // A policy that does not compile cannot be tried out.
  if (findings.length > 0) return { bundle, checks, findings };
  // Nor can one whose plugin only an operator can decrypt.
  if (bundle.manifest.data.some(({ encrypted }) => encrypted !== undefined)) {
    return { bundle, checks, findings };
  }
  checks.push("samples", "missing data", "rego tests");
  return { bundle, checks, findings: await inspectSamples(bundle, files, deciders) };
}

/** Every file: sources and samples are as public as what is published. */
async function inspectSecrets(files: ReadonlyMap<string, Uint8Array>): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const [file, bytes] of files) {
    findings.push(...(await findingsIn(file, () => requireNoSecrets(bytes, file))));
  }
  return findings;
}

/** Each artifact by its kind, so that every fault is told; then the folder as a whole. */
async function inspectArtifacts(files: ReadonlyMap<string, Uint8Array>): Promise<Finding[]> {
  let manifest: PolicyManifest | undefined;
  const findings = await findingsIn(MANIFEST_FILE, () => {
    const bytes = files.get(MANIFEST_FILE);
    if (bytes === undefined) throw new PolicyError("E_FILE_MISSING", `no file "${MANIFEST_FILE}"`);
    manifest = parseManifest(bytes);
  });
  if (manifest === undefined) return findings;
  const ciphertexts = new Set(
    manifest.data.flatMap(({ wasm, encrypted }) => (encrypted === undefined ? [] : [wasm])),
  );
  for (const [kind, file] of artifactsOf(manifest)) {
    const bytes = files.get(file);
    if (bytes === undefined) continue;
    const isEncrypted = kind === "wasm-plugin" && ciphertexts.has(file);
    findings.push(
      ...(await findingsIn(file, () => void checkArtifact(kind, bytes, { isEncrypted }))),
    );
  }
  if (findings.length > 0) return findings;
  return await findingsIn(MANIFEST_FILE, () => void loadPolicyFolder(files));
}

function artifactsOf(manifest: PolicyManifest): [ArtifactKindName, string][] {
  const named: [ArtifactKindName, string | undefined][] = [
    ["rego", manifest.rego],
    ["input-schema", manifest.paramsSchema],
    ...manifest.data.flatMap((data): [ArtifactKindName, string | undefined][] => [
      ["wasm-plugin", data.wasm],
      ["input-schema", data.argsSchema],
      ["output-schema", data.outputSchema],
      ["secrets-schema", data.secretsSchema],
    ]),
  ];
  return named.flatMap(([kind, file]) => (file === undefined ? [] : [[kind, file]]));
}

async function inspectRego(
  bundle: PolicyBundle,
  files: ReadonlyMap<string, Uint8Array>,
  { engine }: Deciders,
): Promise<Finding[]> {
  const { manifest, rego } = bundle;
  const environment = REGO_ENVIRONMENTS.get(manifest.environment);
  if (environment === undefined) {
    const known = [...REGO_ENVIRONMENTS.keys()].join(", ");
    const message = `environment ${manifest.environment} is none of ${known}`;
    return [{ code: "E_ENVIRONMENT", file: MANIFEST_FILE, message }];
  }
  const text = strictText(rego, "rego");
  const compiled = await findingsIn(manifest.rego, async () => {
    requireVersion(text);
    await engine.check(rego, manifest.entrypoint);
  });
  const reads = await findingsIn(manifest.rego, () => {
    const [first] = readFaults(text, environment, bundle, files);
    if (first !== undefined) throw first;
  });
  return [...compiled, ...reads];
}

function readFaults(
  text: string,
  environment: RegoEnvironment,
  { manifest }: PolicyBundle,
  files: ReadonlyMap<string, Uint8Array>,
): PolicyError[] {
  return faultsOfReads(text, environment, {
    params: schemaIn(files, manifest.paramsSchema),
    wasm: new Map(manifest.data.map((data) => [data.name, schemaIn(files, data.outputSchema)])),
  });
}

/** `import rego.v1` makes every engine since 0.59 read the module as this environment does. */
function requireVersion(text: string): void {
  if (/^[ \t]*import[ \t]+rego\.v1[ \t\r]*$/m.test(text)) return;
  throw new PolicyError("E_REGO_VERSION", "rego: expected `import rego.v1`");
}

async function inspectParams(
  { manifest }: PolicyBundle,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<Finding[]> {
  const bytes = files.get(PARAMS_FILE);
  if (bytes === undefined) return [];
  return await findingsIn(PARAMS_FILE, () => {
    const params = parseJsonObject(bytes, PARAMS_FILE);
    const schema = schemaIn(files, manifest.paramsSchema);
    const [fault] = schema === undefined ? [] : faultsBySchema(schema, params);
    if (fault !== undefined) throw new PolicyError("E_PARAMS_INVALID", `${PARAMS_FILE}: ${fault}`);
  });
}

/** The schema in `file`, which intake has accepted. */
export function schemaIn(
  files: ReadonlyMap<string, Uint8Array>,
  file: string | undefined,
): JsonObject | undefined {
  const bytes = file === undefined ? undefined : files.get(file);
  return bytes === undefined ? undefined : parseJsonObject(bytes, file ?? "");
}
