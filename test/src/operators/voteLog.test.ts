import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect } from "chai";
import fc from "fast-check";
import { bytes32, type StateRoot } from "../../../src/bytes/brand.ts";
import { VoteLog } from "../../../src/operators/voteLog.ts";
import { codeOf } from "../../helpers/codes.ts";

const rootOf = (n: number) => bytes32<StateRoot>(new Uint8Array(32).fill(n));

describe("vote log", () => {
  let folder = "";
  let path = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "votes-"));
    path = join(folder, "votes.sqlite");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Result of `work` on a log that is closed afterwards. */
  function withLog<T>(work: (log: VoteLog) => T): T {
    const log = VoteLog.open(path);
    try {
      return work(log);
    } finally {
      log.close();
    }
  }

  it("takes a vote, and the same vote again", () => {
    withLog((log) => {
      expect(log.votedRoot(1n, 1n)).to.equal(undefined);
      log.record(1n, 1n, rootOf(7));
      log.record(1n, 1n, rootOf(7));
      expect(log.votedRoot(1n, 1n)).to.deep.equal(rootOf(7));
    });
  });

  it("NET-06: refuses another root for the same chain and sequence, and keeps the first", () => {
    withLog((log) => {
      log.record(1n, 1n, rootOf(7));
      expect(codeOf(() => log.record(1n, 1n, rootOf(8)))).to.equal("E_DOUBLE_VOTE");
      expect(log.votedRoot(1n, 1n)).to.deep.equal(rootOf(7));
      log.record(1n, 2n, rootOf(8));
      log.record(2n, 1n, rootOf(9));
    });
  });

  it("P7: keeps its votes when reopened", () => {
    withLog((log) => log.record(10n, 5n, rootOf(1)));
    withLog((log) => {
      expect(codeOf(() => log.record(10n, 5n, rootOf(2)))).to.equal("E_DOUBLE_VOTE");
      log.record(10n, 5n, rootOf(1));
    });
  });

  it("P7: keeps a recorded vote when the process is killed at once", () => {
    const source = `
      import { VoteLog } from ${JSON.stringify(new URL("../../../src/operators/voteLog.ts", import.meta.url).href)};
      VoteLog.open(${JSON.stringify(path)}).record(1n, 1n, new Uint8Array(32).fill(3));
      process.kill(process.pid, "SIGKILL");`;
    const child = spawnSync(process.execPath, ["--input-type=module-typescript", "-e", source], {
      env: { PATH: process.env.PATH },
    });
    expect(child.signal).to.equal("SIGKILL");
    withLog((log) => {
      expect(codeOf(() => log.record(1n, 1n, rootOf(4)))).to.equal("E_DOUBLE_VOTE");
    });
  });

  it("never holds two roots for one chain and sequence, in any order of votes and restarts", () => {
    const vote = fc.record({
      chain: fc.nat(1),
      sequence: fc.nat(3),
      root: fc.nat(2),
      restart: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(vote, { maxLength: 30 }), (votes) => {
        rmSync(path, { force: true });
        const expected = new Map<string, number>();
        let log = VoteLog.open(path);
        for (const { chain, sequence, root, restart } of votes) {
          if (restart) {
            log.close();
            log = VoteLog.open(path);
          }
          const key = `${chain}/${sequence}`;
          const first = expected.get(key) ?? root;
          expected.set(key, first);
          const code = codeOf(() => log.record(BigInt(chain), BigInt(sequence), rootOf(root)));
          expect(code).to.equal(first === root ? "none" : "E_DOUBLE_VOTE");
        }
        log.close();
      }),
      { numRuns: 25 },
    );
  });

  it("STO-08: is refused to a second opener, and free again after closing", () => {
    withLog((log) => {
      expect(codeOf(() => VoteLog.open(path))).to.equal("E_LOCKED");
      log.record(1n, 1n, rootOf(1));
      expect(codeOf(() => VoteLog.open(path))).to.equal("E_LOCKED");
    });
    withLog((log) => expect(log.votedRoot(1n, 1n)).to.deep.equal(rootOf(1)));
  });

  it("refuses files that are damaged or no vote log, and leaves them alone", () => {
    writeFileSync(path, "x".repeat(8192));
    expect(codeOf(() => VoteLog.open(path))).to.equal("E_STORE_UNREADABLE");
    expect(readFileSync(path, "utf8")).to.equal("x".repeat(8192));
    rmSync(path);
    const other = new DatabaseSync(path);
    other.exec("CREATE TABLE somebodyElses (a)");
    other.close();
    expect(codeOf(() => VoteLog.open(path))).to.equal("E_STORE_UNREADABLE");
    rmSync(path);
    withLog((log) => log.record(1n, 1n, rootOf(1)));
    truncateSync(path, 5000);
    expect(codeOf(() => VoteLog.open(path))).to.equal("E_STORE_UNREADABLE");
  });

  it("refuses a folder that is not there", () => {
    expect(codeOf(() => VoteLog.open(join(folder, "none", "votes.sqlite")))).to.equal("E_STORE_IO");
  });

  it("refuses every vote once it is closed", () => {
    const log = VoteLog.open(path);
    log.close();
    expect(codeOf(() => log.record(1n, 1n, rootOf(1)))).to.equal("E_STORE_CLOSED");
    expect(codeOf(() => log.votedRoot(1n, 1n))).to.equal("E_STORE_CLOSED");
  });

  it("refuses numbers beyond 64 bits and stays usable", () => {
    withLog((log) => {
      expect(codeOf(() => log.record(1n << 64n, 1n, rootOf(1)))).to.equal("E_RANGE");
      expect(codeOf(() => log.record(1n, -1n, rootOf(1)))).to.equal("E_RANGE");
      log.record((1n << 64n) - 1n, (1n << 64n) - 1n, rootOf(1));
      expect(log.votedRoot((1n << 64n) - 1n, (1n << 64n) - 1n)).to.deep.equal(rootOf(1));
    });
  });
});
