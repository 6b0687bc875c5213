import { rmSync } from "node:fs";
import { expect } from "chai";
import { bytes32 } from "../../../src/bytes/brand.ts";
import { agreedRoot } from "../../../src/state/certifiedRoot.ts";
import {
  decodeSnapshotManifest,
  encodeSnapshotManifest,
} from "../../../src/state/snapshotManifest.ts";
import type { SnapshotPeer } from "../../../src/state/snapshotPeer.ts";
import { StateStore } from "../../../src/state/store.ts";
import { at } from "../../helpers/at.ts";
import { asyncCodeOf } from "../../helpers/codes.ts";
import { artifact, CHAIN_ID } from "./fixtures.ts";
import { RestoreBench } from "./restoreFixtures.ts";
import { ChangedPeer, certifiedBy, fill, flipped } from "./snapshotFixtures.ts";

describe("restoring from peers that lie or fail", () => {
  let bench: RestoreBench;
  beforeEach(() => {
    bench = new RestoreBench();
  });
  afterEach(() => bench.dispose());

  it("SNAP-02: bans a peer at its first altered chunk, and takes it from another", async () => {
    const liar = new ChangedPeer("liar", bench.source, {
      chunk: (bytes, index) => (index === 2 ? flipped(bytes, 60) : undefined),
    });
    const { banned } = await bench.restore([liar, bench.honest()]);
    expect(banned.map(({ id, code }) => [id, code])).to.deep.equal([["liar", "E_CHUNK_PROOF"]]);
    bench.expectRestored();
  });

  it("SNAP-03: bans a peer that leaves out a leaf at the edge of a chunk", async () => {
    const liar = await bench.forging("liar", (leaves) => leaves.slice(0, -1));
    const { banned } = await bench.restore([liar, liar, bench.honest()]);
    expect(banned.map(({ code }) => code)).to.include("E_RANGE_PROOF");
    bench.expectRestored();
  });

  it("SNAP-04: bans a peer with a leaf too many, or one twice", async () => {
    const extra = await bench.forging("extra", ([first, ...rest]) => {
      if (first === undefined) throw new Error("expected a leaf");
      const key = bytes32<typeof first.key>(first.key.slice());
      key[31] = (key[31] ?? 0) ^ 1;
      return [first, { ...first, key }, ...rest].sort((a, b) => Buffer.compare(a.key, b.key));
    });
    const twice = await bench.forging("twice", (leaves) => [at(leaves, 0), ...leaves]);
    const { banned } = await bench.restore([extra, twice, bench.honest()]);
    const codes = banned.map(({ code }) => code);
    expect(new Set(codes)).to.deep.equal(new Set(["E_RANGE_PROOF"]));
    expect(codes).to.have.length(2);
    bench.expectRestored();
  });

  it("bans a peer with another content, and takes it from another", async () => {
    const liar = new ChangedPeer("liar", bench.source, { content: (bytes) => flipped(bytes, 0) });
    const { banned } = await bench.restore([liar, bench.honest()]);
    expect(banned.map(({ id, code }) => [id, code])).to.deep.equal([["liar", "E_CONTENT_HASH"]]);
    bench.expectRestored();
  });

  it("SNAP-06: bans peers of another chain, another version and another history", async () => {
    const other = StateStore.open({
      path: bench.workspace.path("other.db"),
      chainId: CHAIN_ID + 1n,
    });
    fill(other);
    const fork = bench.workspace.open("fork.db");
    fork.commit(fork.stage([artifact("another history")]));
    const future = new ChangedPeer("version", bench.source, {
      manifest: (bytes) => Uint8Array.of(2, ...bytes.subarray(1)),
    });
    const peers = [new ChangedPeer("chain", other), new ChangedPeer("fork", fork), future];
    const { banned } = await bench.restore([...peers, bench.honest()]);
    expect(new Map(banned.map(({ id, code }) => [id, code]))).to.deep.equal(
      new Map([
        ["chain", "E_WRONG_CHAIN"],
        ["fork", "E_NOT_CERTIFIED"],
        ["version", "E_VERSION"],
      ]),
    );
    other.close();
    bench.expectRestored();
  });

  it("refuses a snapshot of a commit whose root the chain does not know", async () => {
    const code = await asyncCodeOf(() =>
      bench.restore([bench.honest()], { certifiedRoot: async () => undefined }),
    );
    expect(code).to.equal("E_NO_PEER");
    bench.expectNoStore();
  });

  it("SNAP-09: makes no store when all peers lie, and does when one comes that does not", async () => {
    const liars = [
      new ChangedPeer("chunk", bench.source, { chunk: (bytes) => flipped(bytes, -1) }),
      new ChangedPeer("content", bench.source, { content: (bytes) => bytes.subarray(1) }),
      await bench.forging("leaf", (leaves) => leaves.slice(1)),
      new ChangedPeer("manifest", bench.source, { manifest: (bytes) => flipped(bytes, 20) }),
    ];
    expect(await asyncCodeOf(() => bench.restore(liars))).to.equal("E_NO_PEER");
    bench.expectNoStore();
    expect(await asyncCodeOf(() => bench.restore([]))).to.equal("E_NO_PEER");
    await bench.restore([bench.honest()]);
    bench.expectRestored();
  });

  it("SNAP-10: refuses a snapshot whose root one node has from the peer and another has not", async () => {
    const fork = bench.workspace.open("fork.db");
    fill(fork, 5);
    fork.commit(fork.stage([artifact("another history")]));
    const liar = new ChangedPeer("liar", fork);
    const [lying, truthful] = [certifiedBy(fork), certifiedBy(bench.source)];
    for (const certifiedRoot of [agreedRoot(lying, truthful), agreedRoot(truthful, lying)]) {
      const code = await asyncCodeOf(() =>
        bench.restore([liar, bench.honest()], { certifiedRoot }),
      );
      expect(code).to.equal("E_RPC_DISAGREE");
      bench.expectNoStore();
    }
    const silent = agreedRoot(truthful, async () => undefined);
    const refused = await asyncCodeOf(() =>
      bench.restore([bench.honest()], { certifiedRoot: silent }),
    );
    expect(refused).to.equal("E_RPC_DISAGREE");
    const agreeing = agreedRoot(truthful, certifiedBy(bench.source));
    const { banned } = await bench.restore([liar, bench.honest()], { certifiedRoot: agreeing });
    expect(banned.map(({ id, code }) => [id, code])).to.deep.equal([["liar", "E_NOT_CERTIFIED"]]);
    bench.expectRestored();
  });

  it("refuses a manifest with a gap or an end that is missing", async () => {
    const cut = (cutting: (bytes: Uint8Array) => Uint8Array) =>
      new ChangedPeer("cut", bench.source, { manifest: cutting });
    const { banned } = await bench.restore([cut((bytes) => bytes.slice(0, -104)), bench.honest()]);
    expect(banned.map(({ code }) => code)).to.deep.equal(["E_LENGTH"]);
    rmSync(bench.path());
    const gapped = cut((bytes) => flipped(bytes, 69 + 104 + 31));
    const second = await bench.restore([gapped, bench.honest()]);
    expect(second.banned.map(({ code }) => code)).to.deep.equal(["E_SNAPSHOT_GAP"]);
  });

  it("SNAP-05: bans a peer that sends more than it announced", async () => {
    const endless = new ChangedPeer("endless", bench.source, {
      content: () => new Uint8Array(10_000_000),
    });
    const long = new ChangedPeer("long", bench.source, {
      chunk: (bytes) => Uint8Array.of(...bytes, 0),
    });
    const { banned } = await bench.restore([endless, long, bench.honest()]);
    expect(new Map(banned.map(({ id, code }) => [id, code]))).to.deep.equal(
      new Map([
        ["endless", "E_SNAPSHOT_SIZE"],
        ["long", "E_SNAPSHOT_SIZE"],
      ]),
    );
    bench.expectRestored();
  });

  it("SNAP-05: refuses contents beyond the bound, announced or not", async () => {
    const refused = (peer: SnapshotPeer) =>
      asyncCodeOf(() => bench.restore([peer], { maxContentBytes: 20_000n }));
    expect(await refused(bench.honest())).to.equal("E_NO_PEER");
    const understating = new ChangedPeer("understating", bench.source, {
      manifest: (bytes) =>
        encodeSnapshotManifest({ ...decodeSnapshotManifest(bytes), contentBytes: 1n }),
    });
    expect(await refused(understating)).to.equal("E_SNAPSHOT_SIZE");
    bench.expectNoStore();
  });

  it("SNAP-05: bans a peer that is too slow, by the clock it is given", async () => {
    let waited = 0;
    const slow = new ChangedPeer("slow", bench.source, {
      chunk: () => new Promise<undefined>(() => undefined),
    });
    // Time passes at once for whoever has not answered.
    const wait = async (milliseconds: number, signal: AbortSignal) => {
      waited = Math.max(waited, milliseconds);
      for (let i = 0; i < 20 && !signal.aborted; i++) await new Promise(setImmediate);
      if (signal.aborted) await new Promise(() => undefined);
    };
    const { banned } = await bench.restore([slow, bench.honest()], { wait });
    expect(banned.map(({ id, code }) => [id, code])).to.deep.equal([["slow", "E_PEER_SLOW"]]);
    expect(waited).to.be.greaterThan(10_000);
    bench.expectRestored();
  });

  it("asks a peer without an answer three times, and then others", async () => {
    const silent = new ChangedPeer("silent", bench.source, {
      content: () => Promise.reject(new Error("connection refused")),
    });
    const { banned } = await bench.restore([silent, bench.honest()]);
    expect(silent.asked.content).to.be.at.most(8);
    for (const { id, code } of banned)
      expect([id, code]).to.deep.equal(["silent", "E_PEER_UNAVAILABLE"]);
    const alone = await asyncCodeOf(() => {
      rmSync(bench.path());
      return bench.restore([silent]);
    });
    expect(alone).to.equal("E_NO_PEER");
  });
});
