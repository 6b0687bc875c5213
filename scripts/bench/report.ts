/** What a bench finds: ratios to peers measured in the same run, and the figures they come from. */
export interface BenchReport {
  readonly ratios: Readonly<Record<string, number>>;
  /** Units are in the names. */
  readonly figures: Readonly<Record<string, number>>;
}

export interface BenchOptions {
  /** Smaller sizes, for continuous integration. */
  readonly isQuick: boolean;
}

/** The report as JSON on one line. */
export function toJson({ ratios, figures }: BenchReport): string {
  return JSON.stringify({ ratios: rounded(ratios), figures: rounded(figures) });
}

/** The report as a table. */
export function toTable({ ratios, figures }: BenchReport): string {
  const rows = [...Object.entries(rounded(ratios)), ...Object.entries(rounded(figures))];
  const width = Math.max(...rows.map(([name]) => name.length));
  const line = ([name, value]: [string, number]) => `${name.padEnd(width)}  ${value}`;
  const count = Object.keys(ratios).length;
  return [
    "RATIOS",
    ...rows.slice(0, count).map(line),
    "",
    "FIGURES",
    ...rows.slice(count).map(line),
  ].join("\n");
}

/** Four significant digits: more than the noise of a shared machine leaves. */
function rounded(values: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, Number(value.toPrecision(4))]),
  );
}
