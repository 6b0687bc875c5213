import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { main, version } from "assemblyscript/asc";
import { tag } from "../src/bytes/codec.ts";
import { toHex } from "../src/bytes/hex.ts";
import { keccak256 } from "../src/bytes/keccak.ts";
import { compileJavaScript, JAVASCRIPT_PLUGIN_VERSION } from "./javascriptPlugin.ts";

/**
 * Builds the plugins of policies/: `plugin/index.ts` (AssemblyScript) or `plugin/index.js` (JavaScript on QuickJS) becomes
 * `build/plugin.wasm`, and `plugin/<name>/index.*` becomes `build/<name>.wasm`. The same sources, options and compiler give
 * the same bytes. A build whose hash of all three stands beside the plugin is not repeated.
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
  /** Its name in that folder, such as `build/plugin.wasm`. */
  readonly file: string;
  readonly wasm: Uint8Array;
}

/** Builds every plugin, or takes it from the folder where its sources have not changed. */
export async function buildPlugins(): Promise<BuiltPlugin[]> {
  const built: BuiltPlugin[] = [];
  // One after the other: a compiler takes a core.
  for (const policy of await policyNames()) {
    const own = await sourcesOf(policy);
    for (const entry of [...own.keys()].filter((file) => /\/index\.[jt]s$/.test(file)).sort()) {
      const sources = entry.endsWith(".js") ? own : new Map([...(await usedBy(own)), ...own]);
      const folder = entry.split("/").at(-2) ?? "plugin";
      const wasm = await cached(policy, folder, entry, sources);
      built.push({ policy, file: `build/${folder}.wasm`, wasm });
    }
  }
  return built;
}

/** Names of the folders of policies/ that hold a policy, in order. */
export async function policyNames(): Promise<string[]> {
  const entries = await readdir(POLICIES, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory() && entry.name !== SHARED);
  return folders.map(({ name }) => name).sort((a, b) => (a < b ? -1 : 1));
}

/** What plugins share, and the sources of other policies that these take a plugin from. */
async function usedBy(own: ReadonlyMap<string, string>): Promise<Map<string, string>> {
  const used = await sourcesOf(SHARED);
  for (const text of own.values()) {
    for (const [, policy = ""] of text.matchAll(/"(?:\.\.\/)+([a-z-]+)\/plugin\//g)) {
      for (const [file, source] of await sourcesOf(policy)) used.set(file, source);
    }
  }
  return used;
}

/** Compiles AssemblyScript. @throws {Error} with the compiler's messages */
export async function compile(
  policy: string,
  sources: ReadonlyMap<string, string>,
  entry = `${policy}/plugin/index.ts`,
): Promise<Uint8Array> {
  let wasm: Uint8Array | undefined;
  const { error, stderr } = await main([entry, "-o", "plugin.wasm", ...OPTIONS], {
    readFile: (file: string) => sources.get(file) ?? null,
    writeFile: (_file: string, content: string | Uint8Array) => {
      if (typeof content !== "string") wasm = content;
    },
    listFiles: () => [],
  });
  if (error !== null || wasm === undefined) {
    throw new Error(`plugin of ${policy}: ${error?.message ?? "nothing built"}\n${stderr}`);
  }
  return wasm;
}

/** The plugin sources of a policy, by their path under policies/; none if it has no plugin. */
export async function sourcesOf(policy: string): Promise<Map<string, string>> {
  const folder = new URL(`${policy}/plugin/`, POLICIES);
  const sources = new Map<string, string>();
  if (!existsSync(folder)) return sources;
  const entries = await readdir(folder, { recursive: true });
  for (const file of entries.map((entry) => entry.replaceAll("\\", "/")).sort()) {
    if (!/\.[jt]s$/.test(file)) continue;
    sources.set(`${policy}/plugin/${file}`, await readFile(new URL(file, folder), "utf8"));
  }
  return sources;
}

async function cached(
  policy: string,
  name: string,
  entry: string,
  sources: ReadonlyMap<string, string>,
): Promise<Uint8Array> {
  const folder = new URL(`${policy}/build/`, POLICIES);
  const wasmFile = new URL(`${name}.wasm`, folder);
  const hashFile = new URL(name === "plugin" ? "source.hash" : `${name}.hash`, folder);
  const isJavaScript = entry.endsWith(".js");
  const compiler = isJavaScript ? [JAVASCRIPT_PLUGIN_VERSION] : [version, OPTIONS];
  const sourceHash = toHex(keccak256(tag(JSON.stringify([...compiler, entry, [...sources]]))));
  const known = await readFile(hashFile, "utf8").catch(() => "");
  if (known === sourceHash) {
    const wasm = await readFile(wasmFile).catch(() => undefined);
    if (wasm !== undefined) return Uint8Array.from(wasm);
  }
  const wasm = isJavaScript
    ? compileJavaScript(sources.get(entry) ?? "")
    : await compile(policy, sources, entry);
  await mkdir(folder, { recursive: true });
  await writeFile(wasmFile, wasm);
  await writeFile(hashFile, sourceHash);
  return wasm;
}

if (import.meta.main) {
  for (const { policy, file, wasm } of await buildPlugins()) {
    console.log(`${policy}/${file}: ${wasm.length} bytes`);
  }
}
