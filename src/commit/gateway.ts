import { checkArtifact } from "../artifact/intake.ts";
import { ARTIFACT_KINDS, type ArtifactKindName } from "../artifact/kinds.ts";
import type { ContentHash, TreeKey } from "../bytes/brand.ts";
import { StateError } from "../state/errors.ts";
import { contentKey } from "../state/key.ts";
import { areFlagsValid } from "../state/leaf.ts";
import type { CommitLane } from "./lane.ts";

/** What a gateway acknowledges: the artifact's identity, and that it is on disk. */
export interface Receipt {
  readonly chainId: bigint;
  readonly kind: ArtifactKindName;
  readonly contentHash: ContentHash;
  readonly key: TreeKey;
  readonly contentBytes: number;
  /** `pending` if it waits for a commit, `committed` if it is in the tree already. */
  readonly status: "pending" | "committed";
}

/**
 * Takes an artifact in for one chain: checked by its kind, and journalled before this returns. The same artifact may be
 * taken in any number of times; it becomes one leaf. Where `flags` (of its leaf) say that it is ciphertext, it is not looked
 * into.
 * @throws {ArtifactError} by what is wrong with the artifact
 * @throws {DurableError} if it cannot be journalled
 */
export function intakeArtifact(
  lane: CommitLane,
  kind: ArtifactKindName,
  content: Uint8Array,
  flags = 0,
): Receipt {
  if (!areFlagsValid(flags)) throw new StateError("E_LEAF", `flags ${flags}`);
  const contentHash = checkArtifact(kind, content, { isEncrypted: flags !== 0 });
  const { namespace } = ARTIFACT_KINDS[kind];
  const key = contentKey(namespace, contentHash);
  const isCommitted = lane.store.leaf(key) !== undefined;
  if (!isCommitted) lane.journal.add({ namespace, id: contentHash, flags, content });
  const status = isCommitted ? "committed" : "pending";
  return { chainId: lane.chainId, kind, contentHash, key, contentBytes: content.length, status };
}
