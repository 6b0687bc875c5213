import { readFileSync } from "node:fs";

/** Members of `enum name` in contracts/types/name.sol, in order. */
export function solidityEnum(name: string): string[] {
  const source = readFileSync(`contracts/types/${name}.sol`, "utf8");
  const body = source.match(new RegExp(`enum ${name} \\{([^}]*)\\}`))?.[1] ?? "";
  return body
    .replace(/\/\/.*$/gm, "")
    .split(",")
    .map((member) => member.trim());
}
