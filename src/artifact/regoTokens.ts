import { ArtifactError } from "./errors.ts";
import { line } from "./regoText.ts";

/**
 * Tokens of a Rego module, as OPA's scanner (ast/internal/scanner) divides it: enough to tell code from strings and
 * comments, and to read references. Grammar is for the engine.
 */

/** Most brackets inside one another. */
export const REGO_MAX_NESTING = 64;

/** A token. Comments and white space are none. */
export interface RegoToken {
  readonly kind: "name" | "string" | "number" | "symbol";
  /** As written. */
  readonly text: string;
  /** Index of its first UTF-16 unit in the module. */
  readonly start: number;
  /** Brackets around it; an opening and its closing bracket are as deep as what is around them. */
  readonly depth: number;
  /** White space or a comment comes before it. */
  readonly isSpaced: boolean;
  /** It is the first of its line. */
  readonly isFirst: boolean;
}

/** In the order of the groups below; an unclosed string matches none, and is a stray quote. */
const TOKEN =
  /([A-Za-z_][A-Za-z0-9_]*)|("(?:[^"\\\n]|\\[^\n])*"|`[^`]*`)|(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|([!-/:-@[-^{-~])/y;
const SPACE = /(?:[ \t\r\n]|#[^\n]*)*/y;

/** What no module needs and readers see differently. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/;

const CLOSING: ReadonlyMap<string, string> = new Map([
  ["(", ")"],
  ["[", "]"],
  ["{", "}"],
]);

/**
 * The tokens of `module`.
 * @throws {ArtifactError} `E_REGO_INVALID` for a control character, an unclosed string, a character that starts no token,
 * brackets that do not match or nest deeper than {@link REGO_MAX_NESTING}
 */
export function tokenize(module: string): RegoToken[] {
  if (CONTROL.test(module)) throw new ArtifactError("E_REGO_INVALID", "rego: a control character");
  const tokens: RegoToken[] = [];
  const open: string[] = [];
  let offset = 0;
  for (;;) {
    const start = skipSpace(module, offset);
    if (start === module.length) break;
    const space = module.slice(offset, start);
    const { kind, text } = tokenAt(module, start);
    if (kind === "symbol" && ")]}".includes(text) && open.pop() !== text) {
      throw parseFault(module, start, `unexpected ${text}`);
    }
    const isFirst = tokens.length === 0 || space.includes("\n");
    tokens.push({ kind, text, start, depth: open.length, isSpaced: space !== "", isFirst });
    const closing = kind === "symbol" ? CLOSING.get(text) : undefined;
    if (closing !== undefined) open.push(closing);
    if (open.length > REGO_MAX_NESTING) {
      throw parseFault(module, start, `brackets nest deeper than ${REGO_MAX_NESTING}`);
    }
    offset = start + text.length;
  }
  if (open.length > 0) throw parseFault(module, module.length, `expected ${open.at(-1)}`);
  return tokens;
}

function skipSpace(module: string, offset: number): number {
  SPACE.lastIndex = offset;
  return offset + (SPACE.exec(module)?.[0].length ?? 0);
}

function tokenAt(module: string, start: number): Pick<RegoToken, "kind" | "text"> {
  TOKEN.lastIndex = start;
  const [text = "", name, string, number] = TOKEN.exec(module) ?? [];
  if (name !== undefined) return { kind: "name", text };
  if (string !== undefined) return { kind: "string", text };
  if (number !== undefined) return { kind: "number", text };
  if (text === '"' || text === "`") throw parseFault(module, start, "a string is not closed");
  if (text === "") {
    const stray = module.codePointAt(start) ?? 0;
    throw parseFault(module, start, `unexpected U+${stray.toString(16).padStart(4, "0")}`);
  }
  return { kind: "symbol", text };
}

function parseFault(module: string, offset: number, why: string): ArtifactError {
  return new ArtifactError("E_REGO_INVALID", `rego: line ${line(module, offset)}: ${why}`);
}
