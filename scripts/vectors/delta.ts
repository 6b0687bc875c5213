import { writeFileSync } from "node:fs";
import { bytes32, type ContentHash, type StateRoot, zero32 } from "../../src/bytes/brand.ts";
import { concatBytes, tag, uintBytes } from "../../src/bytes/codec.ts";
import { toHex } from "../../src/bytes/hex.ts";
import { keccak256 } from "../../src/bytes/keccak.ts";
import { chunkCommitment, SEGMENT_BYTES } from "../../src/state/chunk.ts";
import { type Delta, type DeltaLeaf, encodeDelta } from "../../src/state/delta.ts";
import { contentKey, treeKeyOf } from "../../src/state/key.ts";
import { encodeHeader, leafRecord } from "../../src/state/leaf.ts";
import { daCertHashOf, encodeManifest } from "../../src/state/manifest.ts";
import { valueHash } from "../../src/tree/hasher.ts";
import { VersionedTree } from "../../src/tree/versionedTree.ts";

/**
 * Writes test/vectors/delta.json: two deltas of one chain, their manifests without compression (whose bytes depend on the
 * zstd at hand), chunk commitments around the segment size, and encodings that must be refused.
 */

const CHAIN_ID = 8_453n;

function put(namespace: number, text: string, sequenceNo: bigint, id?: string): DeltaLeaf {
  const content = tag(text);
  const contentHash = keccak256<ContentHash>(content);
  const key = id ? treeKeyOf(namespace, keccak256(tag(id))) : contentKey(namespace, contentHash);
  const contentLength = BigInt(content.length);
  const header = encodeHeader({ version: 1, namespace, flags: 0, contentLength, sequenceNo });
  return { operation: "put", key, header, content };
}

function deltas(): Delta[] {
  const tree = new VersionedTree();
  const first = [put(1, "alice", 1n, "a"), put(3, "envelope", 1n, "s"), put(4, "package p", 1n)];
  const second: DeltaLeaf[] = [
    { operation: "delete", key: treeKeyOf(1, keccak256(tag("a"))) },
    put(3, "envelope, rotated", 2n, "s"),
    put(6, "(module)", 2n),
  ];
  let prevStateRoot = zero32<StateRoot>();
  return [first, second].map((leaves, i) => {
    const updates = leaves.map((leaf) => {
      if (leaf.operation === "delete") return [leaf.key, null] as const;
      return [leaf.key, valueHash(leafRecord(leaf.header, keccak256(leaf.content)))] as const;
    });
    tree.commit(tree.stage(updates));
    const sequenceNo = BigInt(i + 1);
    const delta = {
      chainId: CHAIN_ID,
      sequenceNo,
      prevStateRoot,
      newStateRoot: tree.root(),
      leaves,
    };
    prevStateRoot = delta.newStateRoot;
    return delta;
  });
}

function describeDelta(delta: Delta) {
  const encoded = encodeDelta(delta);
  const commitment = chunkCommitment(encoded);
  const { chainId, sequenceNo } = delta;
  const manifest = encodeManifest({
    chainId,
    sequenceNo,
    codec: 0,
    deltaLength: encoded.length,
    chunks: [{ length: encoded.length, commitment, pointer: keccak256(encoded) }],
  });
  return {
    chainId: `${chainId}`,
    sequenceNo: `${sequenceNo}`,
    prevStateRoot: toHex(delta.prevStateRoot),
    newStateRoot: toHex(delta.newStateRoot),
    keys: delta.leaves.map(({ key }) => toHex(key)),
    encoded: toHex(encoded),
    commitment: toHex(commitment),
    manifest: toHex(manifest),
    daCertHash: toHex(daCertHashOf(manifest)),
  };
}

interface MustFail {
  readonly name: string;
  readonly encoded: string;
  readonly code: string;
}

