/** A function of a WebAssembly module whose parameters and result are 32-bit numbers. */
export type WasmFunction = (...args: number[]) => number;

/** The module that `base64` spells. Compiled at once: it is part of this library and a few kilobytes long. */
export function compileWasm(base64: string): WebAssembly.Module {
  return new WebAssembly.Module(Uint8Array.from(Buffer.from(base64, "base64")));
}

/** The function that `instance` exports as `name`. @throws {TypeError} if it exports none */
export function wasmFunction(instance: WebAssembly.Instance, name: string): WasmFunction {
  const found = instance.exports[name];
  if (!isWasmFunction(found)) throw new TypeError(`${name}: expected an exported function`);
  return found;
}

/** The memory that `instance` exports. @throws {TypeError} if it exports none */
export function wasmMemory(instance: WebAssembly.Instance): WebAssembly.Memory {
  const found = instance.exports.memory;
  if (!(found instanceof WebAssembly.Memory)) throw new TypeError("expected an exported memory");
  return found;
}

function isWasmFunction(value: unknown): value is WasmFunction {
  return typeof value === "function";
}
