import { existsSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { expect } from "chai";
import { toHex } from "../../../src/bytes/hex.ts";
import { fsckStore } from "../../../src/state/fsck.ts";
import { treeKeyOf } from "../../../src/state/key.ts";
import { type RepairOptions, repairStore } from "../../../src/state/repair.ts";
import { peerOfStore } from "../../../src/state/snapshot.ts";
import type { SnapshotPeer } from "../../../src/state/snapshotPeer.ts";
import type { StateStore } from "../../../src/state/store.ts";
import { BitRot } from "../../crash/bitRot.ts";
import { asyncCodeOf, codeOf } from "../../helpers/codes.ts";
import { artifact, CHAIN_ID, secret, Workspace } from "./fixtures.ts";
import { ChangedPeer, certifiedBy, fill, flipped } from "./snapshotFixtures.ts";

describe("fsck", () => {
  let workspace: Workspace;
  let source: StateStore;
  beforeEach(() => {
    workspace = new Workspace();
    source = workspace.open("source.db");
    fill(source, 3);
    const store = workspace.open();
    fill(store, 3);
    store.close();
  });
  afterEach(() => workspace.dispose());

  const options = () => ({ path: workspace.path(), chainId: CHAIN_ID });
  const codes = () => [...new Set(fsckStore(options()).faults.map(({ code }) => code))];

  function damage(sql: string): void {
    const database = new DatabaseSync(workspace.path());
    database.exec("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON");
    database.exec(sql);
    database.close();
  }

  function repair(changes: Partial<RepairOptions> = {}) {
    const peers: SnapshotPeer[] = [peerOfStore(source)];
    return repairStore({ ...options(), peers, certifiedRoot: certifiedBy(source), ...changes });
  }

  it("finds nothing in a sound store, and counts what it looked at", () => {
    const { faults, ...counts } = fsckStore(options());
    expect(faults).to.deep.equal([]);
    expect(counts).to.include({ head: 3n, oldest: 0n, records: 24, roots: 3 });
    expect(counts.contents).to.equal(22);
    expect(counts.contentBytes > 30_000n).to.equal(true);
  });

  for (const [what, code, sql, how] of [
    [
      "a content that is another",
      "E_CORRUPT_CONTENT",
      "UPDATE content SET bytes = zeroblob(length(bytes)) WHERE id = 3",
      "contents",
    ],
    ["a content that is gone", "E_MISSING_CONTENT", "DELETE FROM content WHERE id = 3", "contents"],
    [
      "a content that nobody has",
      "E_ORPHAN_CONTENT",
      "INSERT INTO content VALUES (99, zeroblob(32), x'00')",
      "contents",
    ],
    [
      "a record that is another",
      "E_CORRUPT_LEAF",
      "UPDATE leaf SET header = zeroblob(20)",
      "snapshot",
    ],
    [
      "a header of another length",
      "E_CORRUPT_LEAF",
      "UPDATE leaf SET header = zeroblob(3)",
      "snapshot",
    ],
    [
      "a removal that should be pruned",
      "E_CORRUPT_LEAF",
      "UPDATE leaf SET header = NULL, contentHash = NULL WHERE sequenceNo = 1; UPDATE store SET oldestSequenceNo = 2",
      "snapshot",
    ],
    [
      "a row that is gone",
      "E_ROOT_MISMATCH",
      "DELETE FROM leaf WHERE key = (SELECT max(key) FROM leaf)",
      "snapshot",
    ],
    [
      "a root that is another",
      "E_ROOT_MISMATCH",
      "UPDATE version SET stateRoot = zeroblob(32) WHERE sequenceNo = 2",
      "snapshot",
    ],
    [
      "a version that is gone",
      "E_MISSING_VERSION",
      "DELETE FROM version WHERE sequenceNo = 2",
      "snapshot",
    ],
    ["a store row that is gone", "E_STORE_CORRUPT", "DELETE FROM store", "snapshot"],
    [
      "an oldest version that cannot be",
      "E_STORE_CORRUPT",
      "UPDATE store SET oldestSequenceNo = 9",
      "snapshot",
    ],
    ["a table that is gone", "E_STORE_UNREADABLE", "DROP TABLE leaf", "snapshot"],
    ["another schema", "E_STORE_SCHEMA", "PRAGMA user_version = 7", "snapshot"],
  ] as const) {
    it(`finds and repairs ${what}`, async () => {
      damage(sql);
      expect(codes()).to.include(code);
      const report = await repair();
      expect(report.repair).to.equal(how);
      expect(report.before.faults.length).to.be.greaterThan(0);
      expect(codes()).to.deep.equal([]);
      const store = workspace.open();
      expect(store.head).to.deep.equal(source.head);
      for (const [key] of source.entries()) expect(store.leaf(key)).to.deep.equal(source.leaf(key));
    });
  }

  it("says where a fault is", () => {
    const key = treeKeyOf(3, secret("changing", "").id);
    damage(
      `UPDATE leaf SET header = zeroblob(20) WHERE hex(key) = '${toHex(key).slice(2).toUpperCase()}' AND sequenceNo = 2`,
    );
    const [first, second] = fsckStore(options()).faults;
    expect(first).to.deep.include({
      code: "E_CORRUPT_LEAF",
      key,
      sequenceNo: 2n,
      detail: "HeaderVersion",
    });
    expect(second).to.include({ code: "E_ROOT_MISMATCH", sequenceNo: 2n });
  });

  it("lists every leaf that a damaged content belongs to", () => {
    const shared = artifact("shared").id;
    damage(
      `UPDATE content SET bytes = x'00' WHERE hex(hash) = '${toHex(shared).slice(2).toUpperCase()}'`,
    );
    const found = fsckStore(options()).faults.filter(({ code }) => code === "E_CORRUPT_CONTENT");
    expect(found).to.have.length(3);
    for (const { contentHash } of found) expect(contentHash).to.deep.equal(shared);
  });

  it("repairs contents without giving up older versions", async () => {
    damage("UPDATE content SET bytes = x'00'");
    expect((await repair()).contents).to.equal(22);
    const store = workspace.open();
    expect(store.oldest).to.equal(0n);
    const key = treeKeyOf(3, secret("changing", "").id);
    for (const n of [1n, 2n, 3n]) expect(store.leaf(key, n)).to.deep.equal(source.leaf(key, n));
  });

  it("builds damaged indexes anew", async () => {
    const database = new DatabaseSync(workspace.path());
    const sql = "SELECT rootpage FROM sqlite_schema WHERE name = 'leafByContent'";
    const page = Number(database.prepare(sql).get()?.rootpage);
    database.close();
    const bytes = readFileSync(workspace.path());
    // A page ends with an entry.
    writeFileSync(workspace.path(), flipped(Uint8Array.from(bytes), 4_096 * page - 40));
    expect(codes()).to.include("E_STORE_UNREADABLE");
    expect((await repair({ peers: [] })).repair).to.equal("indexes");
    expect(codes()).to.deep.equal([]);
  });

  it("repairs a file that is cut or no database at all", async () => {
    for (const spoil of [
      () => truncateSync(workspace.path(), 8_192),
      () => writeFileSync(workspace.path(), "x".repeat(9_999)),
      () => writeFileSync(workspace.path(), ""),
    ]) {
      spoil();
      expect(codes()).to.include("E_STORE_UNREADABLE");
      expect((await repair()).repair).to.equal("snapshot");
      expect(codes()).to.deep.equal([]);
    }
  });

  it("takes what is still good from the damaged file", async () => {
    damage("UPDATE version SET stateRoot = zeroblob(32) WHERE sequenceNo = 2");
    const peer = new ChangedPeer("peer", peerOfStore(source));
    await repair({ peers: [peer] });
    expect(peer.asked.content).to.equal(0);
  });

  it("is repaired by a peer that does not lie, and by no other", async () => {
    damage("UPDATE content SET bytes = x'00' WHERE id = 1; UPDATE leaf SET header = zeroblob(20)");
    const before = readFileSync(workspace.path());
    const lying = new ChangedPeer("liar", source, { chunk: (bytes) => flipped(bytes, 99) });
    expect(await asyncCodeOf(() => repair({ peers: [lying] }))).to.equal("E_NO_PEER");
    expect(readFileSync(workspace.path()).length).to.equal(before.length);
    expect(codes()).to.include("E_CORRUPT_LEAF");
    const report = await repair({ peers: [lying, peerOfStore(source)] });
    expect(report.banned.map(({ id, code }) => [id, code])).to.deep.equal([
      ["liar", "E_CHUNK_PROOF"],
    ]);
    expect(codes()).to.deep.equal([]);
  });

  it("puts a store in place that an earlier repair had restored", async () => {
    damage("DROP TABLE leaf");
    const other = new Workspace();
    try {
      const finished = other.open("finished.db");
      fill(finished, 3);
      finished.close();
      writeFileSync(`${workspace.path()}.repaired`, readFileSync(other.path("finished.db")));
    } finally {
      other.dispose();
    }
    expect((await repair({ peers: [] })).repair).to.equal("snapshot");
    expect(codes()).to.deep.equal([]);
    expect(existsSync(`${workspace.path()}.repaired`)).to.equal(false);
  });

  it("says so when what it put in place is no better", async () => {
    damage("DROP TABLE leaf");
    writeFileSync(`${workspace.path()}.repaired`, "no store");
    expect(await asyncCodeOf(() => repair({ peers: [] }))).to.equal("E_REPAIR_INCOMPLETE");
    expect((await repair()).repair).to.equal("snapshot");
  });

  it("refuses a store that is absent, open, or another chain's, and leaves it alone", async () => {
    const absent = { ...options(), path: workspace.path("absent.db") };
    expect(codeOf(() => fsckStore(absent))).to.equal("E_STORE_MISSING");
    expect(existsSync(absent.path)).to.equal(false);
    const wrong = { ...options(), chainId: CHAIN_ID + 1n };
    expect(codeOf(() => fsckStore(wrong))).to.equal("E_WRONG_CHAIN");
    expect(await asyncCodeOf(() => repair({ chainId: CHAIN_ID + 1n }))).to.equal("E_WRONG_CHAIN");
    const open = workspace.open();
    expect(codeOf(() => fsckStore(options()))).to.equal("E_LOCKED");
    expect(await asyncCodeOf(() => repair())).to.equal("E_LOCKED");
    expect(open.head).to.deep.equal(source.head);
  });

  it("STO-06: names or shrugs off a flip of any byte, serves no wrong leaf, and repairs it from a peer", async () => {
    const rot = new BitRot(workspace.directory);
    const repairs = new Set<string>();
    try {
      // Every byte: `npm run test:crash`.
      for (let position = 0; position < rot.fileBytes; position += 53) {
        repairs.add((await rot.flip(position, position % 8)).repair);
      }
    } finally {
      rot.close();
    }
    expect(repairs).to.include.members(["none", "indexes", "contents", "snapshot"]);
  }).timeout(60_000);
});
