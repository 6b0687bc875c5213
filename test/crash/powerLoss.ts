import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DiskModel, type Luck } from "./diskModel.ts";
import { copyFolder, SCENARIOS } from "./scenarios.ts";
import { checkDetected } from "./storeWork.ts";
import type { SweepOptions, SweepReport } from "./sweep.ts";
import { recordRun } from "./tracer.ts";

/** Power cuts: what a scenario wrote and synced is recorded once, and the disk rebuilt as it may be after a cut at any point. */

type Disk = DiskModel;
type Inode = ReturnType<Disk["create"]>;

/** One recorded call, ready to be done to a model. `promise` is what the process said. */
interface Step {
  readonly apply: (disk: Disk, files: Map<number, OpenFile>) => void;
  readonly promise: string | undefined;
}

interface OpenFile {
  readonly inode: Inode;
  position: number;
}

/** Disks rebuilt at each point: nothing unsynced, everything unsynced, and some of it. */
const RANDOM_CUTS = 2;

/** Cuts the power after every `stride`-th call that changes something. A lying disk may lose promises, but never mix. */
export async function sweepPower(
  name: string,
  options: SweepOptions,
  isLying: boolean,
): Promise<SweepReport> {
  const scenario = SCENARIOS[name];
  if (scenario === undefined) throw new RangeError(`no scenario ${name}`);
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
  let planned = 0;
  for (const [i, { apply, promise }] of steps.entries()) {
    apply(disk, files);
    if (promise !== undefined) promises.push(promise);
    if (i % options.stride !== 0) continue;
    for (const [kind, luck] of lucks(i)) {
      disk.cut(cut, luck);
      planned++;
      try {
        const ending = isLying
          ? await checkDetected(name, cut)
          : await scenario.check(cut, promises).then(() => "kept");
        endings[ending] = (endings[ending] ?? 0) + 1;
      } catch (error) {
        const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
        failures.push(`${name}: cut after call ${i} of ${steps.length}, ${kind}: ${said}`);
      }
    }
  }
  for (const folder of [start, work, cut]) rmSync(folder, { recursive: true, force: true });
  const what = isLying ? "power, lying disk" : "power";
  return {
    name: `${what}: ${name}`,
    calls: steps.length,
    planned,
    fired: planned,
    endings,
    failures,
  };
}

function* lucks(seed: number): Generator<readonly [string, Luck]> {
  yield ["nothing unsynced", { names: () => 0, isWritten: () => false, sectors: () => 0 }];
  yield ["everything", { names: (n) => n, isWritten: () => true, sectors: (n) => n }];
  for (let i = 0; i < RANDOM_CUTS; i++) {
    const random = generator(RANDOM_CUTS * seed + i + 1);
    const below = (n: number) => Math.floor(random() * (n + 1));
    const isWritten = () => random() < 0.5;
    // One write in four is torn.
    const sectors = (n: number) => (random() < 0.25 ? below(n) : n);
    yield [`random ${i}`, { names: below, isWritten, sectors }];
  }
}

/** Mulberry32: numbers from 0 to 1, the same for one seed. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function stepsOf(log: readonly string[], folder: string): Step[] {
  return log.flatMap((line) => {
    const [, name = "", asked = "", result = ""] = /^(\w+)\((.*)\) += (-?\d+)/.exec(line) ?? [];
    if (name === "" || Number(result) < 0) return [];
    const strings = [...asked.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)].map(([, hex]) => fromHex(hex));
    const file = Number(/^(\d+)/.exec(asked)?.[1] ?? -1);
    const numbers = asked.split(", ").map(Number);
    return stepOf({ name, asked, result: Number(result), strings, file, numbers }, folder);
  });
}

interface Recorded {
  readonly name: string;
  readonly asked: string;
  readonly result: number;
  /** Paths, or the bytes written. */
  readonly strings: readonly Uint8Array[];
  readonly file: number;
  readonly numbers: readonly number[];
}

function stepOf(call: Recorded, folder: string): Step[] {
  const { name, asked, result, strings, file, numbers } = call;
  const [data = new Uint8Array()] = strings;
  const [from = "", to = ""] = strings.map((bytes) => Buffer.from(bytes).toString());
  const isOwn = from.startsWith(folder);
  const step = (apply: Step["apply"]): Step[] => [{ apply, promise: undefined }];
  const onFile = (work: (disk: Disk, open: OpenFile) => void): Step[] =>
    step((disk, files) => {
      const open = files.get(file);
      if (open !== undefined) work(disk, open);
    });
  switch (name) {
    case "openat":
    case "open":
      return isOwn ? step(opening(from, result, asked.includes("O_TRUNC"))) : [];
    case "close":
      return step((_, files) => files.delete(file));
    case "write":
      if (file === 1) return promiseOf(from);
      return onFile((disk, open) => {
        disk.write(open.inode, open.position, data.subarray(0, result));
        open.position += result;
      });
    case "pwrite64":
      return onFile((disk, { inode }) => {
        disk.write(inode, numbers.at(-1) ?? 0, data.subarray(0, result));
      });
    case "ftruncate":
      return onFile((disk, { inode }) => disk.truncate(inode, numbers.at(-1) ?? 0));
    case "fsync":
    case "fdatasync":
      return onFile((disk, { inode }) => disk.sync(inode));
    case "mkdir":
      return isOwn ? step((disk) => disk.create(from, true)) : [];
    case "link":
      return isOwn ? step((disk) => disk.link(from, to)) : [];
    case "rename":
      return isOwn ? step((disk) => disk.move(from, to)) : [];
    case "unlink":
      return isOwn ? step((disk) => disk.unlink(from)) : [];
    default:
      return [];
  }
}

function opening(path: string, file: number, isCut: boolean): Step["apply"] {
  return (disk, files) => {
    const known = disk.inodeAt(path);
    const inode = known ?? disk.create(path);
    if (known !== undefined && isCut) disk.truncate(inode, 0);
    files.set(file, { inode, position: 0 });
  };
}

function promiseOf(said: string): Step[] {
  const promise = /^promised (.*)\n$/.exec(said)?.[1];
  return promise === undefined ? [] : [{ apply: () => undefined, promise }];
}

function fromHex(text = ""): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replaceAll("\\x", ""), "hex"));
}
