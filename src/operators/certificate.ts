import type { Digest } from "../bytes/brand.ts";
import {
  type BatchCertificate,
  type BatchContext,
  decodeBatchCertificate,
  encodeBatchCertificate,
  type Hint,
  verifyBatchCertificate,
} from "./batchCertificate.ts";
import { type G1, type G2, sumG2 } from "./bn254.ts";
import type { CertificateVerdict } from "./certificateFault.ts";
import { OperatorError } from "./errors.ts";
import { hashToG1 } from "./hashToG1.ts";
import type { OperatorSet } from "./operatorSet.ts";
import { aggregateSignatures } from "./signature.ts";

export {
  CERTIFICATE_FAULTS,
  type CertificateFault,
  type CertificateVerdict,
} from "./certificateFault.ts";

/** Quorum certificates (docs/CommitMessage.md, "Certificate"): batch certificates over one message. */

/** Length of a certificate that names no non-signer. */
export const CERTIFICATE_HEAD_BYTES = 229;

/** A decoded certificate. */
export interface Certificate extends Hint {
  readonly epoch: number;
  readonly signature: G1;
  /** Sum of the signers' G2 keys. */
  readonly aggregateKeyG2: G2;
  /** Indices in the epoch's set, strictly ascending. */
  readonly nonSigners: readonly number[];
}

/** What a certificate is judged against. */
export interface CertificateContext extends Omit<BatchContext, "messagesOf"> {
  /** The message that operators of an epoch sign for the digest in question. */
  readonly messageOf: (epoch: number) => Digest;
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
  return encodeBatchCertificate(asBatch(certificate));
}

/**
 * The certificate that `bytes` spell; says nothing about whether it proves anything.
 * @throws {OperatorError} `E_CERTIFICATE` for a bad length, `E_POINT`
 */
export function decodeCertificate(bytes: Uint8Array): Certificate {
  const { hints, ...rest } = decodeBatchCertificate(bytes, 1);
  const [hint] = hints;
  if (hint === undefined) throw new OperatorError("E_CERTIFICATE", "no hint");
  return { ...rest, ...hint };
}

/** What `bytes` prove in `context`. Never throws, whatever the bytes. */
export function verifyCertificate(
  bytes: Uint8Array,
  context: CertificateContext,
): CertificateVerdict {
  const messagesOf = (epoch: number) => [context.messageOf(epoch)];
  return verifyBatchCertificate(bytes, 1, { ...context, messagesOf });
}

function asBatch({ counter, hintY, ...rest }: Certificate): BatchCertificate {
  return { ...rest, hints: [{ counter, hintY }] };
}
