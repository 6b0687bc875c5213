import { REGO_KEYWORDS, referenceAt } from "./regoReference.ts";
import type { RegoToken } from "./regoTokens.ts";

/** Where the rules of a module begin and end, read from its tokens. */

/** One rule, with its `else` branches; a rule with several definitions is several of these. */
export interface RegoRule {
  readonly name: string;
  /** Names of a function's parameters; a pattern in place of a name is empty. Undefined for other rules. */
  readonly params: readonly string[] | undefined;
  /** Number of its first token, of the token behind its head's name and parameters, and of the one behind it all. */
  readonly start: number;
  readonly headEnd: number;
  readonly end: number;
}

/** After one of these a line goes on. */
const CONTINUES = new Set([
  "=",
  "+",
  "-",
  "*",
  "/",
  "%",
  "&",
  "|",
  "<",
  ">",
  ",",
  "if",
  "else",
  "not",
]);

/** The rules of a module: everything behind its package statement and imports. */
export function rulesOf(tokens: readonly RegoToken[]): RegoRule[] {
  const starts: number[] = [];
  for (let i = 0; i < tokens.length; i++) if (isStart(tokens, i)) starts.push(i);
  return starts.flatMap((start, i) => ruleAt(tokens, start, starts[i + 1] ?? tokens.length));
}

function isStart(tokens: readonly RegoToken[], index: number): boolean {
  const [before, token] = [tokens[index - 1], tokens[index]];
  if (token?.kind !== "name" || token.depth !== 0) return false;
  if (before === undefined || before.text === ";") return true;
  if (["else", "with", "in", "if"].includes(token.text)) return false;
  return token.isFirst && !CONTINUES.has(before.text);
}

function ruleAt(tokens: readonly RegoToken[], start: number, end: number): RegoRule[] {
  const first = tokens[start]?.text ?? "";
  if (first === "package" || first === "import") return [];
  const at = first === "default" ? start + 1 : start;
  const name = tokens[at]?.text ?? "";
  if (REGO_KEYWORDS.has(name)) return [];
  if (tokens[at + 1]?.text !== "(")
    return [{ name, params: undefined, start, headEnd: at + 1, end }];
  const { args = [], end: headEnd } = referenceAt(tokens, at);
  const params = args.map((arg) => {
    const isName = tokens[arg]?.kind === "name" && [",", ")"].includes(tokens[arg + 1]?.text ?? "");
    return isName ? (tokens[arg]?.text ?? "") : "";
  });
  return [{ name, params, start, headEnd, end }];
}
