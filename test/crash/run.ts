import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sweepBitRot } from "./bitRot.ts";
import { fillDisk } from "./fullDisk.ts";
import { sweepPower } from "./powerLoss.ts";
import { SCENARIOS } from "./scenarios.ts";
import { type SweepReport, sweepRecoveries, sweepScenario } from "./sweep.ts";
import { bundleWorkload, straceProblem } from "./tracer.ts";

/**
 * The crash sweep, `npm run test:crash [-- --quick] [-- <part>...]`: kills, failing and short calls at every file-system call,
 * damage of every byte, a full disk and power cuts. Exit code 1 if anything was lost or a fault did not fire, 3 if it cannot be
 * run here.
 */

/** Every n-th point of a quick run. */
const QUICK_STRIDE = 7;

function folderFor(): string {
  // A file system in memory makes syncs cheap, and is as good for processes that are killed.
  const home = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
  return mkdtempSync(join(home, "ops-crash-"));
}

function print({ name, calls, planned, fired, endings, failures }: SweepReport): void {
  const ends = Object.entries(endings).map(([ending, count]) => `${count} ${ending}`);
  console.log(
    `${name}: ${calls} calls, ${planned} points planned, ${fired} fired (${ends.join(", ")}), ${failures.length} failures`,
  );
  for (const failure of failures) console.log(`  ${failure}`);
}

async function main(): Promise<void> {
  const problem = straceProblem();
  if (problem !== undefined) {
    console.error(problem);
    process.exitCode = 3;
    return;
  }
  const args = process.argv.slice(2);
  const stride = args.includes("--quick") ? QUICK_STRIDE : 1;
  const wanted = args.filter((arg) => !arg.startsWith("--"));
  const folder = folderFor();
  try {
    const options = { bundle: await bundleWorkload(folder), folder, stride };
    const parts: Record<string, () => Promise<SweepReport>> = {
      ...Object.fromEntries(
        Object.keys(SCENARIOS).map((name) => [name, () => sweepScenario(name, options)]),
      ),
      recovery: () => sweepRecoveries(options),
      ...Object.fromEntries(
        Object.keys(SCENARIOS).map((name) => [
          `power-${name}`,
          () => sweepPower(name, options, false),
        ]),
      ),
      "power-lying-commits": () => sweepPower("commits", options, true),
      "power-lying-growth": () => sweepPower("growth", options, true),
      "bit-rot": () => sweepBitRot(options),
      "full-disk": () => fillDisk(options),
    };
    const unknown = wanted.find((name) => !(name in parts));
    if (unknown !== undefined) {
      console.error(`no part ${unknown}; there are ${Object.keys(parts).join(", ")}`);
      process.exitCode = 2;
      return;
    }
    const chosen = wanted.length === 0 ? Object.keys(parts) : wanted;
    let lost = 0;
    const start = performance.now();
    for (const name of chosen) {
      const report = await parts[name]?.();
      if (report === undefined) continue;
      print(report);
      lost += report.failures.length;
      if (report.planned === 0 || report.planned !== report.fired) lost++;
    }
    const seconds = Math.round((performance.now() - start) / 1_000);
    console.log(`${lost === 0 ? "nothing was lost" : "FAILED"}, ${seconds} s`);
    if (lost > 0) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) await main();
