import { createRequire } from "node:module";
import type { checkSync } from "recheck";
import { ArtifactError } from "./errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "./json.ts";

/**
 * What keeps a schema cheap for every operator that validates with it: its size, and regular expressions that no text can
 * make slow.
 */

/** Bounds of a schema. */
export const SCHEMA_LIMITS = {
  /** Levels of arrays and objects inside one another. */
  depth: 32,
  /** Values of all kinds. */
  nodes: 20_000,
  /** Entries of one `enum`, `allOf`, `anyOf`, `oneOf` or `prefixItems`. */
  branches: 1_024,
  /** References, each of which is followed anew wherever it stands. */
  references: 256,
  /** Characters of a regular expression. */
  patternChars: 512,
  /** Regular expressions. */
  patterns: 64,
} as const;

/** Milliseconds for the analysis of one regular expression; it takes some 50. What is not decided by then is refused. */
const ANALYSIS_TIMEOUT_MS = 5_000;

/** Keywords whose value is data, in which `$ref` or `pattern` is a key like any other. */
export const DATA_KEYWORDS: ReadonlySet<string> = new Set(["const", "default", "enum", "examples"]);
/** Keywords whose value has schemas under names of its own. */
const NAMED_SCHEMAS: ReadonlySet<string> = new Set([
  "$defs",
  "definitions",
  "dependentSchemas",
  "patternProperties",
  "properties",
]);
const LISTS = ["enum", "allOf", "anyOf", "oneOf", "prefixItems"];
const REFERENCES = ["$ref", "$dynamicRef"];

/**
 * Refuses a schema that is too large for its readers.
 * @throws {ArtifactError} `E_SCHEMA_LIMIT` by size; `E_SCHEMA_REGEX` for an expression that is too long, no expression, or
 *   one that some text makes slow
 */
export function checkSchemaLimits(schema: JsonObject, label: string): void {
  const counts = { nodes: 0, references: 0 };
  countNodes(schema, 1, counts, label);
  const patterns = new Set<string>();
  for (const node of schemaNodes(schema)) {
    counts.references += REFERENCES.filter((keyword) => node[keyword] !== undefined).length;
    for (const keyword of LISTS) {
      const list = node[keyword];
      if (Array.isArray(list)) atMost(list.length, SCHEMA_LIMITS.branches, keyword, label);
    }
    for (const pattern of patternsOf(node)) patterns.add(pattern);
  }
  atMost(counts.references, SCHEMA_LIMITS.references, "references", label);
  atMost(patterns.size, SCHEMA_LIMITS.patterns, "regular expressions", label);
  for (const pattern of patterns) checkPattern(pattern, label);
}

/** Every object of `schema` that is itself a schema, from the outside in. */
export function* schemaNodes(value: JsonValue): Generator<JsonObject> {
  if (Array.isArray(value)) {
    for (const item of value) yield* schemaNodes(item);
    return;
  }
  if (!isJsonObject(value)) return;
  yield value;
  for (const [keyword, child] of Object.entries(value)) {
    if (DATA_KEYWORDS.has(keyword)) continue;
    if (NAMED_SCHEMAS.has(keyword) && isJsonObject(child)) {
      for (const named of Object.values(child)) yield* schemaNodes(named);
    } else yield* schemaNodes(child);
  }
}

function countNodes(
  value: JsonValue,
  depth: number,
  counts: { nodes: number },
  label: string,
): void {
  atMost(++counts.nodes, SCHEMA_LIMITS.nodes, "values", label);
  if (typeof value !== "object" || value === null) return;
  atMost(depth, SCHEMA_LIMITS.depth, "levels", label);
  for (const child of Object.values(value)) countNodes(child, depth + 1, counts, label);
}

function atMost(got: number, most: number, what: string, label: string): void {
  if (got <= most) return;
  const message = `${label}: expected at most ${most} ${what}, got ${got}`;
  throw new ArtifactError("E_SCHEMA_LIMIT", message);
}

function patternsOf({ pattern, patternProperties }: JsonObject): string[] {
  return [
    ...(typeof pattern === "string" ? [pattern] : []),
    ...(isJsonObject(patternProperties) ? Object.keys(patternProperties) : []),
  ];
}

/** Backtracking engines, which JavaScript's is, take exponential or polynomial time for some expressions. */
function checkPattern(pattern: string, label: string): void {
  const shown = `${label}: regular expression ${JSON.stringify(pattern.slice(0, 80))}`;
  const refuse = (why: string): never => {
    throw new ArtifactError("E_SCHEMA_REGEX", `${shown} ${why}`);
  };
  if (pattern.length > SCHEMA_LIMITS.patternChars) {
    refuse(`has more than ${SCHEMA_LIMITS.patternChars} characters`);
  }
  const { status } = analysed(pattern);
  if (status === "safe") return;
  if (status === "vulnerable") refuse("takes exponential or polynomial time for some texts");
  refuse("is none, or cannot be judged: use no look-around and no back-references");
}

/** Pure JavaScript: the package's other form starts Java or a native program if it finds one. */
const recheck: { readonly checkSync: typeof checkSync } = createRequire(import.meta.url)(
  "recheck/lib/browser.js",
);

/** The automaton decides; the library's other checker guesses. */
function analysed(pattern: string): ReturnType<typeof checkSync> {
  return recheck.checkSync(pattern, "", { checker: "automaton", timeout: ANALYSIS_TIMEOUT_MS });
}
