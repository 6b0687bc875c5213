import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { keccak256 } from "../../src/bytes/keccak.ts";
import { compileWasm, wasmFunction } from "../../src/bytes/wasm.ts";
import { WASM } from "../../src/tree/engine/treeWasm.ts";
import { verifyInclusion } from "../../src/tree/proof.ts";
import type { Entry } from "../../src/tree/versionedTree.ts";
import { fuelTree, mptTree, ownTree, type PeerTree } from "./peers.ts";
import type { BenchOptions, BenchReport } from "./report.ts";
import { median, Samples, timeAsyncMs, timeMs } from "./rounds.ts";
import { sampleEntries } from "./sample.ts";

/**
 * The tree beside `@ethereumjs/mpt`, `@fuel-ts/merkle` and what its hashes alone take; keccak256 beside `@noble/hashes`. Every
 * ratio is the median of the rounds' ratios.
 */

const ROUNDS = 3;
const BATCH_LEAVES = 100;
const BATCHES_PER_ROUND = 7;
const PROOFS_PER_ROUND = 300;
const PROOFS_AT_ONCE = 100;
const PROVE_MS = 150;
/** This tree is built this often per round; the median counts. */
const OWN_BUILDS_PER_ROUND = 9;
const LONG_INPUT_BYTES = 15 * 2 ** 20;

/** Runs the bench. Takes about three minutes, or half a minute if quick. */
export async function benchTree({ isQuick }: BenchOptions): Promise<BenchReport> {
  const samples = new Samples();
  const sizes = isQuick ? [1_000, 10_000] : [1_000, 10_000, 100_000];
  for (let round = 0; round < ROUNDS; round++) {
    measureHashes(samples);
    if (isQuick) await measureSize(samples, 100_000, round, { own: ownTree });
    const trees = { own: ownTree, mpt: mptTree, fuel: fuelTree };
    for (const size of sizes) await measureSize(samples, size, round, trees);
    if (!isQuick || round === 0) measureMillion(samples);
  }
  return { ratios: ratiosOf(samples, isQuick ? "10k" : "100k"), figures: samples.medians() };
}

function ratiosOf(samples: Samples, size: string): Record<string, number> {
  const versus = (peer: string, what: string) => samples.ratio(`${peer}_${what}`, `own_${what}`);
  return {
    [`build${size}_vs_mpt`]: versus("mpt", `build${size}_ms`),
    [`build${size}_vs_fuel`]: versus("fuel", `build${size}_ms`),
    batch100_vs_mpt: versus("mpt", `batch100_on${size}_ms`),
    batch100_vs_fuel: versus("fuel", `batch100_on${size}_ms`),
    prove_vs_mpt: versus("mpt", `prove_on${size}_us`),
    build100k_vs_hashFloor: samples.ratio("own_build100k_ms", "hashFloor100k_ms"),
    keccak15MiB_vs_noble: samples.ratio("noble_keccak15MiB_ms", "own_keccak15MiB_ms"),
  };
}

/** Build, batches of 100 and proofs, of every tree in turn. */
async function measureSize(
  samples: Samples,
  size: number,
  round: number,
  trees: Readonly<Record<string, () => PeerTree>>,
): Promise<void> {
  const label = `${size / 1_000}k`;
  const entries = [...sampleEntries(size, 10 * round + 1)];
  const batches = [...Array(BATCHES_PER_ROUND).keys()].map((i) => [
    ...sampleEntries(BATCH_LEAVES, 1_000 * (round + 1) + i),
  ]);
  for (const [name, create] of Object.entries(trees)) {
    const builds = name === "own" ? OWN_BUILDS_PER_ROUND : 1;
    const buildMs: number[] = [];
    const rates: number[] = [];
    let tree = create();
    for (let i = 0; i < builds; i++) {
      tree = create();
      tree.prepare?.([...entries, ...batches.flat()]);
      if (name === "own") rates.push(kernelRate());
      buildMs.push(await timeAsyncMs(() => tree.put(entries)));
    }
    samples.add(`${name}_build${label}_ms`, median(buildMs));
    if (name === "own") await measureOwn(samples, label, entries, median(rates));
    const batchMs: number[] = [];
    for (const batch of batches) batchMs.push(await timeAsyncMs(() => tree.put(batch)));
    samples.add(`${name}_batch100_on${label}_ms`, median(batchMs));
    samples.add(`${name}_prove_on${label}_us`, await proveUs(tree, entries));
  }
}

