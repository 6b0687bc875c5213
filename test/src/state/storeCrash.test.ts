import { spawnSync } from "node:child_process";
import fs, { copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { expect } from "chai";
import type { StateRoot } from "../../../src/bytes/brand.ts";
import { toHex } from "../../../src/bytes/hex.ts";
import { fsckStore } from "../../../src/state/fsck.ts";
import { writeSnapshot } from "../../../src/state/snapshotFolder.ts";
import { StateStore } from "../../../src/state/store.ts";
import { codeOf } from "../../helpers/codes.ts";
import { Random } from "../../helpers/random.ts";
import { artifact, CHAIN_ID, noise, secret, Workspace } from "./fixtures.ts";

const SECTOR_BYTES = 512;
const LAST = 4n;

/** The two files of a store. */
interface Image {
  readonly file: Uint8Array;
  readonly log: Uint8Array;
}

describe("StateStore after a crash", () => {
  let workspace: Workspace;
  beforeEach(() => {
    workspace = new Workspace();
  });
  afterEach(() => workspace.dispose());

  /** The files as they are on the disk while `name` is open. */
  function imageOf(name: string): Image {
    const copy = workspace.path("copy");
    copyFileSync(workspace.path(name), copy);
    const file = Uint8Array.from(readFileSync(copy));
    copyFileSync(workspace.path(`${name}-wal`), copy);
    return { file, log: Uint8Array.from(readFileSync(copy)) };
  }

  /** Four commits: the files before the last one, after it, and when the log has been moved into the file. */
  function history() {
    const store = workspace.open();
    const roots: StateRoot[] = [];
    let before: Image = { file: new Uint8Array(), log: new Uint8Array() };
    for (let n = 1n; n <= LAST; n++) {
      if (n === LAST) before = imageOf("store.db");
      const writes = [artifact(noise(9_000, `artifact ${n}`)), secret("changing", `value ${n}`)];
      roots.push(store.commit(store.stage(writes)).stateRoot);
    }
    const after = imageOf("store.db");
    store.close();
    const moved = Uint8Array.from(readFileSync(workspace.path()));
    return { before, after, moved, rootOf: (n: bigint) => roots[Number(n) - 1] };
  }

  function put({ file, log }: Image): string {
    const path = workspace.path("image.db");
    rmSync(`${path}-wal`, { force: true });
    writeFileSync(path, file);
    writeFileSync(`${path}-wal`, log);
    return path;
  }

  /** The commit that the files hold, whole, or the code of a refusal or of what fsck finds; every leaf read must be right. */
  function headOf(image: Image, rootOf: (n: bigint) => StateRoot | undefined): bigint | string {
    const path = put(image);
    let sequenceNo = 0n;
    const refusal = codeOf(() => {
      const store = StateStore.open({ path, chainId: CHAIN_ID });
      try {
        sequenceNo = store.head.sequenceNo;
        if (sequenceNo > 0n) expect(store.head.stateRoot).to.deep.equal(rootOf(sequenceNo));
        for (const [key] of store.entries()) store.leaf(key);
        expect(store.leafCount()).to.equal(sequenceNo === 0n ? 0 : Number(sequenceNo) + 1);
      } finally {
        store.close();
      }
    });
    if (refusal !== "none") return refusal;
    return fsckStore({ path, chainId: CHAIN_ID }).faults[0]?.code ?? sequenceNo;
  }

  it("STO-05: has a commit or the one before, whatever a power cut left of the unsynced log", () => {
    const { before, after, rootOf } = history();
    const [from, to] = [before.log.length, after.log.length];
    const heads = new Set<bigint | string>();
    for (let image = 0; image < 40; image++) {
      const random = new Random(image + 1);
      // The first ones are cut off, the others have holes.
      const log = after.log.slice(0, image < 20 ? from + ((to - from) * image) / 20 : to);
      for (let at = from; at < log.length; at += SECTOR_BYTES) {
        if (image >= 20 && random.below(10) === 0) log.fill(0, at, at + SECTOR_BYTES);
      }
      const head = headOf({ file: after.file, log }, rootOf);
      expect(head).to.be.oneOf([LAST - 1n, LAST]);
      heads.add(head);
    }
    heads.add(headOf(after, rootOf));
    expect([...heads]).to.have.members([LAST - 1n, LAST]);
  }).timeout(60_000);

  it("STO-05: serves some whole commit or refuses by name after syncs that did nothing", () => {
    const { after, moved, rootOf } = history();
    const heads = new Set<bigint | string>();
    for (let image = 0; image < 60; image++) {
      const random = new Random(1_000 + image);
      const log = after.log.slice(0, random.below(after.log.length + 1));
      // Every other one was cut while the log was moved into the file.
      const percent = image % 2 === 0 ? 0 : random.below(101);
      const file = mixed(after.file, moved, () => random.below(100) < percent);
      heads.add(headOf({ file, log }, rootOf));
    }
    expect(heads).to.include.members([1n, 2n, 3n]);
    const names = [...heads].filter((head) => typeof head === "string");
    for (const name of names)
      expect(name).to.match(/^E_(?:STORE_UNREADABLE|STORE_CORRUPT|CORRUPT_LEAF)$/);
  }).timeout(60_000);

  it("STO-09: has every commit when the power is cut while the file grows", () => {
    const { after, moved, rootOf } = history();
    expect(moved.length).to.be.greaterThan(after.file.length);
    for (let image = 0; image < 40; image++) {
      const random = new Random(2_000 + image);
      const percent = random.below(101);
      const file = mixed(after.file, moved, () => random.below(100) < percent);
      expect(headOf({ ...after, file }, rootOf)).to.equal(LAST);
    }
  }).timeout(60_000);

  it("STO-11: has every commit when recovering is cut short, and recovering from that, three deep", () => {
    const { after, moved, rootOf } = history();
    for (let image = 0; image < 10; image++) {
      const random = new Random(3_000 + image);
      let left = after;
      for (let depth = 0; depth < 3; depth++) {
        const file = mixed(left.file, moved, () => random.below(100) < 40);
        put({ ...left, file });
        const store = workspace.open("image.db");
        expect(store.head.sequenceNo).to.equal(LAST);
        left = imageOf("image.db");
        store.close();
      }
      expect(headOf(left, rootOf)).to.equal(LAST);
    }
  }).timeout(60_000);

  it("STO-04: stops at a write that took only a part of its bytes, and acknowledges nothing after it", () => {
    const child = "test/src/state/commitForever.ts";
    for (let limit = 301; limit < 306; limit++) {
      const name = `limit-${limit}.db`;
      // The write that passes the size files may have is cut off there; the next one fails.
      const command = `trap '' XFSZ; ulimit -f ${limit}; exec "$0" "$@"`;
      const args = [process.execPath, child, workspace.path(name), `${CHAIN_ID}`, "5000"];
      const { stdout } = spawnSync("bash", ["-c", command, ...args], { encoding: "utf8" });
      const lines = stdout.trim().split("\n");
      expect(lines.at(-1)).to.match(/^failed E_STORE_(?:IO|FULL) E_STORE_FAILED$/);
      const acknowledged = BigInt(lines.at(-2) ?? 0);
      const store = workspace.open(name);
      expect(store.head.sequenceNo).to.be.oneOf([acknowledged, acknowledged + 1n]);
      store.close();
      const { faults } = fsckStore({ path: workspace.path(name), chainId: CHAIN_ID });
      expect(faults).to.deep.equal([]);
    }
  }).timeout(60_000);

  it("STO-04: writes the same snapshot when every write takes less than it is given", async () => {
    const store = workspace.open();
    store.commit(store.stage([artifact(noise(9_000)), artifact("small"), secret("s", "x")]));
    const [whole, pieces] = [workspace.path("whole"), workspace.path("pieces")];
    await writeSnapshot(store, whole);
    await withShortWrites(() => writeSnapshot(store, pieces));
    for (const name of ["manifest", "chunk-00000000", "contents-00000000"]) {
      const [wanted, got] = [whole, pieces].map((folder) =>
        toHex(readFileSync(`${folder}/${name}`)),
      );
      expect(got).to.equal(wanted);
    }
  });
});

/** `from` with those sectors of `to` that `isWritten` picks, one after the other. */
function mixed(from: Uint8Array, to: Uint8Array, isWritten: () => boolean): Uint8Array {
  let out = from.slice();
  for (let at = 0; at < to.length; at += SECTOR_BYTES) {
    if (!isWritten()) continue;
    const sector = to.subarray(at, at + SECTOR_BYTES);
    if (out.length < at + sector.length) {
      const longer = new Uint8Array(at + sector.length);
      longer.set(out);
      out = longer;
    }
    out.set(sector, at);
  }
  return out;
}

/** Runs `work` with writes to files that take 100 bytes at most. */
async function withShortWrites(work: () => Promise<unknown>): Promise<void> {
  const { writeSync } = fs;
  let cut = 0;
  const short = (
    file: number,
    bytes: Uint8Array,
    offset = 0,
    length = bytes.length - offset,
    position: number | null = null,
  ) => {
    if (length > 100) cut++;
    return writeSync(file, bytes, offset, Math.min(length, 100), position);
  };
  Object.assign(fs, { writeSync: short });
  syncBuiltinESMExports();
  try {
    await work();
  } finally {
    Object.assign(fs, { writeSync });
    syncBuiltinESMExports();
  }
  expect(cut).to.be.greaterThan(80);
}
