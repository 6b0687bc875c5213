import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { expect } from "chai";
import { tag } from "../../../src/bytes/codec.ts";
import { keccak256 } from "../../../src/bytes/keccak.ts";
import { treeKeyOf } from "../../../src/state/key.ts";
import { StateStore } from "../../../src/state/store.ts";
import { codeOf } from "../../helpers/codes.ts";
import { artifact, CHAIN_ID, noise, secret, Workspace } from "./fixtures.ts";

const CHILD = "test/src/state/commitForever.ts";

describe("StateStore under faults", () => {
  let workspace: Workspace;
  beforeEach(() => {
    workspace = new Workspace();
  });
  afterEach(() => workspace.dispose());

  function opened(name = "store.db"): string {
    const path = workspace.path(name);
    return codeOf(() => workspace.open(name)).concat(existsSync(path) ? "" : " (no file)");
  }

  /** A store and the connection under it, which nothing else gives away. */
  function openWithConnection(name?: string) {
    const original = DatabaseSync.prototype.prepare;
    const connections: DatabaseSync[] = [];
    DatabaseSync.prototype.prepare = function (this: DatabaseSync, ...args) {
      connections.push(this);
      return original.apply(this, args);
    };
    try {
      const store = workspace.open(name);
      const connection = connections.at(-1);
      if (connection === undefined) throw new Error("expected a statement to be prepared");
      return { store, connection };
    } finally {
      DatabaseSync.prototype.prepare = original;
    }
  }

  /** What opening says to a store with one commit, changed by `sql` while it was closed. */
  function damaged(sql: string, ...values: (Uint8Array | number)[]): string {
    const store = workspace.open();
    store.commit(store.stage([artifact("content"), secret("s", "x")]));
    store.close();
    const database = new DatabaseSync(workspace.path());
    database.exec("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON");
    database.prepare(sql).run(...values);
    database.close();
    return opened();
  }

  describe("files that cannot be read", () => {
    it("STO-07: names an empty, a foreign and a cut file, and leaves them alone", () => {
      const store = workspace.open();
      store.commit(store.stage([artifact(noise(100_000))]));
      store.close();
      const good = readFileSync(workspace.path());
      for (const bytes of [
        new Uint8Array(),
        tag("no database"),
        noise(8_192),
        good.subarray(0, good.length - 40_960),
        good.subarray(0, 100),
        Buffer.concat([noise(100), good.subarray(100)]),
      ]) {
        writeFileSync(workspace.path(), bytes);
        expect(opened()).to.be.oneOf(["E_STORE_UNREADABLE", "E_STORE_CORRUPT"]);
        const size = readFileSync(workspace.path()).length;
        expect(size).to.equal(bytes.length);
      }
      const other = new DatabaseSync(workspace.path("other.db"));
      other.exec("CREATE TABLE t (a)");
      other.close();
      expect(opened("other.db")).to.equal("E_STORE_UNREADABLE");
    });

    it("refuses the store of another chain and another schema", () => {
      workspace.open().close();
      const open = (chainId: bigint) => StateStore.open({ path: workspace.path(), chainId });
      expect(codeOf(() => open(CHAIN_ID + 1n))).to.equal("E_WRONG_CHAIN");
      const database = new DatabaseSync(workspace.path());
      database.exec("PRAGMA user_version = 2");
      database.close();
      expect(opened()).to.equal("E_STORE_SCHEMA");
    });

    it("refuses leaves that do not give the stored root", () => {
      const header = new Uint8Array(20).fill(9);
      expect(damaged("UPDATE leaf SET header = ?", header)).to.equal("E_STORE_CORRUPT");
    });

    for (const [what, sql] of [
      ["a root that is another", "UPDATE version SET stateRoot = zeroblob(32)"],
      ["a root that is no hash", "UPDATE version SET stateRoot = zeroblob(31)"],
      ["a leaf that is gone", "DELETE FROM leaf"],
      [
        "a key that is no key",
        "UPDATE leaf SET key = x'00' WHERE key = (SELECT min(key) FROM leaf)",
      ],
      ["a content that is gone", "DELETE FROM content"],
      ["a version that is gone", "DELETE FROM version"],
    ] as const) {
      it(`refuses ${what}`, () => {
        expect(damaged(sql)).to.equal("E_STORE_CORRUPT");
      });
    }

    it("STO-13: names a directory that cannot be written", () => {
      const directory = join(workspace.directory, "read-only");
      mkdirSync(directory);
      chmodSync(workspace.directory, 0o755);
      chmodSync(directory, 0o555);
      const path = join(directory, "store.db");
      const open = () => codeOf(() => StateStore.open({ path, chainId: CHAIN_ID }));
      const isRoot = process.geteuid?.() === 0;
      // Root may write anywhere: become nobody for the call.
      if (isRoot) process.seteuid?.(65_534);
      let code: string;
      try {
        code = open();
      } finally {
        if (isRoot) process.seteuid?.(0);
      }
      expect(code).to.equal("E_STORE_READONLY");
      expect(existsSync(path)).to.equal(false);
    });

    it("names a directory that does not exist", () => {
      expect(opened("nowhere/store.db")).to.equal("E_STORE_IO (no file)");
    });
  });

  describe("damage under an open store", () => {
    it("STO-06: serves no leaf whose stored bytes changed", () => {
      const content = noise(60_000);
      const secretContent = secret("s", "a secret of some length, in a page of its own");
      const build = workspace.open("build.db");
      build.commit(build.stage([artifact(content), secretContent]));
      build.close();
      const good = readFileSync(workspace.path("build.db"));
      const expected = new Map([
        [treeKeyOf(6, keccak256(content)), content],
        [treeKeyOf(3, secretContent.id), secretContent.content],
      ]);
      const verdicts = new Map<string, number>();
      for (let flip = 0; flip < 120; flip++) {
        const position = Math.floor((flip * good.length) / 120) + (flip % 7);
        const bytes = Uint8Array.from(good);
        bytes[position] = (bytes[position] ?? 0) ^ (1 << (flip % 8));
        rmSync(workspace.path("flip.db-wal"), { force: true });
        writeFileSync(workspace.path("flip.db"), bytes);
        const verdict = codeOf(() => {
          const store = workspace.open("flip.db");
          try {
            for (const [key, wanted] of expected) {
              expect(store.leaf(key)?.content).to.deep.equal(wanted);
            }
          } finally {
            store.close();
          }
        });
        verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
      }
      expect(verdicts.get("E_CORRUPT_LEAF")).to.be.greaterThan(60);
      for (const verdict of verdicts.keys()) {
        expect(verdict).to.match(/^(none|E_CORRUPT_LEAF|E_STORE_\w+)$/);
      }
    });

    it("STO-06: names a content, a record and a row that changed behind its back", () => {
      const write = artifact("content");
      const key = treeKeyOf(6, write.id);
      for (const sql of [
        "UPDATE content SET bytes = x'00'",
        "UPDATE content SET bytes = CAST('contenu' AS BLOB)",
        "UPDATE leaf SET header = zeroblob(20)",
        "DELETE FROM leaf",
        "DELETE FROM content",
      ]) {
        const name = `${keccak256(tag(sql))[0]}.db`;
        const { store, connection } = openWithConnection(name);
        store.commit(store.stage([write]));
        connection.exec("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON");
        connection.exec(sql);
        expect(
          codeOf(() => store.leaf(key)),
          sql,
        ).to.equal("E_CORRUPT_LEAF");
        store.close();
        rmSync(workspace.path(name));
      }
    });
  });

  describe("writes that fail", () => {
    it("STO-03: names a full store, refuses later writes, and goes on reading", () => {
      const path = workspace.path();
      const store = workspace.open("store.db", { maxBytes: 400_000 });
      store.commit(store.stage([artifact("small")]));
      const large = store.stage([artifact(noise(1_000_000))]);
      const small = store.stage([artifact("later")]);
      const { head } = store;
      expect(codeOf(() => store.commit(large))).to.equal("E_STORE_FULL");
      expect(codeOf(() => store.commit(small))).to.equal("E_STORE_FAILED");
      expect(codeOf(() => store.stage([]))).to.equal("E_STORE_FAILED");
      expect(codeOf(() => store.stageDelta(small.delta))).to.equal("E_STORE_FAILED");
      expect(store.head).to.deep.equal(head);
      const key = treeKeyOf(6, artifact("small").id);
      expect(store.leaf(key)?.content).to.deep.equal(tag("small"));
      store.close();
      const again = StateStore.open({ path, chainId: CHAIN_ID });
      expect(again.head).to.deep.equal(head);
      again.commit(again.stage([artifact(noise(1_000_000))]));
      again.close();
    });

    it("STO-02: names a write error of the file system, and acknowledges nothing after it", () => {
      // A limit on the size of files, whose signal is ignored, makes write() fail with EFBIG.
      const command = `trap '' XFSZ; ulimit -f 400; exec "$0" "$@"`;
      const args = [process.execPath, CHILD, workspace.path(), `${CHAIN_ID}`, "20000"];
      const { stdout } = spawnSync("bash", ["-c", command, ...args], { encoding: "utf8" });
      const lines = stdout.trim().split("\n");
      expect(lines.at(-1)).to.equal("failed E_STORE_IO E_STORE_FAILED");
      const acknowledged = BigInt(lines.at(-2) ?? 0);
      expect(acknowledged >= 1n).to.equal(true);
      const store = workspace.open();
      // The failed one may have reached the disk whole or not at all.
      const ahead = store.head.sequenceNo - acknowledged;
      expect(ahead === 0n || ahead === 1n).to.equal(true);
    });

    it("STO-14: acknowledges after the flush: the log is synced by every commit", () => {
      const { store, connection } = openWithConnection();
      const pragma = (name: string) => connection.prepare(`PRAGMA ${name}`).get()?.[name];
      expect(pragma("journal_mode")).to.equal("wal");
      // 2 is FULL: the log is synced at each commit, not only when it is moved to the database.
      expect(pragma("synchronous")).to.equal(2n);
      const log = workspace.path("store.db-wal");
      const before = readFileSync(log).length;
      store.commit(store.stage([artifact(noise(50_000))]));
      expect(readFileSync(log).length - before).to.be.greaterThan(50_000);
    });
  });

  describe("other processes", () => {
    it("STO-08: keeps a second process out, and lets it in after the first is gone", async () => {
      const child = startChild(workspace.path());
      await firstLine(child);
      expect(opened()).to.equal("E_LOCKED");
      await kill(child);
      expect(opened()).to.equal("none");
      // The other way round.
      const { stdout } = spawnSync(process.execPath, [CHILD, workspace.path(), `${CHAIN_ID}`], {
        encoding: "utf8",
      });
      expect(stdout.trim()).to.equal("E_LOCKED");
    });

    it("STO-01: has every acknowledged commit after kill -9, round after round", async () => {
      let acknowledged = 0n;
      for (let round = 0; round < 6; round++) {
        const child = startChild(workspace.path(), 3_000);
        const target = acknowledged + 5n + BigInt(round * 7);
        acknowledged = await killAfter(child, target);
        const store = workspace.open();
        expect(store.head.sequenceNo >= acknowledged).to.equal(true);
        expect(store.head.sequenceNo - acknowledged <= 1n).to.equal(true);
        for (let n = store.head.sequenceNo; n >= 1n; n--) {
          for (const index of [0, 1, 2]) {
            const content = new Uint8Array(3_000);
            content.set(tag(`${n}:${index}`));
            expect(store.leaf(treeKeyOf(6, keccak256(content)))?.content).to.deep.equal(content);
          }
        }
        acknowledged = store.head.sequenceNo;
        store.close();
      }
      expect(acknowledged > 60n).to.equal(true);
    }).timeout(120_000);
  });

  function startChild(path: string, contentBytes = 100): ChildProcess {
    const args = [CHILD, path, `${CHAIN_ID}`, `${contentBytes}`];
    return spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  }
});

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error("expected an output");
  for await (const line of createInterface(child.stdout)) return line;
  return "";
}

async function kill(child: ChildProcess): Promise<void> {
  const exited = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await exited;
}

/** Kills the child when it has acknowledged `target`, and gives the last commit it acknowledged. */
async function killAfter(child: ChildProcess, target: bigint): Promise<bigint> {
  if (child.stdout === null) throw new Error("expected an output");
  let last = 0n;
  const exited = new Promise((resolve) => child.once("exit", resolve));
  for await (const line of createInterface(child.stdout)) {
    if (line === "open") continue;
    last = BigInt(line);
    if (last === target) child.kill("SIGKILL");
  }
  await exited;
  return last;
}
