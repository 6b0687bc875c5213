import { readFileSync } from "node:fs";
import { VersionedTree } from "../../src/tree/versionedTree.ts";
import { median } from "./rounds.ts";
import { sampleEntries } from "./sample.ts";

/**
 * Builds a tree of a million leaves in a process of its own, which scripts/bench/tree.ts starts, and prints what it took. The
 * leaves come one by one, as from a file: what is measured is the tree.
 */

const COUNT = 1_000_000;

const start = performance.now();
const tree = VersionedTree.restore(1n, sampleEntries(COUNT, 1));
const buildMs = performance.now() - start;
const peakMiB = peakKiB() / 1_024;
const batches = [...Array(20).keys()].map((i) => [...sampleEntries(100, 1_000 + i)]);
const batchMs = batches.map((batch) => {
  const before = performance.now();
  tree.commit(tree.stage(batch));
  return performance.now() - before;
});
const { leafNodes, internalNodes, usedBytes } = tree.usage;
console.log(
  JSON.stringify({
    build1M_ms: buildMs,
    batch100_on1M_ms: median(batchMs),
    peak1M_MiB: peakMiB,
    nodes1M_MiB: usedBytes / 2 ** 20,
    nodes1M: leafNodes + internalNodes,
  }),
);

/**
 * The most memory this process has had at once. What `resourceUsage` says begins with the parent's, from before the start of this
 * program; Linux also counts for the program alone.
 */
function peakKiB(): number {
  try {
    const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
    if (kib !== undefined) return Number(kib);
  } catch {
    // Not on Linux.
  }
  return process.resourceUsage().maxRSS;
}
