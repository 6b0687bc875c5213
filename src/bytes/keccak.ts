import { keccak_256 } from "@noble/hashes/sha3.js";
import { createKeccak, type IHasher } from "hash-wasm";
import { type Bytes32, bytes32 } from "./brand.ts";

/**
 * Keccak-256 behind one seam. Short inputs go to `@noble/hashes`, the reference; from {@link WASM_FROM_BYTES} on, `hash-wasm`
 * takes over, which is about ten times as fast on megabytes. Both give the same digest (test/src/bytes/keccak.test.ts).
 */

/** Below this many bytes the call into WASM costs as much as it saves. */
export const WASM_FROM_BYTES = 512;

const wasm: IHasher = await createKeccak(256);

/** `keccak256` of the concatenation of `parts`, as the 32-byte noun asked for. */
export function keccak256<T extends Bytes32 = Bytes32>(...parts: readonly Uint8Array[]): T {
  let length = 0;
  for (const part of parts) length += part.length;
  if (length < WASM_FROM_BYTES) {
    const hash = keccak_256.create();
    for (const part of parts) hash.update(part);
    return bytes32<T>(hash.digest());
  }
  wasm.init();
  for (const part of parts) wasm.update(part);
  return bytes32<T>(wasm.digest("binary"));
}
