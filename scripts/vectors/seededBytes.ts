import { concatBytes, tag, uintBytes } from "../../src/bytes/codec.ts";
import { keccak256 } from "../../src/bytes/keccak.ts";
import type { RandomSource } from "../../src/operators/keyPair.ts";

/** An endless byte stream that depends on `seed` only: keccak256(seed ‖ n) for n = 0, 1, … For vectors, never for keys. */
export function seededBytes(seed: string): RandomSource {
  let block = 0;
  let rest = new Uint8Array(0);
  return (length) => {
    while (rest.length < length) {
      rest = Uint8Array.from(concatBytes(rest, keccak256(tag(seed), uintBytes(block++, 4))));
    }
    const out = rest.slice(0, length);
    rest = rest.slice(length);
    return out;
  };
}
