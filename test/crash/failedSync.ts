import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DiskModel } from "./diskModel.ts";
import { type OpenFile, type Step, stepsOf } from "./recorded.ts";
import { copyFolder, scenarioNamed } from "./scenarios.ts";
import { planCalls, type SweepOptions, type SweepReport, Tally } from "./sweep.ts";
import { type Call, recordRun } from "./tracer.ts";

/**
 * Syncs that fail: the process dies at once, another one goes on with what it reads, and the power is cut later. What the
 * refused sync was for reads as if it were on disk and is not; every later promise must hold without it.
 */

const NAME = "abandoned";
/** Nothing lasts but what was synced. */
const NOTHING = { names: () => 0, isWritten: () => false, sectors: () => 0 };

interface Cut {
  readonly hasFired: boolean;
  /** What went wrong at the first cut that lost something. */
  readonly failure: string | undefined;
}

/** Refuses every `stride`-th sync in turn, and cuts the power after each promise made since. */
export async function sweepFailedSyncs(options: SweepOptions): Promise<SweepReport> {
  const start = join(options.folder, "failed-sync-start");
  mkdirSync(start, { recursive: true });
  await scenarioNamed(NAME).prepare(start);
  const calls = await planCalls(NAME, start, options);
  const syncs = calls.filter(({ name }) => /^f(?:data)?sync$/.test(name));
  const tally = new Tally("failed sync", calls.length);
  for (const call of syncs.filter((_, i) => i % options.stride === 0)) {
    const { hasFired, failure } = await refuse(call, start, options);
    const ending = failure === undefined ? "kept" : "lost";
    tally.add({ call, fault: "EIO" }, { hasFired, ending, failure });
  }
  rmSync(start, { recursive: true });
  return tally.report();
}

async function refuse(call: Call, start: string, { bundle, folder }: SweepOptions): Promise<Cut> {
  const [work, cut] = [join(folder, "failed-sync-work"), join(folder, "failed-sync-cut")];
  copyFolder(start, work);
  const first = await recordRun(bundle, NAME, work, { call, fault: "EIO" });
  const second = await recordRun(bundle, NAME, work);
  const steps = [stepsOf(first, work), stepsOf(second, work)];
  copyFolder(start, work);
  const failure = await failureOf(steps, work, cut);
  for (const path of [work, cut]) rmSync(path, { recursive: true, force: true });
  return { hasFired: first.some((line) => line.includes("(INJECTED)")), failure };
}

async function failureOf(
  runs: readonly (readonly Step[])[],
  work: string,
  cut: string,
): Promise<string | undefined> {
  const disk = new DiskModel(work, false);
  const promises: string[] = [];
  for (const [run, steps] of runs.entries()) {
    const files = new Map<number, OpenFile>();
    for (const [i, { apply, promise }] of steps.entries()) {
      apply(disk, files);
      if (promise !== undefined) promises.push(promise);
      if (promise === undefined && i + 1 < steps.length) continue;
      disk.cut(cut, NOTHING);
      try {
        await scenarioNamed(NAME).check(cut, promises);
      } catch (error) {
        const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
        return `cut in run ${run + 1} after ${promises.at(-1)}: ${said}`;
      }
    }
  }
  return undefined;
}
