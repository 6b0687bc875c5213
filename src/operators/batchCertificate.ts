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
  G1_ZERO,
  type G2,
  G2_BYTES,
  pairingIsOne,
  sumG1,
} from "./bn254.ts";
import type { Certificate } from "./certificate.ts";
import type { CertificateFault, CertificateVerdict } from "./certificateFault.ts";
import { OperatorError } from "./errors.ts";
import { pointFromHint } from "./hashToG1.ts";
import { MAX_OPERATORS, type OperatorSet } from "./operatorSet.ts";
import { halvesAgree, verifyBound } from "./signature.ts";

/**
 * Certificates over several messages of one epoch, each signed by the same operators (docs/CommitMessage.md, "Batch
 * certificate"). One over a single message is the certificate of that message, byte for byte. {@link verifyBatchCertificate}
 * is the twin of `BlsCertificate.proveBatch` and `CertificateFaults` on chain: same bytes, same fault.
 */

/** Most messages of one certificate. */
export const MAX_BATCH = 32;

const EPOCH_BYTES = 4;
const HINT_BYTES = 33;

/** Where a message lies on G1. */
export interface Hint {
  readonly counter: number;
  readonly hintY: bigint;
}

/** A decoded batch certificate. */
export interface BatchCertificate {
  readonly epoch: number;
  /** One per message, in their order. */
  readonly hints: readonly Hint[];
  /** Sum of the signatures over all messages. */
  readonly signature: G1;
  /** Sum of the signers' G2 keys. */
  readonly aggregateKeyG2: G2;
  /** Indices in the epoch's set, strictly ascending. */
  readonly nonSigners: readonly number[];
}

/** What a batch certificate is judged against. */
export interface BatchContext {
  /** The set of an epoch and the last second at which it is valid; `undefined` if there is no such epoch. */
  readonly epochOf: (
    epoch: number,
  ) => { readonly set: OperatorSet; readonly expiresAtSeconds: bigint } | undefined;
  /** The messages that operators of an epoch sign for the digests in question, in order; always as many. */
  readonly messagesOf: (epoch: number) => readonly Digest[];
  /** Block time, in seconds since 1970. */
  readonly nowSeconds: bigint;
}

/**
 * The batch certificate of certificates of one epoch and the same signers, in the order of their messages.
 * @throws {OperatorError} `E_CERTIFICATE` if there are none or more than 32, or epochs or signers differ
 */
export function mergeCertificates(certificates: readonly Certificate[]): BatchCertificate {
  const [first] = certificates;
  if (first === undefined || certificates.length > MAX_BATCH) {
    throw new OperatorError(
      "E_CERTIFICATE",
      `expected 1 to ${MAX_BATCH} certificates, got ${certificates.length}`,
    );
  }
  const { epoch, aggregateKeyG2, nonSigners } = first;
  for (const [position, other] of certificates.entries()) {
    const isSame =
      other.epoch === epoch &&
      other.aggregateKeyG2.equals(aggregateKeyG2) &&
      other.nonSigners.join() === nonSigners.join();
    if (!isSame) {
      throw new OperatorError("E_CERTIFICATE", `certificate ${position} has other signers`);
    }
  }
  return {
    epoch,
    hints: certificates.map(({ counter, hintY }) => ({ counter, hintY })),
    signature: sumG1(certificates.map(({ signature }) => signature)),
    aggregateKeyG2,
    nonSigners,
  };
}

/** 196 + 33 m + k bytes. @throws {OperatorError} `E_CERTIFICATE` for a bad count, or non-signers that are not one ascending byte each */
export function encodeBatchCertificate(certificate: BatchCertificate): Uint8Array {
  const { epoch, hints, signature, aggregateKeyG2, nonSigners } = certificate;
  if (hints.length < 1 || hints.length > MAX_BATCH) {
    throw new OperatorError(
      "E_CERTIFICATE",
      `expected 1 to ${MAX_BATCH} hints, got ${hints.length}`,
    );
  }
  for (const [position, index] of nonSigners.entries()) {
    const previous = nonSigners[position - 1] ?? -1;
    if (!Number.isInteger(index) || index <= previous || index >= MAX_OPERATORS) {
      throw new OperatorError("E_CERTIFICATE", `non-signer ${index} behind ${previous}`);
    }
  }
  return concatBytes(
    uintBytes(epoch, EPOCH_BYTES),
    ...hints.flatMap(({ counter, hintY }) => [uintBytes(counter, 1), uintBytes(hintY, 32)]),
    encodeG1(signature),
    encodeG2(aggregateKeyG2),
    Uint8Array.from(nonSigners),
  );
}

