import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import asc from "assemblyscript/asc";

/**
 * Compiles the AssemblyScript under src/<folder>/assembly to WebAssembly and writes it as text into a TypeScript module beside
 * its only importer, so that nothing has to be built to run. Run by `npx node scripts/assembly.ts`.
 */

const ROOT = resolve(import.meta.dirname, "..");

interface AssemblyModule {
  readonly source: string;
  readonly output: string;
  readonly about: string;
  readonly options: readonly string[];
}

/** What is compiled. The pages are of 64 KiB; the tree's memory stops one page short of what a 32-bit address can reach. */
export const ASSEMBLY_MODULES: readonly AssemblyModule[] = [
  {
    source: "src/bytes/assembly/index.ts",
    output: "src/bytes/keccakWasm.ts",
    about: "The Keccak-256 sponge",
    options: ["--initialMemory", "3", "--maximumMemory", "3"],
  },
  {
    source: "src/tree/assembly/index.ts",
    output: "src/tree/engine/treeWasm.ts",
    about: "The engine of the state tree",
    options: ["--initialMemory", "6", "--maximumMemory", "65535", "--enable", "simd"],
  },
];

const OPTIONS = ["-O3", "--converge", "--noAssert", "--runtime", "stub", "--use", "abort="];

/** The text of the module's TypeScript file. @throws {Error} with the compiler's messages */
export async function compileAssembly({ source, about, options }: AssemblyModule): Promise<string> {
  let binary: Uint8Array | undefined;
  const { error, stderr } = await asc.main(
    [source, ...OPTIONS, ...options, "--outFile", "module.wasm"],
    {
      readFile: (name, base) => readOptional(resolve(ROOT, base, name)),
      writeFile: (_, contents) => {
        if (typeof contents !== "string") binary = contents;
      },
    },
  );
  if (error !== null || binary === undefined) throw new Error(`${source}: ${stderr.toString()}`);
  const base64 = Buffer.from(binary).toString("base64");
  return [
    `// Written by scripts/assembly.ts from ${source}; do not edit.`,
    "",
    `/** ${about}: a WebAssembly module of ${binary.length} bytes, in base64. */`,
    "export const WASM =",
    `  "${base64}";`,
    "",
  ].join("\n");
}

function readOptional(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

if (import.meta.main) {
  for (const module of ASSEMBLY_MODULES) {
    writeFileSync(resolve(ROOT, module.output), await compileAssembly(module));
  }
}