/** Microseconds per proof, over as many as take {@link PROVE_MS}, so that a moment of somebody else's work does not show. */
async function proveUs(tree: PeerTree, entries: readonly Entry[]): Promise<number> {
  let [proofs, ms] = [0, 0];
  while (ms < PROVE_MS) {
    const first = (proofs * 7_919) % entries.length;
    const keys = entries.slice(first, first + PROOFS_AT_ONCE).map(([key]) => key);
    proofs += keys.length;
    ms += await timeAsyncMs(async () => {
      for (const key of keys) await tree.prove(key);
    });
  }
  return (1_000 * ms) / proofs;
}

/** What the hashes of this tree alone take at the kernel's rate, the size of a proof, and its check. */
async function measureOwn(
  samples: Samples,
  label: string,
  entries: readonly Entry[],
  hashesPerSecond: number,
): Promise<void> {
  const { tree, put } = ownTree();
  await put(entries);
  const { leafNodes, internalNodes } = tree.usage;
  samples.add(`own_hashes${label}`, leafNodes + internalNodes);
  samples.add("own_batch_hashes_per_s", hashesPerSecond);
  const floorMs = (1_000 * (leafNodes + internalNodes)) / hashesPerSecond;
  samples.add(`hashFloor${label}_ms`, floorMs);
  const proved = entries.slice(0, PROOFS_PER_ROUND).map(([key, valueHash]) => {
    return { claim: { root: tree.root(), key, valueHash }, proof: tree.prove(key) };
  });
  const bytes = proved.reduce((sum, { proof }) => sum + proof.length, 0);
  samples.add(`own_proof_on${label}_bytes`, bytes / proved.length);
  const verifyAll = () => {
    for (const { claim, proof } of proved) verifyInclusion(claim, proof);
  };
  verifyAll();
  const ms = median([...Array(9)].map(() => timeMs(verifyAll)));
  samples.add(`own_verify_on${label}_us`, (1_000 * ms) / proved.length);
}

/** keccak256 of 15 MiB and of 80 bytes, and the rate of the tree's kernel. */
function measureHashes(samples: Samples): void {
  const long = new Uint8Array(LONG_INPUT_BYTES).map((_, i) => i * 31);
  for (let i = 0; i < 2; i++) {
    samples.add("own_keccak15MiB_ms", median([1, 2, 3].map(() => timeMs(() => keccak256(long)))));
    samples.add(
      "noble_keccak15MiB_ms",
      timeMs(() => keccak_256(long)),
    );
  }
  const short = long.slice(0, 80);
  const perSecond = (count: number, hash: () => unknown) => {
    const ms = timeMs(() => {
      for (let i = 0; i < count; i++) hash();
    });
    return (1_000 * count) / ms;
  };
  samples.add(
    "own_80B_hashes_per_s",
    perSecond(200_000, () => keccak256(short)),
  );
  samples.add(
    "noble_80B_hashes_per_s",
    perSecond(30_000, () => keccak_256(short)),
  );
}

/** Internal nodes that the kernel hashes per second: pairs in the nearest cache, again and again. */
function kernelRate(): number {
  const instance = new WebAssembly.Instance(compileWasm(WASM));
  wasmFunction(instance, "open")(2 ** 24);
  wasmFunction(instance, "takeWindow")(1);
  const rehash = wasmFunction(instance, "rehash");
  const [cell, pairs] = [wasmFunction(instance, "windowAddress")(), 50_000];
  rehash(cell, pairs);
  return (2_000 * pairs) / timeMs(() => rehash(cell, pairs));
}

/** A million keys, in a process of its own. */
function measureMillion(samples: Samples): void {
  const script = resolve(import.meta.dirname, "millionKeys.ts");
  const found: unknown = JSON.parse(execFileSync(process.execPath, [script], { encoding: "utf8" }));
  if (typeof found !== "object" || found === null) throw new TypeError("expected an object");
  for (const [name, value] of Object.entries(found)) samples.add(`own_${name}`, Number(value));
}
