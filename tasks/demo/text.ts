import type { Figures, ToldStep } from "../../src/sim/story.ts";
import { table } from "../support/output.ts";

/** The demo's document: `figures` has one entry per step, and the gas of each kind of transaction by chain. */
export interface DemoReport {
  readonly steps: readonly ToldStep[];
  readonly figures: Readonly<Record<string, Figures | Readonly<Record<string, Figures>>>> & {
    readonly gas: Readonly<Record<string, Figures>>;
  };
}

/** The report for people: steps, gas, cost. */
export function textOf({ steps, figures }: DemoReport): string {
  const told = steps.map(({ ok, name, summary, elapsedMs }) => [
    ok ? "ok" : "FAILED",
    name,
    `${(elapsedMs / 1_000).toFixed(1)} s`,
    summary,
  ]);
  const failed = steps.filter(({ ok }) => !ok).length;
  const verdict = failed === 0 ? `all ${steps.length} steps are ok` : `${failed} steps are not ok`;
  return [table(told), "", gasTable(figures.gas), "", verdict].join("\n");
}

/** One row per kind of transaction, one column per chain. */
function gasTable(gas: Readonly<Record<string, Figures>>): string {
  const chains = Object.keys(gas);
  const kinds = new Set(chains.flatMap((chain) => Object.keys(gas[chain] ?? {})));
  const rows = [...kinds].map((kind) => [
    kind,
    ...chains.map((chain) => String(gas[chain]?.[kind] ?? "-")),
  ]);
  return table([["gas per transaction", ...chains], ...rows]);
}
