import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, posix } from "node:path";

/** The compiler's standard JSON interface, for tools that read contracts by other ways than Hardhat's. */

const ROOT = join(import.meta.dirname, "..");

/** Sources by the name under which they import each other. */
export type Sources = Readonly<Record<string, { readonly content: string }>>;

/** A contract as tools want it: the compiler's own output. */
export interface CompiledContract {
  readonly file: string;
  readonly name: string;
  readonly output: Readonly<Record<string, unknown>>;
  readonly ast: unknown;
}

/** The deployables in contracts/, as source names. */
export function deployableSources(): string[] {
  return readdirSync(join(ROOT, "contracts"))
    .filter((file) => file.endsWith(".sol"))
    .map((file) => `contracts/${file}`);
}

/** `entries` and everything they import. */
export function collectSources(entries: readonly string[]): Sources {
  const sources: Record<string, { content: string }> = {};
  const pending = [...entries];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (name in sources) continue;
    const path = name.startsWith("@") ? join("node_modules", name) : name;
    const content = readFileSync(join(ROOT, path), "utf8");
    sources[name] = { content };
    for (const [, target = ""] of content.matchAll(/^(?:import|\})[^;"]*"([^"]+)";/gm)) {
      pending.push(target.startsWith(".") ? posix.join(posix.dirname(name), target) : target);
    }
  }
  return sources;
}

/** The compiler's input for `sources`, with the settings of the project's builds but for what it puts out. */
export function standardInput(sources: Sources, outputs: readonly string[]) {
  return {
    language: "Solidity",
    sources,
    settings: {
      viaIR: true,
      evmVersion: "prague",
      optimizer: { enabled: true, runs: 1_000_000 },
      metadata: { bytecodeHash: "none" },
      outputSelection: { "*": { "*": outputs, "": ["ast"] } },
    },
  };
}

/** `sources`, compiled by npm's soljson. @throws with the compiler's errors */
export function compile(sources: Sources): CompiledContract[] {
  const solc: { compile(input: string): string } = createRequire(import.meta.url)("solc");
  const outputs = [
    "abi",
    "metadata",
    "evm.bytecode",
    "evm.deployedBytecode",
    "evm.methodIdentifiers",
  ];
  const answer: unknown = JSON.parse(solc.compile(JSON.stringify(standardInput(sources, outputs))));
  const errors: unknown = Reflect.get(Object(answer), "errors");
  const serious = (Array.isArray(errors) ? errors : []).filter(
    (error: unknown) => Reflect.get(Object(error), "severity") === "error",
  );
  if (serious.length > 0) {
    throw new Error(
      serious.map((error) => Reflect.get(Object(error), "formattedMessage")).join("\n"),
    );
  }
  const contracts: CompiledContract[] = [];
  for (const [file, byName] of entriesOf(Reflect.get(Object(answer), "contracts"))) {
    const source: unknown = Reflect.get(Object(Reflect.get(Object(answer), "sources")), file);
    for (const [name, output] of entriesOf(byName)) {
      const ast: unknown = Reflect.get(Object(source), "ast");
      contracts.push({ file, name, output: Object.fromEntries(entriesOf(output)), ast });
    }
  }
  return contracts;
}

function entriesOf(value: unknown): [string, unknown][] {
  return Object.entries(Object(value));
}
