import { bn254 } from "@noble/curves/bn254.js";
import type { Digest } from "../bytes/brand.ts";
import { bytesToUint } from "../bytes/codec.ts";
import { keccak256 } from "../bytes/keccak.ts";
import { type G1, g1FromCoordinates, P } from "./bn254.ts";
import { OperatorError } from "./errors.ts";

/**
 * Hash of a message to G1 by counter (docs/CommitMessage.md, "Hash to G1, by hint"). Signers take the first candidate on
 * the curve; a verifier takes any counter, because each candidate is a random-oracle output of its own.
 */

/** Where a message lies on G1, and what lets a contract see it without searching. */
export interface HashedMessage {
  /** Number of the candidate, 0 to 255. */
  readonly counter: number;
  /** Even root of x³ + 3. */
  readonly hintY: bigint;
  readonly point: G1;
}

/** What one counter byte can name. */
const MAX_CANDIDATES = 256;
const { Fp } = bn254.fields;

/**
 * `message` on G1, at the first of its `candidateCount` candidates that is on the curve: with all 256 there is one but
 * for a chance of 2⁻²⁵⁶. @throws {OperatorError} `E_HASH_TO_G1` if none is
 */
export function hashToG1(message: Digest, candidateCount = MAX_CANDIDATES): HashedMessage {
  for (let counter = 0; counter < Math.min(candidateCount, MAX_CANDIDATES); counter++) {
    const hashed = hashCandidate(message, counter);
    if (hashed !== undefined) return hashed;
  }
  throw new OperatorError("E_HASH_TO_G1", `none of ${candidateCount} candidates is on the curve`);
}

/** Candidate `counter` of `message`, or `undefined` if no point has its x. */
export function hashCandidate(message: Digest, counter: number): HashedMessage | undefined {
  const x = candidateX(message, counter);
  const square = cubePlus3(x);
  // Euler's criterion; about every second field element is a square.
  if (!Fp.eql(Fp.pow(square, (P - 1n) / 2n), Fp.ONE)) return undefined;
  const root = Fp.sqrt(square);
  const hintY = root % 2n === 0n ? root : P - root;
  return { counter, hintY, point: g1FromCoordinates({ x, y: hintY }) };
}

/** The candidate that a hint names, or `undefined` where `HashToG1.fromHint` on chain does not match either. */
export function pointFromHint(message: Digest, counter: number, hintY: bigint): G1 | undefined {
  if (hintY < 0n || hintY >= P || hintY % 2n !== 0n) return undefined;
  const x = candidateX(message, counter);
  if (!Fp.eql(Fp.mul(hintY, hintY), cubePlus3(x))) return undefined;
  return g1FromCoordinates({ x, y: hintY });
}

function candidateX(message: Digest, counter: number): bigint {
  return bytesToUint(keccak256(message, Uint8Array.of(counter))) % P;
}

function cubePlus3(x: bigint): bigint {
  return Fp.add(Fp.mul(Fp.mul(x, x), x), 3n);
}