/** One field overwritten, or the end cut or grown. */
function fieldEdits(delta: Delta): MustFail[] {
  const good = encodeDelta(delta);
  const at = (name: string, code: string, offset: number, bytes: Uint8Array) => {
    const encoded = Uint8Array.from(good);
    encoded.set(bytes, offset);
    return { name, code, encoded: toHex(encoded) };
  };
  return [
    at("DA-15 version 0", "E_VERSION", 0, Uint8Array.of(0)),
    at("DA-15 version 2", "E_VERSION", 0, Uint8Array.of(2)),
    at("commit 0", "E_DELTA_SEQUENCE", 9, new Uint8Array(8)),
    at("commit 1 with a previous root", "E_DELTA_GENESIS", 17, keccak256(tag("root"))),
    at("commit 2 without one", "E_DELTA_GENESIS", 9, uintBytes(2, 8)),
    at("DA-10 2^32 - 1 leaves", "E_LENGTH", 81, uintBytes(0xffffffff, 4)),
    at("DA-10 2^31 leaves", "E_LENGTH", 81, uintBytes(2 ** 31, 4)),
    at("one leaf more than there is", "E_LENGTH", 81, uintBytes(4, 4)),
    at("one leaf less", "E_LENGTH", 81, uintBytes(2, 4)),
    at("operation 2", "E_DELTA_OPERATION", 85 + 32, Uint8Array.of(2)),
    at("header version", "E_LEAF", 85 + 33, Uint8Array.of(2)),
    at("header of another namespace", "E_LEAF", 85 + 34, Uint8Array.of(2)),
    at("flag without meaning", "E_LEAF", 85 + 36, Uint8Array.of(8)),
    at("written by another commit", "E_LEAF", 85 + 33 + 12, uintBytes(9, 8)),
    at("DA-10 content of 2^64 - 1", "E_ARTIFACT_TOO_LARGE", 85 + 37, uintBytes(2n ** 64n - 1n, 8)),
    at("content longer than the delta", "E_LENGTH", 85 + 37, uintBytes(33_554_432, 8)),
    at("content-addressed bytes changed", "E_LEAF", good.length - 1, Uint8Array.of(0)),
    {
      name: "one byte more",
      code: "E_LENGTH",
      encoded: toHex(concatBytes(good, Uint8Array.of(0))),
    },
    { name: "last byte cut", code: "E_LENGTH", encoded: toHex(good.subarray(0, -1)) },
    { name: "header cut", code: "E_LENGTH", encoded: toHex(good.subarray(0, 84)) },
    { name: "nothing", code: "E_LENGTH", encoded: "0x" },
  ];
}

/** Lists of leaves that break a rule together. */
function listEdits(delta: Delta): MustFail[] {
  const head = encodeDelta(delta).subarray(0, 81);
  const [one, two] = delta.leaves;
  // A deletion takes 33 bytes: the shortest leaves, in the order given.
  const list = (...keys: Uint8Array[]) =>
    toHex(
      concatBytes(
        head,
        uintBytes(keys.length, 4),
        ...keys.map((key) => concatBytes(key, Uint8Array.of(0))),
      ),
    );
  const keyed = (namespace: number) =>
    bytes32(concatBytes(Uint8Array.of(namespace), keccak256(tag("k")).subarray(1)));
  return [
    { name: "DA-11 unsorted", code: "E_DELTA_ORDER", encoded: list(keyed(2), keyed(1)) },
    { name: "DA-11 twice", code: "E_DELTA_ORDER", encoded: list(keyed(1), keyed(1)) },
    { name: "DA-11 namespace 0", code: "E_NAMESPACE", encoded: list(keyed(0)) },
    { name: "DA-11 namespace 10", code: "E_NAMESPACE", encoded: list(keyed(10)) },
    { name: "append-only leaf deleted", code: "E_APPEND_ONLY", encoded: list(keyed(4)) },
    ...(one && two
      ? [{ name: "DA-11 leaves swapped", code: "E_DELTA_ORDER", encoded: list(two.key, one.key) }]
      : []),
  ];
}

function commitments() {
  const whole = [1, 2, 3, 5, 8].map((segments) => segments * SEGMENT_BYTES);
  const lengths = [1, SEGMENT_BYTES - 1, SEGMENT_BYTES + 1, ...whole, 5 * SEGMENT_BYTES + 1];
  return lengths.map((length) => ({
    length,
    commitment: toHex(chunkCommitment(pattern(length))),
  }));
}

/** `length` bytes: index modulo 251, a prime, so that no two segments are alike. */
export function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => i % 251);
}

/** The file's text. */
export function generate(): string {
  const all = deltas();
  const [first] = all;
  const file = {
    deltas: all.map(describeDelta),
    pattern: "byte i of a chunk is i mod 251",
    commitments: commitments(),
    mustFail: first ? [...fieldEdits(first), ...listEdits(first)] : [],
  };
  return `${JSON.stringify(file, null, 1)}\n`;
}

if (import.meta.main) writeFileSync("test/vectors/delta.json", generate());
