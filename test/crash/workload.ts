import { readSync, writeSync } from "node:fs";
import { join } from "node:path";
import { CodedError } from "../../src/bytes/errors.ts";
import { scenarioNamed } from "./scenarios.ts";

/**
 * A process that runs one scenario and is crashed while it does. It says when it has loaded its code, waits for a byte, says
 * what it has been promised when it has been promised it, and how it ended. Arguments: scenario, folder.
 */

const [name = "", folder = ""] = process.argv.slice(2);

function say(line: string): void {
  writeSync(1, `${line}\n`);
}

/** Time to be traced: what follows is what is crashed. */
function waitForParent(): void {
  say("ready");
  readSync(0, new Uint8Array(1));
}

function nameOf(error: unknown): string {
  return error instanceof CodedError ? error.code : `uncoded ${String(error)}`;
}

if (import.meta.main) {
  const scenario = scenarioNamed(name);
  waitForParent();
  try {
    await scenario.run(join(folder), (promise) => say(`promised ${promise}`));
    say("ended");
  } catch (error) {
    say(`refused ${nameOf(error)}`);
  }
}
