import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ContentHash } from "../../src/bytes/brand.ts";
import { equalBytes } from "../../src/bytes/compare.ts";
import { CodedError } from "../../src/bytes/errors.ts";
import { keccak256 } from "../../src/bytes/keccak.ts";
import { fsckStore } from "../../src/state/fsck.ts";
import { StateStore } from "../../src/state/store.ts";
import { artifact, CHAIN_ID, noise } from "../src/state/fixtures.ts";
import type { SweepOptions, SweepReport } from "./sweep.ts";

/** A disk that is really full: a file system of 300 KiB in memory, which needs the right to mount one. */

const SMALL = "size=300k";
const LARGE = "size=8m";
const ARTIFACT_BYTES = 7_000;

/** Commits until the disk is full, reads on, opens the store again on the full disk, and goes on when there is room. */
export async function fillDisk({ folder }: SweepOptions): Promise<SweepReport> {
  const home = join(folder, "full-disk");
  mkdirSync(home);
  mount(["-t", "tmpfs", "-o", SMALL, "none", home]);
  const failures: string[] = [];
  const endings: Record<string, number> = {};
  try {
    const path = join(home, "store.db");
    const expect = (isTrue: boolean, what: string) => {
      if (!isTrue) failures.push(what);
    };
    const committed = fillUp(path, endings, expect);
    // Opening needs a little room for the log; it may be refused, by name.
    const opened = codeOf(() => StateStore.open({ path, chainId: CHAIN_ID }).close());
    endings[`opened: ${opened}`] = 1;
    expect(
      /^(?:none|E_STORE_FULL|E_STORE_IO|E_STORE_READONLY)$/.test(opened),
      `opening: ${opened}`,
    );
    mount(["-o", `remount,${LARGE}`, home]);
    const store = StateStore.open({ path, chainId: CHAIN_ID });
    const { sequenceNo } = store.head;
    expect(sequenceNo === committed || sequenceNo === committed + 1n, `lost: at ${sequenceNo}`);
    for (let n = 1n; n <= committed; n++) expect(hasArtifact(store, n), `artifact ${n} is gone`);
    store.commit(store.stage([artifact(noise(100_000, "room again"))]));
    store.close();
    expect(fsckStore({ path, chainId: CHAIN_ID }).faults.length === 0, "fsck is not clean");
  } finally {
    run("umount", [home]);
    rmSync(home, { recursive: true, force: true });
  }
  const faults = { full: { planned: 1, fired: 1 } };
  return { name: "full disk", calls: 1, faults, endings, failures };
}

/** Commits until there is no room. @returns the last commit that was acknowledged */
function fillUp(
  path: string,
  endings: Record<string, number>,
  expect: (isTrue: boolean, what: string) => void,
): bigint {
  const store = StateStore.open({ path, chainId: CHAIN_ID });
  let committed = 0n;
  let code = "none";
  for (; code === "none"; committed += code === "none" ? 1n : 0n) {
    const write = artifact(noise(ARTIFACT_BYTES, `commit ${committed + 1n}`));
    code = codeOf(() => store.commit(store.stage([write])));
  }
  endings[`${committed} commits, then ${code}`] = 1;
  expect(code === "E_STORE_FULL", `a full disk is ${code}`);
  expect(committed >= 3n, `only ${committed} commits fit`);
  const again = codeOf(() => store.commit(store.stage([])));
  expect(again === "E_STORE_FAILED", `after a full disk: ${again}`);
  for (let n = 1n; n <= committed; n++) expect(hasArtifact(store, n), `artifact ${n} not read`);
  store.close();
  return committed;
}

function hasArtifact(store: StateStore, n: bigint): boolean {
  const { content } = artifact(noise(ARTIFACT_BYTES, `commit ${n}`));
  const found = store.content(keccak256<ContentHash>(content));
  return found !== undefined && equalBytes(found, content);
}

function codeOf(work: () => unknown): string {
  try {
    work();
    return "none";
  } catch (error) {
    if (error instanceof CodedError) return error.code;
    throw error;
  }
}

/** Why no file system can be mounted here; nothing if one can. */
export function mountProblem(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), "ops-mount-"));
  try {
    mount(["-t", "tmpfs", "-o", SMALL, "none", folder]);
    run("umount", [folder]);
    return undefined;
  } catch (error) {
    return String(error);
  } finally {
    rmdirSync(folder);
  }
}

/** @throws {Error} with what the system says if mounting is not permitted */
function mount(args: readonly string[]): void {
  run("mount", args);
}

function run(command: string, args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: "utf8" });
  if (status === 0) return;
  const why = error?.message ?? stderr.trim();
  throw new Error(`E_NO_MOUNT: ${command} ${args.join(" ")}: ${why}`);
}
