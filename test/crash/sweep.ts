import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { copyFolder, type Scenario, scenarioNamed } from "./scenarios.ts";
import { type Call, type Fault, type Point, type Run, runTraced } from "./tracer.ts";

/** Crashes a scenario at each of its file-system calls, one run per fault, and checks what is left each time. */

/** Where a sweep works, and how much of it is done. */
export interface SweepOptions {
  /** The workload as one file. */
  readonly bundle: string;
  readonly folder: string;
  /** 1: every point; n: every n-th. */
  readonly stride: number;
}

/** By kind of fault. */
export type FaultCounts = Readonly<
  Record<string, { readonly planned: number; readonly fired: number }>
>;

export interface SweepReport {
  readonly name: string;
  /** File-system calls of the run without faults. */
  readonly calls: number;
  /** How many faults of each kind were planned, and how many fired. The two must be equal. */
  readonly faults: FaultCounts;
  /** How often the work ended all the same, was refused by name, or was killed. */
  readonly endings: Readonly<Record<string, number>>;
  readonly failures: readonly string[];
}

/** How many runs go on at a time. */
const LANES = 2;
/** What is added to the count of a call, attempt by attempt, until the fault has hit the planned one (see tracer.ts). */
const SHIFTS = [0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1];
/** Runs without faults, until two are alike. */
const PLANS = 6;

const WRITES = /^(?:write|writev|pwrite64|pwritev)$/;
/** Calls that a signal may end before they have done anything. */
const INTERRUPTIBLE = /^(?:write|pwrite64|read|pread64|fsync|fdatasync|ftruncate|open|openat)$/;
/** Calls for which a file system may need room. */
const ALLOCATES =
  /^(?:write|writev|pwrite64|pwritev|fallocate|ftruncate|fsync|fdatasync|open|openat|mkdir|mkdirat|link|linkat|rename|renameat|renameat2|fchown)$/;

function faultsOf({ name }: Call): Fault[] {
  const faults: Fault[] = ["kill", "EIO"];
  if (ALLOCATES.test(name)) faults.push("ENOSPC");
  if (INTERRUPTIBLE.test(name)) faults.push("EINTR");
  if (WRITES.test(name)) faults.push("short");
  return faults;
}

/** Crashes the scenario at every `stride`-th point. */
export async function sweepScenario(name: string, options: SweepOptions): Promise<SweepReport> {
  const scenario = scenarioNamed(name);
  const start = join(options.folder, name);
  mkdirSync(start, { recursive: true });
  await scenario.prepare(start);
  const calls = await planCalls(name, start, options);
  const points = calls.flatMap((call) => faultsOf(call).map((fault) => ({ call, fault })));
  const chosen = points.filter((_, i) => i % options.stride === 0);
  const tally = new Tally(name, calls.length);
  const before = (call: Call) => calls.indexOf(call);
  await inLanes(chosen, async (point, lane) => {
    const work = join(options.folder, `${name}-${lane}`);
    tally.add(point, await runPoint(name, { start, work, before, ...options }, point));
  });
  rmSync(start, { recursive: true });
  return tally.report();
}

/** The calls of a run without faults, whose outcome must pass the check. The same twice, or they could not be counted on. */
export async function planCalls(
  name: string,
  start: string,
  { bundle, folder }: Pick<SweepOptions, "bundle" | "folder">,
): Promise<readonly Call[]> {
  const work = join(folder, `${name}-plan`);
  let before: readonly Call[] | undefined;
  for (let attempt = 0; attempt < PLANS; attempt++) {
    copyFolder(start, work);
    const run = await runTraced(bundle, name, work);
    if (run.ending !== "ended") throw new Error(`${name}: without a fault it was ${run.ending}`);
    await scenarioNamed(name).check(work, run.promises);
    rmSync(work, { recursive: true });
    if (before !== undefined && areAlike(run.calls, before)) return run.calls;
    before = run.calls;
  }
  throw new Error(`${name}: no two runs made the same calls`);
}

/** Whether both make the same calls in the same order, wherever else the process may have looked. */
function areAlike(some: readonly Call[], others: readonly Call[]): boolean {
  return some.length === others.length && some.every((call, i) => call.shape === others[i]?.shape);
}

interface PointOutcome {
  readonly hasFired: boolean;
  readonly ending: string;
  readonly failure: string | undefined;
}

