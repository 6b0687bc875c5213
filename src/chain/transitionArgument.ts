import { toHex } from "../bytes/hex.ts";
import type { SignedCommit } from "../challenge/signedCommit.ts";
import type { TransitionEvidence } from "../challenge/transitionEvidence.ts";
import { commitArgument } from "./commitArgument.ts";

/** The ABI form of a signed commit. */
export function signedCommitStruct({ commit, digests, certificate }: SignedCommit) {
  return {
    commit: commitArgument(commit),
    digests: digests.map((digest) => toHex(digest)),
    certificate: toHex(certificate),
  };
}

/** The ABI form of evidence. */
export function transitionStruct(evidence: TransitionEvidence) {
  return {
    signed: signedCommitStruct(evidence.signed),
    manifest: toHex(evidence.manifest),
    delta: toHex(evidence.delta),
    oldValueHashes: evidence.oldValueHashes.map((hash) => toHex(hash)),
    proof: toHex(evidence.proof),
    openings: toHex(evidence.openings),
  };
}
