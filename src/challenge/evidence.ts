import type { Digest, TreeKey } from "../bytes/brand.ts";
import type { StateCommit } from "../commit/message.ts";
import type { PolicyDataTemplate, PolicyInstanceId, PolicyTemplate } from "../policy/ids.ts";
import type { Decision } from "./decision.ts";

/**
 * Evidence as `ChallengeVerifier` and `DecisionChallengeVerifier` take it: everything in it can be checked against retained
 * roots, certificates and what registries have on record.
 */

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

/** A commit with the certificate over it, alone or among others. */
export interface CertifiedCommit {
  readonly commit: StateCommit;
  /** Digests that the certificate proves, too, in front of the commit's and behind it; none for a certificate of one. */
  readonly before: readonly Digest[];
  readonly behind: readonly Digest[];
  readonly certificate: Uint8Array;
}

/** Two roots certified for one sequence number. */
export interface EquivocationEvidence {
  readonly kind: "equivocation";
  readonly one: CertifiedCommit;
  readonly other: CertifiedCommit;
}

/** What a later root holds in the place of an artifact. */
export interface LaterLeaf {
  /** Later than the newest commit at the registration, or at the deployment of the instance. */
  readonly sequenceNo: bigint;
  /** Empty if there is no leaf. */
  readonly record: Uint8Array;
  readonly proof: Uint8Array;
}

/** An artifact of a registered template that is lost. */
export interface DanglingTemplateEvidence {
  readonly kind: "dangling-template";
  readonly template: PolicyTemplate;
  /** 0 the Rego module, 1 the params schema. */
  readonly artifactIndex: number;
  readonly later: LaterLeaf;
}

/** An artifact of a registered data template that is lost. */
export interface DanglingDataEvidence {
  readonly kind: "dangling-data";
  readonly template: PolicyDataTemplate;
  /** 0 the plugin, 1 args, 2 output, 3 secrets schema. */
  readonly artifactIndex: number;
  readonly later: LaterLeaf;
}

/** Params of an instance, kept as a leaf, that are lost. */
export interface DanglingParamsEvidence {
  readonly kind: "dangling-params";
  readonly policyInstanceId: PolicyInstanceId;
  readonly later: LaterLeaf;
}

/** A certified decision that names a ref or an id that is not derived from its parts. */
export interface WrongIdentityEvidence {
  readonly kind: "wrong-identity";
  readonly decision: Decision;
  readonly certificate: Uint8Array;
}

/** A certified decision under an instance that was not its client's current one. */
export interface StaleInstanceEvidence {
  readonly kind: "stale-instance";
  readonly decision: Decision;
  readonly certificate: Uint8Array;
}

export type Evidence =
  | RewriteEvidence
  | MalformedLeafEvidence
  | EquivocationEvidence
  | DanglingTemplateEvidence
  | DanglingDataEvidence
  | DanglingParamsEvidence
  | WrongIdentityEvidence
  | StaleInstanceEvidence;

/** Faults of the contracts, in the order of their enum. */
export const QUORUM_FAULTS = [
  "None",
  "LeafRewritten",
  "LeafRemoved",
  "MalformedLeaf",
  "Equivocation",
  "DanglingRegistration",
  "WrongIdentity",
  "StaleInstance",
  "InvalidTransition",
  "WithheldData",
] as const;

/** Name of a fault, as in the contracts' `QuorumFault`. */
export type QuorumFault = (typeof QUORUM_FAULTS)[number];

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
  "SequenceMismatch",
  "CertificateRefused",
  "InsufficientQuorum",
  "UnknownRegistration",
  "BlockNotPast",
] as const;

/** Name of a verdict, as in the contracts' `Verdict`. */
export type Verdict = (typeof VERDICTS)[number];
