import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { PlaceKind } from "./place.ts";
import type { Exception } from "./report.ts";

/**
 * Tests that are not run for coverage, which can only lower it: a folder, ending in `/`, a file, or one Solidity test as
 * `file#test`.
 */
export interface LeftOut {
  readonly tests: string;
  readonly reason: string;
}

/** What scripts/coverage/exceptions.json holds. */
export interface Exceptions {
  readonly leftOut: readonly LeftOut[];
  readonly uncovered: readonly Exception[];
}

const KINDS: readonly PlaceKind[] = ["function", "line", "branch", "error"];

/** Reads the committed exceptions. @throws TypeError if one has not all its fields */
export function readExceptions(root: string): Exceptions {
  const path = join(root, "scripts/coverage/exceptions.json");
  const document: unknown = JSON.parse(readFileSync(path, "utf8"));
  return {
    leftOut: listIn(document, "leftOut").map((entry) => ({
      tests: textIn(entry, "tests"),
      reason: textIn(entry, "reason"),
    })),
    uncovered: listIn(document, "uncovered").map((entry) => {
      const kind = KINDS.find((each) => each === Reflect.get(Object(entry), "kind"));
      if (kind === undefined) throw new TypeError("an exception without a kind of place");
      const [file, what, reason] = ["file", "what", "reason"].map((field) => textIn(entry, field));
      return { kind, file: file ?? "", what: what ?? "", reason: reason ?? "" };
    }),
  };
}

/** Whether the whole test file at `path` is among `leftOut`. */
export function isLeftOut(leftOut: readonly LeftOut[], path: string): boolean {
  return leftOut.some(({ tests }) =>
    tests.endsWith("/") ? path.startsWith(tests) : path === tests,
  );
}

/** Names of single Solidity tests among `leftOut`. */
export function testsLeftOut(leftOut: readonly LeftOut[]): string[] {
  return leftOut.flatMap(({ tests }) => tests.split("#").slice(1));
}

function listIn(document: unknown, field: string): unknown[] {
  const value: unknown = Reflect.get(Object(document), field);
  if (!Array.isArray(value)) throw new TypeError(`no list ${field} in the exceptions`);
  return value;
}

function textIn(entry: unknown, field: string): string {
  const value: unknown = Reflect.get(Object(entry), field);
  if (typeof value !== "string" || value === "")
    throw new TypeError(`an exception without ${field}`);
  return value;
}
