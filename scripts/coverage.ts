import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { MarkedCopy } from "./coverage/copy.ts";
import { isLeftOut, type LeftOut, readExceptions, testsLeftOut } from "./coverage/exceptions.ts";
import { type CoverageReport, report } from "./coverage/report.ts";
import { tableOf } from "./coverage/table.ts";
import { failuresIn } from "./seeded-bugs/failures.ts";

/**
 * Runs the tests of the contracts on a copy in which every line, branch, function and thrown error reports that it was
 * reached, and prints what was, by contract. Usage: `node scripts/coverage.ts [--json] [--tests FILE[,FILE]]`. With
 * `--tests` only these test files run. Exit code 0 if every place was reached or is listed in
 * scripts/coverage/exceptions.json, 1 if not, or if that lists what was reached, 2 if a test fails.
 */

/** A test failed, so that what it reached says little. */
class TestsFailed extends Error {}

const ROOT = resolve(import.meta.dirname, "..");

function say(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`${text}\n`);
}

/** Test files whose contracts are measured, by their runner. */
function testFiles(isWanted: (file: string) => boolean) {
  const names = readdirSync(join(ROOT, "test"), { recursive: true, encoding: "utf8" });
  const files = names.map((name) => `test/${name.replaceAll("\\", "/")}`).sort();
  return {
    solidity: files.filter((file) => file.endsWith(".t.sol") && isWanted(file)),
    mocha: files.filter((file) => file.endsWith(".test.ts") && isWanted(file)),
  };
}

/** Solidity test files compiled together: the compiler is WebAssembly, and has 2 GiB for marked code that is not optimised. */
const FILES_AT_ONCE = 12;

/**
 * Runs the files that `wanted` names, or else every test that is not left out.
 * @returns the markers that were hit
 */
async function runTests(
  copy: MarkedCopy,
  leftOut: readonly LeftOut[],
  wanted: readonly string[] | undefined,
): Promise<Set<number>> {
  const { solidity, mocha } = testFiles((file) =>
    wanted === undefined ? !isLeftOut(leftOut, file) : wanted.includes(file),
  );
  const names = testsLeftOut(leftOut);
  const without = names.length > 0 ? ["--grep-exclude", names.join("|")] : [];
  const runs: string[][] = [];
  for (let at = 0; at < solidity.length; at += FILES_AT_ONCE)
    runs.push(["solidity", ...without, ...solidity.slice(at, at + FILES_AT_ONCE)]);
  if (mocha.length > 0) runs.push(["mocha", ...mocha]);
  const hits = new Set<number>();
  for (const args of runs) {
    await run(copy, args);
    // A run may begin by forgetting the one before.
    for (const marker of copy.hits()) hits.add(marker);
  }
  return hits;
}

async function run(copy: MarkedCopy, args: readonly string[]): Promise<void> {
  const started = performance.now();
  let output = "";
  const exitCode = await copy.test(args, (text) => {
    output += text;
  });
  say(`${args[0]}: ${Math.round((performance.now() - started) / 1000)} s`);
  if (exitCode !== 0) throw new TestsFailed(failuresIn(output));
}

async function measure(tests: readonly string[] | undefined): Promise<CoverageReport> {
  const { leftOut, uncovered } = readExceptions(ROOT);
  const copy = new MarkedCopy(ROOT);
  try {
    return report(copy.inventory, await runTests(copy, leftOut, tests), uncovered);
  } finally {
    copy.remove();
  }
}

const { values } = parseArgs({
  options: { json: { type: "boolean", default: false }, tests: { type: "string" } },
});
try {
  const result = await measure(values.tests?.split(","));
  console.log(values.json ? JSON.stringify(result, null, 2) : tableOf(result));
  process.exitCode = result.uncovered.length + result.stale.length > 0 ? 1 : 0;
} catch (error) {
  if (!(error instanceof TestsFailed)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
