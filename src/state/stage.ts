import type { Bytes32, TreeKey } from "../bytes/brand.ts";
import { compareBytes, equalBytes } from "../bytes/compare.ts";
import { type Hex, toHex } from "../bytes/hex.ts";
import { keccak256 } from "../bytes/keccak.ts";
import {
  assertArtifactSize,
  assertDeltaSize,
  type DeltaLeaf,
  encodedLength,
  type LeafPut,
} from "./delta.ts";
import { StateError } from "./errors.ts";
import { treeKeyOf } from "./key.ts";
import { areFlagsValid, decodeHeader, encodeHeader, HEADER_VERSION } from "./leaf.ts";
import { isAppendOnly, namespaceOf } from "./namespace.ts";
import type { LeafRow } from "./storeRows.ts";

/** From what somebody wants written to the leaves of the next delta. */

/** A leaf to write. */
export interface PutWrite {
  readonly operation: "put";
  readonly namespace: number;
  /** In the append-only namespaces the content hash. */
  readonly id: Bytes32;
  /** `FLAG_ENCRYPTED`, `FLAG_TEE_REQUIRED`. */
  readonly flags: number;
  readonly content: Uint8Array;
}

/** A leaf to remove. */
export interface DeleteWrite {
  readonly operation: "delete";
  readonly key: TreeKey;
}

export type LeafWrite = PutWrite | DeleteWrite;

/** What the writes apply to. */
export interface StageContext {
  /** The commit they will be part of. */
  readonly sequenceNo: bigint;
  /** The leaf as it is now, or nothing. */
  readonly current: (key: TreeKey) => LeafRow["live"] | undefined;
}

/**
 * The leaves of the delta, in key order. An append-only leaf that is there already, with the same flags, and the removal of
 * an absent leaf are left out.
 * @throws {StateError} `E_NAMESPACE`, `E_LEAF`, `E_CONTENT_ID`, `E_APPEND_ONLY`, `E_ARTIFACT_TOO_LARGE`,
 *   `E_DELTA_TOO_LARGE`, `E_DUPLICATE_KEY`
 */
export function stageWrites(writes: readonly LeafWrite[], context: StageContext): DeltaLeaf[] {
  const seen = new Set<Hex>();
  const leaves: DeltaLeaf[] = [];
  let contentBytes = 0;
  for (const write of writes) {
    const key = write.operation === "put" ? treeKeyOf(write.namespace, write.id) : write.key;
    const name = toHex(key);
    if (seen.has(name)) throw new StateError("E_DUPLICATE_KEY", `two writes of ${name}`);
    seen.add(name);
    const leaf =
      write.operation === "put" ? stagePut(key, write, context) : stageDelete(key, context);
    if (leaf === undefined) continue;
    if (leaf.operation === "put") contentBytes += leaf.content.length;
    leaves.push(leaf);
  }
  assertDeltaSize(contentBytes, encodedLength(leaves));
  return leaves.sort((a, b) => compareBytes(a.key, b.key));
}

function stagePut(key: TreeKey, write: PutWrite, context: StageContext): LeafPut | undefined {
  const { namespace, flags, content } = write;
  const at = toHex(key);
  if (!areFlagsValid(flags)) throw new StateError("E_LEAF", `${at}: ReservedFlags, got ${flags}`);
  if (content.length === 0) throw new StateError("E_LEAF", `${at}: EmptyContent`);
  assertArtifactSize(content.length);
  if (isAppendOnly(namespace)) {
    const contentHash = keccak256(content);
    if (!equalBytes(contentHash, write.id)) {
      const got = toHex(write.id);
      throw new StateError("E_CONTENT_ID", `id: expected ${toHex(contentHash)}, got ${got}`);
    }
    const current = context.current(key);
    if (current) {
      const isSame = equalBytes(current.contentHash, contentHash);
      if (isSame && decodeHeader(current.header).flags === flags) return undefined;
      throw new StateError("E_APPEND_ONLY", `${at}: expected the leaf that is there`);
    }
  }
  const header = encodeHeader({
    version: HEADER_VERSION,
    namespace,
    flags,
    contentLength: BigInt(content.length),
    sequenceNo: context.sequenceNo,
  });
  // A copy: the caller may reuse its buffer before the commit.
  return { operation: "put", key, header, content: content.slice() };
}

function stageDelete(key: TreeKey, { current }: StageContext): DeltaLeaf | undefined {
  // Rejects a first byte that is no namespace.
  treeKeyOf(namespaceOf(key), key);
  if (isAppendOnly(namespaceOf(key))) {
    throw new StateError("E_APPEND_ONLY", `${toHex(key)}: expected no deletion`);
  }
  return current(key) ? { operation: "delete", key } : undefined;
}
