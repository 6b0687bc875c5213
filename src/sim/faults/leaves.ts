import { ARTIFACT_KINDS } from "../../artifact/kinds.ts";
import type { ContentHash, TreeKey } from "../../bytes/brand.ts";
import { tag } from "../../bytes/codec.ts";
import { keccak256 } from "../../bytes/keccak.ts";
import type { DeltaLeaf } from "../../state/delta.ts";
import { contentKey } from "../../state/key.ts";
import { encodeHeader, HEADER_VERSION } from "../../state/leaf.ts";
import { HONEST_POLICY } from "./context.ts";

/** Content hash and key of the policy that the honest quorum committed. */
export const HONEST_HASH = keccak256<ContentHash>(HONEST_POLICY);
export const HONEST_KEY = contentKey(ARTIFACT_KINDS.rego.namespace, HONEST_HASH);

/** What a corrupt quorum would rather have. */
export const REPLACEMENT = tag("package honest\n\ndefault allow := true\n");

/** A leaf with other content than the honest policy's, at `key`, with a header that names `namespace`. */
export function replacementAt(key: TreeKey, namespace: number, sequenceNo: bigint): DeltaLeaf {
  const contentLength = BigInt(REPLACEMENT.length);
  const header = { version: HEADER_VERSION, flags: 0, contentLength, namespace, sequenceNo };
  return { operation: "put", key, header: encodeHeader(header), content: REPLACEMENT };
}
