import { bytes32, type StateRoot, type TreeKey } from "../bytes/brand.ts";
import { ByteReader, uintBytes } from "../bytes/codec.ts";
import { compareBytes, isZero } from "../bytes/compare.ts";
import { BytesError } from "../bytes/errors.ts";
import { toHex } from "../bytes/hex.ts";
import { keccak256 } from "../bytes/keccak.ts";
import { StateError } from "./errors.ts";
import { checkLeaf, decodeHeader, HEADER_BYTES, type LeafHeader, leafRecord } from "./leaf.ts";
import { isAppendOnly, NAMESPACES, namespaceOf } from "./namespace.ts";

/**
 * Deltas: what takes version n − 1 of the tree to n, with the bytes (docs/StateTree.md, "Deltas"). One delta has one
 * encoding, and {@link decodeDelta} takes no other byte string.
 */

export const DELTA_VERSION = 1;
/** Artifact bytes of one delta: 50 MiB. */
export const MAX_COMMIT_BYTES = 52_428_800;
/** Bytes of one artifact: 32 MiB. */
export const MAX_ARTIFACT_BYTES = 33_554_432;
/** Bytes of one encoded delta: 64 MiB. */
export const MAX_DELTA_BYTES = 67_108_864;
/** Version, chainId, sequenceNo, both roots, leafCount. */
export const DELTA_HEADER_BYTES = 1 + 8 + 8 + 32 + 32 + 4;

const OPERATION_DELETE = 0;
const OPERATION_PUT = 1;
/** Tree key and operation: the least a leaf takes. */
const MIN_LEAF_BYTES = 33;

/** A leaf written, with its content. */
export interface LeafPut {
  readonly operation: "put";
  readonly key: TreeKey;
  /** `LeafHeaderV1`, 20 bytes. */
  readonly header: Uint8Array;
  readonly content: Uint8Array;
}

/** A leaf removed; only in the namespaces that are not append-only. */
export interface LeafDelete {
  readonly operation: "delete";
  readonly key: TreeKey;
}

export type DeltaLeaf = LeafPut | LeafDelete;

export interface Delta {
  readonly chainId: bigint;
  readonly sequenceNo: bigint;
  /** Zero for sequence number 1. */
  readonly prevStateRoot: StateRoot;
  readonly newStateRoot: StateRoot;
  /** In strictly ascending key order. */
  readonly leaves: readonly DeltaLeaf[];
}

/**
 * Checks every rule that a delta alone can break; the roots are checked by whoever holds the tree.
 * @throws {StateError} `E_DELTA_SEQUENCE`, `E_DELTA_GENESIS`, `E_DELTA_ORDER`, `E_NAMESPACE`, `E_APPEND_ONLY`, `E_LENGTH`,
 *   `E_LEAF`, `E_ARTIFACT_TOO_LARGE`, `E_DELTA_TOO_LARGE`
 */
export function assertDelta(delta: Delta): void {
  const { sequenceNo, prevStateRoot, leaves } = delta;
  if (sequenceNo < 1n) throw new StateError("E_DELTA_SEQUENCE", "sequenceNo: expected at least 1");
  if ((sequenceNo === 1n) !== isZero(prevStateRoot)) {
    const got = `${toHex(prevStateRoot)} in commit ${sequenceNo}`;
    throw new StateError("E_DELTA_GENESIS", `prevStateRoot: zero in commit 1 only, got ${got}`);
  }
  let contentBytes = 0;
  leaves.forEach((leaf, i) => {
    const previous = leaves[i - 1];
    if (previous !== undefined && compareBytes(previous.key, leaf.key) >= 0) {
      throw new StateError("E_DELTA_ORDER", `${toHex(leaf.key)}: expected ascending keys`);
    }
    assertLeaf(leaf, sequenceNo);
    if (leaf.operation === "put") contentBytes += leaf.content.length;
  });
  assertDeltaSize(contentBytes, encodedLength(leaves));
}

/** @throws {StateError} `E_DELTA_TOO_LARGE` */
export function assertDeltaSize(contentBytes: number, deltaBytes: number): void {
  if (contentBytes > MAX_COMMIT_BYTES || deltaBytes > MAX_DELTA_BYTES) {
    throw new StateError(
      "E_DELTA_TOO_LARGE",
      `expected at most ${MAX_COMMIT_BYTES} bytes of content and ${MAX_DELTA_BYTES} in all, got ${contentBytes} and ${deltaBytes}`,
    );
  }
}

/** Bytes of a delta with these leaves. */
export function encodedLength(leaves: readonly DeltaLeaf[]): number {
  return leaves.reduce((sum, leaf) => sum + leafBytes(leaf), DELTA_HEADER_BYTES);
}

/**
 * The bytes of `delta`.
 * @throws {StateError} as {@link assertDelta}
 * @throws {BytesError} `E_RANGE` if chainId or sequenceNo is not a u64
 */
export function encodeDelta(delta: Delta): Uint8Array {
  assertDelta(delta);
  return encodeUncheckedDelta(delta);
}

