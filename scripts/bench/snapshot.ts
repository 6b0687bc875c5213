import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ContentHash, StateRoot } from "../../src/bytes/brand.ts";
import { keccak256 } from "../../src/bytes/keccak.ts";
import { HashThread } from "../../src/state/hashThread.ts";
import { restoreSnapshot } from "../../src/state/restore.ts";
import { SnapshotFolder, writeSnapshot } from "../../src/state/snapshotFolder.ts";
import type { PutWrite } from "../../src/state/stage.ts";
import { StateStore } from "../../src/state/store.ts";
import type { BenchOptions, BenchReport } from "./report.ts";
import { Samples, timeAsyncMs, timeMs } from "./rounds.ts";

/**
 * How long a store of 1 GiB takes to open, with 64 contents and with 100,000, and to serve its first leaf; and a snapshot to be written and restored,
 * beside what hashing its contents alone takes. Every byte of a restore is hashed: the ratio is how near to that it comes.
 */

const CHAIN_ID = 1n;
const ROUNDS = 3;
const CONTENT_BYTES = 16 * 2 ** 20;
const MANY_LEAVES = 100_000;
/** 100,000 of them are 1 GiB. */
const SMALL_CONTENT_BYTES = 10_737;
const LEAVES_PER_COMMIT = 4_000;

/** Runs the bench. Takes about three minutes, or twenty seconds if quick. */
export async function benchSnapshot({ isQuick }: BenchOptions): Promise<BenchReport> {
  const folder = mkdtempSync(join(tmpdir(), "ops-bench-"));
  try {
    const samples = new Samples();
    const contents = isQuick ? 8 : 64;
    await measureLarge(samples, folder, contents);
    await measureMany(samples, folder, isQuick ? MANY_LEAVES / 10 : MANY_LEAVES);
    const ratios = {
      restore_vs_hashing: samples.ratio("hash_ms", "restore_ms"),
      // On a machine whose other core is busy, hashing and writing cannot go on at the same time.
      restore_vs_hashing_cpu: samples.ratio("hash_cpu_ms", "restore_cpu_ms"),
    };
    return { ratios, figures: samples.medians() };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureLarge(samples: Samples, folder: string, count: number): Promise<void> {
  const path = join(folder, "large.db");
  let store = StateStore.open({ path, chainId: CHAIN_ID });
  for (let i = 0; i < count; i++) {
    const staged = store.stage([artifact(contentOf(i, CONTENT_BYTES))]);
    samples.add(
      "commit16MiB_ms",
      timeMs(() => store.commit(staged)),
    );
  }
  store.close();
  samples.add("store_MiB", (count * CONTENT_BYTES) / 2 ** 20);
  for (let round = 0; round < ROUNDS; round++) {
    samples.add(
      "openLarge_ms",
      timeMs(() => {
        store = StateStore.open({ path, chainId: CHAIN_ID });
      }),
    );
    samples.add(
      "firstLeafLarge_ms",
      timeMs(() => serveFirst(store)),
    );
    if (round < ROUNDS - 1) store.close();
  }
  const { stateRoot } = store.head;
  const snapshot = join(folder, "snapshot");
  samples.add(
    "write_ms",
    await timeAsyncMs(async () => void (await writeSnapshot(store, snapshot))),
  );
  store.close();
  rmSync(path);
  for (let round = 0; round < ROUNDS; round++) {
    const large = contentOf(round, CONTENT_BYTES);
    // The same bytes again and again: only their hashing is measured.
    await measure(samples, "hash", async () => {
      for (let i = 0; i < count; i++) keccak256(large);
    });
    await measure(samples, "restore", () => restoreOnce(folder, snapshot, stateRoot));
  }
}

/** Reads a leaf with its content, hashed, and proves it: what a store that has just been opened is asked first. */
function serveFirst(store: StateStore): void {
  const [first] = store.entries();
  if (first === undefined) throw new Error("expected a leaf");
  store.leaf(first[0]);
  store.prove(first[0]);
}

/** Adds what `work` takes by the clock, and what of the processors. */
async function measure(samples: Samples, name: string, work: () => Promise<void>): Promise<void> {
  const before = process.cpuUsage();
  samples.add(`${name}_ms`, await timeAsyncMs(work));
  const { user, system } = process.cpuUsage(before);
  samples.add(`${name}_cpu_ms`, (user + system) / 1_000);
}

async function restoreOnce(folder: string, snapshot: string, root: StateRoot): Promise<void> {
  const path = join(folder, "restored.db");
  rmSync(path, { force: true });
  const thread = new HashThread();
  await restoreSnapshot({
    hash: thread.hash,
    path,
    chainId: CHAIN_ID,
    peers: [new SnapshotFolder(snapshot)],
    certifiedRoot: async () => root,
  });
  await thread.close();
}

/** Opening a store of many small leaves: the tree is built anew from their rows. */
async function measureMany(samples: Samples, folder: string, count: number): Promise<void> {
  const path = join(folder, "many.db");
  const store = StateStore.open({ path, chainId: CHAIN_ID });
  for (let from = 0; from < count; from += LEAVES_PER_COMMIT) {
    const size = Math.min(LEAVES_PER_COMMIT, count - from);
    const contents = Array.from({ length: size }, (_, i) =>
      contentOf(from + i, SMALL_CONTENT_BYTES),
    );
    store.commit(store.stage(contents.map(artifact)));
  }
  store.close();
  for (let round = 0; round < ROUNDS; round++) {
    await measure(samples, `open${count / 1_000}kLeaves`, async () => {
      const opened = StateStore.open({ path, chainId: CHAIN_ID });
      serveFirst(opened);
      opened.close();
    });
  }
}

function artifact(content: Uint8Array): PutWrite {
  const id = keccak256<ContentHash>(content);
  return { operation: "put", namespace: 6, id, flags: 0, content };
}

/** Bytes that differ from content to content: a linear congruential generator (Knuth). */
function contentOf(index: number, length: number): Uint8Array {
  const words = new Uint32Array(Math.ceil(length / 4));
  let state = index + 1;
  for (let i = 0; i < words.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    words[i] = state;
  }
  return new Uint8Array(words.buffer, 0, length);
}
