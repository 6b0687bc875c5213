import { createServer, type Server } from "node:http";
import { CarWriter } from "@ipld/car";
import { encode, prepare } from "@ipld/dag-pb";
import { expect } from "chai";
import { UnixFS } from "ipfs-unixfs";
import { importBytes } from "ipfs-unixfs-importer";
import { fixedSize } from "ipfs-unixfs-importer/chunker";
import { CID } from "multiformats/cid";
import { identity } from "multiformats/hashes/identity";
import { sha256 } from "multiformats/hashes/sha2";
import { type BlockSource, fileOfCid, IPFS_LIMITS, parseCid } from "../../../src/artifact/ipfs.ts";
import { fileSource, gatewaySource } from "../../../src/artifact/ipfsSource.ts";
import { asyncCodeOf, codeOf } from "../../helpers/codes.ts";

/** Blocks as an IPFS node keeps them. */
class Blocks {
  readonly byCid = new Map<string, Uint8Array>();

  readonly source: BlockSource = (cid) => {
    const block = this.byCid.get(cid);
    if (block === undefined) return Promise.reject(new RangeError(`no block ${cid}`));
    return Promise.resolve(block);
  };

  put(cid: CID, block: Uint8Array): CID {
    this.byCid.set(cid.toString(), block);
    return cid;
  }

  /** What `ipfs add` makes of a file. */
  async add(file: Uint8Array, cidVersion: 0 | 1, chunkSize = 1_000): Promise<CID> {
    const { cid } = await importBytes(
      file,
      { put: (at: CID, block: Uint8Array) => this.put(at, block) },
      { cidVersion, rawLeaves: cidVersion === 1, chunker: fixedSize({ chunkSize }) },
    );
    return cid;
  }

  /** One node of a file, as it is given. */
  async node(node: Parameters<typeof prepare>[0]): Promise<CID> {
    const block = encode(prepare(node));
    return this.put(CID.createV1(0x70, await sha256.digest(block)), block);
  }
}

const FILE = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 7) % 251);

describe("fileOfCid", () => {
  it("reads a file of one raw block, and files of many, of either version", async () => {
    const blocks = new Blocks();
    const small = FILE.subarray(0, 100);
    expect(await fileOfCid((await blocks.add(small, 1)).toString(), blocks.source)).to.deep.equal(
      small,
    );
    for (const version of [0, 1] as const) {
      const cid = (await blocks.add(FILE, version)).toString();
      expect(cid).to.match(version === 0 ? /^Qm/ : /^bafybei/);
      expect(await fileOfCid(cid, blocks.source)).to.deep.equal(FILE);
    }
    const empty = await blocks.add(new Uint8Array(0), 0);
    expect((await fileOfCid(empty.toString(), blocks.source)).length).to.equal(0);
  });

  it("E_CID_INVALID: refuses what is no CID, and other codecs and hashes", async () => {
    for (const text of [
      "",
      "Qm",
      "bafy!",
      "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWP".repeat(9),
    ]) {
      expect(
        codeOf(() => parseCid(text)),
        text,
      ).to.equal("E_CID_INVALID");
    }
    const json = CID.createV1(0x0200, await sha256.digest(FILE));
    const inline = CID.createV1(0x55, identity.digest(FILE.subarray(0, 8)));
    for (const cid of [json, inline]) {
      expect(codeOf(() => parseCid(cid.toString()))).to.equal("E_CID_INVALID");
    }
  });

  it("E_CID_MISMATCH: refuses a flipped bit in any block", async () => {
    const blocks = new Blocks();
    const cid = (await blocks.add(FILE.subarray(0, 5_000), 0)).toString();
    expect(blocks.byCid.size).to.be.greaterThan(3);
    for (const [at, block] of blocks.byCid) {
      const flipped = block.map((byte, i) => byte ^ Number(i === block.length >> 1));
      const lying: BlockSource = (asked) =>
        asked === at ? Promise.resolve(flipped) : blocks.source(asked);
      expect(await asyncCodeOf(() => fileOfCid(cid, lying))).to.equal("E_CID_MISMATCH");
    }
  });

  it("E_CID_CONTENT: refuses folders, nodes without a file, and sizes that are not so", async () => {
    const blocks = new Blocks();
    const leaf = await blocks.add(FILE.subarray(0, 10), 1);
    const folder = await blocks.node({
      Data: new UnixFS({ type: "directory" }).marshal(),
      Links: [],
    });
    const bare = await blocks.node({ Data: Uint8Array.of(1, 2, 3), Links: [] });
    const file = new UnixFS({ type: "file", blockSizes: [9n] });
    const short = await blocks.node({
      Data: file.marshal(),
      Links: [{ Hash: leaf, Tsize: 10, Name: "" }],
    });
    const unnamed = new UnixFS({ type: "file" });
    const unsized = await blocks.node({
      Data: unnamed.marshal(),
      Links: [{ Hash: leaf, Tsize: 10, Name: "" }],
    });
    for (const cid of [folder, bare, short, unsized]) {
      expect(await asyncCodeOf(() => fileOfCid(cid.toString(), blocks.source))).to.equal(
        "E_CID_CONTENT",
      );
    }
    const noNode = Uint8Array.of(0xff);
    const broken = blocks.put(CID.createV1(0x70, await sha256.digest(noNode)), noNode);
    expect(await asyncCodeOf(() => fileOfCid(broken.toString(), blocks.source))).to.equal(
      "E_CID_CONTENT",
    );
  });

  it("E_CID_LIMIT: stops at its bounds of bytes, levels and blocks", async () => {
    const blocks = new Blocks();
    const cid = (await blocks.add(FILE, 1)).toString();
    expect(await asyncCodeOf(() => fileOfCid(cid, blocks.source, FILE.length))).to.equal("none");
    expect(await asyncCodeOf(() => fileOfCid(cid, blocks.source, FILE.length - 1))).to.equal(
      "E_CID_LIMIT",
    );
    const large: BlockSource = () => Promise.resolve(new Uint8Array(IPFS_LIMITS.blockBytes + 1));
    expect(await asyncCodeOf(() => fileOfCid(cid, large))).to.equal("E_CID_LIMIT");
    let nested = await blocks.add(FILE.subarray(0, 1), 1);
    for (let i = 0; i < IPFS_LIMITS.depth; i++) {
      const data = new UnixFS({ type: "file", blockSizes: [1n] }).marshal();
      nested = await blocks.node({ Data: data, Links: [{ Hash: nested, Tsize: 1, Name: "" }] });
    }
    expect(await asyncCodeOf(() => fileOfCid(nested.toString(), blocks.source))).to.equal(
      "E_CID_LIMIT",
    );
    // One block that is there a million times costs what a million blocks cost.
    const nothing = await blocks.add(new Uint8Array(0), 0);
    const links = Array.from({ length: IPFS_LIMITS.blocks }, () => ({
      Hash: nothing,
      Tsize: 1,
      Name: "",
    }));
    const sizes = links.map(() => 0n);
    const wide = await blocks.node({
      Data: new UnixFS({ type: "file", blockSizes: sizes }).marshal(),
      Links: links,
    });
    expect(await asyncCodeOf(() => fileOfCid(wide.toString(), blocks.source))).to.equal(
      "E_CID_LIMIT",
    );
  });
});

