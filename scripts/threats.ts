import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { COMPLETE_GROUPS, NOT_APPLICABLE } from "./threats/notApplicable.ts";

/**
 * Writes docs/Threats.md: every attack case by its id, and the tests that carry the id in their name, or why it cannot be
 * made here. The names say the condition and the outcome.
 */

const ROOT = resolve(import.meta.dirname, "..");
const TARGET = join(ROOT, "docs/Threats.md");

/** Groups of cases, in the order of the document. */
const GROUPS: Readonly<Record<string, string>> = {
  BLS: "BLS and quorum",
  OPS: "Operator set changes and timing",
  SEQ: "Commit sequencing, replay, reorg",
  JMT: "Jellyfish Merkle proofs",
  POL: "Policy identity and hash binding",
  ACL: "Access control",
  CHL: "Challenges",
  GAS: "Gas griefing and bounds",
  ABI: "ABI and decoding",
  DA: "Delta blobs",
  SNAP: "Snapshot bootstrap",
  STO: "Store: crash, disk, corruption",
  GW: "Gateway input",
  NET: "Operator network",
  RPC: "RPC and transactions",
  KEY: "Keys and supply chain",
};

/** Not the curve's name: `BLS12-381`, or `Bls12381`. */
const ID = new RegExp(
  `(?<![A-Za-z0-9])(${Object.keys(GROUPS).join("|")})-?(\\d\\d)(?!\\d|-\\d)`,
  "g",
);
const TITLE = /\b(?:it|describe)\(\s*(["'`])((?:(?!\1).)*)\1/gs;
const FUNCTION = /function\s+((?:test|invariant)\w+)\s*\(/g;

/** The document, from the names of the tests as they are now. */
export function threatsDocument(): string {
  return document(shownCases());
}

/** What is wrong with the accounts of the complete groups: a case neither shown nor explained, or both, or unknown. */
export function threatFaults(): string[] {
  const shown = shownCases();
  const faults: string[] = [];
  const known = new Set<string>();
  for (const [group, count] of Object.entries(COMPLETE_GROUPS)) {
    for (let number = 1; number <= count; number++) {
      const id = `${group}-${String(number).padStart(2, "0")}`;
      known.add(id);
      const isExplained = NOT_APPLICABLE[id] !== undefined;
      if (shown.has(id) === isExplained)
        faults.push(
          `${id}: ${isExplained ? "shown and explained away" : "neither shown nor explained"}`,
        );
    }
  }
  for (const id of Object.keys(NOT_APPLICABLE)) if (!known.has(id)) faults.push(`${id}: unknown`);
  return faults;
}

/** Tests by the case whose id they carry. */
function shownCases(): ReadonlyMap<string, ReadonlySet<string>> {
  const cases = new Map<string, Set<string>>();
  for (const file of testFiles()) {
    const text = readFileSync(join(ROOT, file), "utf8");
    const names = [
      ...[...text.matchAll(TITLE)].map(([, , title = ""]) => title.replaceAll(/\s+/g, " ")),
      ...[...text.matchAll(FUNCTION)].map(([, name = ""]) => name),
    ];
    for (const name of names) {
      for (const [, group = "", number = ""] of name.replaceAll("_", " ").matchAll(ID)) {
        const id = `${group}-${number}`;
        const shown = `\`${name.replaceAll("|", "\\|").replaceAll("`", "'")}\` (${file})`;
        cases.set(id, (cases.get(id) ?? new Set()).add(shown));
      }
    }
  }
  return cases;
}

function document(cases: ReadonlyMap<string, ReadonlySet<string>>): string {
  const lines = [
    "# Attack cases",
    "",
    "Each case has an id, and the tests that carry it in their name show what becomes of it: the name says the condition and",
    "the outcome. Cases that cannot be made here follow, with the reason. Written by `npm run docs:threats`; a test holds it",
    "to the tests.",
  ];
  for (const [group, title] of Object.entries(GROUPS)) {
    const ids = [...cases.keys()].filter((id) => id.startsWith(`${group}-`)).sort();
    if (ids.length === 0) continue;
    lines.push("", `## ${title}`, "", "| id | shown by |", "| --- | --- |");
    for (const id of ids)
      lines.push(`| ${id} | ${[...(cases.get(id) ?? [])].sort().join("<br>")} |`);
    const absent = Object.entries(NOT_APPLICABLE).filter(([id]) => id.startsWith(`${group}-`));
    if (absent.length === 0) continue;
    lines.push("", "Not applicable:", "", "| id | reason |", "| --- | --- |");
    for (const [id, reason] of absent) lines.push(`| ${id} | ${reason} |`);
  }
  return `${lines.join("\n")}\n`;
}

function testFiles(): string[] {
  return readdirSync(join(ROOT, "test"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(test\.ts|fork\.ts|sol)$/.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .sort();
}

if (import.meta.main) writeFileSync(TARGET, threatsDocument());
