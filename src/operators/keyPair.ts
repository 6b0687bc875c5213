import { inspect } from "node:util";
import type { Digest } from "../bytes/brand.ts";
import { bytesToUint, uintBytes } from "../bytes/codec.ts";
import { toHex } from "../bytes/hex.ts";
import { encodeG1, type G1, G1_GENERATOR, type G2, G2_GENERATOR, R } from "./bn254.ts";
import { OperatorError } from "./errors.ts";
import { hashToG1 } from "./hashToG1.ts";

/** Fills `length` fresh bytes from a cryptographic source. */
export type RandomSource = (length: number) => Uint8Array;

/** Length of a secret key: a big-endian number, 1 to r − 1. */
export const SECRET_KEY_BYTES = 32;

/** 128 bits more than the order, so that the remainder modulo r − 1 is uniform but for 2⁻¹²⁸. */
const SEED_BYTES = 48;

/**
 * An operator's BLS key: a secret, and its public halves in both groups. Printing, inspecting or serializing it shows
 * the G1 half only; the secret leaves through {@link exportSecret} and nowhere else.
 */
export class KeyPair {
  readonly keyG1: G1;
  readonly keyG2: G2;
  readonly #secret: bigint;

  private constructor(secret: bigint) {
    this.#secret = secret;
    this.keyG1 = G1_GENERATOR.multiply(secret);
    this.keyG2 = G2_GENERATOR.multiply(secret);
  }

  /** A fresh key. @throws {OperatorError} `E_SECRET_KEY` if `random` gives another number of bytes. */
  static generate(random: RandomSource): KeyPair {
    const seed = random(SEED_BYTES);
    if (seed.length !== SEED_BYTES) {
      throw new OperatorError(
        "E_SECRET_KEY",
        `expected ${SEED_BYTES} random bytes, got ${seed.length}`,
      );
    }
    return new KeyPair((bytesToUint(seed) % (R - 1n)) + 1n);
  }

  /** The key with this secret. @throws {OperatorError} `E_SECRET_KEY` unless it is 32 bytes spelling 1 to r − 1. */
  static fromSecret(secret: Uint8Array): KeyPair {
    if (secret.length !== SECRET_KEY_BYTES) {
      throw new OperatorError("E_SECRET_KEY", `expected 32 bytes, got ${secret.length}`);
    }
    const scalar = bytesToUint(secret);
    if (scalar === 0n || scalar >= R)
      throw new OperatorError("E_SECRET_KEY", "not within 1 to r - 1");
    return new KeyPair(scalar);
  }

  /** Signature over `message`, at its first candidate on G1. */
  sign(message: Digest): G1 {
    return hashToG1(message).point.multiply(this.#secret);
  }

  /** The 32 secret bytes, for a key store. */
  exportSecret(): Uint8Array {
    return uintBytes(this.#secret, SECRET_KEY_BYTES);
  }

  toString(): string {
    return `KeyPair(${toHex(encodeG1(this.keyG1))})`;
  }

  toJSON(): string {
    return this.toString();
  }

  [inspect.custom](): string {
    return this.toString();
  }
}
