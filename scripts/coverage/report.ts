import type { Inventory } from "./copy.ts";
import type { DeclaredError, Place, PlaceKind } from "./place.ts";

/** How much of something was reached. */
export interface Share {
  readonly covered: number;
  readonly total: number;
}

/** What of one file was reached. Errors: those it throws, place by place, and those it declares. */
export interface FileCoverage {
  readonly file: string;
  readonly lines: Share;
  readonly branches: Share;
  readonly functions: Share;
  readonly errors: Share;
}

/** A place that no test reaches. */
export interface Uncovered {
  readonly kind: PlaceKind;
  readonly file: string;
  readonly line: number;
  readonly what: string;
}

/** A place that need not be reached; named without its line, so that it stays the same when code moves. */
export interface Exception {
  readonly kind: PlaceKind;
  readonly file: string;
  readonly what: string;
  readonly reason: string;
}

export interface CoverageReport {
  readonly files: readonly FileCoverage[];
  readonly total: Omit<FileCoverage, "file">;
  readonly uncovered: readonly Uncovered[];
  readonly excepted: readonly (Uncovered & { readonly reason: string })[];
  /** Exceptions that name no uncovered place. */
  readonly stale: readonly Exception[];
}

/** A place with whether it was reached. */
type Reached = Uncovered & { readonly isCovered: boolean };

/** Holds `hits` against everything there is. An exception counts as uncovered in the shares. */
export function report(
  { places, errors }: Inventory,
  hits: ReadonlySet<number>,
  exceptions: readonly Exception[],
): CoverageReport {
  const reached = [
    ...linesOf(places, hits),
    ...places.filter(({ kind }) => kind !== "line").map((place) => reachedOf(place, hits)),
    ...declaredOf(errors, places, hits),
  ];
  const missed = reached
    .filter(({ isCovered }) => !isCovered)
    .map(({ kind, file, line, what }) => ({ kind, file, line, what }))
    .sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line));
  const excepted = missed.flatMap((place) => {
    const exception = exceptions.find((each) => isSame(each, place));
    return exception === undefined ? [] : [{ ...place, reason: exception.reason }];
  });
  const names = [...new Set(reached.map(({ file }) => file))].sort();
  return {
    files: names.map((file) => ({
      file,
      ...sharesOf(reached.filter((each) => each.file === file)),
    })),
    total: sharesOf(reached),
    uncovered: missed.filter((place) => !exceptions.some((each) => isSame(each, place))),
    excepted,
    stale: exceptions.filter((each) => !missed.some((place) => isSame(each, place))),
  };
}

function isSame(a: Omit<Exception, "reason">, b: Uncovered): boolean {
  return a.kind === b.kind && a.file === b.file && a.what === b.what;
}

function reachedOf({ kind, file, line, what, marker }: Place, hits: ReadonlySet<number>): Reached {
  return { kind, file, line, what, isCovered: hits.has(marker) };
}

/** Each line once: reached if every statement that begins on it was. */
function linesOf(places: readonly Place[], hits: ReadonlySet<number>): Reached[] {
  const lines = new Map<string, Reached>();
  for (const place of places) {
    if (place.kind !== "line") continue;
    const key = `${place.file}:${place.line}`;
    const known = lines.get(key);
    const isCovered = hits.has(place.marker) && known?.isCovered !== false;
    lines.set(key, { ...(known ?? reachedOf(place, hits)), isCovered });
  }
  return [...lines.values()];
}

/** Errors of interfaces: reached if any place that throws them was. */
function declaredOf(
  errors: readonly DeclaredError[],
  places: readonly Place[],
  hits: ReadonlySet<number>,
): Reached[] {
  const thrown = places.filter(({ kind, marker }) => kind === "error" && hits.has(marker));
  return errors.map(({ file, line, name, errorId }) => ({
    kind: "error",
    file,
    line,
    what: `declares ${name}`,
    isCovered: thrown.some((place) => place.errorId === errorId),
  }));
}

function sharesOf(reached: readonly Reached[]): Omit<FileCoverage, "file"> {
  const share = (kind: PlaceKind): Share => {
    const ofKind = reached.filter((each) => each.kind === kind);
    return { covered: ofKind.filter(({ isCovered }) => isCovered).length, total: ofKind.length };
  };
  return {
    lines: share("line"),
    branches: share("branch"),
    functions: share("function"),
    errors: share("error"),
  };
}
