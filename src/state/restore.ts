import type { ContentHash } from "../bytes/brand.ts";
import { equalBytes } from "../bytes/compare.ts";
import { CodedError } from "../bytes/errors.ts";
import { type Hex, toHex } from "../bytes/hex.ts";
import { keccak256 } from "../bytes/keccak.ts";
import { inOrder } from "./ahead.ts";
import type { RootSource } from "./certifiedRoot.ts";
import { StateError } from "./errors.ts";
import { type BannedPeer, PeerPool, type Question, type Wait } from "./peerPool.ts";
import { assertNoStore, RestoreFile } from "./restoreFile.ts";
import { type HashedContent, RestoreRehearsal, type RestoreTarget } from "./restoreTarget.ts";
import { type ContentClaim, ContentSet } from "./snapshot.ts";
import { openSnapshotChunk } from "./snapshotChunk.ts";
import {
  decodeSnapshotManifest,
  MAX_SNAPSHOT_MANIFEST_BYTES,
  type SnapshotManifest,
} from "./snapshotManifest.ts";
import type { PeerRequest, SnapshotPeer } from "./snapshotPeer.ts";
import type { Head } from "./store.ts";
import type { ListedLeaf } from "./storedLeaf.ts";

/**
 * A store from a snapshot that peers serve. Nothing is believed: the manifest must be of a commit that the chain certified, each
 * chunk proves itself against that root when it arrives, each content must have its hash, and in the end the tree is computed
 * anew. What is older than the chain's head is brought up by deltas (`rebuild`); a `CertifiedReader` serves nothing before.
 */

export interface RestoreOptions {
  /** Where the store shall be. */
  readonly path: string;
  readonly chainId: bigint;
  readonly peers: readonly SnapshotPeer[];
  /** What the chain has accepted. A failure of it ends the restore. */
  readonly certifiedRoot: RootSource;
  /** Most bytes of contents, all together; 64 GiB by default. */
  readonly maxContentBytes?: bigint;
  /** A content that is at hand already, perhaps; it is hashed before it is believed. */
  readonly atHand?: (hash: ContentHash) => Uint8Array | undefined;
  /** Hashes a content, which it may take over; on this thread by default (see `HashThread`). */
  readonly hash?: ContentHasher;
  /** How time passes for peers that do not answer. */
  readonly wait?: Wait;
  /** Fetches and checks everything and writes nothing. */
  readonly dryRun?: boolean;
}

/** A content with its hash. */
export type ContentHasher = (content: Uint8Array) => Promise<HashedContent>;

export interface RestoreReport {
  readonly head: Head;
  readonly leafCount: number;
  readonly chunks: number;
  /** Chunks that an earlier attempt had restored. */
  readonly resumedChunks: number;
  /** Contents fetched, and their bytes. */
  readonly contents: number;
  readonly contentBytes: bigint;
  readonly banned: readonly BannedPeer[];
}

const MAX_CONTENT_BYTES = 68_719_476_736n;
/** Contents asked for at a time: enough to hash while a batch is written. */
const CONTENTS_AHEAD = { maxItems: 64, maxWeight: 134_217_728 };
const CHUNKS_AHEAD = { maxItems: 3 };
/** Contents written in one transaction, unless one alone has more. */
const BATCH_BYTES = 33_554_432;

/** A snapshot and those who serve it. */
interface Offer {
  readonly manifest: SnapshotManifest;
  readonly manifestBytes: Uint8Array;
  readonly peers: SnapshotPeer[];
}

/**
 * Makes the store at `path` from the newest snapshot that can be had whole. Killed at any point, it goes on from there when
 * it is called again. The store is in its place only when it is complete.
 * @throws {StateError} `E_STORE_EXISTS`, `E_NO_PEER` if no snapshot could be had from anyone, `E_SNAPSHOT_SIZE` if the state
 *   has more than `maxContentBytes`, `E_ROOT_MISMATCH` if the file does not give back what was written
 * @throws {DurableError} as `DurableDatabase.open` and `write`
 */
