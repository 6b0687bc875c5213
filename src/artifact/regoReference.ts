import type { RegoToken } from "./regoTokens.ts";
import type { PathStep } from "./schemaPath.ts";

/** References in a module, read from its tokens: `data.params.limits[token]` and what is called. */

/** Words that are no names. */
export const REGO_KEYWORDS: ReadonlySet<string> = new Set([
  ...["as", "contains", "default", "else", "every", "false", "if", "import", "in"],
  ...["not", "null", "package", "some", "true", "with"],
]);

/** A reference, or a call of one. */
export interface RegoReference {
  readonly root: string;
  readonly steps: readonly PathStep[];
  /** Number of the token behind it, and behind its arguments if it is called. */
  readonly end: number;
  /** Numbers of the first tokens of the arguments; undefined if it is not called. */
  readonly args: readonly number[] | undefined;
}

/** What cannot follow an expression that is finished. */
const OPERATORS = new Set([
  "+",
  "-",
  "*",
  "/",
  "%",
  "&",
  "|",
  "=",
  "!",
  "<",
  ">",
  ":",
  ".",
  "[",
  "(",
]);

/** Whether a reference begins at token number `index`. */
export function isReferenceAt(tokens: readonly RegoToken[], index: number): boolean {
  const token = tokens[index];
  if (token?.kind !== "name" || REGO_KEYWORDS.has(token.text)) {
    // `contains(text, part)` is a function, `rule contains element` is not.
    return token?.text === "contains" && isOpening(tokens[index + 1], "(");
  }
  return tokens[index - 1]?.text !== "." || token.isSpaced;
}

/** The reference that begins at token number `index`. */
export function referenceAt(tokens: readonly RegoToken[], index: number): RegoReference {
  const steps: PathStep[] = [];
  let end = index + 1;
  for (;;) {
    const [first, second, third] = tokens.slice(end, end + 3);
    if (first?.text === "." && second?.kind === "name") {
      steps.push({ key: second.text });
      end += 2;
    } else if (isOpening(first, "[")) {
      const close = closingOf(tokens, end);
      const isConstant = second?.kind === "string" && third?.text === "]" && close === end + 2;
      steps.push(isConstant ? { key: stringValue(second.text) } : "any");
      end = close + 1;
    } else break;
  }
  const root = tokens[index]?.text ?? "";
  if (tokens[end]?.text !== "(") return { root, steps, end, args: undefined };
  const close = closingOf(tokens, end);
  return { root, steps, end: close + 1, args: itemsOf(tokens, end, close) };
}

/** `a.b` of a reference whose steps are constant. */
export function dottedName({ root, steps }: RegoReference): string {
  return [root, ...steps.map((step) => (step === "any" ? "[]" : step.key))].join(".");
}

/** Whether nothing goes on behind the expression that ends before token number `end`. */
export function isFinished(tokens: readonly RegoToken[], end: number): boolean {
  const token = tokens[end];
  if (token === undefined || token.isFirst) return true;
  // `[x | …]`: what stands before the bar is whole.
  return !OPERATORS.has(token.text) || token.text === "|";
}

/** Number of the bracket that closes the one at token number `opening`. */
export function closingOf(tokens: readonly RegoToken[], opening: number): number {
  const depth = tokens[opening]?.depth;
  let close = opening + 1;
  while (close < tokens.length) {
    const token = tokens[close];
    if (token?.depth === depth && ")]}".includes(token?.text ?? " ")) return close;
    close++;
  }
  return close;
}

/** Numbers of the first tokens of the items between two brackets. */
function itemsOf(tokens: readonly RegoToken[], opening: number, close: number): number[] {
  const depth = (tokens[opening]?.depth ?? 0) + 1;
  const items = opening + 1 === close ? [] : [opening + 1];
  for (let i = opening + 1; i < close; i++) {
    if (tokens[i]?.text === "," && tokens[i]?.depth === depth) items.push(i + 1);
  }
  return items;
}

/** The text that a string token spells. */
export function stringValue(token: string): string {
  if (token.startsWith("`")) return token.slice(1, -1);
  try {
    return String(JSON.parse(token));
  } catch {
    // No string to the engine either.
    return token;
  }
}

function isOpening(token: RegoToken | undefined, bracket: string): boolean {
  return token?.text === bracket && !token.isSpaced;
}
