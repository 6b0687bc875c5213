import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { collectSources, deployableSources, standardInput } from "./standardJson.ts";

/**
 * Slither over everything that is deployed. Each finding must be answered in proofs/slither.json: by its detector, where
 * that has nothing to say about this project, or by itself; and each answer must still have its finding.
 */

const ROOT = join(import.meta.dirname, "..");
const WORK = join(ROOT, "node_modules/.cache/slither");
const FINISHED_WITHIN_MS = 10 * 60_000;

interface Answers {
  readonly detectors: Readonly<Record<string, string>>;
  readonly findings: readonly {
    readonly check: string;
    readonly where: string;
    readonly reason: string;
  }[];
}

/** What Slither found that nobody has answered, and answers to what it no longer finds. */
export interface SlitherReport {
  readonly findingCount: number;
  readonly unanswered: readonly string[];
  readonly stale: readonly string[];
}

/** Runs `slither`, with `solc` on the compiler that the builds use. */
export function runSlither(slither: string): SlitherReport {
  const found = findings(slither);
  const answers: Answers = JSON.parse(readFileSync(join(ROOT, "proofs/slither.json"), "utf8"));
  const used = new Set<string>();
  const unanswered = found.filter(({ check, description }) => {
    if (answers.detectors[check] !== undefined) {
      used.add(check);
      return false;
    }
    const match = answers.findings.find(
      (answer) => answer.check === check && new RegExp(answer.where).test(description),
    );
    if (match !== undefined) used.add(`${check} ${match.where}`);
    return match === undefined;
  });
  const given = [
    ...Object.keys(answers.detectors),
    ...answers.findings.map(({ check, where }) => `${check} ${where}`),
  ];
  return {
    findingCount: found.length,
    unanswered: unanswered.map(({ check, description }) => `${check}: ${description.trim()}`),
    stale: given.filter((answer) => !used.has(answer)),
  };
}

function findings(slither: string): { check: string; description: string }[] {
  rmSync(WORK, { recursive: true, force: true });
  mkdirSync(WORK, { recursive: true });
  const outputs = ["abi", "metadata", "devdoc", "userdoc", "evm.bytecode", "evm.deployedBytecode"];
  const input = standardInput(collectSources(deployableSources()), outputs);
  const inputPath = join(WORK, "input.json");
  const resultPath = join(WORK, "result.json");
  writeFileSync(inputPath, JSON.stringify(input));
  const run = spawnSync(
    slither,
    [
      inputPath,
      ...["--compile-force-framework", "solc-json", "--solc", join(ROOT, "scripts/solcjs.mjs")],
      ...["--filter-paths", "node_modules", "--json", resultPath],
    ],
    { cwd: ROOT, encoding: "utf8", timeout: FINISHED_WITHIN_MS },
  );
  const result: unknown = readJson(resultPath);
  if (Reflect.get(Object(result), "success") !== true) {
    throw new Error(`slither did not finish:\n${`${run.stderr}`.slice(-3_000)}`);
  }
  const detectors: unknown = Reflect.get(
    Object(Reflect.get(Object(result), "results")),
    "detectors",
  );
  return (Array.isArray(detectors) ? detectors : []).map((finding: unknown) => ({
    check: `${Reflect.get(Object(finding), "check")}`,
    description: `${Reflect.get(Object(finding), "description")}`,
  }));
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}
