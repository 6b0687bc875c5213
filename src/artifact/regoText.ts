import { ArtifactError } from "./errors.ts";

/**
 * What can be said of a Rego module without parsing it: its text with comments and strings blanked out, so that what is
 * left is code. The parser proper is the engine's (`src/policy/opaEngine.ts`).
 */

/** A Rego module as text. */
export interface RegoText {
  /** As stored. */
  readonly text: string;
  /** Of the same length, lines in place; every character of a comment or string is a space. */
  readonly code: string;
  /** `a.b` of `package a.b`. */
  readonly packageName: string;
  /** Where the package statement ends, in characters. */
  readonly packageEnd: number;
}

/** Imports that change the syntax and nothing else. */
export const SYNTAX_IMPORT =
  /(?<![\w.])import[ \t]+(?:rego\.v1|future\.keywords(?:\.\w+)?)[ \t\r]*(?=$|;|\n)/g;

const PACKAGE = /^\s*package[ \t]+([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)[ \t\r]*(?=;|\n|$)/;

/** `text` as a module. @throws {ArtifactError} `E_REGO_INVALID` for an unclosed string or no package statement */
export function readRego(text: string): RegoText {
  const code = blank(text);
  const match = PACKAGE.exec(code);
  if (match?.[1] === undefined) {
    throw new ArtifactError("E_REGO_INVALID", "rego: no package statement in front");
  }
  return { text, code, packageName: match[1], packageEnd: match[0].length };
}

/** `text` without comments and strings. One pass, as a pattern would backtrack over what an adversary writes. */
function blank(text: string): string {
  const parts: string[] = [];
  let done = 0;
  for (let i = 0; i < text.length; i++) {
    const end = endOfNotCode(text, i);
    if (end === undefined) continue;
    parts.push(text.slice(done, i), text.slice(i, end).replace(/[^\n]/g, " "));
    done = end;
    i = end - 1;
  }
  return parts.join("") + text.slice(done);
}

/** Where the comment or string that starts at `start` ends; undefined if none starts there. */
function endOfNotCode(text: string, start: number): number | undefined {
  const quote = text[start];
  if (quote === "#") {
    const newline = text.indexOf("\n", start);
    return newline === -1 ? text.length : newline;
  }
  if (quote === "`") {
    const close = text.indexOf("`", start + 1);
    return close === -1 ? notClosed(text, start) : close + 1;
  }
  if (quote !== '"') return undefined;
  for (let i = start + 1; i < text.length && text[i] !== "\n"; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === '"') return i + 1;
  }
  return notClosed(text, start);
}

function notClosed(text: string, start: number): never {
  const at = line(text, start);
  throw new ArtifactError("E_REGO_INVALID", `rego: string not closed in line ${at}`);
}

/** Names of rules with `default name := false`. */
export function rulesFalseByDefault({ code }: RegoText): Set<string> {
  const rules = code.matchAll(
    /(?:^|[;\n])[ \t]*default[ \t]+(\w+)[ \t]*:?=[ \t]*false[ \t\r]*(?=$|;|\n)/g,
  );
  return new Set(Array.from(rules, (match) => match[1] ?? ""));
}

/** Names of rules with a default of whatever value, a rule once per default. */
export function rulesWithDefault({ code }: RegoText): string[] {
  const rules = code.matchAll(/(?:^|[;\n])[ \t]*default[ \t]+(\w+)/g);
  return Array.from(rules, (match) => match[1] ?? "");
}

/** Names of the plugins whose output the module reads: `n` of `data.wasm.n`. */
export function pluginsRead({ code }: RegoText): Set<string> {
  const reads = code.matchAll(/(?<![\w.])data\.wasm\.(\w+)/g);
  return new Set(Array.from(reads, (match) => match[1] ?? ""));
}

/** Number of the line that holds character `offset`, from 1. */
export function line(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}
