import { decode as decodePb } from "@ipld/dag-pb";
import { UnixFS } from "ipfs-unixfs";
import { CID } from "multiformats/cid";
import { sha256 } from "multiformats/hashes/sha2";
import { ArtifactError } from "./errors.ts";
import { ARTIFACT_MAX_BYTES } from "./kind.ts";

/**
 * The way out of IPFS: the file that a CID names, block by block, each checked against its own CID before it is looked
 * into. Where the blocks come from is not trusted. What comes out is stored under its keccak256.
 */

/** Gives the bytes of a block. It may lie; `signal` ends it. */
export type BlockSource = (cid: string) => Promise<Uint8Array>;

/** Bounds of an import. */
export const IPFS_LIMITS = {
  /** IPFS nodes exchange no larger blocks. */
  blockBytes: 2_097_152,
  /** Blocks of one file; 32 MiB in the common pieces of 256 KiB are some 130. */
  blocks: 4_096,
  /** Levels of the tree of blocks. */
  depth: 16,
} as const;

/** Codecs of blocks: a node of links and data, or bytes. */
const CODEC = { dagPb: 0x70, raw: 0x55 } as const;

/**
 * The file that `cidText` names.
 * @param maxBytes most bytes of the file
 * @throws {ArtifactError} `E_CID_INVALID` for what is no CID, or one by another hash or codec; `E_CID_MISMATCH` for a block
 *   of other bytes; `E_CID_CONTENT` for a block that is part of no file; `E_CID_LIMIT` for too much
 */
export async function fileOfCid(
  cidText: string,
  source: BlockSource,
  maxBytes: number = ARTIFACT_MAX_BYTES,
): Promise<Uint8Array> {
  const file = new FileReader(source, maxBytes);
  await file.read(parseCid(cidText), 1);
  return file.bytes();
}

/** `text` as a CID of version 0 or 1, by sha2-256. @throws {ArtifactError} `E_CID_INVALID` */
export function parseCid(text: string): CID {
  let cid: CID;
  try {
    cid = CID.parse(text);
  } catch (cause) {
    throw new ArtifactError("E_CID_INVALID", `cid "${text.slice(0, 120)}"`, { cause });
  }
  return supported(cid);
}

function supported(cid: CID): CID {
  const isKnown = cid.code === CODEC.dagPb || cid.code === CODEC.raw;
  if (isKnown && cid.multihash.code === sha256.code && cid.multihash.size === 32) return cid;
  throw new ArtifactError("E_CID_INVALID", `cid ${cid}: expected raw or dag-pb, by sha2-256`);
}

/** Reads one file from front to back. */
class FileReader {
  readonly #source: BlockSource;
  readonly #maxBytes: number;
  readonly #parts: Uint8Array[] = [];
  #length = 0;
  #blocks = 0;

  constructor(source: BlockSource, maxBytes: number) {
    this.#source = source;
    this.#maxBytes = maxBytes;
  }

  bytes(): Uint8Array {
    return Uint8Array.from(Buffer.concat(this.#parts));
  }

  /** Appends what `cid` stands for, and gives its length. */
  async read(cid: CID, depth: number): Promise<number> {
    if (depth > IPFS_LIMITS.depth) throw limit(cid, `more than ${IPFS_LIMITS.depth} levels`);
    const block = await this.#block(cid);
    const before = this.#length;
    if (cid.code === CODEC.raw) this.#append(cid, block);
    else await this.#readNode(cid, block, depth);
    return this.#length - before;
  }

  async #readNode(cid: CID, block: Uint8Array, depth: number): Promise<void> {
    const { file, links } = fileNodeOf(cid, block);
    if (file.data !== undefined) this.#append(cid, file.data);
    if (links.length !== file.blockSizes.length) throw noFile(cid, "sizes for other links");
    for (const [i, link] of links.entries()) {
      const got = await this.read(supported(link), depth + 1);
      if (BigInt(got) !== file.blockSizes[i]) throw noFile(cid, `link ${i} has ${got} bytes`);
    }
  }

  async #block(cid: CID): Promise<Uint8Array> {
    if (++this.#blocks > IPFS_LIMITS.blocks)
      throw limit(cid, `more than ${IPFS_LIMITS.blocks} blocks`);
    const block = await this.#source(cid.toString());
    if (block.length > IPFS_LIMITS.blockBytes) throw limit(cid, `a block of ${block.length} bytes`);
    const { digest } = await sha256.digest(block);
    if (Buffer.compare(digest, cid.multihash.digest) !== 0) {
      throw new ArtifactError("E_CID_MISMATCH", `block ${cid}: other bytes`);
    }
    return block;
  }

  #append(cid: CID, part: Uint8Array): void {
    this.#length += part.length;
    if (this.#length > this.#maxBytes) throw limit(cid, `more than ${this.#maxBytes} bytes`);
    this.#parts.push(part);
  }
}

/** The file, or part of one, in a dag-pb block. @throws {ArtifactError} `E_CID_CONTENT` */
function fileNodeOf(cid: CID, block: Uint8Array): { file: UnixFS; links: CID[] } {
  let file: UnixFS;
  let links: CID[];
  try {
    const node = decodePb(block);
    links = node.Links.map(({ Hash }) => Hash);
    file = UnixFS.unmarshal(node.Data ?? new Uint8Array(0));
  } catch (cause) {
    throw new ArtifactError("E_CID_CONTENT", `block ${cid}: no UnixFS`, { cause });
  }
  if (file.type === "file" || file.type === "raw") return { file, links };
  throw noFile(cid, `a ${file.type}`);
}

function noFile(cid: CID, what: string): ArtifactError {
  return new ArtifactError("E_CID_CONTENT", `block ${cid}: ${what}, no file`);
}

function limit(cid: CID, what: string): ArtifactError {
  return new ArtifactError("E_CID_LIMIT", `block ${cid}: ${what}`);
}
