import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { SeededBug } from "./bug.ts";

/** The test that docs/Invariants.md names for an invariant. */
export interface NamedTest {
  /** What the names of the tests meant contain. */
  readonly name: string;
  /** The one file under test/ that has such a name. */
  readonly file: string;
  readonly runner: "solidity" | "mocha";
  /** What the failure must name: one invariant of a campaign that checks many. */
  readonly label?: string;
}

/** A bug and the test that must find it. */
export interface PlannedBug extends SeededBug {
  readonly test: NamedTest;
}

/** What to run, and what is wrong with the table or the document. */
export interface Plan {
  readonly bugs: readonly PlannedBug[];
  readonly faults: readonly string[];
}

/** Matches bugs, invariants and tests of the repository at `root`. */
export function planOf(root: string, bugs: readonly SeededBug[]): Plan {
  const testNames = invariantTests(readFileSync(join(root, "docs/Invariants.md"), "utf8"));
  const files = testFiles(root);
  const faults: string[] = [];
  for (const id of testNames.keys()) {
    const count = bugs.filter((bug) => bug.id === id).length;
    if (count !== 1) faults.push(`${id}: expected one seeded bug, got ${count}`);
  }
  const planned: PlannedBug[] = [];
  for (const bug of bugs) {
    const name = testNames.get(bug.id);
    if (name === undefined) {
      faults.push(`${bug.id}: not in docs/Invariants.md`);
      continue;
    }
    const found = readFileSync(join(root, bug.file), "utf8").split(bug.find).length - 1;
    if (found !== 1) faults.push(`${bug.id}: expected its text once in ${bug.file}, got ${found}`);
    const holders = [...files].filter(([, text]) => hasTest(text, name)).map(([file]) => file);
    const [file] = holders;
    if (file === undefined || holders.length > 1) {
      faults.push(`${bug.id}: expected one test file with ${name}, got [${holders.join(", ")}]`);
      continue;
    }
    const runner = file.endsWith(".sol") ? "solidity" : "mocha";
    const campaign = campaignOf(files.get(file) ?? "", name);
    const test = campaign === undefined ? { name } : { name: campaign, label: name };
    planned.push({ ...bug, test: { ...test, file, runner } });
  }
  return { bugs: planned, faults };
}

/** `text` as a pattern that matches nothing else, in JavaScript and in Rust. */
export function patternOf(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** Name of the test of each invariant, by id. */
function invariantTests(document: string): Map<string, string> {
  const rows = document.matchAll(/^\| ([A-Z]{3}\d+) \|.*\|([^|]*)\|$/gm);
  return new Map([...rows].map(([, id = "", cell = ""]) => [id, cell.trim().replaceAll("`", "")]));
}

/** Text of every test file, by path. */
function testFiles(root: string): Map<string, string> {
  const paths = readdirSync(join(root, "test"), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".t.sol") || path.endsWith(".test.ts"))
    .map((path) => `test/${path.replaceAll("\\", "/")}`)
    .sort();
  return new Map(paths.map((path) => [path, readFileSync(join(root, path), "utf8")]));
}

/** The invariant function that checks `label`, in a file that lists it; none if it is no label. */
function campaignOf(text: string, label: string): string | undefined {
  if (!text.includes(`"${label}"`)) return undefined;
  return /\bfunction (invariant_\w+)\(/.exec(text)?.[1];
}

/** Whether a test, as opposed to a helper or an expectation, has `name` in its name. */
function hasTest(text: string, name: string): boolean {
  const pattern = patternOf(name);
  return (
    campaignOf(text, name) !== undefined ||
    new RegExp(`\\b(it|describe)\\(\\s*["'\`][^"'\`\\n]*${pattern}`).test(text) ||
    new RegExp(`\\bfunction \\w*${pattern}\\w*\\(`).test(text)
  );
}
