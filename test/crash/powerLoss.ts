import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Random } from "../helpers/random.ts";
import { DiskModel, type Luck } from "./diskModel.ts";
import { type OpenFile, stepsOf } from "./recorded.ts";
import { copyFolder, scenarioNamed } from "./scenarios.ts";
import { checkDetected } from "./storeWork.ts";
import type { SweepOptions, SweepReport } from "./sweep.ts";
import { recordRun } from "./tracer.ts";

/** Power cuts: what a scenario wrote and synced is recorded once, and the disk rebuilt as it may be after a cut at any point. */

/** Disks rebuilt at each point: nothing unsynced, everything unsynced, and some of it. */
const RANDOM_CUTS = 2;

/** Cuts the power after every `stride`-th call that changes something. A lying disk may lose promises, but never mix. */
export async function sweepPower(
  name: string,
  options: SweepOptions,
  isLying: boolean,
): Promise<SweepReport> {
  const scenario = scenarioNamed(name);
  const [start, work, cut] = ["start", "work", "cut"].map((what) =>
    join(options.folder, `power-${what}`),
  );
  if (start === undefined || work === undefined || cut === undefined) throw new RangeError();
  mkdirSync(start, { recursive: true });
  await scenario.prepare(start);
  copyFolder(start, work);
  const steps = stepsOf(await recordRun(options.bundle, name, work), work);
  copyFolder(start, work);
  const disk = new DiskModel(work, isLying);
  const files = new Map<number, OpenFile>();
  const promises: string[] = [];
  const endings: Record<string, number> = {};
  const failures: string[] = [];
  const faults: Record<string, { planned: number; fired: number }> = {};
  for (const [i, { apply, promise }] of steps.entries()) {
    apply(disk, files);
    if (promise !== undefined) promises.push(promise);
    if (i % options.stride !== 0) continue;
    for (const [kind, luck] of lucks(i)) {
      disk.cut(cut, luck);
      faults[kind] ??= { planned: 0, fired: 0 };
      faults[kind].planned++;
      faults[kind].fired++;
      try {
        const ending = isLying
          ? await checkDetected(name, cut)
          : await scenario.check(cut, promises).then(() => "kept");
        endings[ending] = (endings[ending] ?? 0) + 1;
      } catch (error) {
        const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
        failures.push(`${name}: cut after call ${i} of ${steps.length}, with ${kind}: ${said}`);
      }
    }
  }
  for (const folder of [start, work, cut]) rmSync(folder, { recursive: true, force: true });
  const what = isLying ? "power, lying disk" : "power";
  return {
    name: `${what}: ${name}`,
    calls: steps.length,
    faults,
    endings,
    failures,
  };
}

function* lucks(seed: number): Generator<readonly [string, Luck]> {
  yield ["nothing unsynced", { names: () => 0, isWritten: () => false, sectors: () => 0 }];
  yield ["everything unsynced", { names: (n) => n, isWritten: () => true, sectors: (n) => n }];
  for (let i = 0; i < RANDOM_CUTS; i++) {
    const random = new Random(RANDOM_CUTS * seed + i + 1);
    const below = (n: number) => random.below(n + 1);
    const isWritten = () => random.below(2) === 0;
    // One write in four is torn.
    const sectors = (n: number) => (random.below(4) === 0 ? below(n) : n);
    yield ["some of it", { names: below, isWritten, sectors }];
  }
}
