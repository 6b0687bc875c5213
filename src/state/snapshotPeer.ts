import type { ContentHash } from "../bytes/brand.ts";

/**
 * The port to those who serve a snapshot. Nothing that comes through it is believed: a manifest must be of a certified commit,
 * a chunk must prove itself, a content must have its hash.
 */

/** Bounds of one request. */
export interface PeerRequest {
  /** A peer that would answer with more should not: it is not read. */
  readonly maxBytes: number;
  /** Aborted when the answer is no longer waited for. */
  readonly signal: AbortSignal;
}

/** Serves one snapshot. */
export interface SnapshotPeer {
  /** Names the peer in reports. */
  readonly id: string;
  /** The encoded manifest. */
  manifest(request: PeerRequest): Promise<Uint8Array>;
  /** The encoded chunk `index`, from 0. */
  chunk(index: number, request: PeerRequest): Promise<Uint8Array>;
  /** The content with this hash. */
  content(hash: ContentHash, request: PeerRequest): Promise<Uint8Array>;
}
