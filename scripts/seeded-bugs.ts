import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { failuresIn } from "./seeded-bugs/failures.ts";
import { type NamedTest, type PlannedBug, planOf } from "./seeded-bugs/plan.ts";
import { Scratch, type Selection, type TestRun } from "./seeded-bugs/scratch.ts";
import { SEEDED_BUGS } from "./seeded-bugs/table.ts";

/**
 * Makes one bug for every invariant of docs/Invariants.md, in a copy of the repository, and sees whether the invariant's
 * test fails. Usage: `node scripts/seeded-bugs.ts [--only ID[,ID]] [--json]`. Exit code 0 if every bug was caught, 1 if one
 * survived, 2 if the table does not fit the repository or a test fails without a bug.
 */

/** What came of one bug. */
interface BugResult {
  readonly id: string;
  readonly caught: boolean;
  readonly ms: number;
}

/** The run cannot be made: the table, the document and the tests do not fit each other. */
class SetupError extends Error {}

const ROOT = resolve(import.meta.dirname, "..");

function say(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`${text}\n`);
}

function chosen(only: string | undefined): readonly PlannedBug[] {
  const { bugs, faults } = planOf(ROOT, SEEDED_BUGS);
  if (faults.length > 0) throw new SetupError(faults.join("\n"));
  if (only === undefined) return bugs;
  const ids = only.split(",");
  const unknown = ids.filter((id) => !bugs.some((bug) => bug.id === id));
  if (unknown.length > 0) throw new SetupError(`no seeded bug for ${unknown.join(", ")}`);
  return bugs.filter(({ id }) => ids.includes(id));
}

/** One run per test file. */
function selections(tests: readonly NamedTest[]): Selection[] {
  const files = new Map(tests.map(({ file, runner }) => [file, runner]));
  return [...files].map(([file, runner]) => ({
    file,
    runner,
    names: [...new Set(tests.filter((test) => test.file === file).map(({ name }) => name))],
  }));
}

/** Every test must pass without a bug, or failing with one says nothing. */
async function requireGreen(scratch: Scratch, bugs: readonly PlannedBug[]): Promise<void> {
  // A Solidity test compiles what it needs.
  if (bugs.some(({ test }) => test.runner === "mocha")) {
    const build = await scratch.build();
    if (build.exitCode !== 0) throw new SetupError(`the build fails\n${failuresIn(build.output)}`);
  }
  for (const selection of selections(bugs.map(({ test }) => test))) {
    say(`without a bug: ${selection.file}`);
    const run = await scratch.test(selection);
    const missing = selection.names.filter(
      (name) => !run.passed.some((passed) => passed.includes(name)),
    );
    if (run.exitCode !== 0 || missing.length > 0) {
      const said = `expected to pass: ${missing.join(", ")}\n${failuresIn(run.output)}`;
      throw new SetupError(`${selection.file}: without a bug ${said}`);
    }
  }
}

async function runWith(scratch: Scratch, bug: PlannedBug): Promise<TestRun> {
  const { file, runner, name } = bug.test;
  const isSolidity = bug.file.endsWith(".sol");
  const mend = scratch.apply(bug);
  try {
    if (isSolidity && runner === "mocha") {
      const build = await scratch.build();
      if (build.exitCode !== 0) return build;
    }
    return await scratch.test({ file, runner, names: [name] });
  } finally {
    mend();
    if (isSolidity) scratch.restoreCompiled();
  }
}

/** Caught is a failure of the very test: an error of the compiler or an empty selection is none. */
async function tryBug(scratch: Scratch, bug: PlannedBug): Promise<BugResult> {
  const startedAt = performance.now();
  const run = await runWith(scratch, bug);
  const { name, label = "" } = bug.test;
  const hasFailed = run.exitCode !== 0 && run.failed.some((test) => test.includes(name));
  const caught = hasFailed && run.output.includes(label);
  const ms = Math.round(performance.now() - startedAt);
  say(`${bug.id} ${caught ? "caught" : "SURVIVED"} (${ms} ms)`);
  if (!caught)
    process.stderr.write(`${bug.id} survived in ${bug.file}\n${failuresIn(run.output)}\n`);
  return { id: bug.id, caught, ms };
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { only: { type: "string" }, json: { type: "boolean" } },
  });
  const bugs = chosen(values.only);
  const scratch = new Scratch(ROOT);
  const results: BugResult[] = [];
  try {
    await requireGreen(scratch, bugs);
    scratch.keepCompiled();
    for (const bug of bugs) results.push(await tryBug(scratch, bug));
  } finally {
    scratch.remove();
  }
  const caughtCount = results.filter(({ caught }) => caught).length;
  const survivedCount = results.length - caughtCount;
  if (values.json) process.stdout.write(`${JSON.stringify({ results })}\n`);
  else process.stdout.write(`${caughtCount} passed, ${survivedCount} failed\n`);
  return survivedCount === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
