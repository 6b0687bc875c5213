import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { generate } from "../../../scripts/vectors/snapshot.ts";
import type { ContentHash } from "../../../src/bytes/brand.ts";
import { bytes32, zero32 } from "../../../src/bytes/brand.ts";
import { tag } from "../../../src/bytes/codec.ts";
import { fromHex } from "../../../src/bytes/hex.ts";
import { keccak256 } from "../../../src/bytes/keccak.ts";
import { peerOfStore, takeChunks } from "../../../src/state/snapshot.ts";
import { decodeSnapshotChunk, openSnapshotChunk } from "../../../src/state/snapshotChunk.ts";
import { SnapshotFolder, writeSnapshot } from "../../../src/state/snapshotFolder.ts";
import {
  decodeSnapshotManifest,
  encodeSnapshotManifest,
  MAX_SNAPSHOT_MANIFEST_BYTES,
  type SnapshotChunkHash,
  type SnapshotManifest,
} from "../../../src/state/snapshotManifest.ts";
import type { StateStore } from "../../../src/state/store.ts";
import { at } from "../../helpers/at.ts";
import { asyncCodeOf, codeOf } from "../../helpers/codes.ts";
import { artifact, CHAIN_ID, secret, Workspace } from "./fixtures.ts";
import { fill, flipped } from "./snapshotFixtures.ts";

const ANY = { maxBytes: Number.POSITIVE_INFINITY, signal: new AbortController().signal };

