import { spawn } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Scratch } from "../seeded-bugs/scratch.ts";
import { collectSources } from "../standardJson.ts";
import { readTrees } from "./ast.ts";
import { declaredErrors } from "./declared.ts";
import { MARKER_LIBRARY, MARKER_SOURCE } from "./marker.ts";
import type { DeclaredError, Place } from "./place.ts";
import { rewrite } from "./rewrite.ts";

/** Everything the contracts have to be covered. */
export interface Inventory {
  readonly places: readonly Place[];
  readonly errors: readonly DeclaredError[];
}

/** Stand-ins for other parties' contracts: tests, by what they are for. */
const MOCKS = "contracts/mocks/";

const CONFIG = "hardhat.coverage.config.ts";
/**
 * The project's configuration, but that Hardhat adds no statement markers to those that are there already, and that
 * the code is not optimised, which takes the compiler half the time: only what the stack needs is done. Chance is tried
 * less often: what it alone reaches is no reached place.
 */
const CONFIG_SOURCE = `import base from "./hardhat.config.ts";

const { default: solc } = base.solidity.profiles;
const settings = {
  ...solc.settings,
  optimizer: {
    enabled: false,
    details: { yul: true, yulDetails: { stackAllocation: true, optimizerSteps: ":" } },
  },
};
const profile = { ...solc, settings };

export default {
  ...base,
  coverage: { skipFiles: ["**/*"] },
  test: {
    ...base.test,
    solidity: {
      ...base.test.solidity,
      fuzz: { ...base.test.solidity.fuzz, runs: 16 },
      invariant: { ...base.test.solidity.invariant, runs: 2, depth: 256 },
    },
  },
  solidity: { ...base.solidity, profiles: { default: profile, production: profile } },
};
`;

/** Solidity sources of the project, mocks too. */
function contractFiles(root: string): string[] {
  const names = readdirSync(join(root, "contracts"), { recursive: true, encoding: "utf8" });
  const files = names.map((name) => `contracts/${name.replaceAll("\\\\", "/")}`);
  return files.filter((file) => file.endsWith(".sol")).sort();
}

/** A copy of the repository in which every place of the contracts has a marker. */
export class MarkedCopy {
  readonly inventory: Inventory;
  readonly #scratch: Scratch;

  constructor(repository: string) {
    this.#scratch = new Scratch(repository, "contract-coverage");
    const { root } = this.#scratch;
    const isMarked = (file: string) => file.startsWith("contracts/") && !file.startsWith(MOCKS);
    const places: Place[] = [];
    let marker = 1;
    const trees = readTrees(collectSources(contractFiles(root)), isMarked);
    for (const tree of trees) {
      const marked = rewrite(tree, marker);
      writeFileSync(join(root, tree.file), marked.content);
      places.push(...marked.places);
      marker = marked.nextMarker;
    }
    writeFileSync(join(root, `contracts/${MARKER_LIBRARY}.sol`), MARKER_SOURCE);
    writeFileSync(join(root, CONFIG), CONFIG_SOURCE);
    this.inventory = { places, errors: declaredErrors(trees, places) };
  }

  /** Folder of the copy. */
  get root(): string {
    return this.#scratch.root;
  }

  /** Runs a test task with Hardhat's coverage on, its output to `onOutput`. @returns the exit code */
  async test(args: readonly string[], onOutput: (text: string) => void): Promise<number> {
    const cli = join(this.root, "node_modules/hardhat/dist/src/cli.js");
    const globals = ["--config", CONFIG, "--coverage"];
    const child = spawn(process.execPath, [cli, ...globals, "test", ...args], {
      cwd: this.root,
      env: { ...process.env, FORCE_COLOR: "0", NO_COLOR: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", onOutput);
    return await new Promise<number>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) => resolve(code ?? -1));
    });
  }

  /** Markers that the tests of the last run have hit, at least. */
  hits(): Set<number> {
    const folder = join(this.root, "coverage/data");
    const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
    const files = names.filter((name) => name.endsWith(".json"));
    const tags = files.flatMap((name) => {
      const data: unknown = JSON.parse(readFileSync(join(folder, name), "utf8"));
      return Object.keys(Object(data));
    });
    return new Set(tags.map((tag) => Number(BigInt(`0x${tag}`))));
  }

  /** Deletes the copy. */
  remove(): void {
    this.#scratch.remove();
  }
}