export async function restoreSnapshot(options: RestoreOptions): Promise<RestoreReport> {
  assertNoStore(options.path);
  const pool = new PeerPool(options.peers, options.wait);
  for (const offer of await collectOffers(pool, options)) {
    const report = await unlessNoPeer(() => restoreOffer(pool, offer, options));
    if (report !== undefined) return report;
  }
  const reasons = pool.banned.map(({ id, code }) => `${id}: ${code}`).join(", ");
  throw new StateError("E_NO_PEER", `no snapshot could be had (${reasons})`);
}

/** The snapshots on offer, newest first, of one commit that of most peers first. */
async function collectOffers(pool: PeerPool, options: RestoreOptions): Promise<Offer[]> {
  const offers = new Map<Hex, Offer>();
  for (const peer of pool.peers) {
    const question = {
      maxBytes: MAX_SNAPSHOT_MANIFEST_BYTES,
      ask: (asked: SnapshotPeer, request: PeerRequest) => asked.manifest(request),
      check: (bytes: Uint8Array) => ({ bytes, manifest: decodeSnapshotManifest(bytes) }),
    };
    const answer = await unlessNoPeer(() => pool.answer(question, [peer]));
    if (answer === undefined) continue;
    const { bytes: manifestBytes, manifest } = answer;
    const fault = await faultOf(manifest, options);
    if (fault !== undefined) {
      pool.ban(peer, fault);
      continue;
    }
    const name = toHex(keccak256(manifestBytes));
    const offer = offers.get(name);
    if (offer === undefined) offers.set(name, { manifest, manifestBytes, peers: [peer] });
    else offer.peers.push(peer);
  }
  return [...offers.values()].sort((a, b) => {
    const newer = Number(b.manifest.sequenceNo - a.manifest.sequenceNo);
    return newer || b.peers.length - a.peers.length;
  });
}

async function faultOf(
  { chainId, sequenceNo, stateRoot, contentBytes }: SnapshotManifest,
  options: RestoreOptions,
): Promise<StateError | undefined> {
  if (chainId !== options.chainId) {
    return new StateError("E_WRONG_CHAIN", `expected chain ${options.chainId}, got ${chainId}`);
  }
  const { maxContentBytes = MAX_CONTENT_BYTES } = options;
  if (contentBytes > maxContentBytes) {
    const said = `expected at most ${maxContentBytes} bytes of contents, got ${contentBytes}`;
    return new StateError("E_SNAPSHOT_SIZE", said);
  }
  const certified = await options.certifiedRoot(sequenceNo);
  if (certified !== undefined && equalBytes(certified, stateRoot)) return undefined;
  const chain = certified === undefined ? "no root" : toHex(certified);
  const said = `commit ${sequenceNo}: the chain has ${chain}, the snapshot ${toHex(stateRoot)}`;
  return new StateError("E_NOT_CERTIFIED", said);
}

async function restoreOffer(
  pool: PeerPool,
  offer: Offer,
  options: RestoreOptions,
): Promise<RestoreReport> {
  const { manifest, manifestBytes } = offer;
  const target: RestoreTarget = options.dryRun
    ? new RestoreRehearsal(manifest)
    : RestoreFile.open(options.path, manifest, manifestBytes);
  try {
    const reader = new OfferReader(pool, offer, options);
    const fetched = await fetchInto(target, reader, options);
    target.finish();
    const { sequenceNo, stateRoot, leafCount, chunks } = manifest;
    const { banned } = pool;
    const head = { sequenceNo, stateRoot };
    return { head, leafCount, chunks: chunks.length, ...fetched, banned };
  } finally {
    target.close();
  }
}

