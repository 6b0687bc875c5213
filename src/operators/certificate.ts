import type { Digest } from "../bytes/brand.ts";
import { ByteReader, concatBytes, uintBytes } from "../bytes/codec.ts";
import { equalBytes, isZero } from "../bytes/compare.ts";
import { keccak256 } from "../bytes/keccak.ts";
import {
  decodeG1,
  decodeG2,
  encodeG1,
  encodeG2,
  type G1,
  G1_BYTES,
  type G2,
  G2_BYTES,
  pairingIsOne,
  sumG2,
} from "./bn254.ts";
import { OperatorError } from "./errors.ts";
import { hashToG1, pointFromHint } from "./hashToG1.ts";
import { MAX_OPERATORS, type OperatorSet } from "./operatorSet.ts";
import { aggregateSignatures, halvesAgree, verifyBound } from "./signature.ts";

/**
 * Quorum certificates (docs/CommitMessage.md, "Certificate"). {@link verifyCertificate} is the twin of
 * `BlsCertificate.verify` on chain: same bytes, same fault.
 */

/** Why a certificate proves nothing, in the order in which faults are found; the index is the contracts' enum value. */
export const CERTIFICATE_FAULTS = [
  "None",
  "InvalidEncoding",
  "UnknownEpoch",
  "EpochExpired",
  "NonSignersNotAscending",
  "NonSignerOutOfRange",
  "EmptySignerSet",
  "ZeroSignature",
  "ZeroAggregateKey",
  "MessageMismatch",
  "InvalidPoint",
  "AggregateKeyMismatch",
  "InvalidSignature",
] as const;

/** Name of a fault, as in the contracts' `CertificateFault`. */
export type CertificateFault = (typeof CERTIFICATE_FAULTS)[number];

/** Length of a certificate that names no non-signer. */
export const CERTIFICATE_HEAD_BYTES = 229;

/** A decoded certificate. */
export interface Certificate {
  readonly epoch: number;
  readonly counter: number;
  readonly hintY: bigint;
  readonly signature: G1;
  /** Sum of the signers' G2 keys. */
  readonly aggregateKeyG2: G2;
  /** Indices in the epoch's set, strictly ascending. */
  readonly nonSigners: readonly number[];
}

/** What a certificate is judged against. */
export interface CertificateContext {
  /** The set of an epoch and the last second at which it is valid; `undefined` if there is no such epoch. */
  readonly epochOf: (
    epoch: number,
  ) => { readonly set: OperatorSet; readonly expiresAtSeconds: bigint } | undefined;
  /** The message that operators of an epoch sign for the digest in question. */
  readonly messageOf: (epoch: number) => Digest;
  /** Block time, in seconds since 1970. */
  readonly nowSeconds: bigint;
}

/** What a certificate proves. Weights are zero unless `fault` is `None`. */
export interface CertificateVerdict {
  readonly fault: CertificateFault;
  readonly signedWeight: bigint;
  readonly totalWeight: bigint;
}

/**
 * Certificate of the operators at the indices in `signatures` over `message`. It is as good as the signatures: verify
 * each before. @throws {OperatorError} `E_SIGNERS` if nobody signed or an index is out of range
 */
export function buildCertificate(
  set: OperatorSet,
  message: Digest,
  signatures: ReadonlyMap<number, G1>,
): Certificate {
  const nonSigners = set.complementOf(signatures.keys());
  const signature = aggregateSignatures([...signatures.values()]);
  const keys = [...signatures.keys()].map((index) => set.operatorAt(index).keyG2);
  const { counter, hintY } = hashToG1(message);
  return {
    epoch: set.epoch,
    counter,
    hintY,
    signature,
    aggregateKeyG2: nonSigners.length === 0 ? set.aggregateKeyG2 : sumG2(keys),
    nonSigners,
  };
}

/** 229 + k bytes. @throws {OperatorError} `E_CERTIFICATE` if the non-signers are not one ascending byte each */
export function encodeCertificate(certificate: Certificate): Uint8Array {
  const { epoch, counter, hintY, signature, aggregateKeyG2, nonSigners } = certificate;
  for (const [position, index] of nonSigners.entries()) {
    const previous = nonSigners[position - 1] ?? -1;
    if (!Number.isInteger(index) || index <= previous || index >= MAX_OPERATORS) {
      throw new OperatorError("E_CERTIFICATE", `non-signer ${index} behind ${previous}`);
    }
  }
  return concatBytes(
    uintBytes(epoch, 4),
    uintBytes(counter, 1),
    uintBytes(hintY, 32),
    encodeG1(signature),
    encodeG2(aggregateKeyG2),
    Uint8Array.from(nonSigners),
  );
}

