import { ArtifactError } from "./errors.ts";
import { type JsonObject, parseJsonObject } from "./json.ts";
import { checkSchemaLimits, schemaNodes } from "./schemaLimits.ts";
import { checkSchemaMeaning } from "./schemaValidator.ts";

/** What the schema kinds share. */

/** The dialect every schema must name: Draft 2020-12. */
export const SCHEMA_DIALECT = "https://json-schema.org/draft/2020-12/schema";

/** Most bytes of a schema: every operator compiles it. */
export const SCHEMA_MAX_BYTES = 262_144;

const REFERENCE_KEYWORDS = ["$ref", "$dynamicRef"];

/**
 * Refuses what is no Draft 2020-12 schema that every operator can validate with: an object that names the dialect, is
 * bounded, refers to nothing outside itself, and which the draft's meta-schema accepts.
 * @throws {ArtifactError} `E_SCHEMA_DIALECT`, `E_SCHEMA_REF`, `E_SCHEMA_LIMIT`, `E_SCHEMA_REGEX`, `E_SCHEMA_INVALID`, and
 *   what {@link parseJsonObject} throws
 */
export function checkSchema(bytes: Uint8Array, label: string): JsonObject {
  const schema = parseJsonObject(bytes, label);
  if (schema.$schema !== SCHEMA_DIALECT) {
    const got = JSON.stringify(schema.$schema)?.slice(0, 100) ?? "none";
    throw new ArtifactError(
      "E_SCHEMA_DIALECT",
      `${label}: $schema ${got} is not ${SCHEMA_DIALECT}`,
    );
  }
  checkSchemaLimits(schema, label);
  for (const node of schemaNodes(schema)) checkReferences(node, node === schema, label);
  checkSchemaMeaning(schema, label);
  return schema;
}

/** References stay inside the document. A schema that names itself anew would move where `#` leads. */
function checkReferences(node: JsonObject, isRoot: boolean, label: string): void {
  for (const keyword of REFERENCE_KEYWORDS) {
    const target = node[keyword];
    if (typeof target === "string" && !target.startsWith("#")) {
      throw new ArtifactError("E_SCHEMA_REF", `${label}: ${keyword} "${target.slice(0, 100)}"`);
    }
  }
  for (const keyword of ["$id", "$schema"]) {
    if (!isRoot && node[keyword] !== undefined) {
      throw new ArtifactError("E_SCHEMA_REF", `${label}: ${keyword} inside the schema`);
    }
  }
}
