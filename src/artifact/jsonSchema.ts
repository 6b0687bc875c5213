import { ArtifactError } from "./errors.ts";
import { isJsonObject, type JsonValue, parseJsonObject } from "./json.ts";

/** What the schema kinds share. */

/** The dialect every schema must name: Draft 2020-12. */
export const SCHEMA_DIALECT = "https://json-schema.org/draft/2020-12/schema";

/** Most bytes of a schema: every operator compiles it. */
export const SCHEMA_MAX_BYTES = 262_144;

/** Keywords whose value is data, in which "$ref" is a key like any other. */
const DATA_KEYWORDS: ReadonlySet<string> = new Set(["const", "default", "enum", "examples"]);
const REFERENCE_KEYWORDS = ["$ref", "$dynamicRef"];

/**
 * Refuses what is no Draft 2020-12 schema by its form: an object that names the dialect and refers to nothing outside
 * itself.
 * @throws {ArtifactError} `E_SCHEMA_DIALECT`, `E_SCHEMA_REF`, and what {@link parseJsonObject} throws
 */
export function checkSchema(bytes: Uint8Array, label: string): void {
  const schema = parseJsonObject(bytes, label);
  if (schema.$schema !== SCHEMA_DIALECT) {
    const got = JSON.stringify(schema.$schema)?.slice(0, 100) ?? "none";
    throw new ArtifactError(
      "E_SCHEMA_DIALECT",
      `${label}: $schema ${got} is not ${SCHEMA_DIALECT}`,
    );
  }
  checkReferences(schema, label);
}

function checkReferences(value: JsonValue, label: string): void {
  if (Array.isArray(value)) {
    for (const item of value) checkReferences(item, label);
    return;
  }
  if (!isJsonObject(value)) return;
  for (const keyword of REFERENCE_KEYWORDS) {
    const target = value[keyword];
    if (typeof target === "string" && !target.startsWith("#")) {
      throw new ArtifactError("E_SCHEMA_REF", `${label}: ${keyword} "${target.slice(0, 100)}"`);
    }
  }
  for (const [keyword, child] of Object.entries(value)) {
    if (!DATA_KEYWORDS.has(keyword)) checkReferences(child, label);
  }
}
