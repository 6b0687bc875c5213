import fs, {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect } from "chai";
import { CodedError } from "../../../src/bytes/errors.ts";
import { type DatabaseSchema, DurableDatabase } from "../../../src/durable/database.ts";
import {
  ABANDONED_AFTER_MS,
  replaceFile,
  sweepTemporary,
  TEMPORARY_SUFFIX,
} from "../../../src/durable/file.ts";
import { codeOf } from "../../helpers/codes.ts";

const SCHEMA: DatabaseSchema = {
  version: 1,
  applicationId: 0x1234,
  tables: "CREATE TABLE t (a INTEGER UNIQUE) STRICT",
};

describe("durable database", () => {
  let folder: string;
  let path: string;
  const open: DurableDatabase[] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "ops-durable-"));
    path = join(folder, "data.db");
  });
  afterEach(() => {
    for (const database of open.splice(0)) database.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function openAt(schema = SCHEMA, options = {}): DurableDatabase {
    const database = DurableDatabase.open(path, schema, options);
    open.push(database);
    return database;
  }

  function insert(database: DurableDatabase, value: number): void {
    database.write(() => database.prepare("INSERT INTO t VALUES (?)").run(value));
  }

  function rows(database: DurableDatabase): unknown[] {
    return database
      .read(() => database.prepare("SELECT a FROM t ORDER BY a").all())
      .map(({ a }) => a);
  }

  it("reads back what it asked for: a log that is synced at each commit, or a journal", () => {
    const settings = (database: DurableDatabase) =>
      ["journal_mode", "synchronous", "locking_mode"].map((name) =>
        database.read(() => Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0]),
      );
    const log = openAt();
    expect(settings(log)).to.deep.equal(["wal", 2n, "exclusive"]);
    log.close();
    expect(settings(openAt(SCHEMA, { mode: "journal" }))).to.deep.equal([
      "delete",
      3n,
      "exclusive",
    ]);
  });

  it("undoes a write whose action refuses, and goes on", () => {
    const database = openAt();
    insert(database, 1);
    const refused = () =>
      database.write(() => {
        database.prepare("INSERT INTO t VALUES (2)").run();
        throw new Refusal("E_REFUSED", "for no reason");
      });
    expect(codeOf(refused)).to.equal("E_REFUSED");
    expect(rows(database)).to.deep.equal([1n]);
  });

  it("takes nothing more after a failure, until it is opened again", () => {
    let database = openAt();
    insert(database, 1);
    expect(codeOf(() => insert(database, 1))).to.equal("E_STORE_UNREADABLE");
    expect(codeOf(() => insert(database, 2))).to.equal("E_STORE_FAILED");
    expect(rows(database)).to.deep.equal([1n]);
    database.close();
    expect(codeOf(() => insert(database, 2))).to.equal("E_STORE_FAILED");
    expect(codeOf(() => rows(database))).to.equal("E_STORE_CLOSED");
    database = openAt();
    insert(database, 2);
    expect(rows(database)).to.deep.equal([1n, 2n]);
  });

  it("STO-02: writes and syncs a log that it finds again, since its last sync may have failed", () => {
    const running = openAt();
    insert(running, 1);
    const left = join(folder, "left.db");
    for (const suffix of ["", "-wal"]) copyFileSync(`${path}${suffix}`, `${left}${suffix}`);
    const log = Uint8Array.from(readFileSync(`${left}-wal`));
    expect(log.length).to.be.greaterThan(0);
    const said = callsOn(`${left}-wal`, () => open.push(DurableDatabase.open(left, SCHEMA)));
    expect(said).to.deep.equal([`write 0 ${log.length}`, "sync"]);
    expect(Uint8Array.from(readFileSync(`${left}-wal`))).to.deep.equal(log);
    const found = open.at(-1);
    if (found === undefined) throw new Error("expected a database");
    expect(rows(found)).to.deep.equal([1n]);
    insert(found, 2);
    expect(rows(found)).to.deep.equal([1n, 2n]);
  });

  it("does not nest writes", () => {
    const database = openAt();
    const nested = () => database.write(() => database.write(() => undefined));
    expect(codeOf(nested)).to.equal("E_STORE_FAILED");
    expect(rows(database)).to.deep.equal([]);
  });

  it("does not grow beyond its bound", () => {
    const blob = { ...SCHEMA, tables: "CREATE TABLE b (x BLOB) STRICT" };
    const database = openAt(blob, { maxBytes: 50_000 });
    const write = () =>
      database.write(() => database.prepare("INSERT INTO b VALUES (zeroblob(100000))").run());
    expect(codeOf(write)).to.equal("E_STORE_FULL");
    expect(database.read(() => database.prepare("SELECT count(*) AS n FROM b").get()?.n)).to.equal(
      0n,
    );
  });

  it("refuses another kind, another version, damage and an empty file, and leaves them alone", () => {
    openAt().close();
    expect(codeOf(() => openAt({ ...SCHEMA, applicationId: 9 }))).to.equal("E_STORE_UNREADABLE");
    expect(codeOf(() => openAt({ ...SCHEMA, version: 2 }))).to.equal("E_STORE_SCHEMA");
    expect(codeOf(() => openAt({ ...SCHEMA, version: 0 }))).to.equal("E_STORE_SCHEMA");
    for (const text of ["", "x".repeat(9_000)]) {
      writeFileSync(path, text);
      expect(codeOf(() => openAt())).to.equal("E_STORE_UNREADABLE");
      expect(readFileSync(path, "utf8")).to.equal(text);
    }
  });

  it("looks for damage when it is asked to", () => {
    const database = openAt();
    database.write(() => {
      for (let i = 0; i < 500; i++) database.prepare("INSERT INTO t VALUES (?)").run(i);
    });
    database.close();
    const bytes = Uint8Array.from(readFileSync(path));
    // The last page is one of the index: an entry that no row has.
    bytes[bytes.length - 3] = (bytes[bytes.length - 3] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    openAt().close();
    const checked = () => openAt(SCHEMA, { checksIntegrity: true });
    expect(codeOf(checked)).to.equal("E_STORE_UNREADABLE");
  });

  it("STO-15: brings an older version up to this one, step by step, or leaves it as it was", () => {
    const database = openAt();
    insert(database, 7);
    database.close();
    const steps = new Map([
      [1, "ALTER TABLE t ADD COLUMN b INTEGER; UPDATE t SET b = 2 * a"],
      [2, "CREATE INDEX i ON t (b)"],
    ]);
    const failing = new Map([...steps, [2, "UPDATE t SET b = 'not a number'"]]);
    const failed = () => openAt({ ...SCHEMA, version: 3, migrations: failing });
    expect(codeOf(failed)).to.equal("E_STORE_UNREADABLE");
    // The first step was whole, and stays.
    expect(codeOf(() => openAt())).to.equal("E_STORE_SCHEMA");
    const migrated = openAt({ ...SCHEMA, version: 3, migrations: steps });
    expect(migrated.read(() => migrated.prepare("SELECT b FROM t").get()?.b)).to.equal(14n);
    expect(migrated.integrityFaults()).to.deep.equal([]);
  });

  it("STO-08: is one process's alone", () => {
    openAt();
    expect(codeOf(() => openAt())).to.equal("E_LOCKED");
    const other = new DatabaseSync(path, { timeout: 0 });
    expect(() => other.exec("SELECT * FROM t")).to.throw(/locked/);
    other.close();
  });

  it("leaves nothing beside the file, also of creations that were killed long ago", () => {
    const old = `${path}.0${TEMPORARY_SUFFIX}`;
    const [oldJournal, fresh, foreign] = [
      `${old}-journal`,
      `${path}.1${TEMPORARY_SUFFIX}`,
      join(folder, "x.tmp"),
    ];
    for (const name of [old, oldJournal, fresh, foreign]) writeFileSync(name, "left");
    const then = (Date.now() - ABANDONED_AFTER_MS - 1_000) / 1_000;
    for (const name of [old, oldJournal, foreign]) utimesSync(name, then, then);
    openAt().close();
    expect(readdirSync(folder).sort()).to.deep.equal(["data.db", "data.db.1.tmp", "x.tmp"]);
  });
});

