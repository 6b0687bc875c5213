import type { ContentHash, StateRoot } from "../bytes/brand.ts";
import { equalBytes } from "../bytes/compare.ts";
import { toHex } from "../bytes/hex.ts";
import { valueHash } from "../tree/hasher.ts";
import { type Entry, VersionedTree } from "../tree/versionedTree.ts";
import { StateError } from "./errors.ts";
import type { SnapshotManifest } from "./snapshotManifest.ts";
import type { ListedLeaf } from "./storedLeaf.ts";

/** Where a restore puts what it has fetched and checked: a file (`RestoreFile`), or nowhere. */

/** A content under its hash. */
export interface HashedContent {
  readonly hash: ContentHash;
  readonly content: Uint8Array;
}

/** Takes what was fetched and checked. */
export interface RestoreTarget {
  hasChunk(index: number): boolean;
  hasContent(hash: ContentHash): boolean;
  putContents(contents: readonly HashedContent[]): void;
  /** The leaves of a chunk whose contents are there. */
  putChunk(index: number, leaves: readonly ListedLeaf[]): void;
  /** Recomputes the tree from what is there, compares, and makes it the store. @throws {StateError} `E_ROOT_MISMATCH` */
  finish(): void;
  close(): void;
}

/** Checks everything, and keeps no more than that it was there. */
export class RestoreRehearsal implements RestoreTarget {
  readonly #manifest: SnapshotManifest;
  readonly #entries: Entry[] = [];
  readonly #contents = new Set<string>();

  constructor(manifest: SnapshotManifest) {
    this.#manifest = manifest;
  }

  hasChunk(): boolean {
    return false;
  }

  hasContent(hash: ContentHash): boolean {
    return this.#contents.has(toHex(hash));
  }

  putContents(contents: readonly HashedContent[]): void {
    for (const { hash } of contents) this.#contents.add(toHex(hash));
  }

  putChunk(_index: number, leaves: readonly ListedLeaf[]): void {
    for (const { key, record } of leaves) this.#entries.push([key, valueHash(record)]);
  }

  finish(): void {
    const { sequenceNo, stateRoot } = this.#manifest;
    const root: StateRoot = VersionedTree.restore(sequenceNo, this.#entries).root();
    if (equalBytes(root, stateRoot)) return;
    throw new StateError("E_ROOT_MISMATCH", `expected ${toHex(stateRoot)}, got ${toHex(root)}`);
  }

  close(): void {}
}