/** As {@link encodeDelta} for any delta at all: what a corrupt quorum publishes. */
export function encodeUncheckedDelta(delta: Delta): Uint8Array {
  const out = new Uint8Array(encodedLength(delta.leaves));
  let offset = 0;
  const write = (...parts: readonly Uint8Array[]) => {
    for (const part of parts) {
      out.set(part, offset);
      offset += part.length;
    }
  };
  write(uintBytes(DELTA_VERSION, 1), uintBytes(delta.chainId, 8), uintBytes(delta.sequenceNo, 8));
  write(delta.prevStateRoot, delta.newStateRoot, uintBytes(delta.leaves.length, 4));
  for (const leaf of delta.leaves) {
    if (leaf.operation === "delete") write(leaf.key, Uint8Array.of(OPERATION_DELETE));
    else write(leaf.key, Uint8Array.of(OPERATION_PUT), leaf.header, leaf.content);
  }
  return out;
}

/**
 * The delta that `bytes` encode; keys, headers and contents are views of them.
 * @throws {StateError} `E_VERSION`; `E_LENGTH` if a length or count disagrees with the bytes present;
 *   `E_DELTA_OPERATION`; and as {@link assertDelta}
 */
export function decodeDelta(bytes: Uint8Array): Delta {
  const delta = parseDelta(bytes);
  assertDelta(delta);
  return delta;
}

/**
 * As {@link decodeDelta}, but of a delta whose leaves may break every rule: for those who look for broken rules.
 * @throws {StateError} `E_VERSION`, `E_LENGTH`, `E_DELTA_OPERATION`, `E_DELTA_TOO_LARGE`, `E_ARTIFACT_TOO_LARGE`
 */
export function parseDelta(bytes: Uint8Array): Delta {
  assertDeltaSize(0, bytes.length);
  try {
    return readDelta(new ByteReader(bytes, "delta"));
  } catch (cause) {
    if (!(cause instanceof BytesError)) throw cause;
    throw new StateError("E_LENGTH", cause.message, { cause });
  }
}

function readDelta(reader: ByteReader): Delta {
  const version = reader.number(1);
  if (version !== DELTA_VERSION) {
    throw new StateError("E_VERSION", `delta: expected version ${DELTA_VERSION}, got ${version}`);
  }
  const head = {
    chainId: reader.uint(8),
    sequenceNo: reader.uint(8),
    prevStateRoot: bytes32<StateRoot>(reader.take(32)),
    newStateRoot: bytes32<StateRoot>(reader.take(32)),
  };
  const leafCount = reader.number(4);
  if (leafCount * MIN_LEAF_BYTES > reader.remaining) {
    const got = `${leafCount} leaves in ${reader.remaining} bytes`;
    throw new StateError("E_LENGTH", `leafCount: got ${got}`);
  }
  const leaves = Array.from({ length: leafCount }, () => readLeaf(reader));
  reader.end();
  return { ...head, leaves };
}

function readLeaf(reader: ByteReader): DeltaLeaf {
  const key = bytes32<TreeKey>(reader.take(32));
  const operation = reader.number(1);
  if (operation === OPERATION_DELETE) return { operation: "delete", key };
  if (operation !== OPERATION_PUT) {
    throw new StateError("E_DELTA_OPERATION", `${toHex(key)}: got operation ${operation}`);
  }
  const header = reader.take(HEADER_BYTES);
  const { contentLength } = decodeHeader(header);
  assertArtifactSize(contentLength);
  return { operation: "put", key, header, content: reader.take(Number(contentLength)) };
}

function assertLeaf(leaf: DeltaLeaf, sequenceNo: bigint): void {
  const namespace = namespaceOf(leaf.key);
  const at = toHex(leaf.key);
  if (!NAMESPACES.has(namespace)) {
    throw new StateError("E_NAMESPACE", `${at}: expected namespace 0x01 to 0x09`);
  }
  if (leaf.operation === "delete") {
    if (!isAppendOnly(namespace)) return;
    throw new StateError("E_APPEND_ONLY", `${at}: expected no deletion in namespace ${namespace}`);
  }
  const header = decodeLeafHeader(leaf);
  assertArtifactSize(header.contentLength);
  if (header.contentLength !== BigInt(leaf.content.length)) {
    const got = `${leaf.content.length} bytes under contentLength ${header.contentLength}`;
    throw new StateError("E_LENGTH", `${at}: got ${got}`);
  }
  const fault = checkLeaf(leaf.key, leafRecord(leaf.header, keccak256(leaf.content)), sequenceNo);
  if (fault !== "None") throw new StateError("E_LEAF", `${at}: ${fault}`);
  if (header.sequenceNo !== sequenceNo) {
    const got = `one written by commit ${header.sequenceNo}`;
    throw new StateError("E_LEAF", `${at}: expected a leaf of commit ${sequenceNo}, got ${got}`);
  }
}

function decodeLeafHeader({ key, header }: LeafPut): LeafHeader {
  if (header.length === HEADER_BYTES) return decodeHeader(header);
  throw new StateError("E_LENGTH", `${toHex(key)}: got a header of ${header.length} bytes`);
}

/** @throws {StateError} `E_ARTIFACT_TOO_LARGE` */
export function assertArtifactSize(contentBytes: bigint | number): void {
  if (contentBytes > MAX_ARTIFACT_BYTES) {
    const wanted = `expected at most ${MAX_ARTIFACT_BYTES} bytes`;
    throw new StateError("E_ARTIFACT_TOO_LARGE", `artifact: ${wanted}, got ${contentBytes}`);
  }
}

function leafBytes(leaf: DeltaLeaf): number {
  return MIN_LEAF_BYTES + (leaf.operation === "put" ? HEADER_BYTES + leaf.content.length : 0);
}
