import type { ContentHash } from "../bytes/brand.ts";
import { contentKey } from "./key.ts";
import { HEADER_BYTES } from "./leaf.ts";
import type { StateStore } from "./store.ts";

/** That an artifact's leaf is in the state, as the registries take it: with the content hash it gives leaf and key. */
export interface ArtifactProof {
  readonly sequenceNo: bigint;
  /** `LeafHeaderV1`, 20 bytes. */
  readonly header: Uint8Array;
  /** Packed inclusion proof. */
  readonly proof: Uint8Array;
}

/**
 * Proof that the artifact with `contentHash` was in `namespace` after commit `sequenceNo`; nothing if it was not.
 * @throws {StateError} as `StateStore.leaf` and `StateStore.prove`
 */
export function artifactProofOf(
  store: StateStore,
  namespace: number,
  contentHash: ContentHash,
  sequenceNo: bigint = store.head.sequenceNo,
): ArtifactProof | undefined {
  const key = contentKey(namespace, contentHash);
  const leaf = store.leaf(key, sequenceNo);
  if (leaf === undefined) return undefined;
  const header = leaf.record.slice(0, HEADER_BYTES);
  return { sequenceNo, header, proof: store.prove(key, sequenceNo) };
}
