import { isJsonObject, type JsonObject, parseJsonObject } from "../artifact/json.ts";
import { PolicyError } from "./errors.ts";

/** Sample intents of a policy folder: `intents/<name>.json`. */

/** An intent with what its plugins are called with, and how it should be decided. */
export interface IntentSample {
  readonly file: string;
  /** What the sample shows. */
  readonly why: string;
  readonly intent: JsonObject;
  /** By name of the binding. */
  readonly args: JsonObject;
  /** By name of the binding; invented, as everything in the folder. */
  readonly secrets: JsonObject;
  readonly allowed: boolean;
  /** Whether it shows what happens with arguments that their schema refuses: `"args": "invalid"`. */
  readonly hasInvalidArgs: boolean;
}

/**
 * The samples among the files of a folder, by name.
 * @throws {PolicyError} `E_SAMPLE_INVALID`; {ArtifactError} for what is no JSON
 */
export function samplesOf(files: ReadonlyMap<string, Uint8Array>): IntentSample[] {
  const names = [...files.keys()].filter((file) => /^intents\/[^/]+\.json$/.test(file)).sort();
  return names.map((file) => sampleOf(file, files.get(file) ?? new Uint8Array(0)));
}

function sampleOf(file: string, bytes: Uint8Array): IntentSample {
  const { why, intent, args, secrets = {}, expected } = parseJsonObject(bytes, file);
  const allowed = isJsonObject(expected) ? expected.allowed : undefined;
  const isSample = isJsonObject(intent) && isJsonObject(args) && isJsonObject(secrets);
  if (!isSample || typeof why !== "string" || typeof allowed !== "boolean") {
    const wanted = "{why, intent, args, expected: {allowed}}";
    throw new PolicyError("E_SAMPLE_INVALID", `${file}: expected ${wanted}`);
  }
  const hasInvalidArgs = isJsonObject(expected) && expected.args === "invalid";
  return { file, why, intent, args, secrets, allowed, hasInvalidArgs };
}
