import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { build, stop } from "esbuild-wasm";

/**
 * Runs the workload under strace (Debian package strace), which attaches to the main thread once the code is loaded: only what
 * the workload does is counted, and `when=`, which strace counts per thread, is the count of that one. All file-system calls of
 * the workload are made there: `node:sqlite` and the synchronous `node:fs` use no other thread.
 */

/** File-system calls, as far as Node and SQLite make them. */
const CALLS = [
  ...["access", "chmod", "close", "copy_file_range", "fallocate", "fchmod", "fchown", "fcntl"],
  ...["fdatasync", "flock", "fstat", "fsync", "ftruncate", "getdents64", "link", "linkat", "lseek"],
  ...["lstat", "mkdir", "mkdirat", "newfstatat", "open", "openat", "pread64", "preadv", "pwrite64"],
  ...["pwritev", "read", "readlink", "readv", "rename", "renameat", "renameat2", "rmdir", "stat"],
  ...["statfs", "statx", "truncate", "unlink", "unlinkat", "utimensat", "write", "writev"],
];

/**
 * Node counts the processors when two of its threads first get in each other's way, in some runs and not in others. What it
 * calls for that is not counted, and can put `when=` off by one.
 */
const PROCESSORS = "/sys/devices/system/cpu";

/** A run that takes longer hangs. */
const HANG_MS = 60_000;

/** A call of the workload, known by its name and the how manieth of that name it is, from 1. */
export interface Call {
  readonly name: string;
  readonly ordinal: number;
  /** What it is about, with random parts of names left out. */
  readonly shape: string;
  /** The how manieth of that shape, from 1. */
  readonly nth: number;
}

export type Fault = "kill" | "EIO" | "ENOSPC" | "EINTR" | "short";

/** How a run ended. */
export interface Run {
  readonly promises: readonly string[];
  /** `ended`, `refused <code>`, or nothing if the process was killed. */
  readonly ending: string | undefined;
  readonly wasKilled: boolean;
  /** Calls in the workload's folder, in order. */
  readonly calls: readonly Call[];
  /** The call that was tampered with. */
  readonly injected: Call | undefined;
}

/** Why strace cannot be used here; nothing if it can. */
export function straceProblem(): string | undefined {
  const found = spawnSync("strace", ["-V"], { encoding: "utf8" });
  if (found.error !== undefined || found.status !== 0) {
    return "E_NO_STRACE: the program strace is not there; install Debian's package strace";
  }
  const tried = spawnSync("strace", ["-e", "trace=none", "true"], { encoding: "utf8" });
  if (tried.status === 0) return undefined;
  return `E_NO_STRACE: strace may not trace here (${tried.stderr.trim()})`;
}

/** A fault at a call. */
export interface Point {
  readonly call: Call;
  readonly fault: Fault;
}

/** The workload and what it imports as one file, made in `folder`: it loads in a tenth of the time. */
export async function bundleWorkload(folder: string): Promise<string> {
  const outfile = join(folder, "workload.mjs");
  await build({
    entryPoints: [join(import.meta.dirname, "workload.ts")],
    bundle: true,
    platform: "node",
    format: "esm",
    outfile,
    logLevel: "error",
  });
  await stop();
  return outfile;
}

/** Runs `scenario` of the bundle in `folder`, with a fault at one call if one is given. */
export async function runTraced(
  bundle: string,
  scenario: string,
  folder: string,
  point?: Point,
): Promise<Run> {
  const args = ["-s", "0", ...injectionOf(point)];
  const { said, signal, log } = await runUnderStrace(bundle, scenario, folder, args);
  const { calls, injected } = readLog(log, folder);
  return {
    promises: said.filter((line) => line.startsWith("promised ")).map((line) => line.slice(9)),
    ending: said.find((line) => !line.startsWith("promised ")),
    wasKilled: signal === "SIGKILL",
    calls,
    // A call that its process did not survive has no result that strace could mark.
    injected: signal === "SIGKILL" ? calls.at(-1) : injected,
  };
}

