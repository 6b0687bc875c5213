import { inspect } from "node:util";
import type { Digest } from "../../bytes/brand.ts";
import { bytesToUint, tag } from "../../bytes/codec.ts";
import { addressWord, typedDataDigest } from "../../bytes/eip712.ts";
import { toHex } from "../../bytes/hex.ts";
import { keccak256 } from "../../bytes/keccak.ts";
import { OperatorError } from "../errors.ts";
import type { RandomSource } from "../keyPair.ts";
import {
  type Bls12381G1,
  type Bls12381G2,
  encodeBls12381G2,
  G2_GENERATOR,
  hashToBls12381G1,
  ORDER,
} from "./curve.ts";

/** 128 bits more than the order, so that the remainder modulo r − 1 is uniform but for 2⁻¹²⁸. */
const SEED_BYTES = 48;

const POSSESSION_TYPEHASH = keccak256(tag("ProofOfPossession(address operator,bytes key)"));

/** Whom a proof of possession is for. Addresses are 20 bytes. */
export interface Bls12381PossessionDomain {
  readonly chainId: bigint;
  /** The `Bls12381QuorumVerifier`. */
  readonly verifier: Uint8Array;
  /** The account that registers the key. */
  readonly operator: Uint8Array;
}

/** An operator's key on BLS12-381. Printing, inspecting or serializing it shows the public key only. */
export class Bls12381KeyPair {
  readonly key: Bls12381G2;
  readonly #secret: bigint;

  private constructor(secret: bigint) {
    this.#secret = secret;
    this.key = G2_GENERATOR.multiply(secret);
  }

  /** A fresh key. @throws {OperatorError} `E_SECRET_KEY` if `random` gives another number of bytes. */
  static generate(random: RandomSource): Bls12381KeyPair {
    const seed = random(SEED_BYTES);
    if (seed.length !== SEED_BYTES) {
      throw new OperatorError(
        "E_SECRET_KEY",
        `expected ${SEED_BYTES} random bytes, got ${seed.length}`,
      );
    }
    return new Bls12381KeyPair((bytesToUint(seed) % (ORDER - 1n)) + 1n);
  }

  /** The key with this secret. @throws {OperatorError} `E_SECRET_KEY` unless it is 32 bytes spelling 1 to r − 1. */
  static fromSecret(secret: Uint8Array): Bls12381KeyPair {
    const scalar = bytesToUint(secret);
    if (secret.length !== 32 || scalar === 0n || scalar >= ORDER) {
      throw new OperatorError("E_SECRET_KEY", "not 32 bytes spelling 1 to r - 1");
    }
    return new Bls12381KeyPair(scalar);
  }

  /** Signature over a quorum message. */
  sign(message: Digest): Bls12381G1 {
    return hashToBls12381G1(message, "quorum").multiply(this.#secret);
  }

  /** Proof that the account in `domain` knows the secret of this key. */
  provePossession(domain: Bls12381PossessionDomain): Bls12381G1 {
    const message = bls12381PossessionMessage(domain, this.key);
    return hashToBls12381G1(message, "possession").multiply(this.#secret);
  }

  toString(): string {
    return `Bls12381KeyPair(${toHex(encodeBls12381G2(this.key))})`;
  }

  toJSON(): string {
    return this.toString();
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

/** The message that a proof for this key signs. @throws {BytesError} `E_LENGTH`, `E_RANGE` */
export function bls12381PossessionMessage(
  domain: Bls12381PossessionDomain,
  key: Bls12381G2,
): Digest {
  const structHash = keccak256(
    POSSESSION_TYPEHASH,
    addressWord(domain.operator, "operator"),
    keccak256(encodeBls12381G2(key)),
  );
  return typedDataDigest(
    {
      name: "Bls12381QuorumVerifier",
      version: "1",
      chainId: domain.chainId,
      verifyingContract: domain.verifier,
    },
    structHash,
  );
}
