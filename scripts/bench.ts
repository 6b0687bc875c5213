import type { BenchOptions, BenchReport } from "./bench/report.ts";
import { toJson, toTable } from "./bench/report.ts";

/** Runs a bench: `npm run bench -- <name> [--json] [--quick]`. Each loads what it alone needs. */

/** What a bench prints. */
interface Printed {
  /** One line. */
  readonly json: string;
  readonly table: string;
}

type Bench = (options: BenchOptions) => Promise<Printed>;

const timed =
  (bench: (options: BenchOptions) => Promise<BenchReport>): Bench =>
  async (options) => {
    const report = await bench(options);
    return { json: toJson(report), table: toTable(report) };
  };

/** Gas is exact and the same in every run, so it is printed as it is. */
const gas: Bench = async () => {
  const { benchGas, gasTable } = await import("./bench/gas.ts");
  const report = await benchGas();
  return { json: JSON.stringify(report), table: gasTable(report) };
};

/** Verdicts, which are the same in every run; `--json` has the times as well. */
const schema: Bench = async () => {
  const { benchSchema, schemaTable } = await import("./bench/schema.ts");
  const report = await benchSchema();
  return { json: JSON.stringify(report), table: schemaTable(report) };
};

const BENCHES: Readonly<Record<string, Bench>> = {
  tree: timed(async (options) => (await import("./bench/tree.ts")).benchTree(options)),
  snapshot: timed(async (options) => (await import("./bench/snapshot.ts")).benchSnapshot(options)),
  gas,
  schema,
};

const [name = "", ...flags] = process.argv.slice(2);
const bench = Object.entries(BENCHES).find(([known]) => known === name)?.[1];
if (bench === undefined) {
  console.error(`usage: npm run bench -- ${Object.keys(BENCHES).join("|")} [--json] [--quick]`);
  process.exitCode = 2;
} else {
  const { json, table } = await bench({ isQuick: flags.includes("--quick") });
  console.log(flags.includes("--json") ? json : table);
}
