import { bn254 } from "@noble/curves/bn254.js";
import { bytesToUint, concatBytes, uintBytes } from "../bytes/codec.ts";
import { OperatorError } from "./errors.ts";

/**
 * The curve of EIP-196 and EIP-197, by `@noble/curves`. Points are valid by construction: what comes from outside goes
 * through a `decode…` or `…FromCoordinates`, which refuse exactly what the precompiles refuse. The point at infinity is
 * a valid point here as there; who must not see it asks `is0()`.
 */

/** A point of G1. */
export type G1 = typeof bn254.G1.Point.BASE;
/** A point of G2, in its subgroup of prime order. */
export type G2 = typeof bn254.G2.Point.BASE;

/** A G1 point as the contracts' `G1Point`. */
export interface G1Coordinates {
  readonly x: bigint;
  readonly y: bigint;
}

/** A G2 point as the contracts' `G2Point`. */
export interface G2Coordinates {
  readonly xImaginary: bigint;
  readonly xReal: bigint;
  readonly yImaginary: bigint;
  readonly yReal: bigint;
}

/** Modulus of the coordinates. */
export const P: bigint = bn254.fields.Fp.ORDER;
/** Order of the groups. */
export const R: bigint = bn254.fields.Fr.ORDER;
/** Length of an encoded G1 point. */
export const G1_BYTES = 64;
/** Length of an encoded G2 point. */
export const G2_BYTES = 128;

export const G1_GENERATOR: G1 = bn254.G1.Point.BASE;
export const G1_ZERO: G1 = bn254.G1.Point.ZERO;
export const G2_GENERATOR: G2 = bn254.G2.Point.BASE;
export const G2_ZERO: G2 = bn254.G2.Point.ZERO;

const NEGATED_G2_GENERATOR = G2_GENERATOR.negate();

/** `point` as the contracts' struct; zeros at infinity. */
export function g1Coordinates(point: G1): G1Coordinates {
  if (point.is0()) return { x: 0n, y: 0n };
  const { x, y } = point.toAffine();
  return { x, y };
}

/** `point` as the contracts' struct; zeros at infinity. */
export function g2Coordinates(point: G2): G2Coordinates {
  if (point.is0()) return { xImaginary: 0n, xReal: 0n, yImaginary: 0n, yReal: 0n };
  const { x, y } = point.toAffine();
  return { xImaginary: x.c1, xReal: x.c0, yImaginary: y.c1, yReal: y.c0 };
}

/** The point with these coordinates. @throws {OperatorError} `E_POINT` if the precompiles would refuse it. */
export function g1FromCoordinates({ x, y }: G1Coordinates): G1 {
  return refusing("G1", () => {
    const point = bn254.G1.Point.fromAffine({ x, y });
    point.assertValidity();
    return point;
  });
}

/** The point with these coordinates. @throws {OperatorError} `E_POINT` if the precompiles would refuse it. */
export function g2FromCoordinates(c: G2Coordinates): G2 {
  return refusing("G2", () => {
    const point = bn254.G2.Point.fromAffine({
      x: fp2(c.xReal, c.xImaginary),
      y: fp2(c.yReal, c.yImaginary),
    });
    point.assertValidity();
    return point;
  });
}

/** 64 bytes: x ‖ y. */
export function encodeG1(point: G1): Uint8Array {
  const { x, y } = g1Coordinates(point);
  return concatBytes(uintBytes(x, 32), uintBytes(y, 32));
}

/** 128 bytes: x imaginary ‖ x real ‖ y imaginary ‖ y real. */
export function encodeG2(point: G2): Uint8Array {
  const c = g2Coordinates(point);
  return concatBytes(
    uintBytes(c.xImaginary, 32),
    uintBytes(c.xReal, 32),
    uintBytes(c.yImaginary, 32),
    uintBytes(c.yReal, 32),
  );
}

/** The point that 64 bytes spell. @throws {OperatorError} `E_POINT` */
export function decodeG1(bytes: Uint8Array): G1 {
  assertLength(bytes, G1_BYTES);
  return g1FromCoordinates({ x: wordAt(bytes, 0), y: wordAt(bytes, 1) });
}

/** The point that 128 bytes spell. @throws {OperatorError} `E_POINT` */
export function decodeG2(bytes: Uint8Array): G2 {
  assertLength(bytes, G2_BYTES);
  return g2FromCoordinates({
    xImaginary: wordAt(bytes, 0),
    xReal: wordAt(bytes, 1),
    yImaginary: wordAt(bytes, 2),
    yReal: wordAt(bytes, 3),
  });
}

/** Sum of `points`; infinity for none. */
export function sumG1(points: Iterable<G1>): G1 {
  let sum = G1_ZERO;
  for (const point of points) sum = sum.add(point);
  return sum;
}

/** Sum of `points`; infinity for none. */
export function sumG2(points: Iterable<G2>): G2 {
  let sum = G2_ZERO;
  for (const point of points) sum = sum.add(point);
  return sum;
}

/** `scalar · point` for public scalars: not constant-time. Zero modulo r gives infinity. */
export function scaleG1(point: G1, scalar: bigint): G1 {
  return point.multiplyUnsafe(bn254.fields.Fr.create(scalar));
}

/** Whether e(`a`, −G2) · e(`b`, `key`) = 1. */
export function pairingIsOne(a: G1, b: G1, key: G2): boolean {
  const pairs = [
    { g1: a, g2: NEGATED_G2_GENERATOR },
    { g1: b, g2: key },
  ].filter(({ g1, g2 }) => !g1.is0() && !g2.is0());
  const { Fp12 } = bn254.fields;
  return Fp12.eql(bn254.pairingBatch(pairs), Fp12.ONE);
}

function fp2(real: bigint, imaginary: bigint): G2["X"] {
  for (const part of [real, imaginary]) {
    if (part < 0n || part >= P)
      throw new OperatorError("E_POINT", `coordinate not below p: ${part}`);
  }
  return bn254.fields.Fp2.fromBigTuple([real, imaginary]);
}

function wordAt(bytes: Uint8Array, index: number): bigint {
  return bytesToUint(bytes.subarray(32 * index, 32 * index + 32));
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
