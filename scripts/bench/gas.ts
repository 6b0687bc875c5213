import { toHex } from "../../src/bytes/hex.ts";
import { commitArgument } from "../../src/chain/commitArgument.ts";
import { g2Coordinates } from "../../src/operators/bn254.ts";
import { encodeCertificate } from "../../src/operators/certificate.ts";
import { type ChallengeGas, challengeGas } from "./challengeGas.ts";
import { land, landBatch } from "./landing.ts";
import { type PolicyGas, policyGas } from "./policyGas.ts";
import { type ProveGas, proveGas, severalGas } from "./proofGas.ts";
import {
  CHANGE_DELAY_SECONDS,
  certify,
  fillRing,
  gasOf,
  nextCommits,
  openQuorumChain,
  type QuorumChain,
  RETAINED_COUNT,
  signerOf,
  startEpoch,
} from "./quorumChain.ts";
import { requestGas } from "./requestGas.ts";
import { transitionGas } from "./transitionGas.ts";

/** Gas of whole transactions in steady state, under Osaka's rules, on chains that are the same in every run. */

/** Most commits of one batch. */
const MAX_BATCH = 32;

/** Gas by what is measured; non-signers are spread evenly over the set. */
export interface GasReport {
  /** A commit by 100, 10 and 256 operators: without so many of them, and the same of a cached subset. */
  readonly commit: {
    readonly n100: Readonly<Record<CommitCase, number>>;
    readonly n10: Readonly<Record<SmallCase, number>>;
    readonly n256: Readonly<Record<"ns85", number>>;
  };
  /** Per commit, in a batch of so many by 100 operators. */
  readonly batch: Readonly<Record<"k4" | "k12", number>>;
  /** A commit by 100 operators where verifier and registry are two contracts. */
  readonly seam: Readonly<Record<"ns0", number>>;
  /** `cacheSubset` of 100 operators without so many. */
  readonly cacheSubset: Readonly<Record<"ns1" | "ns10" | "ns33", number>>;
  /** Registering one operator, and starting an epoch with so many. */
  readonly rotation: Readonly<
    Record<"register" | "startEpoch10" | "startEpoch100" | "startEpoch256", number>
  >;
  /** A proof at depth 20: the library alone, and a whole transaction that calls it. */
  readonly prove: ProveGas;
  /** Several leaves with one proof. */
  readonly several: Awaited<ReturnType<typeof severalGas>>;
  /** A policy's way onto a chain. */
  readonly policy: PolicyGas;
  /** A proven challenge of each kind at the largest legal size, of 256 operators without 85; no hook is set. */
  readonly challenge: ChallengeGas;
  /** Judging a commit's delta, by leaves and bytes of content of each. */
  readonly transition: Awaited<ReturnType<typeof transitionGas>>;
  /** Requests for committed data, at their largest. */
  readonly request: Awaited<ReturnType<typeof requestGas>>;
}

/** The part of it that 100 operators' commits make. */
export interface CommitReport {
  readonly n100: GasReport["commit"]["n100"];
  readonly cacheSubset: GasReport["cacheSubset"];
  readonly batch: GasReport["batch"];
}

type SmallCase = "ns0" | "ns1" | "ns3" | "cached1" | "cached3";
type CommitCase = "ns0" | "ns1" | "ns10" | "ns33" | "cached1" | "cached10" | "cached33";

/** A transaction to look into: the commit that `commit.n100.ns0` measures. */
export interface TracedCommit {
  readonly chain: QuorumChain;
  readonly hash: string;
}

/** Measures everything; takes about a minute. `onTraced` gets the chain while the commit's trace can be had. */
export async function benchGas(
  onTraced: (traced: TracedCommit) => Promise<void> = async () => {},
): Promise<GasReport> {
  const hundred = await steadyChain(100);
  const { n100, cacheSubset, batch } = await benchCommits(hundred, onTraced);
  const seam = { ns0: await landThroughSeam(hundred) };
  const prove = await proveGas();
  const several = await severalGas();
  const deltas = { transition: await transitionGas(), request: await requestGas() };
  const ten = await steadyChain(10);
  const n10 = await smallCommits(ten);
  const most = await steadyChain(256);
  const rotation = {
    register: hundred.registerGas,
    startEpoch10: await startEpoch(ten),
    startEpoch100: await startEpoch(hundred),
    startEpoch256: most.startEpochGas,
  };
  const n256 = { ns85: await without(most, 85) };
  const policy = await policyGas();
  const challenge = await challengeGas(most);
  return {
    commit: { n100, n10, n256 },
    batch,
    seam,
    cacheSubset,
    rotation,
    prove,
    several,
    policy,
    challenge,
    ...deltas,
  };
}

