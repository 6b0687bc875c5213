import { structuredPatch } from "diff";
import { canonicalJson } from "../artifact/canonicalJson.ts";
import type { JsonValue } from "../artifact/json.ts";

/** What changed from one policy to another, part by part, as an auditor reads it. */

/** A plugin of a policy. */
export interface PluginView {
  /** Content hash, in hex. */
  readonly wasmHash: string;
  /** What it asks of its host. */
  readonly imports: readonly string[];
  /** Schemas by what they are of: `args`, `output`, `secrets`; none where the policy names none. */
  readonly schemas: Readonly<Record<string, JsonValue>>;
}

/** A policy, or an instance of one, with all its parts at hand. */
export interface PolicyView {
  readonly rego: string;
  readonly entrypoint: string;
  readonly environment: number;
  readonly paramsSchema: JsonValue | undefined;
  /** Undefined for a policy that is not instantiated. */
  readonly params: JsonValue | undefined;
  readonly expireAfterBlocks: number | undefined;
  /** By the name under which the Rego reads it. */
  readonly plugins: ReadonlyMap<string, PluginView>;
}

/** One part that differs: lines of a text, or members of a set. */
export type Difference =
  | { readonly part: string; readonly lines: readonly string[] }
  | {
      readonly part: string;
      readonly removed: readonly string[];
      readonly added: readonly string[];
    };

/** Unchanged lines shown around a change. */
const CONTEXT_LINES = 3;
/** Lines removed and added, beyond which two texts are called different as a whole: finding more takes quadratic time. */
const MAX_EDITS = 4_000;

/** What differs from `a` to `b`; empty if they are the same policy. */
export function differenceOf(a: PolicyView, b: PolicyView): Difference[] {
  return [
    ...lines("rego", a.rego, b.rego),
    ...lines("entrypoint", a.entrypoint, b.entrypoint),
    ...lines("environment", String(a.environment), String(b.environment)),
    ...json("params schema", a.paramsSchema, b.paramsSchema),
    ...json("params", a.params, b.params),
    ...json("expires after blocks", a.expireAfterBlocks, b.expireAfterBlocks),
    ...members("plugins", [...a.plugins.keys()], [...b.plugins.keys()]),
    ...[...a.plugins].flatMap(([name, plugin]) => {
      const other = b.plugins.get(name);
      return other === undefined ? [] : pluginDifference(name, plugin, other);
    }),
  ];
}

function pluginDifference(name: string, a: PluginView, b: PluginView): Difference[] {
  const schemas = new Set([...Object.keys(a.schemas), ...Object.keys(b.schemas)]);
  return [
    ...members(`plugin ${name}, bytes`, [a.wasmHash], [b.wasmHash]),
    ...members(`plugin ${name}, imports`, a.imports, b.imports),
    ...[...schemas].flatMap((of) => {
      return json(`plugin ${name}, ${of} schema`, a.schemas[of], b.schemas[of]);
    }),
  ];
}

function json(part: string, a: JsonValue | undefined, b: JsonValue | undefined): Difference[] {
  const text = (value: JsonValue | undefined) => (value === undefined ? "" : canonicalJson(value));
  return lines(part, text(a), text(b));
}

function lines(part: string, a: string, b: string): Difference[] {
  if (a === b) return [];
  const options = { context: CONTEXT_LINES, maxEditLength: MAX_EDITS };
  const patch = structuredPatch("", "", a, b, undefined, undefined, options);
  const hunks = patch?.hunks ?? [wholeHunk(a, b)];
  return [
    {
      part,
      lines: hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines: changed }) => [
        `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`,
        ...changed,
      ]),
    },
  ];
}

/** All of `a` taken away and all of `b` put there. */
function wholeHunk(a: string, b: string) {
  const [removed, added] = [a.split("\n"), b.split("\n")];
  return {
    oldStart: 1,
    oldLines: removed.length,
    newStart: 1,
    newLines: added.length,
    lines: [...removed.map((line) => `-${line}`), ...added.map((line) => `+${line}`)],
  };
}

function members(part: string, a: readonly string[], b: readonly string[]): Difference[] {
  const removed = a.filter((one) => !b.includes(one));
  const added = b.filter((one) => !a.includes(one));
  return removed.length + added.length === 0 ? [] : [{ part, removed, added }];
}
