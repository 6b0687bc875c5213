import { isJsonObject, type JsonObject, type JsonValue } from "./json.ts";

/**
 * Which parts of a document a schema declares. A key that the schema does not name is not declared, even where it would be
 * valid: a policy that reads it reads something nobody has described.
 */

/** A place in a document: what any of its values must be, and the schema in which references are resolved. */
export interface SchemaView {
  readonly root: JsonObject;
  readonly node: JsonValue;
}

/** One step into a document: a key by name, or any key or index. */
export type PathStep = { readonly key: string } | "any";

/** Keywords whose schemas apply to the same value. */
const SAME_PLACE = ["allOf", "anyOf", "oneOf", "if", "then", "else", "$ref", "$dynamicRef"];
/** Keywords that say what is inside an object or array. */
const INSIDE = ["properties", "patternProperties", "additionalProperties", "items", "prefixItems"];
/** References followed from one place. */
const MAX_HOPS = 64;

/** The document that `schema` is about. */
export function viewOf(schema: JsonObject): SchemaView {
  return { root: schema, node: schema };
}

/** The places to which `step` leads from `view`; none if the schema declares nothing there. */
export function stepInto(view: SchemaView, step: PathStep): SchemaView[] {
  const places = samePlace(view);
  const declared = places.filter(({ node }) => isJsonObject(node) && INSIDE.some((k) => k in node));
  // Nothing said about the inside: anything may be there, unless it has no inside.
  if (declared.length === 0) return places.some(hasInside) ? [{ root: view.root, node: true }] : [];
  return declared.flatMap(({ root, node }) => {
    if (!isJsonObject(node)) return [];
    return childrenOf(node, step).map((child) => ({ root, node: child }));
  });
}

function hasInside({ node }: SchemaView): boolean {
  if (node === false) return false;
  if (!isJsonObject(node) || node.type === undefined) return true;
  const types: readonly JsonValue[] = Array.isArray(node.type) ? node.type : [node.type];
  return types.includes("object") || types.includes("array");
}

/** The view itself and every schema that applies to the same value. */
function samePlace(view: SchemaView): SchemaView[] {
  const found: SchemaView[] = [];
  const seen = new Set<JsonValue>();
  const open = [view];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (seen.has(next.node) || seen.size > MAX_HOPS) continue;
    seen.add(next.node);
    const { root, node } = next;
    const applied = isJsonObject(node)
      ? SAME_PLACE.flatMap((key) => appliedBy(root, node, key))
      : [];
    open.push(...applied.map((child) => ({ root, node: child })));
    // A schema that only refers says nothing by itself.
    const isBare = isJsonObject(node) && applied.length > 0 && node.type === undefined;
    if (!isBare || (isJsonObject(node) && INSIDE.some((key) => key in node))) found.push(next);
  }
  return found;
}

function appliedBy(root: JsonObject, node: JsonObject, keyword: string): readonly JsonValue[] {
  const value = node[keyword];
  if (value === undefined) return [];
  if (keyword.startsWith("$")) {
    const target = typeof value === "string" ? targetOf(root, value) : undefined;
    return target === undefined ? [] : [target];
  }
  return Array.isArray(value) ? value : [value];
}

/** What `reference` (`#`, `#/a/b` or `#anchor`) leads to. */
export function targetOf(root: JsonObject, reference: string): JsonValue | undefined {
  const pointer = decodeURIComponent(reference.slice(1));
  if (pointer !== "" && !pointer.startsWith("/")) return anchored(root, pointer);
  let target: JsonValue | undefined = root;
  for (const part of pointer.split("/").slice(1)) {
    const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof target !== "object" || target === null) return undefined;
    target = Reflect.get(target, key);
  }
  return target;
}

function anchored(value: JsonValue, anchor: string): JsonValue | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (isJsonObject(value) && (value.$anchor === anchor || value.$dynamicAnchor === anchor))
    return value;
  for (const child of Object.values(value)) {
    const found = anchored(child, anchor);
    if (found !== undefined) return found;
  }
  return undefined;
}

function childrenOf(node: JsonObject, step: PathStep): JsonValue[] {
  const { properties, patternProperties, additionalProperties, items, prefixItems } = node;
  const named = isJsonObject(properties) ? properties : {};
  const byPattern = isJsonObject(patternProperties) ? Object.entries(patternProperties) : [];
  const rest = isJsonObject(additionalProperties) ? [additionalProperties] : [];
  if (step === "any") {
    const listed = [...(Array.isArray(prefixItems) ? prefixItems : []), ...schemas(items)];
    return [...Object.values(named), ...byPattern.map(([, schema]) => schema), ...rest, ...listed];
  }
  const own = Object.hasOwn(named, step.key) ? named[step.key] : undefined;
  const matching = byPattern.flatMap(([pattern, schema]) => {
    return new RegExp(pattern).test(step.key) ? [schema] : [];
  });
  const direct = [...(own === undefined ? [] : [own]), ...matching];
  return direct.length > 0 ? direct : rest;
}

function schemas(value: JsonValue | undefined): JsonValue[] {
  return value === undefined ? [] : [value];
}