/** Everything `scenario` writes, as lines of strace with all bytes in hex. */
export async function recordRun(
  bundle: string,
  scenario: string,
  folder: string,
  point?: Point,
): Promise<readonly string[]> {
  const args = ["-xx", "-s", "10000000", ...injectionOf(point)];
  return (await runUnderStrace(bundle, scenario, folder, args)).log;
}

function injectionOf(point: Point | undefined): string[] {
  if (point === undefined) return [];
  const { call, fault } = point;
  return ["-e", `inject=${call.name}:${INJECTIONS[fault]}:when=${call.ordinal}`];
}

async function runUnderStrace(
  bundle: string,
  scenario: string,
  folder: string,
  straceArgs: readonly string[],
) {
  const log = `${folder}.strace`;
  const child = spawn(process.execPath, [bundle, scenario, folder], {
    stdio: ["pipe", "pipe", "inherit"],
    env: {
      ...process.env,
      NODE_NO_WARNINGS: "1",
      UV_THREADPOOL_SIZE: "1",
      UV_USE_IO_URING: "0",
    },
  });
  const hung = setTimeout(() => child.kill("SIGTERM"), HANG_MS);
  const exited = new Promise<NodeJS.Signals | null>((resolve) => {
    child.once("exit", (_code, signal) => resolve(signal));
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  await lines.next();
  const strace = await attach(child, ["-o", log, ...straceArgs]);
  child.stdin.end("\n");
  const said: string[] = [];
  for (let line = await lines.next(); !line.done; line = await lines.next()) said.push(line.value);
  const signal = await exited;
  clearTimeout(hung);
  await strace.ended;
  const traced = readFileSync(log, "utf8").split("\n");
  rmSync(log, { force: true });
  return { said, signal, log: traced };
}

const INJECTIONS = {
  kill: "signal=KILL",
  EIO: "error=EIO",
  ENOSPC: "error=ENOSPC",
  EINTR: "error=EINTR",
  // The call writes nothing and says that it wrote nothing: the shortest of short writes.
  short: "retval=0",
} as const satisfies Record<Fault, string>;

/** Resolves when strace traces. */
async function attach(
  child: ChildProcess,
  more: readonly string[],
): Promise<{ readonly ended: Promise<unknown> }> {
  const args = ["-y", "-e", `trace=${CALLS.join(",")}`, "-e", "signal=none", ...more];
  const strace = spawn("strace", [...args, "-p", String(child.pid)], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = new Promise((resolve) => strace.once("exit", resolve));
  await new Promise<void>((attached, failed) => {
    let said = "";
    strace.stderr.on("data", (text) => {
      said += String(text);
      if (said.includes(" attached")) attached();
    });
    strace.once("exit", () => failed(new Error(`E_NO_STRACE: ${said.trim()}`)));
  });
  return { ended };
}

function readLog(log: readonly string[], folder: string): Pick<Run, "calls" | "injected"> {
  const counts = new Map<string, number>();
  const count = (what: string): number => {
    const next = (counts.get(what) ?? 0) + 1;
    counts.set(what, next);
    return next;
  };
  const calls: Call[] = [];
  let injected: Call | undefined;
  for (const line of log) {
    const name = /^(\w+)\(/.exec(line)?.[1];
    if (name === undefined || line.includes(PROCESSORS)) continue;
    const shape = shapeOf(name, line, folder);
    const call = { name, ordinal: count(`${name}()`), shape, nth: count(shape) };
    if (line.includes("(INJECTED)")) injected = call;
    if (call.shape !== "") calls.push(call);
  }
  return { calls, injected };
}

/** Name and paths of a call in `folder`; nothing of a call elsewhere. */
function shapeOf(name: string, line: string, folder: string): string {
  // What the call gives is there only if it came that far.
  const [asked = ""] = line.split(/\) += /);
  const paths = [...asked.matchAll(/[<"](\/[^>"]*)[>"]/g)].map(([, path]) => path ?? "");
  const own = paths.filter((path) => path === folder || path.startsWith(`${folder}/`));
  if (own.length === 0) return "";
  const named = own.map((path) => path.slice(folder.length).replace(/[0-9a-f-]{36}/g, "*"));
  return `${name} ${named.join(" ")}`;
}