/** What `work` does to the file `path` by way of `node:fs`: writes, with position and length, and syncs. */
function callsOn(path: string, work: () => unknown): string[] {
  const { openSync, writeSync, fsyncSync } = fs;
  const said: string[] = [];
  let file = -1;
  const opens: typeof openSync = (name, ...rest) => {
    const opened = openSync(name, ...rest);
    // A number is given again once it is closed.
    if (name === path || opened === file) file = name === path ? opened : -1;
    return opened;
  };
  const writes = (to: number, bytes: Uint8Array, offset: number, length: number, at: number) => {
    if (to === file) said.push(`write ${at} ${length}`);
    return writeSync(to, bytes, offset, length, at);
  };
  const syncs: typeof fsyncSync = (which) => {
    if (which === file) said.push("sync");
    fsyncSync(which);
  };
  Object.assign(fs, { openSync: opens, writeSync: writes, fsyncSync: syncs });
  syncBuiltinESMExports();
  try {
    work();
  } finally {
    Object.assign(fs, { openSync, writeSync, fsyncSync });
    syncBuiltinESMExports();
  }
  return said;
}

/** A refusal of the caller's own. */
class Refusal extends CodedError<"E_REFUSED"> {}

describe("durable file", () => {
  it("is replaced whole, and leaves no other file when it cannot be", () => {
    const folder = mkdtempSync(join(tmpdir(), "ops-file-"));
    try {
      const path = join(folder, "file");
      replaceFile(path, Uint8Array.of(1));
      replaceFile(path, Uint8Array.of(2, 3));
      expect([...readFileSync(path)]).to.deep.equal([2, 3]);
      expect(() => replaceFile(join(folder, "none/file"), Uint8Array.of(1))).to.throw(/ENOENT/);
      expect(readdirSync(folder)).to.deep.equal(["file"]);
      writeFileSync(join(folder, "a.tmp"), "in progress");
      expect(sweepTemporary(folder)).to.equal(0);
      expect(existsSync(join(folder, "a.tmp"))).to.equal(true);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
