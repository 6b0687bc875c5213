import { ArtifactError } from "../artifact/errors.ts";
import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  parseJsonObject,
} from "../artifact/json.ts";
import { bytes32, type ContentHash } from "../bytes/brand.ts";
import { isZero } from "../bytes/compare.ts";
import { BytesError } from "../bytes/errors.ts";
import { fromHex } from "../bytes/hex.ts";
import { PolicyError } from "./errors.ts";

/** `policy.json`: what a policy consists of, and under which names. */

/** Bounds of a manifest; the last four are those of `PolicyRegistry`. */
export const MANIFEST_LIMITS = {
  bytes: 65_536,
  fileChars: 200,
  entrypointBytes: 128,
  nameBytes: 64,
  bindings: 16,
  environment: 0xffff,
};

/** A plugin of the policy. */
export interface ManifestData {
  /** The Rego reads its output as `data.wasm.<name>`. */
  readonly name: string;
  readonly wasm: string;
  readonly argsSchema?: string;
  readonly outputSchema?: string;
  readonly secretsSchema?: string;
  /** There if the file `wasm` is ciphertext. */
  readonly encrypted?: ManifestEncryption;
}

/** What is known of an encrypted plugin. Its key is nowhere in a folder. */
export interface ManifestEncryption {
  /** Content hash of the decrypted plugin; not zero. */
  readonly cleartextHash: ContentHash;
  /** The plugin may run only inside an attested enclave. */
  readonly teeRequired: boolean;
}

/** The manifest. All but names and numbers are names of files. */
export interface PolicyManifest {
  readonly name: string;
  readonly description?: string;
  readonly rego: string;
  readonly paramsSchema?: string;
  /** `package.rule`. */
  readonly entrypoint: string;
  readonly environment: number;
  readonly data: readonly ManifestData[];
}

const KEYS = ["name", "description", "rego", "paramsSchema", "entrypoint", "environment", "data"];
const DATA_KEYS = ["name", "wasm", "argsSchema", "outputSchema", "secretsSchema", "encrypted"];
const ENCRYPTION_KEYS = ["cleartextHash", "teeRequired"];
const IDENTIFIER = /^[A-Za-z_]\w*$/;

/** The manifest in `bytes`. @throws {PolicyError} `E_MANIFEST_INVALID`, `E_ENTRYPOINT`, `E_BINDING_NAME`, `E_BINDING_COUNT` */
export function parseManifest(bytes: Uint8Array): PolicyManifest {
  const json = objectOf(bytes);
  requireKeys(json, KEYS, "manifest");
  const entrypoint = text(json, "entrypoint", MANIFEST_LIMITS.entrypointBytes);
  if (!entrypoint.split(".").every((part) => IDENTIFIER.test(part)) || !entrypoint.includes(".")) {
    throw new PolicyError("E_ENTRYPOINT", `entrypoint "${entrypoint}" is not package.rule`);
  }
  const { environment } = json;
  const isNumber = typeof environment === "number" && Number.isInteger(environment);
  if (!isNumber || environment < 0 || environment > MANIFEST_LIMITS.environment) {
    throw invalid("environment: expected a number of 16 bits");
  }
  return {
    name: text(json, "name", MANIFEST_LIMITS.nameBytes),
    ...optional(json, "description", 1_000),
    rego: text(json, "rego", MANIFEST_LIMITS.fileChars),
    ...optional(json, "paramsSchema", MANIFEST_LIMITS.fileChars),
    entrypoint,
    environment,
    data: parseData(json.data),
  };
}

function parseData(value: JsonValue | undefined): ManifestData[] {
  if (!Array.isArray(value)) throw invalid("data: expected a list");
  if (value.length > MANIFEST_LIMITS.bindings) {
    const message = `data: expected at most ${MANIFEST_LIMITS.bindings}, got ${value.length}`;
    throw new PolicyError("E_BINDING_COUNT", message);
  }
  const names = new Set<string>();
  return value.map((item: JsonValue) => {
    if (!isJsonObject(item)) throw invalid("data: expected objects");
    requireKeys(item, DATA_KEYS, "data");
    const name = text(item, "name", MANIFEST_LIMITS.nameBytes);
    if (!IDENTIFIER.test(name) || names.has(name)) {
      throw new PolicyError("E_BINDING_NAME", `data: "${name}" is no name, or there twice`);
    }
    names.add(name);
    return {
      name,
      wasm: text(item, "wasm", MANIFEST_LIMITS.fileChars),
      ...optional(item, "argsSchema", MANIFEST_LIMITS.fileChars),
      ...optional(item, "outputSchema", MANIFEST_LIMITS.fileChars),
      ...optional(item, "secretsSchema", MANIFEST_LIMITS.fileChars),
      ...parseEncryption(item.encrypted),
    };
  });
}

function parseEncryption(value: JsonValue | undefined): { encrypted?: ManifestEncryption } {
  if (value === undefined) return {};
  if (!isJsonObject(value)) throw invalid("encrypted: expected an object");
  requireKeys(value, ENCRYPTION_KEYS, "encrypted");
  const { teeRequired } = value;
  if (typeof teeRequired !== "boolean") {
    throw invalid("teeRequired: expected true or false");
  }
  return { encrypted: { cleartextHash: hash(value, "cleartextHash"), teeRequired } };
}

function hash(json: JsonObject, key: string): ContentHash {
  try {
    const bytes = bytes32<ContentHash>(fromHex(text(json, key, 66), key));
    if (!isZero(bytes)) return bytes;
  } catch (cause) {
    if (!(cause instanceof BytesError)) throw cause;
  }
  throw invalid(`${key}: expected a hash of 32 bytes in hexadecimal, not all zero`);
}

function objectOf(bytes: Uint8Array): JsonObject {
  if (bytes.length > MANIFEST_LIMITS.bytes) {
    throw invalid(`expected at most ${MANIFEST_LIMITS.bytes} bytes, got ${bytes.length}`);
  }
  try {
    return parseJsonObject(bytes, "manifest");
  } catch (cause) {
    if (!(cause instanceof ArtifactError)) throw cause;
    throw new PolicyError("E_MANIFEST_INVALID", cause.message, { cause });
  }
}

function requireKeys(json: JsonObject, known: readonly string[], label: string): void {
  const unknown = Object.keys(json).find((key) => !known.includes(key));
  if (unknown !== undefined) throw invalid(`${label}: unknown key "${unknown.slice(0, 80)}"`);
}

function text(json: JsonObject, key: string, maxBytes: number): string {
  const value = json[key];
  if (typeof value !== "string" || value === "" || Buffer.byteLength(value) > maxBytes) {
    throw invalid(`${key}: expected a text of 1 to ${maxBytes} bytes`);
  }
  return value;
}

/** `{key: text}` if the key is there, else nothing. */
function optional<Key extends string>(
  json: JsonObject,
  key: Key,
  maxBytes: number,
): { [K in Key]?: string } {
  const none: { [K in Key]?: string } = {};
  if (json[key] === undefined) return none;
  none[key] = text(json, key, maxBytes);
  return none;
}

function invalid(message: string): PolicyError {
  return new PolicyError("E_MANIFEST_INVALID", `manifest: ${message}`);
}
