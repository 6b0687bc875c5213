/**
 * Runs in a child process (`pluginRunner.ts`): one plugin, one call. The message `{request: {wasm, input, outputMaxBytes}}`
 * is answered by `{output}` or `{fault, message}`. Nothing here is trusted to end: the parent holds the clock.
 */

interface Request {
  readonly wasm: Uint8Array<ArrayBuffer>;
  readonly input: Uint8Array;
  readonly outputMaxBytes: number;
}

type Reply = { readonly output: Uint8Array } | { readonly fault: string; readonly message: string };

process.on("message", (message: { request: Request }) => {
  process.send?.(call(message.request));
});
process.on("disconnect", () => process.exit(0));
process.send?.("ready");

function call({ wasm, input, outputMaxBytes }: Request): Reply {
  let module: WebAssembly.Module;
  try {
    module = new WebAssembly.Module(wasm);
  } catch (error) {
    return { fault: "E_PLUGIN_INVALID", message: String(error) };
  }
  const wanted = WebAssembly.Module.imports(module)[0];
  if (wanted !== undefined) {
    return { fault: "E_PLUGIN_IMPORT", message: `${wanted.module}.${wanted.name}` };
  }
  try {
    return run(new WebAssembly.Instance(module, {}), input, outputMaxBytes);
  } catch (error) {
    return { fault: "E_PLUGIN_TRAP", message: String(error) };
  }
}

function run({ exports }: WebAssembly.Instance, input: Uint8Array, outputMaxBytes: number): Reply {
  const { memory, alloc, run: entry } = exports;
  if (!(memory instanceof WebAssembly.Memory)) return missing("memory");
  if (typeof alloc !== "function") return missing("alloc");
  if (typeof entry !== "function") return missing("run");

  const place: unknown = alloc(input.length);
  if (typeof place !== "number") return missing("alloc(i32) -> i32");
  const inputPtr = place >>> 0;
  if (inputPtr + input.length > memory.buffer.byteLength) {
    return { fault: "E_PLUGIN_OUTPUT_INVALID", message: "alloc points outside the memory" };
  }
  new Uint8Array(memory.buffer).set(input, inputPtr);

  const packed: unknown = entry(inputPtr, input.length);
  if (typeof packed !== "bigint") return missing("run(i32, i32) -> i64");
  const ptr = Number(BigInt.asUintN(64, packed) >> 32n);
  const length = Number(BigInt.asUintN(32, packed));
  if (length > outputMaxBytes) {
    return { fault: "E_PLUGIN_OUTPUT_TOO_LARGE", message: `${length} bytes` };
  }
  if (ptr + length > memory.buffer.byteLength) {
    return { fault: "E_PLUGIN_OUTPUT_INVALID", message: "run points outside the memory" };
  }
  return { output: new Uint8Array(memory.buffer).slice(ptr, ptr + length) };
}

function missing(what: string): Reply {
  return { fault: "E_PLUGIN_EXPORT", message: `expected ${what}` };
}
