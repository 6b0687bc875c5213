import { writeFileSync } from "node:fs";
import { toHex } from "../../src/bytes/hex.ts";
import { encodeG2, G2_GENERATOR } from "../../src/operators/bn254.ts";

/**
 * Writes test/vectors/scaledG2.json: the generator of G2 times 1, 2, … 255. No precompile adds in G2, so tests that sign
 * in Solidity take small secrets and look the keys of any sum of them up.
 */

const LARGEST_SCALAR = 255n;

/** What test/vectors/scaledG2.json holds: entry i is i + 1 times the generator, in the form of EIP-197. */
export function scaledG2Vectors() {
  const scalars = Array.from({ length: Number(LARGEST_SCALAR) }, (_, i) => BigInt(i) + 1n);
  return { points: scalars.map((scalar) => toHex(encodeG2(G2_GENERATOR.multiply(scalar)))) };
}

if (import.meta.main) {
  const path = new URL("../../test/vectors/scaledG2.json", import.meta.url);
  writeFileSync(path, `${JSON.stringify(scaledG2Vectors(), null, 2)}\n`);
}