describe("snapshot", () => {
  let workspace: Workspace;
  let store: StateStore;
  beforeEach(() => {
    workspace = new Workspace();
    store = workspace.open();
  });
  afterEach(() => workspace.dispose());

  /** Manifest and chunks as a peer serves them. */
  async function taken(chunkLeaves = 7) {
    const peer = peerOfStore(store, { chunkLeaves });
    const manifest = decodeSnapshotManifest(await peer.manifest(ANY));
    const chunks = await Promise.all(manifest.chunks.map((_, i) => peer.chunk(i, ANY)));
    return { manifest, chunks };
  }

  it("has every leaf once, in key order, in chunks that prove themselves", async () => {
    fill(store);
    const { manifest, chunks } = await taken();
    const leaves = chunks.flatMap((bytes, i) => openSnapshotChunk(manifest, i, bytes));
    const expected = [...store.entries()].map(([key]) => key);
    expect(leaves.map(({ key }) => key)).to.deep.equal(expected);
    for (const { key, record } of leaves) expect(store.leaf(key)?.record).to.deep.equal(record);
    expect(manifest).to.include({ chainId: CHAIN_ID, sequenceNo: 6n, leafCount: expected.length });
    expect(manifest.chunks.length).to.equal(Math.floor(expected.length / 7) + 1);
  });

  it("is of one chunk without leaves when everything was removed", async () => {
    store.commit(store.stage([secret("s", "x")]));
    const key = at([...store.entries()], 0)[0];
    store.commit(store.stage([{ operation: "delete", key }]));
    const { manifest, chunks } = await taken();
    expect(chunks).to.have.length(1);
    expect(openSnapshotChunk(manifest, 0, at(chunks, 0))).to.deep.equal([]);
  });

  it("SNAP-11: is of one commit, whatever is committed meanwhile", async () => {
    fill(store);
    const { manifest, chunks } = await taken();
    const during: Uint8Array[] = [];
    for (const { bytes } of takeChunks(store, { sequenceNo: 6n, chunkLeaves: 7 })) {
      during.push(bytes);
      const n = during.length;
      store.commit(store.stage([secret("changing", `later ${n}`), artifact(`later ${n}`)]));
    }
    expect(during).to.deep.equal(chunks);
    const folder = workspace.path("out");
    const writing = writeSnapshot(store, folder, { sequenceNo: 6n, chunkLeaves: 7 });
    store.commit(store.stage([secret("changing", "meanwhile")]));
    await writing;
    const written = await new SnapshotFolder(folder).manifest(ANY);
    expect(written).to.deep.equal(encodeSnapshotManifest(manifest));
  });

  it("STO-10: ends by name when its commit is pruned under it, and the file does not grow", () => {
    const pruning = workspace.open("pruning.db", { retainedVersions: 2 });
    fill(pruning, 3);
    const chunks = takeChunks(pruning, { chunkLeaves: 5 });
    const entries = pruning.entries();
    expect(chunks.next().done).to.equal(false);
    expect(entries.next().done).to.equal(false);
    const size = () => readFileSync(workspace.path("pruning.db")).length;
    const churn = (n: number) =>
      pruning.commit(pruning.stage([secret("churn", `${n}`.padEnd(3_000, "x"))]));
    for (let n = 0; n < 40; n++) churn(n);
    expect(codeOf(() => chunks.next())).to.equal("E_VERSION_PRUNED");
    const before = size();
    for (let n = 0; n < 400; n++) churn(n);
    pruning.close();
    const reopened = workspace.open("pruning.db", { retainedVersions: 2 });
    reopened.close();
    // 400 values of 3,000 bytes came and went.
    expect(size() - before).to.be.lessThan(200_000);
  });

  describe("manifest", () => {
    let manifest: SnapshotManifest;
    beforeEach(async () => {
      fill(store, 3);
      ({ manifest } = await taken());
    });

    it("is read back as it was written, and in no other form", () => {
      const bytes = encodeSnapshotManifest(manifest);
      expect(decodeSnapshotManifest(bytes)).to.deep.equal(manifest);
      expect(codeOf(() => decodeSnapshotManifest(bytes.subarray(1)))).to.equal("E_VERSION");
      expect(codeOf(() => decodeSnapshotManifest(bytes.slice(0, -1)))).to.equal("E_LENGTH");
      const longer = Uint8Array.of(...bytes, 0);
      expect(codeOf(() => decodeSnapshotManifest(longer))).to.equal("E_LENGTH");
      const huge = new Uint8Array(MAX_SNAPSHOT_MANIFEST_BYTES + 1);
      expect(codeOf(() => decodeSnapshotManifest(huge))).to.equal("E_SNAPSHOT_SIZE");
    });

    it("refuses gaps, overlaps and ends that are missing", () => {
      const code = (changes: Partial<SnapshotManifest>) =>
        codeOf(() => encodeSnapshotManifest({ ...manifest, ...changes }));
      const { chunks } = manifest;
      const first = at(chunks, 0);
      expect(code({ chunks: chunks.slice(1) })).to.equal("E_SNAPSHOT_GAP");
      expect(code({ chunks: chunks.slice(0, -1) })).to.equal("E_SNAPSHOT_GAP");
      expect(code({ chunks: [first, ...chunks.slice(2)] })).to.equal("E_SNAPSHOT_GAP");
      expect(code({ chunks: [first, ...chunks] })).to.equal("E_SNAPSHOT_GAP");
      expect(code({ chunks: [...chunks, at(chunks, -1 + chunks.length)] })).to.equal(
        "E_SNAPSHOT_GAP",
      );
      expect(code({ chunks: [] })).to.equal("E_CHUNK_COUNT");
      expect(code({ leafCount: manifest.leafCount + 1 })).to.equal("E_LENGTH");
      expect(code({ sequenceNo: 0n })).to.equal("E_DELTA_SEQUENCE");
      const oversized = { ...first, length: 10_000_000 };
      expect(code({ chunks: [oversized, ...chunks.slice(1)] })).to.equal("E_SNAPSHOT_SIZE");
    });
  });

  describe("chunk", () => {
    it("refuses each bit that differs from the one the manifest names", async () => {
      fill(store, 2);
      const { manifest, chunks } = await taken();
      const bytes = at(chunks, 1);
      for (let position = 0; position < bytes.length; position += 11) {
        const code = codeOf(() => openSnapshotChunk(manifest, 1, flipped(bytes, position)));
        expect(code).to.equal("E_CHUNK_PROOF");
      }
      expect(codeOf(() => openSnapshotChunk(manifest, 99, bytes))).to.equal("E_CHUNK_ORDER");
    });

    it("refuses each bit that differs when the manifest lies as well", async () => {
      fill(store, 2);
      const { manifest, chunks } = await taken();
      const bytes = at(chunks, 1);
      const codes = new Set<string>();
      for (let position = 0; position < bytes.length; position += 3) {
        const forged = flipped(bytes, position);
        const hash = keccak256<SnapshotChunkHash>(forged);
        const chunks = manifest.chunks.with(1, { ...at(manifest.chunks, 1), hash });
        const lying = { ...manifest, chunks };
        codes.add(codeOf(() => openSnapshotChunk(lying, 1, forged)));
      }
      const named = [
        "E_RANGE_PROOF",
        "E_WRONG_CHAIN",
        "E_DELTA_SEQUENCE",
        "E_CHUNK_ORDER",
        "E_VERSION",
      ];
      expect([...codes].filter((code) => ![...named, "E_LENGTH"].includes(code))).to.deep.equal([]);
      expect(codes).to.include("E_RANGE_PROOF");
    });

    it("refuses cut bytes and counts that are not there", async () => {
      fill(store, 1);
      const { chunks } = await taken();
      const bytes = at(chunks, 0);
      expect(codeOf(() => decodeSnapshotChunk(bytes.slice(0, 20)))).to.equal("E_LENGTH");
      const count = bytes.slice();
      count[23] = 255;
      expect(codeOf(() => decodeSnapshotChunk(count))).to.equal("E_LENGTH");
    });
  });

  describe("folder", () => {
    const folder = () => workspace.path("out");

    it("serves what the store serves", async () => {
      fill(store);
      const report = await writeSnapshot(store, folder(), { chunkLeaves: 7 });
      const [ours, theirs] = [new SnapshotFolder(folder()), peerOfStore(store, { chunkLeaves: 7 })];
      expect(await ours.manifest(ANY)).to.deep.equal(await theirs.manifest(ANY));
      for (let i = 0; i < report.chunks; i++) {
        expect(await ours.chunk(i, ANY)).to.deep.equal(await theirs.chunk(i, ANY));
      }
      let bytes = 0n;
      const hashes = new Map(
        [...store.entries()].map(([key]) => {
          const hash = store.leaf(key)?.contentHash ?? zero32<ContentHash>();
          return [hash.join(), hash];
        }),
      );
      for (const hash of hashes.values()) {
        const content = await ours.content(hash, ANY);
        expect(content).to.deep.equal(store.content(hash));
        bytes += BigInt(content.length);
      }
      expect(report).to.include({ sequenceNo: 6n, leafCount: store.leafCount() });
      expect([report.contents, report.contentBytes]).to.deep.equal([hashes.size, bytes]);
    });

    it("writes nothing when it only rehearses, and never over a snapshot", async () => {
      fill(store, 2);
      const rehearsed = await writeSnapshot(store, folder(), { dryRun: true });
      expect(existsSync(folder())).to.equal(false);
      expect(await writeSnapshot(store, folder())).to.deep.equal(rehearsed);
      const before = readdirSync(folder()).map((name) => readFileSync(join(folder(), name)));
      expect(await asyncCodeOf(() => writeSnapshot(store, folder()))).to.equal("E_SNAPSHOT_EXISTS");
      const after = readdirSync(folder()).map((name) => readFileSync(join(folder(), name)));
      expect(after).to.deep.equal(before);
    });

    it("writes over what is left of an attempt that was longer", async () => {
      fill(store, 2);
      await writeSnapshot(store, folder(), { chunkLeaves: 2 });
      rmSync(join(folder(), "manifest"));
      const { chunks } = await writeSnapshot(store, folder(), { chunkLeaves: 9 });
      expect(readdirSync(folder())).to.have.length(1 + 2 * chunks);
    });

    it("refuses to begin before the first commit, and with chunks of no size", async () => {
      expect(await asyncCodeOf(() => writeSnapshot(store, folder()))).to.equal("E_VERSION_UNKNOWN");
      fill(store, 1);
      for (const chunkLeaves of [0, 8_193, 1.5]) {
        const code = await asyncCodeOf(() => writeSnapshot(store, folder(), { chunkLeaves }));
        expect(code).to.equal("E_SNAPSHOT_SIZE");
        rmSync(folder(), { recursive: true, force: true });
      }
    });

    it("names a folder that cannot be written", async () => {
      fill(store, 1);
      writeFileSync(folder(), "a file");
      expect(await asyncCodeOf(() => writeSnapshot(store, folder()))).to.equal("E_STORE_IO");
      expect(readFileSync(folder(), "utf8")).to.equal("a file");
    });

    it("SNAP-07: opens nothing outside of it, no link, no pipe, and no other name", async () => {
      fill(store, 2);
      await writeSnapshot(store, folder(), { chunkLeaves: 7 });
      const peer = new SnapshotFolder(folder());
      for (const index of [-1, 1.5, Number.NaN, 4_096]) {
        expect(await asyncCodeOf(() => peer.chunk(index, ANY))).to.equal("E_PATH");
      }
      const chunk = join(folder(), "chunk-00000000");
      const secretFile = workspace.path("elsewhere");
      renameSync(chunk, secretFile);
      symlinkSync(secretFile, chunk);
      expect(await asyncCodeOf(() => peer.chunk(0, ANY))).to.equal("E_PATH");
      rmSync(chunk);
      mkdirSync(chunk);
      expect(await asyncCodeOf(() => peer.chunk(0, ANY))).to.equal("E_PATH");
      rmSync(chunk, { recursive: true });
      expect(await asyncCodeOf(() => peer.chunk(0, ANY))).to.equal("E_SNAPSHOT_NOT_FOUND");
      // A content is found by its hash among those that the chunks name, never by a name.
      renameSync(secretFile, chunk);
      const odd = bytes32<ContentHash>(tag("../../../../etc/passwd".padEnd(32, "\0")));
      expect(await asyncCodeOf(() => peer.content(odd, ANY))).to.equal("E_SNAPSHOT_NOT_FOUND");
    });

    it("SNAP-05: reads no more than it is asked for", async () => {
      fill(store, 1);
      await writeSnapshot(store, folder());
      const peer = new SnapshotFolder(folder());
      writeFileSync(join(folder(), "chunk-00000000"), new Uint8Array(1_000_000));
      const code = await asyncCodeOf(() => peer.chunk(0, { ...ANY, maxBytes: 1_000 }));
      expect(code).to.equal("E_SNAPSHOT_SIZE");
    });
  });

  describe("vectors", () => {
    const vectors: {
      manifest: string;
      chunks: string[];
      contents: string[];
      manifestEdits: { name: string; encoded: string; code: string }[];
      chunkEdits: { name: string; manifest: string; encoded: string; code: string }[];
    } = JSON.parse(readFileSync("test/vectors/snapshot.json", "utf8"));

    it("are what the generator writes", () => {
      expect(readFileSync("test/vectors/snapshot.json", "utf8")).to.equal(generate());
    });

    it("hold, and each edit has its code", () => {
      const manifest = decodeSnapshotManifest(fromHex(vectors.manifest, "manifest"));
      const leaves = vectors.chunks.flatMap((chunk, i) =>
        openSnapshotChunk(manifest, i, fromHex(chunk, "chunk")),
      );
      expect(leaves).to.have.length(vectors.contents.length);
      for (const { name, encoded, code } of vectors.manifestEdits) {
        const bytes = fromHex(encoded, name);
        expect(
          codeOf(() => decodeSnapshotManifest(bytes)),
          name,
        ).to.equal(code);
      }
      for (const { name, manifest: lying, encoded, code } of vectors.chunkEdits) {
        const decoded = decodeSnapshotManifest(fromHex(lying, name));
        const bytes = fromHex(encoded, name);
        expect(
          codeOf(() => openSnapshotChunk(decoded, 1, bytes)),
          name,
        ).to.equal(code);
        expect(
          codeOf(() => openSnapshotChunk(manifest, 1, bytes)),
          name,
        ).to.equal("E_CHUNK_PROOF");
      }
    });
  });
});
