import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/**
 * Makes a plugin of a JavaScript source: QuickJS, the source, and a shim that gives both the interface of a plugin
 * (src/policy/pluginRunner.ts), merged into one core module that imports nothing. The source exports `function run(args)`, which
 * returns what becomes the output. QuickJS asks its host for little; the shim answers with constants, so the clock stands
 * at 1970 and Math.random repeats itself: every operator sees the same.
 */

/** Version of what goes into every plugin besides its source: a new one gives new bytes. */
export const JAVASCRIPT_PLUGIN_VERSION = "quickjs-wasmfile 0.32.0, binaryen 131, shim 1";

const require = createRequire(import.meta.url);
const QUICKJS = require.resolve("@jitl/quickjs-wasmfile-release-sync/wasm");
const BINARYEN = join(dirname(require.resolve("binaryen")), "bin");
const FEATURES = "--all-features";

/** Pages of 64 KiB that QuickJS may grow to: 64 MiB. */
const MAX_PAGES = 1_024;

/** Called behind the source. `input` is the JSON text of the arguments. */
const CALL = "\n;JSON.stringify(run(JSON.parse(input)));";

/** What QuickJS imports, by the names its build gave them: constants, but for memory that grows. */
const HOST = `
  (func (export "b") (param i32 i32 i32 i32) unreachable)
  (func (export "c") (param i32 i32 i32 i32) (result i32) (i32.const 0))
  (func (export "d") (param i32) (result i32) (i32.const 52))
  (func (export "e") (param i32 i32) (result i32) (i32.const 0))
  (func (export "f") (param i32 i32) (result i32)
    (i32.store (local.get 0) (i32.const 0)) (i32.store (local.get 1) (i32.const 0)) (i32.const 0))
  (func (export "g") (param i32 i32 i32 i32) (result i32) unreachable)
  (func (export "h") (param i32 i32 i32) (result i32) unreachable)
  (func (export "i") (param i32) (result i32) (i32.const 0))
  (func (export "j") (param i32 f64) (result i32) (i32.const 0))
  (func (export "k") (param $bytes i32) (result i32)
    (i32.ne (i32.const -1) (memory.grow (i32.shr_u
      (i32.add (i32.sub (local.get $bytes) (i32.shl (memory.size) (i32.const 16))) (i32.const 65535))
      (i32.const 16)))))
  (func (export "l"))
  (func (export "m") (param i64 i32) (memory.fill (local.get 1) (i32.const 0) (i32.const 44)))
  (func (export "n") (param i32 i32 i32 i32)
    (i32.store (local.get 0) (i32.const 0)) (i32.store (local.get 1) (i32.const 0))
    (i32.store8 (local.get 2) (i32.const 0)) (i32.store8 (local.get 3) (i32.const 0)))
  (func (export "o") (param i32 i64 i32 i32) (result i32) (i32.const 70))
  (func (export "p") (result f64) (f64.const 0))
  (func (export "q") unreachable)
  (func (export "r") (param i32) unreachable)
  (func (export "s") (param i32 i32 i32 i32 i32) (result i32) unreachable)
  (func (export "t") (param i32 i32))`;

/** What the shim calls of QuickJS, by the names its build gave them. */
const ENGINE = `
  (import "qjs" "u" (func $start))
  (import "qjs" "v" (func $malloc (param i32) (result i32)))
  (import "qjs" "K" (func $newRuntime (result i32)))
  (import "qjs" "N" (func $newContext (param i32 i32) (result i32)))
  (import "qjs" "_" (func $newString (param i32 i32) (result i32)))
  (import "qjs" "$" (func $getString (param i32 i32) (result i32)))
  (import "qjs" "ua" (func $global (param i32) (result i32)))
  (import "qjs" "ja" (func $setProp (param i32 i32 i32 i32)))
  (import "qjs" "pa" (func $eval (param i32 i32 i32 i32 i32 i32) (result i32)))
  (import "qjs" "na" (func $exceptionOf (param i32 i32) (result i32)))`;

