import type { TreeKey } from "../bytes/brand.ts";

/** Evidence as `ChallengeVerifier` takes it: everything in it can be checked against retained roots. */

/** An append-only leaf that a later commit replaced or removed. */
export interface RewriteEvidence {
  readonly kind: "rewrite";
  readonly key: TreeKey;
  readonly earlierSequenceNo: bigint;
  /** The 52-byte leaf record then. */
  readonly earlierRecord: Uint8Array;
  readonly earlierProof: Uint8Array;
  readonly laterSequenceNo: bigint;
  /** The record under the later root; empty if the leaf is absent there. */
  readonly laterRecord: Uint8Array;
  readonly laterProof: Uint8Array;
}

/** A committed leaf that breaks a rule of docs/StateTree.md. */
export interface MalformedLeafEvidence {
  readonly kind: "malformed-leaf";
  readonly key: TreeKey;
  readonly sequenceNo: bigint;
  readonly record: Uint8Array;
  readonly proof: Uint8Array;
}

export type Evidence = RewriteEvidence | MalformedLeafEvidence;

/** Verdicts of `ChallengeVerifier`, in the order of the contracts' enum. */
export const VERDICTS = [
  "Unset",
  "Proven",
  "NoFault",
  "AlreadyRecorded",
  "RootNotRetained",
  "SequenceOrder",
  "NotAppendOnly",
  "InvalidRecord",
  "InvalidInclusionProof",
  "InvalidLaterProof",
  "RecoveredBetween",
] as const;

/** Name of a verdict, as in the contracts' `Verdict`. */
export type Verdict = (typeof VERDICTS)[number];
