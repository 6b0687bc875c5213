import { isZero } from "../bytes/compare.ts";
import { CODECS, RAW_DELTA_BYTES } from "../state/codec.ts";
import { StateError } from "../state/errors.ts";
import { type DeltaSource, fetchPayload } from "../state/fetch.ts";
import { decodeManifest } from "../state/manifest.ts";
import type { StateStore } from "../state/store.ts";
import { VersionedTree } from "../tree/versionedTree.ts";
import { ChallengeError } from "./errors.ts";
import type { SignedCommit } from "./signedCommit.ts";
import { type TransitionEvidence, transitionEvidence } from "./transitionEvidence.ts";
import { judgeTransition } from "./transitionFault.ts";

/** Finds commits whose root does not follow from the state before and their delta, from what is public. */

const NOTHING = new Uint8Array(0);

/**
 * Evidence that `signed` does not follow from the state of `store`, which stands at the commit before; nothing for an honest
 * commit, for one whose delta no contract can judge, and for a heartbeat.
 * @throws as {@link transitionOf}
 */
export async function examineTransition(
  store: StateStore,
  source: DeltaSource,
  signed: SignedCommit,
): Promise<TransitionEvidence | undefined> {
  const evidence = await transitionOf(store, source, signed);
  if (evidence === undefined) return undefined;
  const { verdict } = judgeTransition(evidence, store.chainId);
  return verdict === "Proven" ? evidence : undefined;
}

/**
 * Evidence about `signed`, faulty or not; without a delta where that is out of the contract's reach; none for a heartbeat.
 * @throws {ChallengeError} `E_NOT_NEXT`
 * @throws {DaError} if manifest or chunk cannot be had: what `withheld-data` is about
 */
export async function transitionOf(
  store: StateStore,
  source: DeltaSource,
  signed: SignedCommit,
): Promise<TransitionEvidence | undefined> {
  const { commit } = signed;
  if (commit.sequenceNo !== store.head.sequenceNo + 1n) {
    const said = `store is at ${store.head.sequenceNo}, the commit is ${commit.sequenceNo}`;
    throw new ChallengeError("E_NOT_NEXT", said);
  }
  if (isZero(commit.daCertHash)) return undefined;
  const manifest = await source.manifest(commit.daCertHash);
  const delta = await smallDelta(source, manifest);
  const before = VersionedTree.restore(store.head.sequenceNo, store.entries());
  return transitionEvidence(before, signed, manifest, delta);
}

/** The delta, if it is raw and short enough to be judged; nothing of a malformed manifest. */
async function smallDelta(source: DeltaSource, manifestBytes: Uint8Array): Promise<Uint8Array> {
  try {
    const manifest = decodeManifest(manifestBytes);
    if (manifest.deltaLength > RAW_DELTA_BYTES || manifest.codec !== CODECS.none) return NOTHING;
    return await fetchPayload(source, manifest, {});
  } catch (error) {
    if (error instanceof StateError) return NOTHING;
    throw error;
  }
}
