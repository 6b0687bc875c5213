import type { FaultCounts, SweepReport } from "./sweep.ts";

/** What a sweep came to, for people and for programs. */

export interface Summary {
  /** Nothing was lost, and every planned fault fired. */
  readonly isWhole: boolean;
  /** 1: every point; n: every n-th. */
  readonly stride: number;
  readonly planned: number;
  readonly fired: number;
  /** Over all parts. */
  readonly faults: FaultCounts;
  readonly parts: readonly SweepReport[];
  /** Parts that cannot be run here, and why. */
  readonly leftOut: Readonly<Record<string, string>>;
  readonly seconds: number;
}

export function summaryOf(
  parts: readonly SweepReport[],
  rest: Pick<Summary, "stride" | "leftOut" | "seconds">,
): Summary {
  const faults: Record<string, { planned: number; fired: number }> = {};
  for (const part of parts) {
    for (const [kind, { planned, fired }] of Object.entries(part.faults)) {
      faults[kind] ??= { planned: 0, fired: 0 };
      faults[kind].planned += planned;
      faults[kind].fired += fired;
    }
  }
  const { planned, fired } = sumOf(faults);
  return { isWhole: parts.every(isWhole), ...rest, planned, fired, faults, parts };
}

/** Whether the part had points, all of them fired, and nothing was lost. */
function isWhole({ faults, failures }: SweepReport): boolean {
  const { planned, fired } = sumOf(faults);
  return planned > 0 && planned === fired && failures.length === 0;
}

/** One line for a part, and one for each failure. */
export function linesOf({ name, calls, faults, endings, failures }: SweepReport): string {
  const kinds = Object.entries(faults).map(([kind, { planned, fired }]) => {
    return `${kind} ${planned === fired ? fired : `${fired}/${planned}`}`;
  });
  const ends = Object.entries(endings).map(([ending, count]) => `${count} ${ending}`);
  const { planned, fired } = sumOf(faults);
  const line = `${name}: ${calls} calls, ${planned} points planned, ${fired} fired (${kinds.join(", ")}); ${ends.join(", ")}; ${failures.length} failures`;
  return [line, ...failures.map((failure) => `  ${failure}`)].join("\n");
}

/** A line per kind of fault, and the verdict. */
export function closingLines(summary: Summary): string {
  const { faults, planned, fired, leftOut, seconds, stride } = summary;
  const kinds = Object.entries(faults).map(([kind, counts]) => {
    return `  ${kind.padEnd(20)} ${counts.planned} planned, ${counts.fired} fired`;
  });
  const out = Object.entries(leftOut).map(([name, why]) => `left out: ${name}: ${why}`);
  const points = stride === 1 ? "every point" : `every ${stride}th point`;
  const verdict = summary.isWhole ? "nothing was lost" : "FAILED";
  return [
    ...kinds,
    ...out,
    `${verdict}: ${points}, ${planned} planned, ${fired} fired, ${seconds} s`,
  ].join("\n");
}

function sumOf(faults: FaultCounts): { planned: number; fired: number } {
  const sum = { planned: 0, fired: 0 };
  for (const { planned, fired } of Object.values(faults)) {
    sum.planned += planned;
    sum.fired += fired;
  }
  return sum;
}
