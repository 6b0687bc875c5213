import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { JsonValue } from "../../src/artifact/json.ts";
import { type Remotes, SCHEMA_CANDIDATES } from "./schemaCandidates.ts";
import { HOSTILE_CASES } from "./schemaHostile.ts";

/**
 * Which library validates by Draft 2020-12: every candidate over the official cases, and over hostile ones, each in a
 * process of its own. `intake` is the chosen library behind this project's own bounds.
 */

/** Milliseconds after which a case counts as hanging; a process takes half a second to start. */
const HANGS_AFTER_MS = 8_000;

/** What the official cases came to. */
interface Conformance {
  readonly right: number;
  readonly wrong: number;
  /** Cases whose schema was refused, or that threw. */
  readonly refused: number;
  /** Microseconds per case, compiling included: libraries are compared in the same run. */
  readonly usPerCase: number;
}

export interface SchemaReport {
  readonly cases: number;
  readonly conformance: Readonly<Record<string, Conformance>>;
  /** By case, then by candidate. */
  readonly hostile: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

interface Suite {
  readonly remotes: Remotes;
  readonly groups: readonly {
    readonly schema: JsonValue;
    readonly cases: readonly (readonly [string, JsonValue, boolean])[];
  }[];
}

export async function benchSchema(): Promise<SchemaReport> {
  const file = join(import.meta.dirname, "../../test/vectors/jsonSchemaSuite.json");
  const suite: Suite = JSON.parse(readFileSync(file, "utf8"));
  const conformance: Record<string, Conformance> = {};
  for (const name of Object.keys(SCHEMA_CANDIDATES)) conformance[name] = await conform(name, suite);
  const hostile: Record<string, Record<string, string>> = {};
  for (const name of Object.keys(HOSTILE_CASES)) {
    const verdicts: Record<string, string> = {};
    for (const candidate of ["intake", ...Object.keys(SCHEMA_CANDIDATES)]) {
      verdicts[candidate] = verdictOf(candidate, name);
    }
    hostile[name] = verdicts;
  }
  const cases = suite.groups.reduce((sum, group) => sum + group.cases.length, 0);
  return { cases, conformance, hostile };
}

async function conform(name: string, { groups, remotes }: Suite): Promise<Conformance> {
  const judge = SCHEMA_CANDIDATES[name];
  const counts = { right: 0, wrong: 0, refused: 0 };
  const started = performance.now();
  for (const { schema, cases } of groups) {
    for (const [, value, isValid] of cases) {
      try {
        counts[(await judge?.(schema, value, remotes)) === isValid ? "right" : "wrong"]++;
      } catch {
        counts.refused++;
      }
    }
  }
  const total = counts.right + counts.wrong + counts.refused;
  return { ...counts, usPerCase: Math.round(((performance.now() - started) * 1_000) / total) };
}

function verdictOf(candidate: string, name: string): string {
  const script = join(import.meta.dirname, "schemaCase.ts");
  const { stdout, signal } = spawnSync(process.execPath, [script, candidate, name], {
    encoding: "utf8",
    timeout: HANGS_AFTER_MS,
    killSignal: "SIGKILL",
  });
  if (signal !== null) return "hangs";
  return stdout.trim().split("\n").at(-1) || "dies";
}

/** The report as the tables of docs/dependencies.md. */
export function schemaTable({ cases, conformance, hostile }: SchemaReport): string {
  const candidates = Object.keys(conformance);
  const rows = candidates.map((name) => {
    const { right, wrong, refused } = conformance[name] ?? { right: 0, wrong: 0, refused: 0 };
    return `| \`${name}\` | ${right} | ${wrong} | ${refused} |`;
  });
  const attacks = Object.entries(hostile).map(([name, verdicts]) => {
    const cells = ["intake", ...candidates].map((candidate) => {
      const verdict = verdicts[candidate] ?? "";
      const isRight = HOSTILE_CASES[name]?.right.some((right) => right === verdict) === true;
      return isRight ? verdict : `**${verdict}**`;
    });
    return `| ${name} | ${cells.join(" | ")} |`;
  });
  return [
    `| of ${cases} official cases | right | wrong | refused |`,
    "| --- | --- | --- | --- |",
    ...rows,
    "",
    `| hostile case | intake | ${candidates.map((name) => `\`${name}\``).join(" | ")} |`,
    `| --- | --- |${" --- |".repeat(candidates.length)}`,
    ...attacks,
  ].join("\n");
}
