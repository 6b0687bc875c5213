import type { CoverageReport, FileCoverage, Share } from "./report.ts";

const HEADER = ["contract", "lines", "branches", "functions", "errors"];

/** The report as text: a row for each file, then each place that no test reaches. */
export function tableOf(report: CoverageReport): string {
  const rows = [
    HEADER,
    ...report.files.map(({ file, ...shares }) => rowOf(file.replace(/^contracts\//, ""), shares)),
    rowOf("all", report.total),
  ];
  const widths = HEADER.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const table = rows.map((row) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join("  "),
  );
  const places = [
    ...report.uncovered.map(
      ({ file, line, kind, what }) => `uncovered ${kind}  ${file}:${line}  ${what}`,
    ),
    ...report.excepted.map(
      ({ file, line, kind, what, reason }) =>
        `excepted ${kind}  ${file}:${line}  ${what}: ${reason}`,
    ),
    ...report.stale.map(
      ({ file, kind, what }) => `exception for nothing  ${kind}  ${file}  ${what}`,
    ),
  ];
  return [...table, ...(places.length > 0 ? ["", ...places] : [])].join("\n");
}

function rowOf(name: string, shares: Omit<FileCoverage, "file">): string[] {
  return [name, ...[shares.lines, shares.branches, shares.functions, shares.errors].map(cellOf)];
}

function cellOf({ covered, total }: Share): string {
  if (total === 0) return "-";
  // Rounded down: 100 is said of everything only.
  return `${covered}/${total} ${Math.floor((covered * 100) / total)} %`;
}
