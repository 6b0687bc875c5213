import { CodedError } from "../../src/bytes/errors.ts";
import { exitCodeOf, nextStepOf } from "./errors.ts";

/** What a task has to say: one document for machines, and the same for people. */
export interface TaskOutput {
  readonly document: object;
  readonly text: string;
}

/** Says what is going on, on a terminal only. */
export type Progress = (message: string) => void;

/** `document` as JSON: bigints as decimal strings. */
export function toJson(document: object): string {
  return JSON.stringify(
    document,
    (_key, value) => (typeof value === "bigint" ? String(value) : value),
    2,
  );
}

/**
 * Runs a task's action and prints its outcome: text, or with `--json` one document on stdout. A failure becomes a sentence
 * and a next step on stderr (with `--json` also a document), and an exit code by class of error.
 */
export async function report(
  isJson: boolean,
  action: (progress: Progress) => Promise<TaskOutput>,
): Promise<void> {
  const progress: Progress = (message) => {
    if (process.stderr.isTTY) process.stderr.write(`${message}\n`);
  };
  try {
    const output = await action(progress);
    process.stdout.write(`${isJson ? toJson(output.document) : output.text}\n`);
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    process.exitCode = exitCodeOf(error);
    const next = nextStepOf(error);
    if (isJson) {
      const { code, message } = error;
      process.stdout.write(`${toJson({ error: { code, message, ...(next ? { next } : {}) } })}\n`);
    }
    process.stderr.write(`${error.code}: ${error.message}\n${next ? `Next: ${next}.\n` : ""}`);
  }
}

/** `rows` as lines with aligned columns. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  }
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join("  ")
      .trimEnd();
  return rows.map(line).join("\n");
}
