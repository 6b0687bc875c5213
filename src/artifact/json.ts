import { ArtifactError } from "./errors.ts";
import { strictText } from "./text.ts";

/**
 * JSON (RFC 8259) of which every reader makes the same: no key twice, no key that reaches into an object's prototype, no
 * number that a double would round, bounded depth. `JSON.parse` forgives all four. Integers beyond 2^53 - 1 travel as
 * strings.
 */

/** A JSON value. Objects have no forbidden keys when they come from {@link parseJson}. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** A JSON object. */
export type JsonObject = { readonly [key: string]: JsonValue };

/** Most levels of arrays and objects inside one another. */
export const JSON_MAX_DEPTH = 64;

const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

/**
 * The value that UTF-8 `bytes` spell.
 * @throws {ArtifactError} `E_TEXT_ENCODING`, `E_JSON_INVALID`, `E_JSON_DUPLICATE_KEY`, `E_JSON_FORBIDDEN_KEY`,
 *   `E_JSON_DEPTH`, `E_NUMBER_RANGE`
 */
export function parseJson(bytes: Uint8Array, label: string): JsonValue {
  return new JsonReader(strictText(bytes, label), label).document();
}

/** As {@link parseJson}, for a document that must be an object. @throws {ArtifactError} */
export function parseJsonObject(bytes: Uint8Array, label: string): JsonObject {
  const value = parseJson(bytes, label);
  if (!isJsonObject(value)) throw new ArtifactError("E_JSON_INVALID", `${label}: no object`);
  return value;
}

/** Whether `value` is an object, not an array. */
export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const SPACE = /[ \t\r\n]*/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids exactly these
const STRING = /"[^"\\\u0000-\u001f]*(?:\\.[^"\\\u0000-\u001f]*)*"/y;
const LITERAL = /true|false|null/y;
const LITERALS = new Map<string, JsonValue>([
  ["true", true],
  ["false", false],
  ["null", null],
]);

/** One pass from front to back; recursion is bounded by {@link JSON_MAX_DEPTH}. */
class JsonReader {
  readonly #text: string;
  readonly #label: string;
  #offset = 0;

  constructor(text: string, label: string) {
    this.#text = text;
    this.#label = label;
  }

  document(): JsonValue {
    const value = this.#value(0);
    if (this.#offset !== this.#text.length) this.#fail("E_JSON_INVALID", "text behind the value");
    return value;
  }

  /** The next value, with the space around it. */
  #value(depth: number): JsonValue {
    this.#token(SPACE);
    const value = this.#bareValue(depth);
    this.#token(SPACE);
    return value;
  }

  #bareValue(depth: number): JsonValue {
    const head = this.#text[this.#offset];
    if (head === "{" || head === "[") {
      if (depth === JSON_MAX_DEPTH) this.#fail("E_JSON_DEPTH", `deeper than ${JSON_MAX_DEPTH}`);
      return head === "{" ? this.#object(depth + 1) : this.#array(depth + 1);
    }
    if (head === '"') return this.#string();
    const literal = LITERALS.get(this.#token(LITERAL) ?? "");
    if (literal !== undefined) return literal;
    return this.#number();
  }

  #object(depth: number): JsonObject {
    const entries = new Map<string, JsonValue>();
    this.#offset++;
    this.#token(SPACE);
    if (this.#skip("}")) return {};
    do {
      this.#token(SPACE);
      const key = this.#string();
      if (entries.has(key)) this.#fail("E_JSON_DUPLICATE_KEY", `key ${JSON.stringify(key)} twice`);
      if (FORBIDDEN_KEYS.has(key)) this.#fail("E_JSON_FORBIDDEN_KEY", `key "${key}"`);
      this.#token(SPACE);
      this.#expect(":");
      entries.set(key, this.#value(depth));
    } while (this.#skip(","));
    this.#expect("}");
    return Object.fromEntries(entries);
  }

  #array(depth: number): JsonValue[] {
    const items: JsonValue[] = [];
    this.#offset++;
    this.#token(SPACE);
    if (this.#skip("]")) return items;
    do items.push(this.#value(depth));
    while (this.#skip(","));
    this.#expect("]");
    return items;
  }

  #string(): string {
    const start = this.#offset;
    const token = this.#token(STRING);
    if (token === undefined) return this.#fail("E_JSON_INVALID", "expected a string");
    let value: unknown;
    try {
      value = JSON.parse(token);
    } catch {
      this.#offset = start;
    }
    if (typeof value !== "string" || !value.isWellFormed()) {
      return this.#fail("E_JSON_INVALID", "escape without a meaning");
    }
    return value;
  }

  #number(): number {
    const token = this.#token(NUMBER);
    if (token === undefined) return this.#fail("E_JSON_INVALID", "expected a value");
    const value = Number(token);
    const isRounded = /^-?[0-9]+$/.test(token) && !Number.isSafeInteger(value);
    if (isRounded || !Number.isFinite(value) || Object.is(value, -0)) {
      this.#fail("E_NUMBER_RANGE", `${token.slice(0, 40)}: write it as a string`);
    }
    return value;
  }

  /** Reads what `pattern` matches here; undefined if it does not. */
  #token(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#offset;
    const token = pattern.exec(this.#text)?.[0];
    if (token !== undefined) this.#offset += token.length;
    return token;
  }

  #skip(char: string): boolean {
    if (this.#text[this.#offset] !== char) return false;
    this.#offset++;
    return true;
  }

  #expect(char: string): void {
    if (!this.#skip(char)) this.#fail("E_JSON_INVALID", `expected "${char}"`);
  }

  #fail(code: ArtifactError["code"], what: string): never {
    throw new ArtifactError(code, `${this.#label}: ${what} at character ${this.#offset}`);
  }
}
