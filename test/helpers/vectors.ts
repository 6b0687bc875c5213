import { readFileSync } from "node:fs";

/** The text of test/vectors/<name>.json. */
export function vectorText(name: string): string {
  return readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), "utf8");
}
