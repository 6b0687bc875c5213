import { type Inspection, inspectFolder } from "../../src/policy/inspect.ts";
import { OpaEngine } from "../../src/policy/opaEngine.ts";
import { PluginRunner } from "../../src/policy/pluginRunner.ts";
import { EXIT_CODES } from "../support/errors.ts";
import { report, table } from "../support/output.ts";
import { readFiles } from "../support/policies.ts";

interface Options {
  readonly folder: string;
  readonly json: boolean;
}

/** Checks a policy folder without a network: what it finds, and exit code 2 if it finds something. */
export default async function checkFolder({ folder, json }: Options): Promise<void> {
  await report(json, async () => {
    const { checks, findings } = await inspect(folder);
    const document = { folder, ok: findings.length === 0, checks, findings };
    const rows = findings.map(({ code, file, message }) => [code, file, message]);
    if (findings.length > 0) process.exitCode = EXIT_CODES.input;
    return {
      document,
      text: findings.length === 0 ? `${folder}: ${checks.join(", ")} are sound` : table(rows),
    };
  });
}

/**
 * Inspects the policy in `folder`.
 * @throws {TaskError} `E_FILE_NOT_FOUND`, `E_FILE_INVALID`; {PolicyError} for a fault of the machine
 */
export async function inspect(folder: string): Promise<Inspection> {
  const files = readFiles(folder);
  const engine = new OpaEngine();
  try {
    return await inspectFolder(files, { engine, runner: new PluginRunner() });
  } finally {
    engine.close();
  }
}
