import { bn254 } from "@noble/curves/bn254.js";
import { type Bytes32, bytes32, type Digest } from "../bytes/brand.ts";
import { bytesToUint, concatBytes, tag, uintBytes } from "../bytes/codec.ts";
import { keccak256 } from "../bytes/keccak.ts";
import {
  encodeG1,
  encodeG2,
  type G1,
  type G2,
  g1FromCoordinates,
  P,
  sumG1,
  sumG2,
} from "./bn254.ts";
import { OperatorError } from "./errors.ts";
import type { KeyPair } from "./keyPair.ts";

/**
 * Signing for EigenLayer's `BN254CertificateVerifier`, and the certificates of our adapter to it
 * (`IEigenLayerQuorumVerifier`). The same keys as in {@link KeyPair}; another digest, and another hash to G1.
 */

const CERTIFICATE_TYPEHASH = keccak256(
  tag("BN254Certificate(uint32 referenceTimestamp,bytes32 messageHash)"),
);

/** Most digests of one certificate. */
const MAX_BATCH = 32;
/** In front of an operator's hashed record in EigenLayer's tree. */
const LEAF_SALT = 0x75;

const { Fp } = bn254.fields;

/** What operators sign for `messageHash`, as EigenLayer computes it. */
export function eigenLayerDigest(referenceTimestamp: number, messageHash: Digest): Digest {
  return keccak256<Digest>(CERTIFICATE_TYPEHASH, uintBytes(referenceTimestamp, 32), messageHash);
}

/** EigenLayer's hash to G1: the first x from `digest` upwards on the curve, with its principal root. */
export function hashToG1ByIncrement(digest: Digest): G1 {
  for (let x = bytesToUint(digest) % P; ; x = (x + 1n) % P) {
    const square = Fp.add(Fp.mul(Fp.mul(x, x), x), 3n);
    const root = Fp.pow(square, (P + 1n) / 4n);
    if (Fp.eql(Fp.mul(root, root), square)) return g1FromCoordinates({ x, y: root });
  }
}

/** `keyPair`'s signature over `messageHash` for the operator table of `referenceTimestamp`. */
export function signForEigenLayer(
  keyPair: KeyPair,
  referenceTimestamp: number,
  messageHash: Digest,
): G1 {
  const hashed = hashToG1ByIncrement(eigenLayerDigest(referenceTimestamp, messageHash));
  return hashed.multiply(bytesToUint(keyPair.exportSecret()));
}

/** What those who signed contribute to a certificate. */
export interface EigenLayerSigners {
  readonly referenceTimestamp: number;
  /** G2 keys of the signers. */
  readonly keys: readonly G2[];
  /** Per digest the signatures of all signers. */
  readonly signatures: readonly (readonly G1[])[];
  /** Indices of the others in EigenLayer's table, ascending. */
  readonly nonSigners: readonly number[];
}

/** The adapter's certificate. @throws {OperatorError} `E_SIGNERS` unless every signer signed 1 to 32 digests */
export function eigenLayerCertificate(signers: EigenLayerSigners): Uint8Array {
  const { referenceTimestamp, keys, signatures, nonSigners } = signers;
  const isComplete = signatures.every((of) => of.length === keys.length);
  if (keys.length === 0 || signatures.length < 1 || signatures.length > MAX_BATCH || !isComplete) {
    throw new OperatorError("E_SIGNERS", `${keys.length} keys, ${signatures.length} digests`);
  }
  return concatBytes(
    uintBytes(referenceTimestamp, 4),
    encodeG2(sumG2(keys)),
    ...signatures.map((of) => encodeG1(sumG1(of))),
    ...nonSigners.map((index) => uintBytes(index, 4)),
  );
}

/** Leaf of an operator's ABI-encoded record. */
export function eigenLayerLeaf(encodedRecord: Uint8Array): Bytes32 {
  return keccak256(Uint8Array.of(LEAF_SALT), encodedRecord);
}

/** Root of the tree over `leaves`, filled up with zeros to a power of two. */
export function eigenLayerTreeRoot(leaves: readonly Bytes32[]): Bytes32 {
  return levelsOf(leaves).at(-1)?.[0] ?? bytes32(new Uint8Array(32));
}

/** Siblings of leaf `index`, from the leaves up, one behind the other. */
export function eigenLayerProof(leaves: readonly Bytes32[], index: number): Uint8Array {
  const siblings = levelsOf(leaves)
    .slice(0, -1)
    .map((level, height) => level[(index >> height) ^ 1] ?? new Uint8Array(32));
  return concatBytes(...siblings);
}

function levelsOf(leaves: readonly Bytes32[]): Bytes32[][] {
  const width = 2 ** Math.ceil(Math.log2(Math.max(leaves.length, 1)));
  const zero = bytes32(new Uint8Array(32));
  const levels = [Array.from({ length: width }, (_, index) => leaves[index] ?? zero)];
  for (let level = levels[0] ?? []; level.length > 1; level = levels.at(-1) ?? []) {
    const pairs = Array.from({ length: level.length / 2 }, (_, index) =>
      keccak256(level[2 * index] ?? zero, level[2 * index + 1] ?? zero),
    );
    levels.push(pairs);
  }
  return levels;
}
