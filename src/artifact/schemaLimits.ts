import { createRequire } from "node:module";
import type { checkSync } from "recheck";
import { ArtifactError } from "./errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "./json.ts";
import { targetOf } from "./schemaPath.ts";

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
  /** Schemas once every reference is put in place of what it refers to. */
  expanded: 50_000,
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
 * @throws {ArtifactError} `E_SCHEMA_LIMIT` by size; `E_SCHEMA_REF` if it refers to itself; `E_SCHEMA_REGEX` for an expression that is too long, no expression, or
 *   one that some text makes slow
 */
export function checkSchemaLimits(schema: JsonObject, label: string): void {
  const counts = { nodes: 0 };
  countNodes(schema, 1, counts, label);
  const patterns = new Set<string>();
  for (const node of schemaNodes(schema)) {
    for (const keyword of LISTS) {
      const list = node[keyword];
      if (Array.isArray(list)) atMost(list.length, SCHEMA_LIMITS.branches, keyword, label);
    }
    for (const pattern of patternsOf(node)) patterns.add(pattern);
  }
  atMost(
    expandedSize(schema, label),
    SCHEMA_LIMITS.expanded,
    "schemas, references followed",
    label,
  );
  atMost(patterns.size, SCHEMA_LIMITS.patterns, "regular expressions", label);
  for (const pattern of patterns) checkPattern(pattern, label);
}

/** Every object of `schema` that is itself a schema, from the outside in. */
export function* schemaNodes(schema: JsonObject): Generator<JsonObject> {
  yield schema;
  for (const child of childSchemas(schema)) yield* schemaNodes(child);
}

/** Schemas directly inside one: whatever is an object, or a list of them, and no data. */
function childSchemas(schema: JsonObject): JsonObject[] {
  return Object.entries(schema).flatMap(([keyword, child]) => {
    if (DATA_KEYWORDS.has(keyword)) return [];
    if (Array.isArray(child)) return child.filter(isJsonObject);
    if (!isJsonObject(child)) return [];
    return NAMED_SCHEMAS.has(keyword) ? Object.values(child).filter(isJsonObject) : [child];
  });
}

/**
 * Number of schemas in `root` once references are followed. A schema inside itself has no such number: with two ways back
 * to itself, every level of a value doubles the work.
 * @throws {ArtifactError} `E_SCHEMA_REF`
 */
function expandedSize(root: JsonObject, label: string): number {
  const sizes = new Map<JsonObject, number>();
  const open = new Set<JsonObject>();
  const sizeOf = (node: JsonObject): number => {
    const known = sizes.get(node);
    if (known !== undefined) return known;
    if (open.has(node)) throw new ArtifactError("E_SCHEMA_REF", `${label}: refers to itself`);
    open.add(node);
    let size = 1;
    for (const child of [...childSchemas(node), ...targetsOf(root, node)]) size += sizeOf(child);
    open.delete(node);
    sizes.set(node, size);
    return size;
  };
  return sizeOf(root);
}

function targetsOf(root: JsonObject, node: JsonObject): JsonObject[] {
  return REFERENCES.flatMap((keyword) => {
    const reference = node[keyword];
    const target = typeof reference === "string" ? targetOf(root, reference) : undefined;
    return isJsonObject(target) ? [target] : [];
  });
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

interface Recheck {
  readonly checkSync: typeof checkSync;
}

let loaded: Recheck | undefined;

/**
 * Loaded when the first pattern is judged: it is large, and most processes never judge one. Pure JavaScript: the
 * package's other form starts Java or a native program if it finds one.
 */
function recheck(): Recheck {
  if (loaded !== undefined) return loaded;
  const found: Recheck = createRequire(import.meta.url)("recheck/lib/browser.js");
  loaded = found;
  return found;
}

/** The automaton decides; the library's other checker guesses. */
function analysed(pattern: string): ReturnType<typeof checkSync> {
  return recheck().checkSync(pattern, "", { checker: "automaton", timeout: ANALYSIS_TIMEOUT_MS });
}
