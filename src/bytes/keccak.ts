import { type Bytes32, bytes32 } from "./brand.ts";
import { WASM } from "./keccakWasm.ts";
import { compileWasm, wasmFunction, wasmMemory } from "./wasm.ts";

/**
 * Keccak-256 behind one seam, computed in WebAssembly (src/bytes/assembly), which on short and on long inputs is several times
 * as fast as `@noble/hashes`, the reference it is tested against (test/src/bytes/keccak.test.ts). Input is copied into a window of
 * the module's memory; longer input passes through it in pieces.
 */

const instance = new WebAssembly.Instance(compileWasm(WASM));
const memory = new Uint8Array(wasmMemory(instance).buffer);
const reset = wasmFunction(instance, "reset");
const hashWindow = wasmFunction(instance, "hashWindow");
const hashLast = wasmFunction(instance, "hashLast");
const hashOnce = wasmFunction(instance, "hashOnce");

const STATE = wasmFunction(instance, "stateAddress")();
const WINDOW = wasmFunction(instance, "windowAddress")();
const WINDOW_BYTES = wasmFunction(instance, "windowBytes")();

/** `keccak256` of the concatenation of `parts`, as the 32-byte noun asked for. */
export function keccak256<T extends Bytes32 = Bytes32>(...parts: readonly Uint8Array[]): T {
  let length = 0;
  for (const part of parts) length += part.length;
  if (length > WINDOW_BYTES) absorbLong(parts);
  else {
    let end = WINDOW;
    for (const part of parts) {
      memory.set(part, end);
      end += part.length;
    }
    hashOnce(length);
  }
  return bytes32<T>(memory.slice(STATE, STATE + 32));
}

function absorbLong(parts: readonly Uint8Array[]): void {
  reset();
  let filled = 0;
  for (const part of parts) {
    let taken = 0;
    while (taken < part.length) {
      const piece = part.subarray(taken, taken + WINDOW_BYTES - filled);
      memory.set(piece, WINDOW + filled);
      taken += piece.length;
      filled += piece.length;
      if (filled < WINDOW_BYTES) continue;
      hashWindow();
      filled = 0;
    }
  }
  hashLast(filled);
}
