import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import type { DaCertHash } from "../../../src/bytes/brand.ts";
import { tag } from "../../../src/bytes/codec.ts";
import { toHex } from "../../../src/bytes/hex.ts";
import { keccak256 } from "../../../src/bytes/keccak.ts";
import { CHUNK_BYTES, chunkCommitment } from "../../../src/state/chunk.ts";
import { FsDataAvailability } from "../../../src/state/daFs.ts";
import { MemoryDataAvailability } from "../../../src/state/daMemory.ts";
import type { DataAvailability, ManifestSource } from "../../../src/state/dataAvailability.ts";
import { asyncCodeOf } from "../../helpers/codes.ts";
import { noise, Workspace } from "./fixtures.ts";

const blob = noise(10_000);
const expectedChunk = {
  scheme: "chunk",
  digest: chunkCommitment(blob),
  lengthBytes: blob.length,
} as const;
const expectedHash = { scheme: "keccak256", digest: keccak256(blob) } as const;

describe("data availability", () => {
  let workspace: Workspace;
  beforeEach(() => {
    workspace = new Workspace();
  });
  afterEach(() => workspace.dispose());

  const adapters: Record<string, () => Promise<DataAvailability & ManifestSource>> = {
    fs: () => FsDataAvailability.open(join(workspace.directory, "blobs")),
    memory: async () => new MemoryDataAvailability(),
  };
  for (const [name, open] of Object.entries(adapters)) {
    describe(name, () => {
      it("gives back what was put, under hash and under commitment", async () => {
        const da = await open();
        const pointer = await da.put(blob);
        const options = { maxBytes: blob.length };
        const byHash = await da.get(pointer, { expected: expectedHash, ...options });
        const byChunk = await da.get(pointer, { expected: expectedChunk, ...options });
        expect(byHash).to.deep.equal(blob);
        expect(byChunk).to.deep.equal(blob);
        expect(await da.put(blob)).to.deep.equal(pointer);
        expect(da.id).to.equal(name);
        expect((await da.limits()).maxPayloadBytes).to.equal(CHUNK_BYTES);
      });

      it("refuses a blob that is not what is expected, or larger than wanted", async () => {
        const da = await open();
        const pointer = await da.put(blob);
        const get = (options: Parameters<typeof da.get>[1]) =>
          asyncCodeOf(() => da.get(pointer, options));
        const maxBytes = 20_000;
        const other = { ...expectedHash, digest: keccak256(tag("other")) };
        expect(await get({ expected: other, maxBytes })).to.equal("E_BLOB_HASH");
        const chunk = (lengthBytes: number) => ({ ...expectedChunk, lengthBytes });
        expect(await get({ expected: chunk(9_999), maxBytes })).to.equal("E_DA_TOO_LARGE");
        expect(await get({ expected: chunk(10_001), maxBytes })).to.equal("E_BLOB_TRUNCATED");
        expect(await get({ expected: expectedHash, maxBytes: 9_999 })).to.equal("E_DA_TOO_LARGE");
      });

      it("refuses what it does not have, and what is too large to put", async () => {
        const da = await open();
        const hash = keccak256<DaCertHash>(tag("nothing"));
        expect(await asyncCodeOf(() => da.manifest(hash))).to.equal("E_DA_NOT_FOUND");
        const options = { expected: expectedHash, maxBytes: 9 };
        expect(await asyncCodeOf(() => da.get(hash, options))).to.equal("E_DA_NOT_FOUND");
        const tooLarge = new Uint8Array(CHUNK_BYTES + 1);
        expect(await asyncCodeOf(() => da.put(tooLarge))).to.equal("E_DA_TOO_LARGE");
      });

      it("finds a manifest by its hash", async () => {
        const da = await open();
        await da.put(tag("manifest"));
        const found = await da.manifest(keccak256<DaCertHash>(tag("manifest")));
        expect(found).to.deep.equal(tag("manifest"));
      });
    });
  }

  it("forgets blobs in memory when told to", async () => {
    const da = new MemoryDataAvailability();
    const pointer = await da.put(blob);
    da.forget(pointer);
    const options = { expected: expectedHash, maxBytes: blob.length };
    expect(await asyncCodeOf(() => da.get(pointer, options))).to.equal("E_DA_NOT_FOUND");
  });

  describe("files", () => {
    it("leaves nothing but the blob, under the hex of its hash", async () => {
      const directory = join(workspace.directory, "blobs");
      const da = await FsDataAvailability.open(directory);
      await da.put(blob);
      const name = toHex(keccak256(blob)).slice(2);
      expect(readdirSync(directory)).to.deep.equal([name]);
      expect(Uint8Array.from(readFileSync(join(directory, name)))).to.deep.equal(blob);
    });

    it("removes at opening what a writer that was killed had left, and nothing else", async () => {
      const directory = join(workspace.directory, "blobs");
      const da = await FsDataAvailability.open(directory);
      const pointer = await da.put(blob);
      const [left, fresh] = [join(directory, "left.tmp"), join(directory, "fresh.tmp")];
      for (const path of [left, fresh]) writeFileSync(path, "half a blob");
      utimesSync(left, 1, 1);
      await FsDataAvailability.open(directory);
      // What was just written may be another writer's work.
      expect(readdirSync(directory).sort()).to.deep.equal(
        [toHex(pointer).slice(2), "fresh.tmp"].sort(),
      );
    });

    it("DA-01, DA-02: refuses a file that was cut or changed, and repairs it when it is put again", async () => {
      const directory = join(workspace.directory, "blobs");
      const da = await FsDataAvailability.open(directory);
      const pointer = await da.put(blob);
      const file = join(directory, toHex(pointer).slice(2));
      const options = { expected: expectedChunk, maxBytes: blob.length };
      writeFileSync(file, blob.with(5_000, (blob[5_000] ?? 0) ^ 1));
      expect(await asyncCodeOf(() => da.get(pointer, options))).to.equal("E_BLOB_HASH");
      truncateSync(file, 9_984);
      expect(await asyncCodeOf(() => da.get(pointer, options))).to.equal("E_BLOB_TRUNCATED");
      truncateSync(file, 0);
      expect(await asyncCodeOf(() => da.get(pointer, options))).to.equal("E_BLOB_TRUNCATED");
      await da.put(blob);
      expect(await da.get(pointer, options)).to.deep.equal(blob);
    });

    it("takes no pointer that is not 32 bytes, so that none leads out of the directory", async () => {
      const da = await FsDataAvailability.open(join(workspace.directory, "blobs"));
      writeFileSync(join(workspace.directory, "outside"), blob);
      const options = { expected: expectedHash, maxBytes: blob.length };
      for (const pointer of ["../outside", "", "/etc/passwd", "a".repeat(33), "..\0"]) {
        const code = await asyncCodeOf(() => da.get(tag(pointer), options));
        expect(code, pointer).to.equal("E_DA_POINTER");
      }
    });

    it("names a directory that cannot be written, and a full disk, and leaves nothing behind", async () => {
      const directory = join(workspace.directory, "blobs");
      const da = await FsDataAvailability.open(directory);
      chmodSync(workspace.directory, 0o755);
      chmodSync(directory, 0o555);
      const isRoot = process.geteuid?.() === 0;
      // Root may write anywhere: become nobody for the call.
      if (isRoot) process.seteuid?.(65_534);
      try {
        expect(await asyncCodeOf(() => da.put(blob))).to.equal("E_DA_READONLY");
      } finally {
        if (isRoot) process.seteuid?.(0);
      }
      chmodSync(directory, 0o755);

      const handle = await open(directory);
      const prototype: FileHandle = Object.getPrototypeOf(handle);
      await handle.close();
      const { writeFile } = prototype;
      prototype.writeFile = async () => {
        throw Object.assign(new Error("no space"), { code: "ENOSPC" });
      };
      try {
        expect(await asyncCodeOf(() => da.put(blob))).to.equal("E_DA_FULL");
      } finally {
        prototype.writeFile = writeFile;
      }
      expect(readdirSync(directory)).to.deep.equal([]);
    });

    it("names what the file system refuses", async () => {
      writeFileSync(join(workspace.directory, "a file"), blob);
      const inFile = join(workspace.directory, "a file", "blobs");
      expect(await asyncCodeOf(() => FsDataAvailability.open(inFile))).to.equal("E_DA_IO");
      const directory = join(workspace.directory, "blobs");
      const da = await FsDataAvailability.open(directory);
      mkdirSync(join(directory, toHex(keccak256(blob)).slice(2)));
      expect(await asyncCodeOf(() => da.put(blob))).to.equal("E_DA_IO");
      expect(readdirSync(directory)).to.have.length(1);
    });
  });
});