describe("sources of blocks", () => {
  let server: Server;
  let url = "";
  const blocks = new Blocks();
  /** What the gateway answers with in place of the block. */
  let lie: ((block: Uint8Array) => Uint8Array) | undefined;

  before(async () => {
    server = createServer((request, response) => {
      const cid = /^\/ipfs\/(\w+)\?format=raw$/.exec(request.url ?? "")?.[1] ?? "";
      const block = blocks.byCid.get(cid);
      if (block === undefined) response.writeHead(404).end();
      else response.end(lie === undefined ? block : lie(block));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    if (typeof address === "object" && address !== null) url = `http://127.0.0.1:${address.port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  afterEach(() => {
    lie = undefined;
  });

  it("an honest gateway serves a file in pieces", async () => {
    const cid = (await blocks.add(FILE, 1, 50_000)).toString();
    expect(await fileOfCid(cid, gatewaySource(`${url}/`))).to.deep.equal(FILE);
  });

  it("E_CID_MISMATCH: a gateway that serves other bytes is found out", async () => {
    const cid = (await blocks.add(FILE, 0, 50_000)).toString();
    lie = (block) => Uint8Array.from([...block.subarray(0, -1), 0xaa]);
    expect(await asyncCodeOf(() => fileOfCid(cid, gatewaySource(url)))).to.equal("E_CID_MISMATCH");
  });

  it("E_CID_LIMIT: a gateway that does not stop is stopped", async () => {
    const cid = (await blocks.add(FILE, 0, 50_000)).toString();
    lie = () => new Uint8Array(IPFS_LIMITS.blockBytes * 4);
    expect(await asyncCodeOf(() => fileOfCid(cid, gatewaySource(url)))).to.equal("E_CID_LIMIT");
  });

  it("E_CID_SOURCE: a gateway without the block, or none at all, is named", async () => {
    const missing = CID.createV1(0x55, await sha256.digest(Uint8Array.of(1))).toString();
    expect(await asyncCodeOf(() => fileOfCid(missing, gatewaySource(url)))).to.equal(
      "E_CID_SOURCE",
    );
    const nobody = gatewaySource("http://127.0.0.1:1");
    expect(await asyncCodeOf(() => fileOfCid(missing, nobody))).to.equal("E_CID_SOURCE");
  });

  it("a CAR file and a bare block serve as well; a CAR without the block is refused", async () => {
    const cid = await blocks.add(FILE, 1, 50_000);
    const whole = await carOf(blocks, cid, () => true);
    expect(await fileOfCid(cid.toString(), await fileSource(whole))).to.deep.equal(FILE);
    const partial = await carOf(blocks, cid, (each) => each !== cid.toString());
    const source = await fileSource(partial);
    expect(await asyncCodeOf(() => fileOfCid(cid.toString(), source))).to.equal("E_CID_SOURCE");
    const small = FILE.subarray(0, 64);
    const bare = await fileSource(small);
    const smallCid = (await blocks.add(small, 1)).toString();
    expect(await fileOfCid(smallCid, bare)).to.deep.equal(small);
    expect(await asyncCodeOf(() => fileOfCid(cid.toString(), bare))).to.equal("E_CID_MISMATCH");
  });
});

async function carOf(
  { byCid }: Blocks,
  root: CID,
  isIncluded: (cid: string) => boolean,
): Promise<Uint8Array> {
  const { writer, out } = CarWriter.create([root]);
  const written = (async () => {
    for (const [cid, bytes] of byCid)
      if (isIncluded(cid)) await writer.put({ cid: CID.parse(cid), bytes });
    await writer.close();
  })();
  const parts: Uint8Array[] = [];
  for await (const part of out) parts.push(part);
  await written;
  return Uint8Array.from(Buffer.concat(parts));
}