/** What commits of 100 operators cost on `chain`, whose registry has retained 720 roots. */
export async function benchCommits(
  chain: QuorumChain,
  onTraced: (traced: TracedCommit) => Promise<void> = async () => {},
): Promise<CommitReport> {
  const ns0 = await land(chain);
  await onTraced({ chain, hash: ns0.hash });
  const [ns1, ns10, ns33] = [
    await without(chain, 1),
    await without(chain, 10),
    await without(chain, 33),
  ];
  const cacheSubset = {
    ns1: await cache(chain, 1),
    ns10: await cache(chain, 10),
    ns33: await cache(chain, 33),
  };
  const n100 = {
    ns0: ns0.gas,
    ns1,
    ns10,
    ns33,
    cached1: await without(chain, 1),
    cached10: await without(chain, 10),
    cached33: await without(chain, 33),
  };
  const batch = { k4: await landBatch(chain, 4), k12: await landBatch(chain, 12) };
  return { n100, cacheSubset, batch };
}

/** What {@link benchCommits} finds on a chain that keeps its own time, whose ring is filled with commits. */
export async function benchLiveCommits(chain: QuorumChain): Promise<CommitReport> {
  for (let landed = 0; landed < RETAINED_COUNT; landed += MAX_BATCH)
    await landBatch(chain, MAX_BATCH);
  return await benchCommits(chain);
}

/** A chain whose registry has retained 720 roots. */
async function steadyChain(operatorCount: number): Promise<QuorumChain> {
  const chain = await openQuorumChain(operatorCount);
  await land(chain);
  await fillRing(chain);
  return chain;
}

async function smallCommits(chain: QuorumChain): Promise<GasReport["commit"]["n10"]> {
  const { gas: ns0 } = await land(chain);
  const [ns1, ns3] = [await without(chain, 1), await without(chain, 3)];
  await cache(chain, 1);
  await cache(chain, 3);
  return { ns0, ns1, ns3, cached1: await without(chain, 1), cached3: await without(chain, 3) };
}

/** `count` indices, spread evenly over the set. */
function spread({ keys }: QuorumChain, count: number): number[] {
  return Array.from({ length: count }, (_, i) => i * Math.floor(keys.length / count));
}

async function without(chain: QuorumChain, count: number): Promise<number> {
  return (await land(chain, spread(chain, count))).gas;
}

async function cache(chain: QuorumChain, count: number): Promise<number> {
  const missing = spread(chain, count);
  const { keyG2 } = signerOf(chain, missing);
  await chain.tick();
  const nonSigners = toHex(Uint8Array.from(missing));
  const call = await chain.registry.cacheSubset(1, nonSigners, g2Coordinates(keyG2));
  return gasOf(await call.wait());
}

/** Two contracts: any verifier, here the BLS one, behind `IQuorumVerifier`. The second commit counts, on a slot in use. */
async function landThroughSeam(chain: QuorumChain): Promise<number> {
  const { ethers, networkHelpers, owner, operatorSets } = chain;
  await chain.tick();
  const verifier = await ethers.deployContract("BlsQuorumVerifier", [operatorSets]);
  await chain.tick();
  await operatorSets.addEpochSink(verifier);
  await chain.tick();
  const none = ethers.ZeroAddress;
  const registry = await ethers.deployContract("StateCommitRegistry", [
    owner,
    verifier,
    none,
    6_667,
    60,
    21_600,
    CHANGE_DELAY_SECONDS,
  ]);
  const address = await registry.getAddress();
  // The slots of commits 1 and 2, as 720 commits leave them; slot 0 stays, from which the first commit starts.
  for (const slot of [6n, 7n])
    await networkHelpers.setStorageAt(address, slot, `0x${"11".repeat(32)}`);
  let gas = 0;
  for (let i = 0; i < 2; i++) {
    const [commit] = await nextCommits(chain, 1, registry);
    if (commit === undefined) throw new Error("no commit");
    const certificate = toHex(encodeCertificate(certify(chain, address, commit)));
    const call = await registry.commitStateRoot(commitArgument(commit), certificate);
    gas = gasOf(await call.wait());
  }
  return gas;
}

/** The report as a table. */
export function gasTable(report: GasReport | CommitReport): string {
  return rowsOf(report)
    .map(([name, gas]) => `${name.padEnd(32)}${gas.toLocaleString("en-US").padStart(12)}`)
    .join("\n");
}

function rowsOf(value: object, path = ""): [string, number][] {
  return Object.entries(value).flatMap(([name, inner]): [string, number][] =>
    typeof inner === "number" ? [[path + name, inner]] : rowsOf(inner, `${path}${name}.`),
  );
}
