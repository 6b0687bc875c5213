import type { Digest } from "../../bytes/brand.ts";
import { ByteReader, concatBytes, uintBytes } from "../../bytes/codec.ts";
import { isZero } from "../../bytes/compare.ts";
import type { CertificateFault, CertificateVerdict } from "../certificate.ts";
import { OperatorError } from "../errors.ts";
import {
  type Bls12381G1,
  type Bls12381G2,
  hashToBls12381G1,
  isSignatureOf,
  PACKED_G1_BYTES,
  packG1,
  sumBls12381G1,
  sumBls12381G2,
  unpackG1,
} from "./curve.ts";

/**
 * Certificates of `Bls12381QuorumVerifier`: epoch u32 ‖ signature 96 ‖ non-signers, one ascending index byte each.
 * {@link verifyBls12381Certificate} is the twin of the contract: same bytes, same fault.
 */

/** Most operators of a set. */
export const MAX_BLS12381_OPERATORS = 64;

/** Length of a certificate that names no non-signer. */
export const BLS12381_HEAD_BYTES = 4 + PACKED_G1_BYTES;

/** One operator; its index is its place in the set. */
export interface Bls12381Operator {
  readonly key: Bls12381G2;
  /** 1 to 2¹²⁰ − 1. */
  readonly weight: bigint;
}

/** The operators of one epoch, in index order. */
export interface Bls12381Set {
  readonly epoch: number;
  readonly operators: readonly Bls12381Operator[];
}

/** What a certificate is judged against. */
export interface Bls12381Context {
  /** The set of an epoch and whether it is valid now; `undefined` if there is no such epoch. */
  readonly epochOf: (
    epoch: number,
  ) => { readonly set: Bls12381Set; readonly isValid: boolean } | undefined;
  /** The message that operators of an epoch sign for the digest in question. */
  readonly messageOf: (epoch: number) => Digest;
}

/** Certificate of the operators at the indices in `signatures`. @throws {OperatorError} `E_SIGNERS` */
export function bls12381Certificate(
  { epoch, operators }: Bls12381Set,
  signatures: ReadonlyMap<number, Bls12381G1>,
): Uint8Array {
  const strangers = [...signatures.keys()].filter((index) => operators[index] === undefined);
  if (signatures.size === 0 || strangers.length > 0) {
    throw new OperatorError(
      "E_SIGNERS",
      `${signatures.size} signers, not in the set: ${strangers}`,
    );
  }
  const nonSigners = [...operators.keys()].filter((index) => !signatures.has(index));
  return concatBytes(
    uintBytes(epoch, 4),
    packG1(sumBls12381G1(signatures.values())),
    Uint8Array.from(nonSigners),
  );
}

/** What `bytes` prove in `context`. Never throws, whatever the bytes. */
export function verifyBls12381Certificate(
  bytes: Uint8Array,
  context: Bls12381Context,
): CertificateVerdict {
  const surplus = bytes.length - BLS12381_HEAD_BYTES;
  if (surplus < 0 || surplus > MAX_BLS12381_OPERATORS) return refused("InvalidEncoding");
  const reader = new ByteReader(bytes, "certificate");
  const epoch = reader.number(4);
  const signature = reader.take(PACKED_G1_BYTES);
  const nonSigners = reader.take(surplus);

  const known = context.epochOf(epoch);
  if (known === undefined) return refused("UnknownEpoch");
  if (!known.isValid) return refused("EpochExpired");
  const { operators } = known.set;
  const fault = faultOfSigners(nonSigners, operators.length);
  if (fault !== undefined) return refused(fault);
  const signers = operators.filter((_, index) => !nonSigners.includes(index));
  const pointFault = faultOfPoints(signature, signers, context.messageOf(epoch));
  if (pointFault !== undefined) return refused(pointFault);
  return { fault: "None", signedWeight: weightOf(signers), totalWeight: weightOf(operators) };
}

function faultOfSigners(nonSigners: Uint8Array, count: number): CertificateFault | undefined {
  let previous = -1;
  for (const index of nonSigners) {
    if (index <= previous) return "NonSignersNotAscending";
    previous = index;
  }
  if (previous >= count) return "NonSignerOutOfRange";
  return nonSigners.length === count ? "EmptySignerSet" : undefined;
}

function faultOfPoints(
  packed: Uint8Array,
  signers: readonly Bls12381Operator[],
  message: Digest,
): CertificateFault | undefined {
  const key = sumBls12381G2(signers.map((operator) => operator.key));
  if (isZero(packed)) return "ZeroSignature";
  if (key.is0()) return "ZeroAggregateKey";
  try {
    const hashed = hashToBls12381G1(message, "quorum");
    return isSignatureOf(unpackG1(packed), hashed, key) ? undefined : "InvalidSignature";
  } catch (error) {
    if (error instanceof OperatorError && error.code === "E_POINT") return "InvalidPoint";
    throw error;
  }
}

function weightOf(operators: readonly Bls12381Operator[]): bigint {
  return operators.reduce((sum, { weight }) => sum + weight, 0n);
}

function refused(fault: CertificateFault): CertificateVerdict {
  return { fault, signedWeight: 0n, totalWeight: 0n };
}