/**
 * The certificate that `bytes` spell; says nothing about whether it proves anything.
 * @throws {OperatorError} `E_CERTIFICATE` for a bad length, `E_POINT`
 */
export function decodeCertificate(bytes: Uint8Array): Certificate {
  const fields = readFields(bytes);
  if (fields === undefined) {
    throw new OperatorError("E_CERTIFICATE", `expected 229 to 485 bytes, got ${bytes.length}`);
  }
  return {
    epoch: fields.epoch,
    counter: fields.counter,
    hintY: fields.hintY,
    signature: decodeG1(fields.signature),
    aggregateKeyG2: decodeG2(fields.aggregateKeyG2),
    nonSigners: [...fields.nonSigners],
  };
}

/** What `bytes` prove in `context`. Never throws, whatever the bytes. */
export function verifyCertificate(
  bytes: Uint8Array,
  context: CertificateContext,
): CertificateVerdict {
  const fields = readFields(bytes);
  if (fields === undefined) return refused("InvalidEncoding");
  const known = context.epochOf(fields.epoch);
  if (known === undefined) return refused("UnknownEpoch");
  if (context.nowSeconds > known.expiresAtSeconds) return refused("EpochExpired");

  const { set } = known;
  const fault =
    faultOfSigners(fields.nonSigners, set) ??
    faultOfPoints(fields, set, context.messageOf(fields.epoch));
  if (fault !== undefined) return refused(fault);
  return {
    fault: "None",
    signedWeight: set.totalWeight - set.weightOf(fields.nonSigners),
    totalWeight: set.totalWeight,
  };
}

interface Fields {
  readonly epoch: number;
  readonly counter: number;
  readonly hintY: bigint;
  readonly signature: Uint8Array;
  readonly aggregateKeyG2: Uint8Array;
  readonly nonSigners: Uint8Array;
}

function readFields(bytes: Uint8Array): Fields | undefined {
  const surplus = bytes.length - CERTIFICATE_HEAD_BYTES;
  if (surplus < 0 || surplus > MAX_OPERATORS) return undefined;
  const reader = new ByteReader(bytes, "certificate");
  return {
    epoch: reader.number(4),
    counter: reader.number(1),
    hintY: reader.uint(32),
    signature: reader.take(G1_BYTES),
    aggregateKeyG2: reader.take(G2_BYTES),
    nonSigners: reader.take(surplus),
  };
}

function refused(fault: CertificateFault): CertificateVerdict {
  return { fault, signedWeight: 0n, totalWeight: 0n };
}

function faultOfSigners(nonSigners: Uint8Array, set: OperatorSet): CertificateFault | undefined {
  let previous = -1;
  for (const index of nonSigners) {
    if (index <= previous) return "NonSignersNotAscending";
    previous = index;
  }
  if (previous >= set.operators.length) return "NonSignerOutOfRange";
  return nonSigners.length === set.operators.length ? "EmptySignerSet" : undefined;
}

function faultOfPoints(
  fields: Fields,
  set: OperatorSet,
  message: Digest,
): CertificateFault | undefined {
  const isFullSet = fields.nonSigners.length === 0;
  let keyG1 = set.aggregateKeyG1;
  for (const index of fields.nonSigners) keyG1 = keyG1.subtract(set.operatorAt(index).keyG1);
  if (isZero(fields.signature)) return "ZeroSignature";
  if (isZero(fields.aggregateKeyG2) || keyG1.is0()) return "ZeroAggregateKey";
  const hashed = pointFromHint(message, fields.counter, fields.hintY);
  if (hashed === undefined) return "MessageMismatch";

  const signature = pointOrUndefined(() => decodeG1(fields.signature));
  const keyG2 = pointOrUndefined(() => decodeG2(fields.aggregateKeyG2));
  if (signature === undefined || keyG2 === undefined) return "InvalidPoint";
  if (isFullSet) {
    const isKeyOfSet = equalBytes(keccak256(fields.aggregateKeyG2), set.aggregateKeyHash);
    if (!isKeyOfSet) return "AggregateKeyMismatch";
    return pairingIsOne(signature, hashed, keyG2) ? undefined : "InvalidSignature";
  }
  if (verifyBound({ message, hashed, signature, keyG1, keyG2 })) return undefined;
  return halvesAgree(keyG1, keyG2) ? "InvalidSignature" : "AggregateKeyMismatch";
}

function pointOrUndefined<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch (error) {
    if (error instanceof OperatorError && error.code === "E_POINT") return undefined;
    throw error;
  }
}
