import { type BenchOptions, type BenchReport, toJson, toTable } from "./bench/report.ts";

/** Runs a bench: `npm run bench -- <name> [--json] [--quick]`. */

/** A bench is loaded when it runs, since what it compares with may be large. */
const BENCHES = {
  tree: async () => (await import("./bench/tree.ts")).benchTree,
  snapshot: async () => (await import("./bench/snapshot.ts")).benchSnapshot,
} as const satisfies Record<string, () => Promise<(options: BenchOptions) => Promise<BenchReport>>>;

const [name = "", ...flags] = process.argv.slice(2);
const load = Object.entries(BENCHES).find(([known]) => known === name)?.[1];
if (load === undefined) {
  console.error(`usage: npm run bench -- ${Object.keys(BENCHES).join("|")} [--json] [--quick]`);
  process.exitCode = 2;
} else {
  const bench = await load();
  const report = await bench({ isQuick: flags.includes("--quick") });
  console.log(flags.includes("--json") ? toJson(report) : toTable(report));
}
