import ZSchema, { type SchemaErrorDetail } from "z-schema";
import { ArtifactError } from "./errors.ts";
import type { JsonObject, JsonValue } from "./json.ts";

/**
 * Draft 2020-12, by z-schema: docs/dependencies.md, "JSON Schema", has the comparison. `format` is an annotation, as the
 * draft's own vocabulary has it. It fetches nothing and generates no code.
 */

/** Levels of a value, or of references followed, below which z-schema gives up: what is deeper is not valid. */
const MAX_RECURSION_DEPTH = 100;

/** Faults told of one value. */
const MAX_FAULTS = 8;

/**
 * Refuses what the meta-schema refuses, and references to nothing.
 * @throws {ArtifactError} `E_SCHEMA_INVALID`; `E_SCHEMA_REF`; `E_SCHEMA_REGEX`
 */
export function checkSchemaMeaning(schema: JsonObject, label: string): void {
  const { valid, err } = validator().validateSchema(copyOf(schema));
  if (!valid) throw schemaFault(err?.details ?? [], err?.message ?? "not valid", label);
}

/** What is wrong with `value` by `schema`, one line each with its place; empty if nothing is. */
export function faultsBySchema(schema: JsonObject, value: JsonValue): readonly string[] {
  const { valid, err } = validator().validate(value, copyOf(schema));
  if (valid) return [];
  const lines = (err?.details ?? []).map(({ path, message }) => `${pathText(path)}: ${message}`);
  return lines.length === 0 ? [err?.message ?? "not valid"] : lines.slice(0, MAX_FAULTS);
}

/** A validator remembers what it has seen, so each use has its own. */
function validator(): ReturnType<typeof create> {
  return create();
}

function create() {
  return ZSchema.create({
    version: "draft2020-12",
    formatAssertions: false,
    ignoreUnknownFormats: true,
    maxRecursionDepth: MAX_RECURSION_DEPTH,
    safe: true,
  });
}

/** z-schema writes into the schemas it is given. */
function copyOf(schema: JsonObject): JsonObject {
  return structuredClone(schema);
}

function schemaFault(
  details: readonly SchemaErrorDetail[],
  message: string,
  label: string,
): ArtifactError {
  const flat = flatten(details);
  const [worst] = flat.toSorted((a, b) => pathText(b.path).length - pathText(a.path).length);
  const text = `${label}: ${worst === undefined ? message : `${pathText(worst.path)}: ${worst.message}`}`;
  const codes = new Set(flat.map(({ code }) => code));
  if (codes.has("UNRESOLVABLE_REFERENCE")) return new ArtifactError("E_SCHEMA_REF", text);
  if (codes.has("KEYWORD_PATTERN")) {
    const why = `${text} (one repetition may not stand inside another)`;
    return new ArtifactError("E_SCHEMA_REGEX", why);
  }
  return new ArtifactError("E_SCHEMA_INVALID", text);
}

function flatten(details: readonly SchemaErrorDetail[]): SchemaErrorDetail[] {
  return details.flatMap((detail) => [detail, ...flatten(detail.inner ?? [])]);
}

function pathText(path: SchemaErrorDetail["path"]): string {
  return Array.isArray(path) ? `#/${path.join("/")}` : String(path);
}