async function fetchInto(target: RestoreTarget, reader: OfferReader, options: RestoreOptions) {
  const { maxContentBytes = MAX_CONTENT_BYTES } = options;
  const indexes = [...reader.manifest.chunks.keys()];
  const missing = indexes.filter((index) => !target.hasChunk(index));
  const known = new ContentSet();
  let contents = 0;
  let contentBytes = 0n;
  const chunks = inOrder(missing, CHUNKS_AHEAD, (index) => reader.chunk(index));
  for await (const { index, leaves } of chunks) {
    const claims = known.addAll(leaves).filter(({ hash }) => !target.hasContent(hash));
    for (const { length } of claims) contentBytes += BigInt(length);
    contents += claims.length;
    if (contentBytes > maxContentBytes) {
      throw new StateError("E_SNAPSHOT_SIZE", `more than ${maxContentBytes} bytes of contents`);
    }
    await putContents(target, reader, claims);
    target.putChunk(index, leaves);
  }
  return { contents, contentBytes, resumedChunks: indexes.length - missing.length };
}

async function putContents(
  target: RestoreTarget,
  reader: OfferReader,
  claims: readonly ContentClaim[],
): Promise<void> {
  let batch: HashedContent[] = [];
  let bytes = 0;
  const ahead = { ...CONTENTS_AHEAD, weigh: ({ length }: ContentClaim) => length };
  for await (const found of inOrder(claims, ahead, (claim) => reader.content(claim))) {
    if (bytes + found.content.length > BATCH_BYTES && batch.length > 0) {
      target.putContents(batch);
      [batch, bytes] = [[], 0];
    }
    batch.push(found);
    bytes += found.content.length;
  }
  if (batch.length > 0) target.putContents(batch);
}

/** Chunks and contents of one snapshot, from any of its peers, checked. */
class OfferReader {
  readonly manifest: SnapshotManifest;
  readonly #pool: PeerPool;
  readonly #peers: readonly SnapshotPeer[];
  readonly #atHand: RestoreOptions["atHand"];
  readonly #hash: ContentHasher | undefined;

  constructor(
    pool: PeerPool,
    { manifest, peers }: Offer,
    { atHand, hash }: Pick<RestoreOptions, "atHand" | "hash">,
  ) {
    this.#atHand = atHand;
    this.#hash = hash;
    this.manifest = manifest;
    this.#pool = pool;
    this.#peers = peers;
  }

  async chunk(index: number): Promise<{ index: number; leaves: readonly ListedLeaf[] }> {
    const question = {
      maxBytes: this.manifest.chunks[index]?.length ?? 0,
      ask: (peer: SnapshotPeer, request: PeerRequest) => peer.chunk(index, request),
      check: (bytes: Uint8Array) => openSnapshotChunk(this.manifest, index, bytes),
    };
    return { index, leaves: await this.#pool.answer(question, this.#peers) };
  }

  async content({ hash, length }: ContentClaim): Promise<HashedContent> {
    const content = this.#atHand?.(hash);
    if (content !== undefined && isContent(content, hash, length)) return { hash, content };
    return await this.#pool.answer(contentQuestion({ hash, length }, this.#hash), this.#peers);
  }
}

/** The question for a content. A bad answer is `E_CONTENT_HASH`. */
export function contentQuestion(
  { hash, length }: ContentClaim,
  hashContent: ContentHasher = hashHere,
): Question<HashedContent> {
  return {
    maxBytes: length,
    ask: (peer, request) => peer.content(hash, request),
    check: async (answer) => {
      // Of another length it cannot be it: hashing would be a waste.
      const found = answer.length === length ? await hashContent(answer) : undefined;
      if (found !== undefined && equalBytes(found.hash, hash)) return found;
      const said = `expected ${length} bytes of hash ${toHex(hash)}`;
      throw new StateError("E_CONTENT_HASH", said);
    },
  };
}

async function hashHere(content: Uint8Array): Promise<HashedContent> {
  return { content, hash: keccak256<ContentHash>(content) };
}

function isContent(content: Uint8Array, hash: ContentHash, length: number): boolean {
  return content.length === length && equalBytes(keccak256(content), hash);
}

/** What `work` gives, or nothing if nobody is left to ask. */
async function unlessNoPeer<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof CodedError && cause.code === "E_NO_PEER") return undefined;
    throw cause;
  }
}
