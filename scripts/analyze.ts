import { execFileSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { proveAll } from "./prove.ts";
import { runSlither } from "./slither.ts";

/**
 * Static analysis: Slither over the deployables, and symbolic proofs of the state commit registry with halmos. Both are
 * installed on first use, by Python's pip, into a folder that is no part of the project. Exits 1 on anything unanswered
 * or unproven.
 *
 *     npm run analyze
 */

const PINS = ["slither-analyzer==0.11.6", "halmos==0.3.3"];
const FOLDER = join(import.meta.dirname, "../node_modules/.cache/analyze");

/** Folder with the tools' commands. Needs Python 3.11 or newer with venv, and on first use a package index. */
function installed(): string {
  const stamp = join(FOLDER, "installed.json");
  if (!existsSync(stamp)) {
    rmSync(FOLDER, { recursive: true, force: true });
    execFileSync("python3", ["-m", "venv", FOLDER], { stdio: ["ignore", 2, 2] });
    const pip = join(FOLDER, "bin/pip");
    execFileSync(pip, ["install", "--quiet", ...PINS], { stdio: ["ignore", 2, 2] });
    writeFileSync(stamp, JSON.stringify(PINS));
  }
  return join(FOLDER, "bin");
}

const bin = installed();
const { findingCount, unanswered, stale } = runSlither(join(bin, "slither"));
console.log(`slither: ${findingCount} findings, ${unanswered.length} unanswered`);
for (const finding of unanswered) console.log(`  ${finding}`);
for (const answer of stale) console.log(`  an answer without a finding: ${answer}`);

const proofs = proveAll(join(bin, "halmos"));
for (const { what, ok, detail } of proofs)
  console.log(`${ok ? "ok    " : "FAILED"} ${what}: ${detail}`);

if (unanswered.length > 0 || stale.length > 0 || proofs.some(({ ok }) => !ok)) process.exitCode = 1;
