import type { BenchOptions, BenchReport } from "./bench/report.ts";
import { toJson, toTable } from "./bench/report.ts";
import { benchSnapshot } from "./bench/snapshot.ts";
import { benchTree } from "./bench/tree.ts";

/** Runs a bench: `npm run bench -- <name> [--json] [--quick]`. */

const BENCHES = {
  tree: benchTree,
  snapshot: benchSnapshot,
} as const satisfies Record<string, (options: BenchOptions) => Promise<BenchReport>>;

const [name = "", ...flags] = process.argv.slice(2);
const bench = Object.entries(BENCHES).find(([known]) => known === name)?.[1];
if (bench === undefined) {
  console.error(`usage: npm run bench -- ${Object.keys(BENCHES).join("|")} [--json] [--quick]`);
  process.exitCode = 2;
} else {
  const report = await bench({ isQuick: flags.includes("--quick") });
  console.log(flags.includes("--json") ? toJson(report) : toTable(report));
}
