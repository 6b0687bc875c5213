import { spawn } from "node:child_process";
import { copyFileSync, existsSync, linkSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { expect } from "chai";
import { bytes32, type DaCertHash, type StateRoot } from "../../../src/bytes/brand.ts";
import { tag } from "../../../src/bytes/codec.ts";
import { keccak256 } from "../../../src/bytes/keccak.ts";
import { agreedRoot } from "../../../src/state/certifiedRoot.ts";
import { MemoryDataAvailability } from "../../../src/state/daMemory.ts";
import type { Delta } from "../../../src/state/delta.ts";
import { HashThread } from "../../../src/state/hashThread.ts";
import { publishDelta } from "../../../src/state/publish.ts";
import { CertifiedReader, rebuild } from "../../../src/state/replica.ts";
import { type RestoreOptions, restoreSnapshot } from "../../../src/state/restore.ts";
import { peerOfStore } from "../../../src/state/snapshot.ts";
import { decodeSnapshotChunk, encodeSnapshotChunk } from "../../../src/state/snapshotChunk.ts";
import { SnapshotFolder, writeSnapshot } from "../../../src/state/snapshotFolder.ts";
import {
  decodeSnapshotManifest,
  encodeSnapshotManifest,
  type SnapshotManifest,
} from "../../../src/state/snapshotManifest.ts";
import type { SnapshotPeer } from "../../../src/state/snapshotPeer.ts";
import { StateStore } from "../../../src/state/store.ts";
import type { ListedLeaf } from "../../../src/state/storedLeaf.ts";
import { asyncCodeOf, at, codeOf } from "../tree/codes.ts";
import { artifact, CHAIN_ID, secret, Workspace } from "./fixtures.ts";
import { ChangedPeer, certifiedBy, fill, flipped } from "./snapshotFixtures.ts";

const ANY = { maxBytes: Number.POSITIVE_INFINITY, signal: new AbortController().signal };

describe("restoring a snapshot", () => {
  let workspace: Workspace;
  let source: StateStore;
  beforeEach(() => {
    workspace = new Workspace();
    source = workspace.open("source.db");
    fill(source);
  });
  afterEach(() => workspace.dispose());

  const path = () => workspace.path("restored.db");

  function restore(peers: readonly SnapshotPeer[], options: Partial<RestoreOptions> = {}) {
    const certifiedRoot = certifiedBy(source);
    return restoreSnapshot({ path: path(), chainId: CHAIN_ID, peers, certifiedRoot, ...options });
  }

  /** The store at `path()` must have what the source has. */
  function expectRestored(): StateStore {
    const store = workspace.open("restored.db");
    expect(store.head).to.deep.equal(source.head);
    expect([...store.entries()]).to.deep.equal([...source.entries()]);
    for (const [key] of source.entries()) {
      expect(store.leaf(key)).to.deep.equal(source.leaf(key));
      expect(store.prove(key)).to.deep.equal(source.prove(key));
    }
    return store;
  }

  /** Nothing may be left that a store would be opened from. */
  function expectNoStore(): void {
    expect(existsSync(path())).to.equal(false);
  }

  function honest(id = "honest"): ChangedPeer {
    return new ChangedPeer(id, source);
  }

  /** A peer whose manifest goes with its changed chunks. */
  async function forging(id: string, change: (leaves: readonly ListedLeaf[]) => ListedLeaf[]) {
    const peer = peerOfStore(source, { chunkLeaves: 7 });
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
    return new ChangedPeer(id, source, {
      manifest: () => lying,
      chunk: (bytes, index) => (index === 1 ? forged : bytes),
    });
  }

  it("SNAP-12: gives the same store, recomputed, from one peer and from several at once", async () => {
    const peers = [honest("a"), honest("b"), honest("c")];
    const report = await restore(peers);
    expect(report).to.deep.include({
      head: source.head,
      leafCount: source.leafCount(),
      banned: [],
    });
    for (const { asked } of peers) expect(asked.content).to.be.greaterThan(0);
    const store = expectRestored();
    expect(store.oldest).to.equal(6n);
    expect(codeOf(() => store.rootAt(5n))).to.equal("E_VERSION_PRUNED");
    expect(codeOf(() => store.rootAt(7n))).to.equal("E_VERSION_UNKNOWN");
    expect(
      readdirSync(workspace.directory).filter((name) => name.includes("restoring")),
    ).to.deep.equal([]);
  });

  it("goes on committing, pruning and reopening like any other store", async () => {
    await restore([honest()]);
    let store = workspace.open("restored.db", { retainedVersions: 2 });
    const from = workspace.open("same.db");
    fill(from);
    for (let n = 0; n < 5; n++) {
      const writes = [secret("changing", `then ${n}`), artifact(`then ${n}`)];
      expect(store.commit(store.stage(writes))).to.deep.equal(from.commit(from.stage(writes)));
    }
    store.close();
    store = workspace.open("restored.db", { retainedVersions: 2 });
    expect(store.oldest).to.equal(10n);
    expect([...store.entries()]).to.deep.equal([...from.entries()]);
  });

  it("SNAP-01: takes a stale snapshot only with the deltas up to the certified root", async () => {
    const da = new MemoryDataAvailability();
    const stale = peerOfStore(source, { sequenceNo: 4n });
    const commits = [];
    for (let n = 0; n < 2; n++) {
      const staged = source.stage([secret("changing", `new ${n}`)]);
      const { daCertHash } = await publishDelta(da, staged.delta);
      commits.push({ ...staged.delta, daCertHash });
      source.commit(staged);
    }
    // The registry may have forgotten older roots, but it has that of the snapshot.
    const report = await restore([peerOfStore(source, { sequenceNo: 6n, id: "stale" }), stale]);
    expect(report.head.sequenceNo).to.equal(6n);
    const store = workspace.open("restored.db");
    const reader = new CertifiedReader(store);
    expect(codeOf(() => reader.certify(source.head))).to.equal("E_GAP");
    expect(reader.isServing).to.equal(false);
    await rebuild(store, da, commits);
    reader.certify(source.head);
    expect(reader.head).to.deep.equal(source.head);
  });

  describe("peers that lie", () => {
    it("SNAP-02: bans a peer at its first altered chunk, and takes it from another", async () => {
      const liar = new ChangedPeer("liar", source, {
        chunk: (bytes, index) => (index === 2 ? flipped(bytes, 60) : undefined),
      });
      const { banned } = await restore([liar, honest()]);
      expect(banned.map(({ id, code }) => [id, code])).to.deep.equal([["liar", "E_CHUNK_PROOF"]]);
      expectRestored();
    });

    it("SNAP-03: bans a peer that leaves out a leaf at the edge of a chunk", async () => {
      const liar = await forging("liar", (leaves) => leaves.slice(0, -1));
      const { banned } = await restore([liar, liar, honest()]);
      expect(banned.map(({ code }) => code)).to.include("E_RANGE_PROOF");
      expectRestored();
    });

    it("SNAP-04: bans a peer with a leaf too many, or one twice", async () => {
      const extra = await forging("extra", ([first, ...rest]) => {
        if (first === undefined) throw new Error("expected a leaf");
        const key = bytes32<typeof first.key>(first.key.slice());
        key[31] = (key[31] ?? 0) ^ 1;
        return [first, { ...first, key }, ...rest].sort((a, b) => Buffer.compare(a.key, b.key));
      });
      const twice = await forging("twice", (leaves) => [at(leaves, 0), ...leaves]);
      const { banned } = await restore([extra, twice, honest()]);
      const codes = banned.map(({ code }) => code);
      expect(new Set(codes)).to.deep.equal(new Set(["E_RANGE_PROOF"]));
      expect(codes).to.have.length(2);
      expectRestored();
    });

    it("bans a peer with another content, and takes it from another", async () => {
      const liar = new ChangedPeer("liar", source, { content: (bytes) => flipped(bytes, 0) });
      const { banned } = await restore([liar, honest()]);
      expect(banned.map(({ id, code }) => [id, code])).to.deep.equal([["liar", "E_CONTENT_HASH"]]);
      expectRestored();
    });

    it("SNAP-06: bans peers of another chain, another version and another history", async () => {
      const other = StateStore.open({ path: workspace.path("other.db"), chainId: CHAIN_ID + 1n });
      fill(other);
      const fork = workspace.open("fork.db");
      fork.commit(fork.stage([artifact("another history")]));
      const future = new ChangedPeer("version", source, {
        manifest: (bytes) => Uint8Array.of(2, ...bytes.subarray(1)),
      });
      const peers = [new ChangedPeer("chain", other), new ChangedPeer("fork", fork), future];
      const { banned } = await restore([...peers, honest()]);
      expect(new Map(banned.map(({ id, code }) => [id, code]))).to.deep.equal(
        new Map([
          ["chain", "E_WRONG_CHAIN"],
          ["fork", "E_NOT_CERTIFIED"],
          ["version", "E_VERSION"],
        ]),
      );
      other.close();
      expectRestored();
    });

    it("refuses a snapshot of a commit whose root the chain does not know", async () => {
      const code = await asyncCodeOf(() =>
        restore([honest()], { certifiedRoot: async () => undefined }),
      );
      expect(code).to.equal("E_NO_PEER");
      expectNoStore();
    });

    it("SNAP-09: makes no store when all peers lie, and does when one comes that does not", async () => {
      const liars = [
        new ChangedPeer("chunk", source, { chunk: (bytes) => flipped(bytes, -1) }),
        new ChangedPeer("content", source, { content: (bytes) => bytes.subarray(1) }),
        await forging("leaf", (leaves) => leaves.slice(1)),
        new ChangedPeer("manifest", source, { manifest: (bytes) => flipped(bytes, 20) }),
      ];
      expect(await asyncCodeOf(() => restore(liars))).to.equal("E_NO_PEER");
      expectNoStore();
      expect(await asyncCodeOf(() => restore([]))).to.equal("E_NO_PEER");
      await restore([honest()]);
      expectRestored();
    });

    it("SNAP-10: refuses a snapshot whose root one node has from the peer and another has not", async () => {
      const fork = workspace.open("fork.db");
      fill(fork, 5);
      fork.commit(fork.stage([artifact("another history")]));
      const liar = new ChangedPeer("liar", fork);
      const [lying, truthful] = [certifiedBy(fork), certifiedBy(source)];
      for (const certifiedRoot of [agreedRoot(lying, truthful), agreedRoot(truthful, lying)]) {
        const code = await asyncCodeOf(() => restore([liar, honest()], { certifiedRoot }));
        expect(code).to.equal("E_RPC_DISAGREE");
        expectNoStore();
      }
      const silent = agreedRoot(truthful, async () => undefined);
      const refused = await asyncCodeOf(() => restore([honest()], { certifiedRoot: silent }));
      expect(refused).to.equal("E_RPC_DISAGREE");
      const agreeing = agreedRoot(truthful, certifiedBy(source));
      const { banned } = await restore([liar, honest()], { certifiedRoot: agreeing });
      expect(banned.map(({ id, code }) => [id, code])).to.deep.equal([["liar", "E_NOT_CERTIFIED"]]);
      expectRestored();
    });

    it("refuses a manifest with a gap or an end that is missing", async () => {
      const cut = (cutting: (bytes: Uint8Array) => Uint8Array) =>
        new ChangedPeer("cut", source, { manifest: cutting });
      const { banned } = await restore([cut((bytes) => bytes.slice(0, -104)), honest()]);
      expect(banned.map(({ code }) => code)).to.deep.equal(["E_LENGTH"]);
      rmSync(path());
      const gapped = cut((bytes) => flipped(bytes, 69 + 104 + 31));
      const second = await restore([gapped, honest()]);
      expect(second.banned.map(({ code }) => code)).to.deep.equal(["E_SNAPSHOT_GAP"]);
    });
  });

  describe("bounds", () => {
    it("SNAP-05: bans a peer that sends more than it announced", async () => {
      const endless = new ChangedPeer("endless", source, {
        content: () => new Uint8Array(10_000_000),
      });
      const long = new ChangedPeer("long", source, {
        chunk: (bytes) => Uint8Array.of(...bytes, 0),
      });
      const { banned } = await restore([endless, long, honest()]);
      expect(new Map(banned.map(({ id, code }) => [id, code]))).to.deep.equal(
        new Map([
          ["endless", "E_SNAPSHOT_SIZE"],
          ["long", "E_SNAPSHOT_SIZE"],
        ]),
      );
      expectRestored();
    });

    it("SNAP-05: refuses contents beyond the bound, announced or not", async () => {
      const refused = (peer: SnapshotPeer) =>
        asyncCodeOf(() => restore([peer], { maxContentBytes: 20_000n }));
      expect(await refused(honest())).to.equal("E_NO_PEER");
      const understating = new ChangedPeer("understating", source, {
        manifest: (bytes) =>
          encodeSnapshotManifest({ ...decodeSnapshotManifest(bytes), contentBytes: 1n }),
      });
      expect(await refused(understating)).to.equal("E_SNAPSHOT_SIZE");
      expectNoStore();
    });

    it("SNAP-05: bans a peer that is too slow, by the clock it is given", async () => {
      let waited = 0;
      const slow = new ChangedPeer("slow", source, {
        chunk: () => new Promise<undefined>(() => undefined),
      });
      // Time passes at once for whoever has not answered.
      const wait = async (milliseconds: number, signal: AbortSignal) => {
        waited = Math.max(waited, milliseconds);
        for (let i = 0; i < 20 && !signal.aborted; i++) await new Promise(setImmediate);
        if (signal.aborted) await new Promise(() => undefined);
      };
      const { banned } = await restore([slow, honest()], { wait });
      expect(banned.map(({ id, code }) => [id, code])).to.deep.equal([["slow", "E_PEER_SLOW"]]);
      expect(waited).to.be.greaterThan(10_000);
      expectRestored();
    });

    it("asks a peer without an answer three times, and then others", async () => {
      const silent = new ChangedPeer("silent", source, {
        content: () => Promise.reject(new Error("connection refused")),
      });
      const { banned } = await restore([silent, honest()]);
      expect(silent.asked.content).to.be.at.most(8);
      for (const { id, code } of banned)
        expect([id, code]).to.deep.equal(["silent", "E_PEER_UNAVAILABLE"]);
      const alone = await asyncCodeOf(() => {
        rmSync(path());
        return restore([silent]);
      });
      expect(alone).to.equal("E_NO_PEER");
    });
  });

  describe("interruptions", () => {
    it("SNAP-08: goes on where it was killed, after each chunk and content, and serves nothing before", async () => {
      const folder = workspace.path("snapshot");
      await writeSnapshot(source, folder, { chunkLeaves: 3 });
      const root = Buffer.from(source.head.stateRoot).toString("hex");
      let kills = 0;
      for (let requests = 1; ; requests += 3) {
        const args = [path(), String(CHAIN_ID), folder, root, String(source.head.sequenceNo)];
        const done = await killedAfter(requests, args);
        if (done) break;
        kills++;
        expectNoStore();
        const leftover = StateStore.open.bind(StateStore, {
          path: `${path()}.restoring`,
          chainId: CHAIN_ID,
        });
        if (existsSync(`${path()}.restoring`))
          expect(codeOf(leftover)).to.equal("E_STORE_UNREADABLE");
      }
      expect(kills).to.be.greaterThan(3);
      expectRestored();
    }).timeout(120_000);

    it("keeps contents when another snapshot is restored than the one begun", async () => {
      let allowed = 12;
      const failing = new ChangedPeer("failing", source, {
        content: (bytes) => (allowed-- > 0 ? bytes : Promise.reject(new Error("gone"))),
      });
      expect(await asyncCodeOf(() => restore([failing]))).to.equal("E_NO_PEER");
      source.commit(source.stage([secret("one", "more")]));
      const peer = honest();
      const report = await restore([peer]);
      expect(report.resumedChunks).to.equal(0);
      expect(report.contents).to.be.lessThan(source.leafCount() - 5);
      expectRestored();
    });

    it("begins anew when what was begun is damaged", async () => {
      writeFileSync(`${path()}.restoring`, "no database".repeat(1_000));
      await restore([honest()]);
      expectRestored();
    });

    it("removes the former name of a store that was already in place", async () => {
      await restore([honest()]);
      linkSync(path(), `${path()}.restoring`);
      expect(await asyncCodeOf(() => restore([honest()]))).to.equal("E_STORE_EXISTS");
      expect(existsSync(`${path()}.restoring`)).to.equal(false);
      expectRestored();
    });

    it("moves a restored store that was not in its place yet", async () => {
      await restore([honest()]);
      linkSync(path(), `${path()}.restoring`);
      rmSync(path());
      const peer = honest();
      const report = await restore([peer]);
      expect([report.contents, peer.asked.chunk]).to.deep.equal([0, 0]);
      expectRestored();
    });

    it("refuses a place where there is a store", async () => {
      const store = workspace.open("restored.db");
      store.commit(store.stage([artifact("mine")]));
      const { head } = store;
      const peer = honest();
      expect(await asyncCodeOf(() => restore([peer]))).to.equal("E_STORE_EXISTS");
      expect(peer.asked.manifest).to.equal(0);
      expect(store.head).to.deep.equal(head);
    });
  });

  it("hashes on a thread of its own, and believes no more there", async () => {
    const thread = new HashThread();
    try {
      const liar = new ChangedPeer("liar", source, { content: (bytes) => flipped(bytes, 0) });
      const { banned } = await restore([liar, honest()], { hash: thread.hash });
      expect(banned.map(({ id, code }) => [id, code])).to.deep.equal([["liar", "E_CONTENT_HASH"]]);
      expectRestored();
    } finally {
      await thread.close();
    }
  });

  it("rehearses without writing", async () => {
    const report = await restore([honest()], { dryRun: true });
    expect(report.head).to.deep.equal(source.head);
    expect(
      readdirSync(workspace.directory).filter((name) => name.startsWith("restored")),
    ).to.deep.equal([]);
    const liar = new ChangedPeer("liar", source, { content: (bytes) => flipped(bytes, 0) });
    expect(await asyncCodeOf(() => restore([liar], { dryRun: true }))).to.equal("E_NO_PEER");
  });

  it("restores from the snapshot of a restored store", async () => {
    await restore([honest()]);
    const second = workspace.open("restored.db");
    const folder = workspace.path("second");
    await writeSnapshot(second, folder, { chunkLeaves: 7 });
    expect(await new SnapshotFolder(folder).manifest(ANY)).to.deep.equal(
      await peerOfStore(source, { chunkLeaves: 7 }).manifest(ANY),
    );
  });

  it("DA-14: starts from a snapshot where the deltas are gone, and loses nothing", async () => {
    const da = new MemoryDataAvailability();
    const commits: (Delta & { readonly daCertHash: DaCertHash })[] = [];
    for (let n = 0; n < 3; n++) {
      const staged = source.stage([secret("changing", `later ${n}`), artifact(`later ${n}`)]);
      const { daCertHash } = await publishDelta(da, staged.delta);
      commits.push({ ...staged.delta, daCertHash });
      source.commit(staged);
    }
    const behind = workspace.open("behind.db");
    fill(behind);
    // All but the newest are pruned.
    const pruned = new MemoryDataAvailability();
    const kept = at(commits, 2);
    expect((await publishDelta(pruned, kept)).daCertHash).to.deep.equal(kept.daCertHash);
    const { head } = behind;
    expect(await asyncCodeOf(() => rebuild(behind, pruned, commits))).to.equal("E_DA_NOT_FOUND");
    expect(behind.head).to.deep.equal(head);
    await restore([peerOfStore(source, { sequenceNo: 8n })]);
    const store = workspace.open("restored.db");
    expect(await rebuild(store, pruned, [kept])).to.deep.equal(source.head);
    store.close();
    expectRestored();
  });

  it("STO-12: a store put back from an old backup catches up to the same root", async () => {
    const da = new MemoryDataAvailability();
    source.close();
    copyFileSync(workspace.path("source.db"), workspace.path("backup.db"));
    source = workspace.open("source.db");
    const backup = workspace.open("backup.db");
    const commits = [];
    for (let n = 0; n < 3; n++) {
      const staged = source.stage([artifact(`after the backup ${n}`), secret("changing", `b${n}`)]);
      commits.push({
        ...staged.delta,
        daCertHash: (await publishDelta(da, staged.delta)).daCertHash,
      });
      source.commit(staged);
    }
    expect(await rebuild(backup, da, commits)).to.deep.equal(source.head);
    expect([...backup.entries()]).to.deep.equal([...source.entries()]);
    const reader = new CertifiedReader(backup);
    reader.certify(source.head);
    const other = { ...source.head, stateRoot: keccak256<StateRoot>(tag("other")) };
    expect(codeOf(() => reader.certify(other))).to.equal("E_NOT_CERTIFIED");
  });
});

/** Restores in a process that is killed before its n-th request to the peer. @returns whether it came to its end first */
async function killedAfter(requests: number, args: readonly string[]): Promise<boolean> {
  const script = "test/src/state/restoreSlowly.ts";
  const child = spawn(process.execPath, [script, ...args], { stdio: ["pipe", "pipe", "inherit"] });
  const exited = new Promise((resolve) => child.once("exit", resolve));
  let asked = 0;
  let isDone = false;
  for await (const line of createInterface(child.stdout)) {
    if (line === "done") isDone = true;
    else if (++asked >= requests) child.kill("SIGKILL");
    else child.stdin.write("\n");
  }
  await exited;
  return isDone;
}
