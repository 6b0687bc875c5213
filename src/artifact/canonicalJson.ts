import { isJsonObject, type JsonValue } from "./json.ts";

/** `value` as text of which there is one only: keys in order of their code units, two blanks a level, a line feed at the end. */
export function canonicalJson(value: JsonValue): string {
  return `${JSON.stringify(sorted(value), undefined, 2)}\n`;
}

function sorted(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).map(([key, member]) => [key, sorted(member)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
