import { createRequire } from "node:module";
import type { Sources } from "../standardJson.ts";

export type { Sources } from "../standardJson.ts";

/** The compiler's whole answer for `sources`: trees, and what `outputs` names for each contract. @throws with its errors */
export function compile(sources: Sources, outputs: readonly string[] = []): unknown {
  const solc: { compile(input: string): string } = createRequire(import.meta.url)("solc");
  const input = {
    language: "Solidity",
    sources,
    settings: {
      viaIR: true,
      evmVersion: "prague",
      optimizer: { enabled: true, runs: 1 },
      outputSelection: { "*": { "*": outputs, "": ["ast"] } },
    },
  };
  const answer: unknown = JSON.parse(solc.compile(JSON.stringify(input)));
  const errors: unknown = Reflect.get(Object(answer), "errors");
  const serious = (Array.isArray(errors) ? errors : []).filter(
    (error: unknown) => Reflect.get(Object(error), "severity") === "error",
  );
  if (serious.length === 0) return answer;
  throw new Error(
    serious.map((error) => Reflect.get(Object(error), "formattedMessage")).join("\n"),
  );
}
