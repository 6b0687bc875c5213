import { writeFileSync } from "node:fs";
import { type ContentHash, type TreeKey, zero32 } from "../../src/bytes/brand.ts";
import { tag } from "../../src/bytes/codec.ts";
import { compareBytes } from "../../src/bytes/compare.ts";
import { toHex } from "../../src/bytes/hex.ts";
import { keccak256 } from "../../src/bytes/keccak.ts";
import { contentKey } from "../../src/state/key.ts";
import { encodeHeader, leafRecord } from "../../src/state/leaf.ts";
import { encodeSnapshotChunk } from "../../src/state/snapshotChunk.ts";
import {
  encodeSnapshotManifest,
  type SnapshotChunkHash,
  type SnapshotManifest,
} from "../../src/state/snapshotManifest.ts";
import { LAST_KEY, type ListedLeaf } from "../../src/state/storedLeaf.ts";
import { valueHash } from "../../src/tree/hasher.ts";
import { nextKey } from "../../src/tree/path.ts";
import { VersionedTree } from "../../src/tree/versionedTree.ts";

/**
 * Writes test/vectors/snapshot.json: a snapshot of seven leaves in three chunks, and edits of its manifest and of one chunk that
 * must be refused with the code that the edit implies.
 */

const CHAIN_ID = 8_453n;
const SEQUENCE_NO = 3n;
const CHUNK_LEAVES = 3;

const CONTENTS = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta"];

function sampleLeaves(): ListedLeaf[] {
  const leaves = CONTENTS.map((text, i) => {
    const content = tag(text);
    const namespace = 4 + (i % 5);
    const contentHash = keccak256<ContentHash>(content);
    const header = encodeHeader({
      version: 1,
      namespace,
      flags: 0,
      contentLength: BigInt(content.length),
      sequenceNo: 1n + BigInt(i % 3),
    });
    return { key: contentKey(namespace, contentHash), record: leafRecord(header, contentHash) };
  });
  return leaves.sort((a, b) => compareBytes(a.key, b.key));
}

interface Sample {
  readonly manifest: SnapshotManifest;
  readonly chunks: readonly Uint8Array[];
}

function sample(): Sample {
  const leaves = sampleLeaves();
  const tree = VersionedTree.restore(
    SEQUENCE_NO,
    leaves.map(({ key, record }) => [key, valueHash(record)] as const),
  );
  const place = { chainId: CHAIN_ID, sequenceNo: SEQUENCE_NO };
  const chunks: Uint8Array[] = [];
  const entries: SnapshotManifest["chunks"][number][] = [];
  let first: TreeKey | undefined = zero32<TreeKey>();
  for (let index = 0; first !== undefined; index++) {
    const page = leaves.slice(index * CHUNK_LEAVES, (index + 1) * CHUNK_LEAVES);
    const last = (page.length < CHUNK_LEAVES ? undefined : page.at(-1)?.key) ?? LAST_KEY;
    const { proof } = tree.proveRange(first, last);
    const bytes = encodeSnapshotChunk({ ...place, index }, { leaves: page, proof });
    const hash = keccak256<SnapshotChunkHash>(bytes);
    entries.push({ first, last, leafCount: page.length, length: bytes.length, hash });
    chunks.push(bytes);
    first = nextKey(last);
  }
  const contentBytes = BigInt(CONTENTS.join("").length);
  const counts = { leafCount: leaves.length, contentBytes };
  return { manifest: { ...place, stateRoot: tree.root(), ...counts, chunks: entries }, chunks };
}

/** Offsets in a manifest, and the bytes of an entry of a chunk. */
const AT = { sequenceNo: 9, leafCount: 49, chunkCount: 65, entries: 69, entryBytes: 104 };

function flipped(bytes: Uint8Array, position: number): Uint8Array {
  return bytes.with(position, (bytes[position] ?? 0) ^ 1);
}

