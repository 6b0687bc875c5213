import { execFileSync, spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type PlannedBug, patternOf } from "./plan.ts";

/** What a compilation leaves behind: the deploy scripts read the bytecode that is under generated/. */
const COMPILED = ["artifacts", "cache", "generated"];
/** Outputs that tests import, which no bug changes. */
const GENERATED = ["typechain-types"];

/** Compiles no more than a Solidity test needs. */
const CONFIG = "scripts/seeded-bugs/hardhat.config.ts";

/** What all campaigns have in common. */
const CAMPAIGN = "test/contracts/invariant/Campaign.sol";

/** Longest time for one run, with its compilation. */
const RUN_LIMIT_MS = 600_000;
/** What a runner gets to end by itself after its summary: a test that failed may have left a process that it waits for. */
const GRACE_MS = 5_000;
const SUMMARY = /^\s+\d+ failing\b/m;

/** What a run of the test runner came to. */
export interface TestRun {
  readonly exitCode: number;
  /** Names of the tests that passed and failed, as the runner lists them. */
  readonly passed: readonly string[];
  readonly failed: readonly string[];
  readonly output: string;
}

/** Which tests of one file to run. */
export interface Selection {
  readonly file: string;
  readonly runner: "solidity" | "mocha";
  readonly names: readonly string[];
}

/** A copy of the repository in a temporary folder, to break and mend. */
export class Scratch {
  readonly root: string;
  readonly #base: string;

  /** @param name what the copy is for: the start of its folder's name */
  constructor(repository: string, name = "seeded-bugs") {
    this.#base = mkdtempSync(join(tmpdir(), `${name}-`));
    this.root = join(this.#base, "repository");
    const list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    const files = execFileSync("git", list, { cwd: repository, encoding: "utf8" }).split("\0");
    for (const file of [...files, ...COMPILED, ...GENERATED]) {
      const from = join(repository, file);
      if (file !== "" && existsSync(from)) cpSync(from, join(this.root, file), { recursive: true });
    }
    symlinkSync(join(repository, "node_modules"), join(this.root, "node_modules"), "dir");
  }

  /** Compiles every contract, but no Solidity test. */
  async build(): Promise<TestRun> {
    return await this.#hardhat(["build", "--no-tests"]);
  }

  /** Runs the tests; those of Solidity are compiled first, with what they import. */
  async test({ file, runner, names }: Selection): Promise<TestRun> {
    const grep = names.map(patternOf).join("|");
    // Solidity tests do not depend on how well the compiler optimizes, and compile in half the time if it hardly does.
    const how = runner === "mocha" ? [] : ["--config", CONFIG, "--build-profile", "quick"];
    const compile = runner === "mocha" ? ["--no-compile"] : [];
    return await this.#hardhat([...how, "test", runner, ...compile, file, "--grep", grep]);
  }

  /** Keeps what is compiled now, for {@link restoreCompiled}. */
  keepCompiled(): void {
    for (const folder of COMPILED) this.#copy(join(this.root, folder), join(this.#base, folder));
  }

  /** Puts back what was compiled without a bug, so that the next bug costs one compilation and no more. */
  restoreCompiled(): void {
    for (const folder of COMPILED) this.#copy(join(this.#base, folder), join(this.root, folder));
  }

  /** Puts the bug in and gives what takes it out again. A campaign then checks one invariant alone. */
  apply({ id, file, find, replace, test }: PlannedBug): () => void {
    const undo = [this.#replace(file, find, replace)];
    if (test.label !== undefined) {
      const number = id.replace(/^[A-Z]+/, "");
      undo.push(this.#replace(CAMPAIGN, "CHECKED = ALL;", `CHECKED = 1 << ${number};`));
    }
    return () => {
      for (const step of undo) step();
    };
  }

  #replace(file: string, find: string, replacement: string): () => void {
    const path = join(this.root, file);
    const before = readFileSync(path, "utf8");
    if (!before.includes(find)) throw new RangeError(`${file}: no ${find}`);
    writeFileSync(path, before.split(find).join(replacement));
    return () => writeFileSync(path, before);
  }

  /** Deletes the copy. */
  remove(): void {
    rmSync(this.#base, { recursive: true, force: true });
  }

  #copy(from: string, to: string): void {
    rmSync(to, { recursive: true, force: true });
    // With its times: the compiler's cache goes by contents, but need not.
    cpSync(from, to, { recursive: true, preserveTimestamps: true });
  }

  async #hardhat(args: readonly string[]): Promise<TestRun> {
    const cli = join(this.root, "node_modules/hardhat/dist/src/cli.js");
    const child = spawn(process.execPath, [cli, "--no-typechain", ...args], {
      cwd: this.root,
      env: { ...process.env, FORCE_COLOR: "0", NO_COLOR: "1" },
      stdio: ["ignore", "pipe", "pipe"],
      // A group of its own, to be ended with everything its tests have started.
      detached: true,
    });
    const end = () => endGroup(child.pid);
    const timers = [setTimeout(end, RUN_LIMIT_MS)];
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
        if (timers.length === 1 && SUMMARY.test(output)) timers.push(setTimeout(end, GRACE_MS));
      });
    }
    const exitCode = await new Promise<number>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) => resolve(code ?? -1));
    });
    for (const timer of timers) clearTimeout(timer);
    end();
    const passed = [...output.matchAll(/^\s+✔ (.+)$/gm)].map(([, name = ""]) => name);
    // A hook that fails is no test that fails.
    const failed = [...output.matchAll(/^\s+\d+\) (.+)$/gm)].map(([, name = ""]) => name);
    return { exitCode, passed, failed: failed.filter((name) => !/ hook\b/.test(name)), output };
  }
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    // It has ended by itself.
    if (Reflect.get(Object(error), "code") !== "ESRCH") throw error;
  }
}
