import { ARTIFACT_KINDS, type ArtifactKindName } from "../../src/artifact/kinds.ts";
import { keccak256 } from "../../src/bytes/keccak.ts";
import type { PendingLeaf } from "../../src/commit/journal.ts";

/** A leaf of a content-addressed kind, ready for a journal. */
export function pendingLeaf(
  kind: ArtifactKindName,
  content: string,
): Omit<PendingLeaf, "position"> {
  const bytes = new TextEncoder().encode(content);
  return {
    namespace: ARTIFACT_KINDS[kind].namespace,
    id: keccak256(bytes),
    flags: 0,
    content: bytes,
  };
}
