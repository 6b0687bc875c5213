import type { Digest } from "../bytes/brand.ts";
import { bytesToUint } from "../bytes/codec.ts";
import { keccak256 } from "../bytes/keccak.ts";
import {
  encodeG1,
  encodeG2,
  type G1,
  G1_GENERATOR,
  type G2,
  pairingIsOne,
  R,
  scaleG1,
  sumG1,
} from "./bn254.ts";
import { OperatorError } from "./errors.ts";
import { hashToG1 } from "./hashToG1.ts";
import type { KeyPair } from "./keyPair.ts";

/** BLS signatures in G1 under keys in G2. */

/** A signature with everything one pairing binds it to. */
export interface BoundSignature {
  readonly message: Digest;
  /** The candidate of `message` that was signed. */
  readonly hashed: G1;
  readonly signature: G1;
  readonly keyG1: G1;
  readonly keyG2: G2;
}

/** `keyPair`'s signature over `message`. */
export function signMessage(keyPair: KeyPair, message: Digest): G1 {
  return keyPair.sign(message);
}

/** Whether `signature` is that of the owner of `keyG2` over `message`. Infinity never is. */
export function verifySignature(message: Digest, signature: G1, keyG2: G2): boolean {
  if (signature.is0() || keyG2.is0()) return false;
  return pairingIsOne(signature, hashToG1(message).point, keyG2);
}

/**
 * Whether the signature is that of `keyG1` and `keyG2` has the same secret, by the equation of `BoundSignature` on chain.
 * No point may be at infinity.
 */
export function verifyBound({ message, hashed, signature, keyG1, keyG2 }: BoundSignature): boolean {
  const gamma =
    bytesToUint(
      keccak256(message, encodeG1(hashed), encodeG1(signature), encodeG1(keyG1), encodeG2(keyG2)),
    ) % R;
  const left = signature.add(scaleG1(keyG1, gamma));
  const right = hashed.add(scaleG1(G1_GENERATOR, gamma));
  return pairingIsOne(left, right, keyG2);
}

/** Whether `keyG1` and `keyG2` have the same secret. */
export function halvesAgree(keyG1: G1, keyG2: G2): boolean {
  return pairingIsOne(keyG1, G1_GENERATOR, keyG2);
}

/** Sum of `signatures` over one message. @throws {OperatorError} `E_SIGNERS` for none. */
export function aggregateSignatures(signatures: readonly G1[]): G1 {
  if (signatures.length === 0) throw new OperatorError("E_SIGNERS", "nobody signed");
  return sumG1(signatures);
}
