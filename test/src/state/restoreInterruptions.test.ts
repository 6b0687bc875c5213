import { spawn } from "node:child_process";
import { existsSync, linkSync, rmSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { expect } from "chai";
import { writeSnapshot } from "../../../src/state/snapshotFolder.ts";
import { StateStore } from "../../../src/state/store.ts";
import { asyncCodeOf, codeOf } from "../../helpers/codes.ts";
import { artifact, CHAIN_ID, secret } from "./fixtures.ts";
import { RestoreBench } from "./restoreFixtures.ts";
import { ChangedPeer } from "./snapshotFixtures.ts";

describe("restoring with interruptions", () => {
  let bench: RestoreBench;
  beforeEach(() => {
    bench = new RestoreBench();
  });
  afterEach(() => bench.dispose());

  it("SNAP-08: goes on where it was killed, after each chunk and content, and serves nothing before", async () => {
    const folder = bench.workspace.path("snapshot");
    await writeSnapshot(bench.source, folder, { chunkLeaves: 3 });
    const root = Buffer.from(bench.source.head.stateRoot).toString("hex");
    let kills = 0;
    for (let requests = 1; ; requests += 3) {
      const args = [
        bench.path(),
        String(CHAIN_ID),
        folder,
        root,
        String(bench.source.head.sequenceNo),
      ];
      const done = await killedAfter(requests, args);
      if (done) break;
      kills++;
      bench.expectNoStore();
      const leftover = StateStore.open.bind(StateStore, {
        path: `${bench.path()}.restoring`,
        chainId: CHAIN_ID,
      });
      if (existsSync(`${bench.path()}.restoring`))
        expect(codeOf(leftover)).to.equal("E_STORE_UNREADABLE");
    }
    expect(kills).to.be.greaterThan(3);
    bench.expectRestored();
  }).timeout(120_000);

  it("keeps contents when another snapshot is restored than the one begun", async () => {
    let allowed = 12;
    const failing = new ChangedPeer("failing", bench.source, {
      content: (bytes) => (allowed-- > 0 ? bytes : Promise.reject(new Error("gone"))),
    });
    expect(await asyncCodeOf(() => bench.restore([failing]))).to.equal("E_NO_PEER");
    bench.source.commit(bench.source.stage([secret("one", "more")]));
    const peer = bench.honest();
    const report = await bench.restore([peer]);
    expect(report.resumedChunks).to.equal(0);
    expect(report.contents).to.be.lessThan(bench.source.leafCount() - 5);
    bench.expectRestored();
  });

  it("begins anew when what was begun is damaged", async () => {
    writeFileSync(`${bench.path()}.restoring`, "no database".repeat(1_000));
    await bench.restore([bench.honest()]);
    bench.expectRestored();
  });

  it("removes the former name of a store that was already in place", async () => {
    await bench.restore([bench.honest()]);
    linkSync(bench.path(), `${bench.path()}.restoring`);
    expect(await asyncCodeOf(() => bench.restore([bench.honest()]))).to.equal("E_STORE_EXISTS");
    expect(existsSync(`${bench.path()}.restoring`)).to.equal(false);
    bench.expectRestored();
  });

  it("moves a restored store that was not in its place yet", async () => {
    await bench.restore([bench.honest()]);
    linkSync(bench.path(), `${bench.path()}.restoring`);
    rmSync(bench.path());
    const peer = bench.honest();
    const report = await bench.restore([peer]);
    expect([report.contents, peer.asked.chunk]).to.deep.equal([0, 0]);
    bench.expectRestored();
  });

  it("refuses a place where there is a store", async () => {
    const store = bench.workspace.open("restored.db");
    store.commit(store.stage([artifact("mine")]));
    const { head } = store;
    const peer = bench.honest();
    expect(await asyncCodeOf(() => bench.restore([peer]))).to.equal("E_STORE_EXISTS");
    expect(peer.asked.manifest).to.equal(0);
    expect(store.head).to.deep.equal(head);
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
