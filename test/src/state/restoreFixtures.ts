import { existsSync } from "node:fs";
import { expect } from "chai";
import { keccak256 } from "../../../src/bytes/keccak.ts";
import { type RestoreOptions, restoreSnapshot } from "../../../src/state/restore.ts";
import { peerOfStore } from "../../../src/state/snapshot.ts";
import { decodeSnapshotChunk, encodeSnapshotChunk } from "../../../src/state/snapshotChunk.ts";
import {
  decodeSnapshotManifest,
  encodeSnapshotManifest,
  type SnapshotManifest,
} from "../../../src/state/snapshotManifest.ts";
import type { SnapshotPeer } from "../../../src/state/snapshotPeer.ts";
import type { StateStore } from "../../../src/state/store.ts";
import type { ListedLeaf } from "../../../src/state/storedLeaf.ts";
import { at } from "../../helpers/at.ts";
import { CHAIN_ID, Workspace } from "./fixtures.ts";
import { ChangedPeer, certifiedBy, fill } from "./snapshotFixtures.ts";

/** For readers that take whatever a peer has. */
export const ANY = { maxBytes: Number.POSITIVE_INFINITY, signal: new AbortController().signal };

/** A store to restore, in a folder of its own, and the place where it shall be again. */
export class RestoreBench {
  readonly workspace = new Workspace();
  source = this.workspace.open("source.db");

  constructor() {
    fill(this.source);
  }

  dispose(): void {
    this.workspace.dispose();
  }

  path(): string {
    return this.workspace.path("restored.db");
  }

  restore(peers: readonly SnapshotPeer[], options: Partial<RestoreOptions> = {}) {
    const certifiedRoot = certifiedBy(this.source);
    const path = this.path();
    return restoreSnapshot({ path, chainId: CHAIN_ID, peers, certifiedRoot, ...options });
  }

  /** The store at `path()` must have what the source has. */
  expectRestored(): StateStore {
    const store = this.workspace.open("restored.db");
    expect(store.head).to.deep.equal(this.source.head);
    expect([...store.entries()]).to.deep.equal([...this.source.entries()]);
    for (const [key] of this.source.entries()) {
      expect(store.leaf(key)).to.deep.equal(this.source.leaf(key));
      expect(store.prove(key)).to.deep.equal(this.source.prove(key));
    }
    return store;
  }

  /** Nothing may be left that a store would be opened from. */
  expectNoStore(): void {
    expect(existsSync(this.path())).to.equal(false);
  }

  honest(id = "honest"): ChangedPeer {
    return new ChangedPeer(id, this.source);
  }

  /** A peer whose manifest goes with its changed chunks. */
  async forging(
    id: string,
    change: (leaves: readonly ListedLeaf[]) => ListedLeaf[],
  ): Promise<ChangedPeer> {
    const peer = peerOfStore(this.source, { chunkLeaves: 7 });
    const manifest = decodeSnapshotManifest(await peer.manifest(ANY));
    const original = decodeSnapshotChunk(await peer.chunk(1, ANY));
    const leaves = change(original.leaves);
    const forged = encodeSnapshotChunk(original, { leaves, proof: original.proof });
    const entry = {
      ...at(manifest.chunks, 1),
      leafCount: leaves.length,
      length: forged.length,
      hash: keccak256<SnapshotManifest["chunks"][number]["hash"]>(forged),
    };
    const chunks = manifest.chunks.with(1, entry);
    const leafCount = chunks.reduce((sum, chunk) => sum + chunk.leafCount, 0);
    const lying = encodeSnapshotManifest({ ...manifest, chunks, leafCount });
    return new ChangedPeer(id, this.source, {
      manifest: () => lying,
      chunk: (bytes, index) => (index === 1 ? forged : bytes),
    });
  }
}
