import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sweepBitRot } from "./bitRot.ts";
import { sweepFailedSyncs } from "./failedSync.ts";
import { fillDisk, mountProblem } from "./fullDisk.ts";
import { sweepPower } from "./powerLoss.ts";
import { SCENARIOS } from "./scenarios.ts";
import { closingLines, linesOf, summaryOf } from "./summary.ts";
import { type SweepOptions, type SweepReport, sweepRecoveries, sweepScenario } from "./sweep.ts";
import { bundleWorkload, straceProblem } from "./tracer.ts";

/**
 * The crash sweep, `npm run test:crash [-- --quick] [--json] [<part>...]`: kills, failing and short calls at every file-system
 * call, damage of every byte, a full disk, refused syncs and power cuts. `--quick` does every n-th point, always the same ones.
 * Exit code 1 if anything was lost or a fault did not fire, 2 for an unknown part, 3 if it cannot be run here.
 */

/** Every n-th point of a quick run. */
const QUICK_STRIDE = 7;
const FULL_DISK = "full-disk";

type Part = () => Promise<SweepReport>;

function folderFor(): string {
  // A file system in memory makes syncs cheap, and is as good for processes that are killed.
  const home = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
  return mkdtempSync(join(home, "ops-crash-"));
}

function partsOf(options: SweepOptions): Record<string, Part> {
  const names = Object.keys(SCENARIOS);
  const power = (name: string): [string, Part] => [
    `power-${name}`,
    () => sweepPower(name, options, false),
  ];
  return {
    ...Object.fromEntries(names.map((name) => [name, () => sweepScenario(name, options)])),
    recovery: () => sweepRecoveries(options),
    ...Object.fromEntries(names.map(power)),
    "power-lying-commits": () => sweepPower("commits", options, true),
    "power-lying-growth": () => sweepPower("growth", options, true),
    // There are few syncs.
    "failed-sync": () => sweepFailedSyncs({ ...options, stride: Math.min(2, options.stride) }),
    "bit-rot": () => sweepBitRot(options),
    [FULL_DISK]: () => fillDisk(options),
  };
}

async function sweep(folder: string, args: readonly string[]): Promise<number> {
  const stride = args.includes("--quick") ? QUICK_STRIDE : 1;
  const isJson = args.includes("--json");
  const wanted = args.filter((arg) => !arg.startsWith("--"));
  const parts = partsOf({ bundle: await bundleWorkload(folder), folder, stride });
  const unknown = wanted.find((name) => !(name in parts));
  if (unknown !== undefined) {
    console.error(`no part ${unknown}; there are ${Object.keys(parts).join(", ")}`);
    return 2;
  }
  const start = performance.now();
  const leftOut: Record<string, string> = {};
  const reports: SweepReport[] = [];
  for (const [name, part] of Object.entries(parts)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const problem = name === FULL_DISK ? mountProblem() : undefined;
    if (problem !== undefined) {
      leftOut[name] = problem;
      continue;
    }
    const report = await part();
    reports.push(report);
    // With --json, what goes to stdout is the document alone.
    if (isJson) console.error(linesOf(report));
    else console.log(linesOf(report));
  }
  const seconds = Math.round((performance.now() - start) / 1_000);
  const summary = summaryOf(reports, { stride, leftOut, seconds });
  console.log(isJson ? JSON.stringify(summary) : closingLines(summary));
  return summary.isWhole && reports.length > 0 ? 0 : 1;
}

async function main(): Promise<number> {
  const problem = straceProblem();
  if (problem !== undefined) {
    console.error(problem);
    return 3;
  }
  const folder = folderFor();
  try {
    return await sweep(folder, process.argv.slice(2));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) process.exitCode = await main();
