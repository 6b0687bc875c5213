import { bytes32, type ContentHash, type TreeKey } from "../bytes/brand.ts";
import { ByteReader, concatBytes, uintBytes } from "../bytes/codec.ts";
import { equalBytes } from "../bytes/compare.ts";
import { contentKey } from "./key.ts";
import { isAppendOnly, NAMESPACES, namespaceOf } from "./namespace.ts";

/**
 * Leaf records: `LeafHeaderV1` and content hash (docs/StateTree.md, "Leaf records"). The rules, and the order in which a
 * broken one is named, are those of `contracts/libraries/LeafRecord.sol`.
 */

export const HEADER_VERSION = 1;
export const HEADER_BYTES = 20;
export const RECORD_BYTES = 52;

/** The stored bytes are ciphertext. */
export const FLAG_ENCRYPTED = 1;
/** The content may be used only inside an attested enclave; only with {@link FLAG_ENCRYPTED}. */
export const FLAG_TEE_REQUIRED = 2;

/** The faults of a leaf, in the order of `enum LeafFault` (contracts/types/LeafFault.sol), which explains each. */
export const LEAF_FAULTS = [
  "None",
  "RecordLength",
  "HeaderVersion",
  "UnknownNamespace",
  "NamespaceMismatch",
  "ReservedFlags",
  "EmptyContent",
  "SequenceOutOfRange",
  "KeyMismatch",
] as const;

/** Which rule a leaf breaks; `None` if it keeps them all. */
export type LeafFault = (typeof LEAF_FAULTS)[number];

/** The fields of a header, as they are: a malformed one can be read too. */
export interface LeafHeader {
  readonly version: number;
  readonly namespace: number;
  readonly flags: number;
  /** Bytes of content. */
  readonly contentLength: bigint;
  /** The commit that wrote the leaf. */
  readonly sequenceNo: bigint;
}

/** The 20 bytes of `header`. @throws {BytesError} `E_RANGE` if a field does not fit its width */
export function encodeHeader(header: LeafHeader): Uint8Array {
  return concatBytes(
    uintBytes(header.version, 1),
    uintBytes(header.namespace, 1),
    uintBytes(header.flags, 2),
    uintBytes(header.contentLength, 8),
    uintBytes(header.sequenceNo, 8),
  );
}

/** The fields of a 20-byte header. @throws {BytesError} `E_TRUNCATED`, `E_TRAILING` for another length */
export function decodeHeader(bytes: Uint8Array): LeafHeader {
  const reader = new ByteReader(bytes, "leaf header");
  const header = {
    version: reader.number(1),
    namespace: reader.number(1),
    flags: reader.number(2),
    contentLength: reader.uint(8),
    sequenceNo: reader.uint(8),
  };
  reader.end();
  return header;
}

/** The 52 bytes whose keccak256 the tree holds. */
export function leafRecord(header: Uint8Array, contentHash: ContentHash): Uint8Array {
  return concatBytes(header, contentHash);
}

/** The content hash that a 52-byte record ends with. */
export function contentHashOf(record: Uint8Array): ContentHash {
  return bytes32<ContentHash>(record.slice(HEADER_BYTES), "content hash");
}

/** Whether a header may carry `flags`. */
export function areFlagsValid(flags: number): boolean {
  const known = FLAG_ENCRYPTED | FLAG_TEE_REQUIRED;
  return (flags & ~known) === 0 && flags !== FLAG_TEE_REQUIRED;
}

/** The first rule that the leaf at `key`, proved under commit `provedUnder`, breaks. */
export function checkLeaf(key: TreeKey, record: Uint8Array, provedUnder: bigint): LeafFault {
  if (record.length !== RECORD_BYTES) return "RecordLength";
  const header = decodeHeader(record.subarray(0, HEADER_BYTES));
  if (header.version !== HEADER_VERSION) return "HeaderVersion";
  if (!NAMESPACES.has(header.namespace)) return "UnknownNamespace";
  if (header.namespace !== namespaceOf(key)) return "NamespaceMismatch";
  if (!areFlagsValid(header.flags)) return "ReservedFlags";
  if (header.contentLength === 0n) return "EmptyContent";
  if (header.sequenceNo === 0n || header.sequenceNo > provedUnder) return "SequenceOutOfRange";
  if (!isAppendOnly(header.namespace)) return "None";
  const expected = contentKey(header.namespace, contentHashOf(record));
  return equalBytes(key, expected) ? "None" : "KeyMismatch";
}
