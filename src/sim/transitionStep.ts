import { type DaCertHash, type StateRoot, zero32 } from "../bytes/brand.ts";
import { compareBytes } from "../bytes/compare.ts";
import { keccak256 } from "../bytes/keccak.ts";
import type { SignedCommit } from "../challenge/signedCommit.ts";
import { type TransitionEvidence, transitionEvidence } from "../challenge/transitionEvidence.ts";
import { COMMIT_VERSION, type StateCommit } from "../commit/message.ts";
import { chunkCommitment } from "../state/chunk.ts";
import { CODECS } from "../state/codec.ts";
import { type Delta, type DeltaLeaf, encodeUncheckedDelta } from "../state/delta.ts";
import { leafRecord } from "../state/leaf.ts";
import { daCertHashOf, encodeManifest, type Manifest } from "../state/manifest.ts";
import { valueHash } from "../tree/hasher.ts";
import type { Update, VersionedTree } from "../tree/versionedTree.ts";

/** Commits of a tree without services, honest or not, with the evidence that judges them: for rehearsals and measurements. */

/** What is not as an honest quorum would have it. */
export interface TransitionLie {
  /** The root that is signed instead of the one that the leaves make. */
  readonly newStateRoot?: StateRoot;
  readonly delta?: Partial<Delta>;
  readonly manifest?: Partial<Manifest>;
  /** What becomes of the encoded bytes before they are hashed. */
  readonly editDelta?: (bytes: Uint8Array) => Uint8Array;
  readonly editManifest?: (bytes: Uint8Array) => Uint8Array;
}

/** The tree's updates by leaves of a delta. */
export function updatesBy(leaves: readonly DeltaLeaf[]): Update[] {
  return leaves.map((leaf) => {
    if (leaf.operation === "delete") return [leaf.key, null];
    return [leaf.key, valueHash(leafRecord(leaf.header, keccak256(leaf.content)))];
  });
}

/** Evidence of the next commit of `tree`, which writes `leaves`; the tree is left as it is. */
export function transitionStep(
  tree: VersionedTree,
  chainId: bigint,
  leaves: readonly DeltaLeaf[],
  lie: TransitionLie = {},
): TransitionEvidence {
  const sorted = [...leaves].sort((a, b) => compareBytes(a.key, b.key));
  const sequenceNo = tree.head + 1n;
  const prevStateRoot = sequenceNo === 1n ? zero32<StateRoot>() : tree.root();
  const newStateRoot = lie.newStateRoot ?? tree.stage(updatesBy(sorted)).newRoot;
  const honest = { chainId, sequenceNo, prevStateRoot, newStateRoot, leaves: sorted };
  const edit = lie.editDelta ?? ((bytes) => bytes);
  const delta = edit(encodeUncheckedDelta({ ...honest, ...lie.delta }));
  const chunks = [
    { length: delta.length, commitment: chunkCommitment(delta), pointer: keccak256(delta) },
  ];
  const { editManifest = (bytes: Uint8Array) => bytes } = lie;
  const deltaLength = delta.length;
  const plain = { chainId, sequenceNo, codec: CODECS.none, deltaLength, chunks };
  const manifest = editManifest(encodeManifest({ ...plain, ...lie.manifest }));
  const daCertHash: DaCertHash = daCertHashOf(manifest);
  return transitionEvidence(tree, signedStep({ ...honest, daCertHash }), manifest, delta);
}

/** A commit with these values that no certificate comes with. */
function signedStep(values: {
  readonly sequenceNo: bigint;
  readonly prevStateRoot: StateRoot;
  readonly newStateRoot: StateRoot;
  readonly daCertHash: DaCertHash;
}): SignedCommit {
  const { sequenceNo, prevStateRoot, newStateRoot, daCertHash } = values;
  const commit = {
    version: COMMIT_VERSION,
    sequenceNo,
    prevStateRoot,
    newStateRoot,
    timestamp: 1_800_000_000n + 120n * sequenceNo,
    daCertHash,
    pcr0Commitment: zero32<StateCommit["pcr0Commitment"]>(),
  };
  return { commit, digests: [], certificate: new Uint8Array(0) };
}
