import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { MarkedCopy } from "./coverage/copy.ts";
import { isLeftOut, type LeftOut, readExceptions, testsLeftOut } from "./coverage/exceptions.ts";
import { type CoverageReport, report } from "./coverage/report.ts";
import { tableOf } from "./coverage/table.ts";

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

/** Runs the files that `wanted` names, or else every test that is not left out. */
async function runTests(
  copy: MarkedCopy,
  leftOut: readonly LeftOut[],
  wanted: readonly string[] | undefined,
): Promise<void> {
  const { solidity, mocha } = testFiles((file) =>
    wanted === undefined ? !isLeftOut(leftOut, file) : wanted.includes(file),
  );
  const names = testsLeftOut(leftOut);
  const without = names.length > 0 ? ["--grep-exclude", names.join("|")] : [];
  if (solidity.length > 0) await run(copy, ["solidity", ...without, ...solidity]);
  if (mocha.length > 0) await run(copy, ["mocha", ...mocha]);
}

async function run(copy: MarkedCopy, args: readonly string[]): Promise<void> {
  const started = performance.now();
  let output = "";
  const exitCode = await copy.test(args, (text) => {
    output += text;
  });
  say(`${args[0]}: ${Math.round((performance.now() - started) / 1000)} s`);
  if (exitCode !== 0) throw new TestsFailed(output.split("\n").slice(-80).join("\n"));
}

async function measure(tests: readonly string[] | undefined): Promise<CoverageReport> {
  const { leftOut, uncovered } = readExceptions(ROOT);
  const copy = new MarkedCopy(ROOT);
  try {
    await runTests(copy, leftOut, tests);
    return report(copy.inventory, copy.hits(), uncovered);
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
