import { benchGas, gasTable } from "./bench/gas.ts";

/** Runs a bench: `npm run bench -- <name> [--json]`. */

/** What a bench prints. */
interface Printed {
  /** One line. */
  readonly json: string;
  readonly table: string;
}

const BENCHES = {
  gas: async () => {
    const report = await benchGas();
    return { json: JSON.stringify(report), table: gasTable(report) };
  },
} as const satisfies Record<string, () => Promise<Printed>>;

const [name = "", ...flags] = process.argv.slice(2);
const bench = Object.entries(BENCHES).find(([known]) => known === name)?.[1];
if (bench === undefined) {
  console.error(`usage: npm run bench -- ${Object.keys(BENCHES).join("|")} [--json]`);
  process.exitCode = 2;
} else {
  const { json, table } = await bench();
  console.log(flags.includes("--json") ? json : table);
}