/**
 * The certificate over `messageCount` messages that `bytes` spell; says nothing about whether it proves anything.
 * @throws {OperatorError} `E_CERTIFICATE` for a bad length, `E_POINT`
 */
export function decodeBatchCertificate(bytes: Uint8Array, messageCount: number): BatchCertificate {
  const fields = readFields(bytes, messageCount);
  if (fields === undefined) {
    throw new OperatorError("E_CERTIFICATE", `${bytes.length} bytes for ${messageCount} messages`);
  }
  return {
    epoch: fields.epoch,
    hints: fields.hints,
    signature: decodeG1(fields.signature),
    aggregateKeyG2: decodeG2(fields.aggregateKeyG2),
    nonSigners: [...fields.nonSigners],
  };
}

/** What `bytes` prove of all messages of `context` together. Never throws, whatever the bytes. */
export function verifyBatchCertificate(
  bytes: Uint8Array,
  messageCount: number,
  context: BatchContext,
): CertificateVerdict {
  const fields = readFields(bytes, messageCount);
  if (fields === undefined) return refused("InvalidEncoding");
  const known = context.epochOf(fields.epoch);
  if (known === undefined) return refused("UnknownEpoch");
  if (context.nowSeconds > known.expiresAtSeconds) return refused("EpochExpired");

  const { set } = known;
  const fault =
    faultOfSigners(fields.nonSigners, set) ??
    faultOfPoints(fields, set, context.messagesOf(fields.epoch));
  if (fault !== undefined) return refused(fault);
  return {
    fault: "None",
    signedWeight: set.totalWeight - set.weightOf(fields.nonSigners),
    totalWeight: set.totalWeight,
  };
}

interface Fields {
  readonly epoch: number;
  readonly hints: readonly Hint[];
  readonly signature: Uint8Array;
  readonly aggregateKeyG2: Uint8Array;
  readonly nonSigners: Uint8Array;
}

function readFields(bytes: Uint8Array, messageCount: number): Fields | undefined {
  if (messageCount < 1 || messageCount > MAX_BATCH) return undefined;
  const headBytes = EPOCH_BYTES + HINT_BYTES * messageCount + G1_BYTES + G2_BYTES;
  const surplus = bytes.length - headBytes;
  if (surplus < 0 || surplus > MAX_OPERATORS) return undefined;
  const reader = new ByteReader(bytes, "certificate");
  return {
    epoch: reader.number(EPOCH_BYTES),
    hints: Array.from({ length: messageCount }, () => ({
      counter: reader.number(1),
      hintY: reader.uint(32),
    })),
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
  messages: readonly Digest[],
): CertificateFault | undefined {
  let keyG1 = set.aggregateKeyG1;
  for (const index of fields.nonSigners) keyG1 = keyG1.subtract(set.operatorAt(index).keyG1);
  if (isZero(fields.signature)) return "ZeroSignature";
  if (isZero(fields.aggregateKeyG2) || keyG1.is0()) return "ZeroAggregateKey";
  const hashed = sumOfHashes(fields.hints, messages);
  if (hashed === undefined) return "MessageMismatch";

  const signature = pointOrUndefined(() => decodeG1(fields.signature));
  const keyG2 = pointOrUndefined(() => decodeG2(fields.aggregateKeyG2));
  if (signature === undefined || keyG2 === undefined) return "InvalidPoint";
  if (fields.nonSigners.length === 0) {
    const isKeyOfSet = equalBytes(keccak256(fields.aggregateKeyG2), set.aggregateKeyHash);
    if (!isKeyOfSet) return "AggregateKeyMismatch";
    return pairingIsOne(signature, hashed, keyG2) ? undefined : "InvalidSignature";
  }
  const message = messageOfAll(messages);
  if (verifyBound({ message, hashed, signature, keyG1, keyG2 })) return undefined;
  return halvesAgree(keyG1, keyG2) ? "InvalidSignature" : "AggregateKeyMismatch";
}

/** The word that stands for all messages in γ: one itself, or the hash of several. */
function messageOfAll(messages: readonly Digest[]): Digest {
  const [only] = messages;
  return only !== undefined && messages.length === 1 ? only : keccak256<Digest>(...messages);
}

function sumOfHashes(hints: readonly Hint[], messages: readonly Digest[]): G1 | undefined {
  let sum = G1_ZERO;
  for (const [i, { counter, hintY }] of hints.entries()) {
    const message = messages[i];
    const point = message === undefined ? undefined : pointFromHint(message, counter, hintY);
    if (point === undefined) return undefined;
    sum = sum.add(point);
  }
  return sum;
}

function pointOrUndefined<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch (error) {
    if (error instanceof OperatorError && error.code === "E_POINT") return undefined;
    throw error;
  }
}
