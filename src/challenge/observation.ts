import type { Digest } from "../bytes/brand.ts";
import { equalBytes } from "../bytes/compare.ts";
import { type CommitDomain, commitDigest } from "../commit/message.ts";
import type { Decision } from "./decision.ts";
import type { CertifiedCommit } from "./evidence.ts";
import type { SignedCommit } from "./signedCommit.ts";

/**
 * What somebody saw a quorum sign. It accuses nobody: whether it does not fit the chain, who watches finds out
 * (`equivocation.ts`, `decisionFault.ts`).
 */

/** A commit with its certificate, landed or not. */
export interface CommitObservation extends CertifiedCommit {
  readonly kind: "certified-commit";
}

/** A decision with its certificate. */
export interface DecisionObservation {
  readonly kind: "decision";
  readonly decision: Decision;
  readonly certificate: Uint8Array;
}

export type Observation = CommitObservation | DecisionObservation;

/** Whether `piece` was seen, rather than made to accuse. */
export function isObservation(piece: { readonly kind: string }): piece is Observation {
  return piece.kind === "certified-commit" || piece.kind === "decision";
}

/** A commit that was signed for `domain`, alone or in a batch, as an observation. */
export function commitObservation(domain: CommitDomain, signed: SignedCommit): CommitObservation {
  const { commit, digests, certificate } = signed;
  const own = commitDigest(domain, commit);
  const at = digests.findIndex((digest) => equalBytes(digest, own));
  const [before, behind] = at < 0 ? [[], []] : [digests.slice(0, at), digests.slice(at + 1)];
  return { kind: "certified-commit", commit, before, behind, certificate };
}

/** What the certificate proves: the digest of the commit in its place among the others. */
export function digestsOf(domain: CommitDomain, certified: CertifiedCommit): readonly Digest[] {
  const { commit, before, behind } = certified;
  return [...before, commitDigest(domain, commit), ...behind];
}