function manifestEdits(good: Uint8Array) {
  const second = AT.entries + AT.entryBytes;
  const edit = (name: string, encoded: Uint8Array, code: string) => ({
    name,
    encoded: toHex(encoded),
    code,
  });
  return [
    edit("another version", good.with(0, 2), "E_VERSION"),
    edit("commit 0", good.with(AT.sequenceNo + 7, 0), "E_DELTA_SEQUENCE"),
    edit("a leaf too many", flipped(good, AT.leafCount + 7), "E_LENGTH"),
    edit("no chunks", good.with(AT.chunkCount + 3, 0), "E_CHUNK_COUNT"),
    edit("a chunk that is not there", good.with(AT.chunkCount + 3, 4), "E_LENGTH"),
    edit("a gap before the first chunk", flipped(good, AT.entries + 31), "E_SNAPSHOT_GAP"),
    edit("a gap between two chunks", flipped(good, second + 31), "E_SNAPSHOT_GAP"),
    edit("an end before the last key", good.with(good.length - 41, 0xfe), "E_SNAPSHOT_GAP"),
    edit("a chunk of 4 GiB", good.with(second + 68, 0xff), "E_SNAPSHOT_SIZE"),
    edit("cut", good.slice(0, -1), "E_LENGTH"),
    edit("a byte too many", Uint8Array.of(...good, 0), "E_LENGTH"),
  ];
}

/** Edits of chunk 1 whose hash in the manifest is right: the manifest lies as well. */
function chunkEdits({ manifest, chunks }: Sample) {
  const good = chunks[1] ?? new Uint8Array();
  const leafBytes = 84;
  const body = 25;
  const count = (bytes: Uint8Array, leaves: number) => bytes.with(24, leaves);
  const without = (at: number) =>
    count(Uint8Array.of(...good.slice(0, at), ...good.slice(at + leafBytes)), 2);
  const edits: readonly (readonly [string, Uint8Array, string])[] = [
    ["another version", good.with(0, 2), "E_VERSION"],
    ["another chain", flipped(good, 8), "E_WRONG_CHAIN"],
    ["another commit", flipped(good, 16), "E_DELTA_SEQUENCE"],
    ["another index", flipped(good, 20), "E_CHUNK_ORDER"],
    ["more leaves than bytes", good.with(22, 1), "E_LENGTH"],
    ["the first leaf left out", without(body), "E_RANGE_PROOF"],
    ["the last leaf left out", without(body + 2 * leafBytes), "E_RANGE_PROOF"],
    ["a record changed", flipped(good, body + 32 + 20), "E_RANGE_PROOF"],
    ["a key changed", flipped(good, body + 31), "E_RANGE_PROOF"],
    [
      "a leaf twice",
      count(Uint8Array.of(...good.slice(0, body + leafBytes), ...good.slice(body)), 4),
      "E_RANGE_PROOF",
    ],
    ["a byte too many", Uint8Array.of(...good, 0), "E_RANGE_PROOF"],
  ];
  return edits.map(([name, bytes, code]) => {
    const hash = keccak256<SnapshotChunkHash>(bytes);
    const leafCount = bytes[24] ?? 0;
    const entry = manifest.chunks[1];
    if (entry === undefined) throw new RangeError("expected a second chunk");
    const chunksOf = manifest.chunks.with(1, { ...entry, leafCount, length: bytes.length, hash });
    const total = chunksOf.reduce((sum, chunk) => sum + chunk.leafCount, 0);
    const lying = encodeSnapshotManifest({ ...manifest, chunks: chunksOf, leafCount: total });
    return { name, manifest: toHex(lying), encoded: toHex(bytes), code };
  });
}

/** The file's text. */
export function generate(): string {
  const { manifest, chunks } = sample();
  const encoded = encodeSnapshotManifest(manifest);
  const document = {
    stateRoot: toHex(manifest.stateRoot),
    contents: CONTENTS,
    manifest: toHex(encoded),
    chunks: chunks.map((bytes) => toHex(bytes)),
    manifestEdits: manifestEdits(encoded),
    chunkEdits: chunkEdits({ manifest, chunks }),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

if (import.meta.main) {
  writeFileSync(new URL("../../test/vectors/snapshot.json", import.meta.url), generate());
}
