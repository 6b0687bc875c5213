import { bls12_381 } from "@noble/curves/bls12-381.js";
import type { Digest } from "../../bytes/brand.ts";
import { bytesToUint, concatBytes, tag, uintBytes } from "../../bytes/codec.ts";
import { OperatorError } from "../errors.ts";

/**
 * The curve of EIP-2537, by `@noble/curves`. What comes from outside goes through a `decode…`, which refuses exactly
 * what the pairing precompile refuses, subgroups included. The point at infinity is a valid point here as there.
 */

/** A point of G1 in its subgroup of prime order. */
export type Bls12381G1 = typeof bls12_381.G1.Point.BASE;
/** A point of G2 in its subgroup of prime order. */
export type Bls12381G2 = typeof bls12_381.G2.Point.BASE;

/** Order of the groups. */
export const ORDER: bigint = bls12_381.fields.Fr.ORDER;
/** Length of a signature in a certificate: x ‖ y, without EIP-2537's padding. */
export const PACKED_G1_BYTES = 96;
/** Length of a G2 point as EIP-2537 encodes it. */
export const G2_BYTES = 256;

export const G2_GENERATOR: Bls12381G2 = bls12_381.G2.Point.BASE;
export const G2_ZERO: Bls12381G2 = bls12_381.G2.Point.ZERO;

/** Domain separation tags of RFC 9380: one per purpose, so that a signature for one is none for the other. */
export const TAGS = {
  quorum: "OPS-V01-QUORUM_BLS12381G1_XMD:SHA-256_SSWU_RO_",
  possession: "OPS-V01-POSSESSION_BLS12381G1_XMD:SHA-256_SSWU_RO_",
} as const;

const COORDINATE_BYTES = 48;
const NEGATED_G2_GENERATOR = G2_GENERATOR.negate();

/** Hash of `message` to G1 by RFC 9380, suite `BLS12381G1_XMD:SHA-256_SSWU_RO_`. */
export function hashToBls12381G1(message: Digest, purpose: keyof typeof TAGS): Bls12381G1 {
  const hashed = bls12_381.G1.hashToCurve(message, { DST: tag(TAGS[purpose]) });
  return bls12_381.G1.Point.fromAffine(hashed.toAffine());
}

/** 96 bytes: x ‖ y; zeros at infinity. */
export function packG1(point: Bls12381G1): Uint8Array {
  if (point.is0()) return new Uint8Array(PACKED_G1_BYTES);
  const { x, y } = point.toAffine();
  return concatBytes(uintBytes(x, COORDINATE_BYTES), uintBytes(y, COORDINATE_BYTES));
}

/** 256 bytes: x real ‖ x imaginary ‖ y real ‖ y imaginary, 64 bytes each; zeros at infinity. */
export function encodeBls12381G2(point: Bls12381G2): Uint8Array {
  if (point.is0()) return new Uint8Array(G2_BYTES);
  const { x, y } = point.toAffine();
  return concatBytes(...[x.c0, x.c1, y.c0, y.c1].map((part) => uintBytes(part, 64)));
}

/** 128 bytes: x ‖ y, 64 bytes each; zeros at infinity. */
export function encodeBls12381G1(point: Bls12381G1): Uint8Array {
  const packed = packG1(point);
  const padding = new Uint8Array(16);
  return concatBytes(padding, packed.subarray(0, 48), padding, packed.subarray(48));
}

/** The point that 96 bytes spell. @throws {OperatorError} `E_POINT` */
export function unpackG1(bytes: Uint8Array): Bls12381G1 {
  assertLength(bytes, PACKED_G1_BYTES);
  const x = bytesToUint(bytes.subarray(0, COORDINATE_BYTES));
  const y = bytesToUint(bytes.subarray(COORDINATE_BYTES));
  return refusing("G1", () => {
    assertCanonical(x, y);
    const point = bls12_381.G1.Point.fromAffine({ x, y });
    point.assertValidity();
    return point;
  });
}

/** The point that 256 bytes spell. @throws {OperatorError} `E_POINT` */
export function decodeBls12381G2(bytes: Uint8Array): Bls12381G2 {
  assertLength(bytes, G2_BYTES);
  const [xReal = 0n, xImaginary = 0n, yReal = 0n, yImaginary = 0n] = [0, 64, 128, 192].map((at) =>
    bytesToUint(bytes.subarray(at, at + 64)),
  );
  return refusing("G2", () => {
    assertCanonical(xReal, xImaginary, yReal, yImaginary);
    const { Fp2 } = bls12_381.fields;
    const point = bls12_381.G2.Point.fromAffine({
      x: Fp2.fromBigTuple([xReal, xImaginary]),
      y: Fp2.fromBigTuple([yReal, yImaginary]),
    });
    point.assertValidity();
    return point;
  });
}

/** Sum of `points`; infinity for none. */
export function sumBls12381G1(points: Iterable<Bls12381G1>): Bls12381G1 {
  let sum = bls12_381.G1.Point.ZERO;
  for (const point of points) sum = sum.add(point);
  return sum;
}

/** Sum of `points`; infinity for none. */
export function sumBls12381G2(points: Iterable<Bls12381G2>): Bls12381G2 {
  let sum = G2_ZERO;
  for (const point of points) sum = sum.add(point);
  return sum;
}

/** Whether e(`signature`, −G2) · e(`hashed`, `key`) = 1. */
export function isSignatureOf(signature: Bls12381G1, hashed: Bls12381G1, key: Bls12381G2): boolean {
  const pairs = [
    { g1: signature, g2: NEGATED_G2_GENERATOR },
    { g1: hashed, g2: key },
  ].filter(({ g1, g2 }) => !g1.is0() && !g2.is0());
  const { Fp12 } = bls12_381.fields;
  return Fp12.eql(bls12_381.pairingBatch(pairs), Fp12.ONE);
}

function assertCanonical(...coordinates: readonly bigint[]): void {
  for (const coordinate of coordinates) {
    if (coordinate >= bls12_381.fields.Fp.ORDER) {
      throw new OperatorError("E_POINT", `coordinate not below p: ${coordinate}`);
    }
  }
}

function assertLength(bytes: Uint8Array, length: number): void {
  if (bytes.length !== length) {
    throw new OperatorError("E_POINT", `point: expected ${length} bytes, got ${bytes.length}`);
  }
}

function refusing<T>(group: string, decode: () => T): T {
  try {
    return decode();
  } catch (cause) {
    if (cause instanceof OperatorError) throw cause;
    throw new OperatorError("E_POINT", `not a point of ${group}`, { cause });
  }
}