/** `alloc` and `run`. An exception traps; the output is a text that ends with a zero byte. */
const PLUGIN = `
  (global $isReady (mut i32) (i32.const 0))
  (func $allocate (export "alloc") (param $length i32) (result i32)
    (if (i32.eqz (global.get $isReady)) (then (call $start) (global.set $isReady (i32.const 1))))
    (call $malloc (i32.add (local.get $length) (i32.const 1))))
  (func (export "run") (param $at i32) (param $length i32) (result i64)
    (local $context i32) (local $code i32) (local $value i32) (local $text i32) (local $end i32)
    (i32.store8 (i32.add (local.get $at) (local.get $length)) (i32.const 0))
    (local.set $context (call $newContext (call $newRuntime) (i32.const 0)))
    (call $setProp (local.get $context) (call $global (local.get $context))
      (call $newString (local.get $context) (call $name))
      (call $newString (local.get $context) (local.get $at)))
    (local.set $code (call $malloc (i32.const CODE_SIZE)))
    (memory.init $code (local.get $code) (i32.const 0) (i32.const CODE_SIZE))
    (local.set $value (call $eval (local.get $context) (local.get $code) (i32.const CODE_LENGTH)
      (call $name) (i32.const 0) (i32.const 0)))
    (if (call $exceptionOf (local.get $context) (local.get $value)) (then unreachable))
    (local.set $text (call $getString (local.get $context) (local.get $value)))
    (local.set $end (local.get $text))
    (loop $next (if (i32.load8_u (local.get $end)) (then
      (local.set $end (i32.add (local.get $end) (i32.const 1))) (br $next))))
    (i64.or (i64.shl (i64.extend_i32_u (local.get $text)) (i64.const 32))
      (i64.extend_i32_u (i32.sub (local.get $end) (local.get $text)))))
  (func $name (result i32) (local $at i32)
    (local.set $at (call $malloc (i32.const 6)))
    (memory.init $name (local.get $at) (i32.const 0) (i32.const 6))
    (local.get $at))
  (data $name "input\\00")`;

/** The plugin of `source`. @throws {Error} with the message of the tool that failed */
export function compileJavaScript(source: string): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), "ops-plugin-"));
  const file = (name: string) => join(folder, name);
  try {
    writeFileSync(file("shim.wat"), shimOf(`${asScript(source)}${CALL}`));
    tool("wasm-as", file("shim.wat"), "-o", file("shim.wasm"));
    const merged = [QUICKJS, "qjs", file("shim.wasm"), "a", "-o", file("merged.wasm")];
    tool("wasm-merge", ...merged, "--rename-export-conflicts");
    writeFileSync(file("roots.json"), JSON.stringify(ROOTS));
    const roots = ["--graph-file", file("roots.json"), "-o", file("plugin.wasm")];
    tool("wasm-metadce", file("merged.wasm"), ...roots);
    return Uint8Array.from(readFileSync(file("plugin.wasm")));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** QuickJS evaluates a script, which exports nothing. */
function asScript(source: string): string {
  return source.replace(/^export (?=function run\()/m, "");
}

/** Exports that stay. */
const ROOTS = [
  { name: "memory", root: true, export: "memory" },
  { name: "alloc", root: true, export: "alloc" },
  { name: "run", root: true, export: "run" },
];

function shimOf(code: string): string {
  const bytes = [...new TextEncoder().encode(code)];
  const data = bytes.map((byte) => `\\${byte.toString(16).padStart(2, "0")}`).join("");
  const plugin = PLUGIN.replaceAll("CODE_SIZE", `${bytes.length + 1}`).replaceAll(
    "CODE_LENGTH",
    `${bytes.length}`,
  );
  const memory = `(memory (export "a") (export "memory") 256 ${MAX_PAGES})`;
  return `(module ${ENGINE} ${memory} (data $code "${data}\\00") ${HOST} ${plugin})`;
}

function tool(name: string, ...args: readonly string[]): void {
  const { status, stderr } = spawnSync(
    process.execPath,
    [join(BINARYEN, name), ...args, FEATURES],
    { encoding: "utf8" },
  );
  if (status !== 0) throw new Error(`${name}: ${stderr}`);
}
