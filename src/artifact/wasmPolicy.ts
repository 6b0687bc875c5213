import { ArtifactError } from "./errors.ts";
import { type WasmLimits, type WasmReader, wasmSections } from "./wasmSections.ts";

/** What a plugin may ask of its host. Decided from the bytes alone, so that every operator decides the same. */

/** Bounds of a plugin. */
export const WASM_LIMITS = {
  /** Pages of 64 KiB: 128 MiB, what the runner gives (`src/policy/pluginRunner.ts`). */
  memoryPages: 2_048,
  /** Entries of one table: engines take them from their own heap. */
  tableEntries: 100_000,
  functions: 100_000,
  /** Core modules of one component, and components inside one another. */
  coreModules: 64,
  componentDepth: 8,
} as const;

/**
 * Interfaces that a component may import. The network is reached through its provider world, which records and limits what
 * is fetched; `wasi:http` and `wasi:sockets` go around it. A core module imports nothing.
 */
export const COMPONENT_INTERFACES: ReadonlySet<string> = new Set([
  "newton:provider/http",
  "newton:provider/secrets",
  "newton:provider/tlsn",
  "wasi:cli/environment",
  "wasi:cli/exit",
  "wasi:cli/stderr",
  "wasi:cli/stdin",
  "wasi:cli/stdout",
  "wasi:cli/terminal-input",
  "wasi:cli/terminal-output",
  "wasi:cli/terminal-stderr",
  "wasi:cli/terminal-stdin",
  "wasi:cli/terminal-stdout",
  "wasi:clocks/monotonic-clock",
  "wasi:clocks/wall-clock",
  "wasi:filesystem/preopens",
  "wasi:filesystem/types",
  "wasi:io/error",
  "wasi:io/poll",
  "wasi:io/streams",
  "wasi:random/random",
]);

/** Section ids of a core module. */
const CORE = { import: 2, function: 3, table: 4, memory: 5 } as const;
/** Section ids of a component. */
const COMPONENT = { coreModule: 1, component: 4, import: 10 } as const;

/**
 * Refuses a core module that imports, that names no maximum for its memory, or that is larger than
 * {@link WASM_LIMITS}. A start function may run, within the runner's time.
 * @throws {ArtifactError} `E_WASM_IMPORT`, `E_WASM_LIMIT`, `E_WASM_INVALID`
 */
export function checkCoreModule(binary: Uint8Array): void {
  for (const { id, body } of wasmSections(binary)) {
    if (id === CORE.import && body.u32() > 0) {
      const name = `${body.name()}.${body.name()}`;
      throw new ArtifactError("E_WASM_IMPORT", `wasm plugin: a core module imports ${name}`);
    }
    checkSizes(id, body, true);
  }
}

/**
 * Refuses a component that imports what is not in {@link COMPONENT_INTERFACES}, or whose parts are larger than
 * {@link WASM_LIMITS}. Types are not checked: components do not run here.
 * @throws {ArtifactError} `E_WASM_IMPORT`, `E_WASM_LIMIT`, `E_WASM_INVALID`
 */
export function checkComponent(binary: Uint8Array): void {
  checkComponentAt(binary, 1, { coreModules: 0 });
}

function checkComponentAt(
  binary: Uint8Array,
  depth: number,
  counts: { coreModules: number },
): void {
  if (depth > WASM_LIMITS.componentDepth) throw limit("components nested too deep");
  for (const { id, body } of wasmSections(binary)) {
    // What an inner component imports is given to it by the one around it.
    if (id === COMPONENT.import && depth === 1) checkImports(body);
    if (id === COMPONENT.component) checkComponentAt(body.rest(), depth + 1, counts);
    if (id !== COMPONENT.coreModule) continue;
    if (++counts.coreModules > WASM_LIMITS.coreModules) throw limit("too many core modules");
    const core = body.rest();
    if (!WebAssembly.validate(Uint8Array.from(core))) {
      throw new ArtifactError("E_WASM_INVALID", "wasm plugin: a core module inside is not valid");
    }
    for (const section of wasmSections(core)) checkSizes(section.id, section.body, false);
  }
}

function checkImports(body: WasmReader): void {
  for (const name of importNames(body)) {
    const [wanted = ""] = name.split("@");
    if (!COMPONENT_INTERFACES.has(wanted)) {
      throw new ArtifactError("E_WASM_IMPORT", `wasm plugin: a component imports ${name}`);
    }
  }
}

/** Names in a component's import section: `namespace:package/interface@version`, or a bare name. */
function* importNames(body: WasmReader): Generator<string> {
  const count = body.u32();
  for (let i = 0; i < count; i++) {
    const form = body.byte();
    const name = body.name();
    if (form === 2) body.name();
    yield name;
    // What kind of thing, then its type; 0x00 has a second byte, and type bounds have a form of their own.
    const kind = body.byte();
    if (kind === 0x00) body.byte();
    if (kind === 0x03 && body.byte() === 0x01) continue;
    body.u32();
  }
}

/**
 * What the plugin asks of its host, in order of the names: interfaces of a component; of a core module, which may have none
 * here, `module.name`. @throws {ArtifactError} `E_WASM_INVALID`
 */
export function importsOf(binary: Uint8Array, form: "core module" | "component"): string[] {
  const names: string[] = [];
  for (const { id, body } of wasmSections(binary)) {
    if (form === "component" && id === COMPONENT.import) names.push(...importNames(body));
  }
  if (form === "core module") {
    const module = new WebAssembly.Module(Uint8Array.from(binary));
    const imports = WebAssembly.Module.imports(module);
    names.push(...imports.map((one) => `${one.module}.${one.name}`));
  }
  return names.sort();
}

function checkSizes(id: number, body: WasmReader, needsMaximum: boolean): void {
  if (id === CORE.function) {
    const count = body.u32();
    if (count > WASM_LIMITS.functions) throw limit(`${count} functions`);
  }
  if (id === CORE.memory) {
    for (let left = body.u32(); left > 0; left--) {
      checkLimits(body.limits(), WASM_LIMITS.memoryPages, "pages of memory", needsMaximum);
    }
  }
  if (id !== CORE.table) return;
  for (let left = body.u32(); left > 0; left--) {
    body.refType();
    checkLimits(body.limits(), WASM_LIMITS.tableEntries, "table entries", false);
  }
}

function checkLimits(
  { min, max }: WasmLimits,
  most: number,
  what: string,
  needsMaximum: boolean,
): void {
  if (min > most) throw limit(`${min} ${what}, expected at most ${most}`);
  if (!needsMaximum) return;
  if (max === undefined) throw limit(`no maximum of ${what}, expected at most ${most}`);
  if (max > most) throw limit(`up to ${max} ${what}, expected at most ${most}`);
}

function limit(what: string): ArtifactError {
  return new ArtifactError("E_WASM_LIMIT", `wasm plugin: ${what}`);
}
