/** What judging a certificate can say, for one message or several. */

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

/** What a certificate proves. Weights are zero unless `fault` is `None`. */
export interface CertificateVerdict {
  readonly fault: CertificateFault;
  readonly signedWeight: bigint;
  readonly totalWeight: bigint;
}
