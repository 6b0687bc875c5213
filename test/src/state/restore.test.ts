import { copyFileSync, readdirSync } from "node:fs";
import { expect } from "chai";
import type { DaCertHash, StateRoot } from "../../../src/bytes/brand.ts";
import { tag } from "../../../src/bytes/codec.ts";
import { keccak256 } from "../../../src/bytes/keccak.ts";
import { MemoryDataAvailability } from "../../../src/state/daMemory.ts";
import type { Delta } from "../../../src/state/delta.ts";
import { HashThread } from "../../../src/state/hashThread.ts";
import { publishDelta } from "../../../src/state/publish.ts";
import { CertifiedReader, rebuild } from "../../../src/state/replica.ts";
import { peerOfStore } from "../../../src/state/snapshot.ts";
import { SnapshotFolder, writeSnapshot } from "../../../src/state/snapshotFolder.ts";
import { at } from "../../helpers/at.ts";
import { asyncCodeOf, codeOf } from "../../helpers/codes.ts";
import { artifact, secret } from "./fixtures.ts";
import { ANY, RestoreBench } from "./restoreFixtures.ts";
import { ChangedPeer, fill, flipped } from "./snapshotFixtures.ts";

describe("restoring a snapshot", () => {
  let bench: RestoreBench;
  beforeEach(() => {
    bench = new RestoreBench();
  });
  afterEach(() => bench.dispose());

  it("SNAP-12: gives the same store, recomputed, from one peer and from several at once", async () => {
    const peers = [bench.honest("a"), bench.honest("b"), bench.honest("c")];
    const report = await bench.restore(peers);
    expect(report).to.deep.include({
      head: bench.source.head,
      leafCount: bench.source.leafCount(),
      banned: [],
    });
    for (const { asked } of peers) expect(asked.content).to.be.greaterThan(0);
    const store = bench.expectRestored();
    expect(store.oldest).to.equal(6n);
    expect(codeOf(() => store.rootAt(5n))).to.equal("E_VERSION_PRUNED");
    expect(codeOf(() => store.rootAt(7n))).to.equal("E_VERSION_UNKNOWN");
    expect(
      readdirSync(bench.workspace.directory).filter((name) => name.includes("restoring")),
    ).to.deep.equal([]);
  });

  it("goes on committing, pruning and reopening like any other store", async () => {
    await bench.restore([bench.honest()]);
    let store = bench.workspace.open("restored.db", { retainedVersions: 2 });
    const from = bench.workspace.open("same.db");
    fill(from);
    for (let n = 0; n < 5; n++) {
      const writes = [secret("changing", `then ${n}`), artifact(`then ${n}`)];
      expect(store.commit(store.stage(writes))).to.deep.equal(from.commit(from.stage(writes)));
    }
    store.close();
    store = bench.workspace.open("restored.db", { retainedVersions: 2 });
    expect(store.oldest).to.equal(10n);
    expect([...store.entries()]).to.deep.equal([...from.entries()]);
  });

  it("SNAP-01: takes a stale snapshot only with the deltas up to the certified root", async () => {
    const da = new MemoryDataAvailability();
    const stale = peerOfStore(bench.source, { sequenceNo: 4n });
    const commits = [];
    for (let n = 0; n < 2; n++) {
      const staged = bench.source.stage([secret("changing", `new ${n}`)]);
      const { daCertHash } = await publishDelta(da, staged.delta);
      commits.push({ ...staged.delta, daCertHash });
      bench.source.commit(staged);
    }
    // The registry may have forgotten older roots, but it has that of the snapshot.
    const report = await bench.restore([
      peerOfStore(bench.source, { sequenceNo: 6n, id: "stale" }),
      stale,
    ]);
    expect(report.head.sequenceNo).to.equal(6n);
    const store = bench.workspace.open("restored.db");
    const reader = new CertifiedReader(store);
    expect(codeOf(() => reader.certify(bench.source.head))).to.equal("E_GAP");
    expect(reader.isServing).to.equal(false);
    await rebuild(store, da, commits);
    reader.certify(bench.source.head);
    expect(reader.head).to.deep.equal(bench.source.head);
  });

  it("hashes on a thread of its own, and believes no more there", async () => {
    const thread = new HashThread();
    try {
      const liar = new ChangedPeer("liar", bench.source, { content: (bytes) => flipped(bytes, 0) });
      const { banned } = await bench.restore([liar, bench.honest()], { hash: thread.hash });
      expect(banned.map(({ id, code }) => [id, code])).to.deep.equal([["liar", "E_CONTENT_HASH"]]);
      bench.expectRestored();
    } finally {
      await thread.close();
    }
  });

  it("rehearses without writing", async () => {
    const report = await bench.restore([bench.honest()], { dryRun: true });
    expect(report.head).to.deep.equal(bench.source.head);
    expect(
      readdirSync(bench.workspace.directory).filter((name) => name.startsWith("restored")),
    ).to.deep.equal([]);
    const liar = new ChangedPeer("liar", bench.source, { content: (bytes) => flipped(bytes, 0) });
    expect(await asyncCodeOf(() => bench.restore([liar], { dryRun: true }))).to.equal("E_NO_PEER");
  });

  it("restores from the snapshot of a restored store", async () => {
    await bench.restore([bench.honest()]);
    const second = bench.workspace.open("restored.db");
    const folder = bench.workspace.path("second");
    await writeSnapshot(second, folder, { chunkLeaves: 7 });
    expect(await new SnapshotFolder(folder).manifest(ANY)).to.deep.equal(
      await peerOfStore(bench.source, { chunkLeaves: 7 }).manifest(ANY),
    );
  });

  it("DA-14: starts from a snapshot where the deltas are gone, and loses nothing", async () => {
    const da = new MemoryDataAvailability();
    const commits: (Delta & { readonly daCertHash: DaCertHash })[] = [];
    for (let n = 0; n < 3; n++) {
      const staged = bench.source.stage([secret("changing", `later ${n}`), artifact(`later ${n}`)]);
      const { daCertHash } = await publishDelta(da, staged.delta);
      commits.push({ ...staged.delta, daCertHash });
      bench.source.commit(staged);
    }
    const behind = bench.workspace.open("behind.db");
    fill(behind);
    // All but the newest are pruned.
    const pruned = new MemoryDataAvailability();
    const kept = at(commits, 2);
    expect((await publishDelta(pruned, kept)).daCertHash).to.deep.equal(kept.daCertHash);
    const { head } = behind;
    expect(await asyncCodeOf(() => rebuild(behind, pruned, commits))).to.equal("E_DA_NOT_FOUND");
    expect(behind.head).to.deep.equal(head);
    await bench.restore([peerOfStore(bench.source, { sequenceNo: 8n })]);
    const store = bench.workspace.open("restored.db");
    expect(await rebuild(store, pruned, [kept])).to.deep.equal(bench.source.head);
    store.close();
    bench.expectRestored();
  });

  it("STO-12: a store put back from an old backup catches up to the same root", async () => {
    const da = new MemoryDataAvailability();
    bench.source.close();
    copyFileSync(bench.workspace.path("source.db"), bench.workspace.path("backup.db"));
    bench.source = bench.workspace.open("source.db");
    const backup = bench.workspace.open("backup.db");
    const commits = [];
    for (let n = 0; n < 3; n++) {
      const staged = bench.source.stage([
        artifact(`after the backup ${n}`),
        secret("changing", `b${n}`),
      ]);
      commits.push({
        ...staged.delta,
        daCertHash: (await publishDelta(da, staged.delta)).daCertHash,
      });
      bench.source.commit(staged);
    }
    expect(await rebuild(backup, da, commits)).to.deep.equal(bench.source.head);
    expect([...backup.entries()]).to.deep.equal([...bench.source.entries()]);
    const reader = new CertifiedReader(backup);
    reader.certify(bench.source.head);
    const other = { ...bench.source.head, stateRoot: keccak256<StateRoot>(tag("other")) };
    expect(codeOf(() => reader.certify(other))).to.equal("E_NOT_CERTIFIED");
  });
});