async function runPoint(
  name: string,
  places: {
    readonly start: string;
    readonly work: string;
    readonly bundle: string;
    /** How many calls come before one: all that is on record if the kill came before strace wrote the line of the last. */
    readonly before: (call: Call) => number;
  },
  point: Point,
): Promise<PointOutcome> {
  const { start, work, bundle } = places;
  for (const [attempt, shift] of SHIFTS.entries()) {
    copyFolder(start, work);
    const { call, fault } = point;
    const shifted = { call: { ...call, ordinal: call.ordinal + shift }, fault };
    const run = await runTraced(bundle, name, work, shifted);
    const hasFired =
      isSameCall(run.injected, call) || (run.wasKilled && run.calls.length === places.before(call));
    if (!hasFired && attempt + 1 < SHIFTS.length) continue;
    const ending = run.wasKilled ? "killed" : (run.ending ?? "hung or died");
    const failure = await failureOf(scenarioNamed(name), { work, run, point });
    return { hasFired, ending, failure };
  }
  throw new RangeError("no attempts");
}

function isSameCall(got: Call | undefined, wanted: Call): boolean {
  return got?.shape === wanted.shape && got.nth === wanted.nth;
}

async function failureOf(
  scenario: Scenario,
  { work, run, point }: { readonly work: string; readonly run: Run; readonly point: Point },
): Promise<string | undefined> {
  const isKill = point.fault === "kill";
  const isNamed = run.ending === "ended" || /^refused E_\w+$/.test(run.ending ?? "");
  if (isKill !== run.wasKilled || (!isKill && !isNamed)) {
    return `the process ${run.wasKilled ? "was killed" : `said ${run.ending}`}`;
  }
  try {
    await scenario.check(work, run.promises);
    return undefined;
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
}

/** Adds up the outcomes of a sweep. */
export class Tally {
  readonly #name: string;
  readonly #calls: number;
  readonly #endings = new Map<string, number>();
  readonly #failures: string[] = [];
  readonly #faults: Record<string, { planned: number; fired: number }> = {};

  constructor(name: string, calls: number) {
    this.#name = name;
    this.#calls = calls;
  }

  add({ call, fault }: Point, { hasFired, ending, failure }: PointOutcome): void {
    this.#faults[fault] ??= { planned: 0, fired: 0 };
    const counts = this.#faults[fault];
    counts.planned++;
    if (hasFired) counts.fired++;
    this.#endings.set(ending, (this.#endings.get(ending) ?? 0) + 1);
    const where = `${this.#name}: ${fault} at ${call.shape} (${call.name} number ${call.ordinal})`;
    if (!hasFired) this.#failures.push(`${where}: did not fire`);
    if (failure !== undefined) this.#failures.push(`${where}: ${failure}`);
  }

  fail({ call, fault }: Point, failure: string): void {
    this.#failures.push(`${this.#name}: ${fault} at ${call.shape}: ${failure}`);
  }

  report(): SweepReport {
    return {
      name: this.#name,
      calls: this.#calls,
      faults: this.#faults,
      endings: Object.fromEntries(this.#endings),
      failures: this.#failures,
    };
  }
}

/** Runs `work` on every item, a few at a time. */
export async function inLanes<T>(
  items: readonly T[],
  work: (item: T, lane: number) => Promise<void>,
): Promise<void> {
  const waiting = [...items];
  const lane = async (_: unknown, number: number) => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      await work(item, number);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

/**
 * Crashes a recovery, and the recovery from that, and the one from that: kills at sampled calls, three deep, each going on from
 * what the one before left.
 */
export async function sweepRecoveries(options: SweepOptions): Promise<SweepReport> {
  const name = "growth";
  const start = join(options.folder, "recovery");
  mkdirSync(start, { recursive: true });
  await scenarioNamed(name).prepare(start);
  const calls = await planCalls(name, start, options);
  const tally = new Tally("recovery", calls.length);
  const deep = calls.filter((_, i) => i % (4 * options.stride) === 0);
  await inLanes(deep, async (call, lane) => {
    const work = join(options.folder, `recovery-${lane}`);
    copyFolder(start, work);
    const promises: string[] = [];
    for (let depth = 0; depth < 3; depth++) {
      const point: Point = {
        call: depth === 0 ? call : await midCall(work, options),
        fault: "kill",
      };
      const run = await runTraced(options.bundle, name, work, point);
      promises.push(...run.promises);
      const hasFired = run.wasKilled && isSameCall(run.injected, point.call);
      tally.add(point, { hasFired, ending: "killed", failure: undefined });
    }
    const run = { promises, ending: undefined, wasKilled: true, calls: [], injected: undefined };
    const point: Point = { call, fault: "kill" };
    const failure = await failureOf(scenarioNamed(name), { work, run, point });
    if (failure !== undefined) tally.fail(point, failure);
  });
  rmSync(start, { recursive: true });
  return tally.report();
}

/** A call in the middle of the recovery from what is in `work`. */
async function midCall(work: string, { bundle }: SweepOptions): Promise<Call> {
  const copy = `${work}-plan`;
  copyFolder(work, copy);
  const { calls } = await runTraced(bundle, "growth", copy);
  rmSync(copy, { recursive: true });
  const call = calls[Math.floor(calls.length / 2)];
  if (call === undefined) throw new Error("a recovery without calls");
  return call;
}
