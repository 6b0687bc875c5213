import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { main, version } from "assemblyscript/asc";
import { tag } from "../src/bytes/codec.ts";
import { toHex } from "../src/bytes/hex.ts";
import { keccak256 } from "../src/bytes/keccak.ts";

/**
 * Builds the plugins of policies/ from AssemblyScript to policies/<name>/build/plugin.wasm. The same sources, options and
 * compiler give the same bytes. A build whose hash of all three stands beside the plugin is not repeated.
 */

const POLICIES = new URL("../policies/", import.meta.url);
const SHARED = "shared";

/**
 * No imports (an abort becomes a trap), no garbage collector (each call has a memory of its own), at most 16 MiB.
 */
const OPTIONS = [
  ...["--runtime", "stub"],
  ...["--use", "abort="],
  ...["--optimizeLevel", "3"],
  ...["--shrinkLevel", "1"],
  "--converge",
  ...["--initialMemory", "2"],
  ...["--maximumMemory", "256"],
  "--noColors",
];

/** A plugin and where it came from. */
export interface BuiltPlugin {
  /** Name of the policy's folder. */
  readonly policy: string;
  readonly wasm: Uint8Array;
}

/** Builds every plugin, or takes it from the folder where its sources have not changed. */
export async function buildPlugins(): Promise<BuiltPlugin[]> {
  const shared = await sourcesOf(SHARED);
  const entries = await readdir(POLICIES, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory() && entry.name !== SHARED);
  const built: BuiltPlugin[] = [];
  // One after the other: the compiler takes a core each.
  for (const { name: policy } of folders.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const sources = new Map([...shared, ...(await sourcesOf(policy))]);
    built.push({ policy, wasm: await cached(policy, sources) });
  }
  return built;
}

/** Compiles a plugin. @throws {Error} with the compiler's messages */
export async function compile(
  policy: string,
  sources: ReadonlyMap<string, string>,
): Promise<Uint8Array> {
  let wasm: Uint8Array | undefined;
  const { error, stderr } = await main(
    [`${policy}/plugin/index.ts`, "-o", "plugin.wasm", ...OPTIONS],
    {
      readFile: (file: string) => sources.get(file) ?? null,
      writeFile: (_file: string, content: string | Uint8Array) => {
        if (typeof content !== "string") wasm = content;
      },
      listFiles: () => [],
    },
  );
  if (error !== null || wasm === undefined) {
    throw new Error(`plugin of ${policy}: ${error?.message ?? "nothing built"}\n${stderr}`);
  }
  return wasm;
}

/** The AssemblyScript files of a policy, by their path under policies/. */
export async function sourcesOf(policy: string): Promise<Map<string, string>> {
  const folder = new URL(`${policy}/plugin/`, POLICIES);
  const files = (await readdir(folder)).filter((file) => file.endsWith(".ts")).sort();
  const sources = new Map<string, string>();
  for (const file of files) {
    sources.set(`${policy}/plugin/${file}`, await readFile(new URL(file, folder), "utf8"));
  }
  return sources;
}

async function cached(policy: string, sources: ReadonlyMap<string, string>): Promise<Uint8Array> {
  const folder = new URL(`${policy}/build/`, POLICIES);
  const [wasmFile, hashFile] = [new URL("plugin.wasm", folder), new URL("source.hash", folder)];
  const sourceHash = toHex(keccak256(tag(JSON.stringify([version, OPTIONS, [...sources]]))));
  const known = await readFile(hashFile, "utf8").catch(() => "");
  if (known === sourceHash) {
    const wasm = await readFile(wasmFile).catch(() => undefined);
    if (wasm !== undefined) return Uint8Array.from(wasm);
  }
  const wasm = await compile(policy, sources);
  await mkdir(folder, { recursive: true });
  await writeFile(wasmFile, wasm);
  await writeFile(hashFile, sourceHash);
  return wasm;
}

if (import.meta.main) {
  for (const { policy, wasm } of await buildPlugins()) {
    console.log(`${policy}: ${wasm.length} bytes`);
  }
}
