import { network } from "hardhat";
import { bytes32, type DaCertHash, type StateRoot, zero32 } from "../../src/bytes/brand.ts";
import { bytesToUint, tag, uintBytes } from "../../src/bytes/codec.ts";
import { fromHex, toHex } from "../../src/bytes/hex.ts";
import { keccak256 } from "../../src/bytes/keccak.ts";
import { commitDigest, quorumMessage, type StateCommit } from "../../src/commit/message.ts";
import { g1Coordinates, g2Coordinates, R } from "../../src/operators/bn254.ts";
import type { Certificate } from "../../src/operators/certificate.ts";
import { hashToG1 } from "../../src/operators/hashToG1.ts";
import { KeyPair } from "../../src/operators/keyPair.ts";
import { provePossession } from "../../src/operators/possession.ts";
import { seededBytes } from "../vectors/seededBytes.ts";
import { type ChainControl, type Connection, simulatedControl } from "./chainControl.ts";

/**
 * A chain with a registry and as many operators as asked for. On a simulated one, under Osaka's rules, it is the same in
 * every run: keys, addresses and block times are fixed, so gas is exact.
 */

const GENESIS_SECONDS = 1_800_000_000;
const MIN_EPOCH_SECONDS = 3_600;
const OVERLAP_SECONDS = 600;
export const CHANGE_DELAY_SECONDS = 3 * 86_400;
/** Roots that a registry retains, and where its storage holds the first. */
export const RETAINED_COUNT = 720;
const RING_SLOT = 5n;

const REGISTRY_RULES = [6_667, 60, 21_600] as const;

/** A simulated chain on which nothing has happened. */
async function freshChain(): Promise<ControlledChain> {
  const connection = await network.create({
    network: "mainnet",
    chainType: "l1",
    override: { initialDate: new Date(GENESIS_SECONDS * 1_000) },
  });
  return { connection, control: await simulatedControl(connection, GENESIS_SECONDS) };
}

/** A chain, and what may be done with it. */
export interface ControlledChain {
  readonly connection: Connection;
  readonly control: ChainControl;
}

/** Contracts on a chain, before anybody has registered. */
async function openBareChain({ connection, control }: ControlledChain) {
  const { ethers, networkHelpers, provider } = connection;
  const [owner] = await ethers.getSigners();
  if (owner === undefined) throw new Error("no accounts");
  const { tick, account } = control;
  await tick();
  const operatorSets = await ethers.deployContract("OperatorSetRegistry", [
    owner,
    MIN_EPOCH_SECONDS,
    OVERLAP_SECONDS,
    CHANGE_DELAY_SECONDS,
  ]);
  await operatorSets.waitForDeployment();
  await tick();
  const registry = await ethers.deployContract("BlsStateCommitRegistry", [
    owner,
    operatorSets,
    ethers.ZeroAddress,
    ...REGISTRY_RULES,
    CHANGE_DELAY_SECONDS,
  ]);
  await registry.waitForDeployment();
  await tick();
  await (await operatorSets.addEpochSink(registry)).wait();
  const { chainId } = await ethers.provider.getNetwork();
  return {
    ethers,
    networkHelpers,
    provider,
    owner,
    operatorSets,
    registry,
    chainId,
    tick,
    account,
  };
}

type BareChain = Awaited<ReturnType<typeof openBareChain>>;

/** A chain with operators, who sign with `keys` in the order of their indices. */
export interface QuorumChain extends BareChain {
  readonly keys: readonly KeyPair[];
  readonly registerGas: number;
  readonly startEpochGas: number;
}

/** Deploys on `on`, or on a fresh simulated chain; epoch 1 has `operatorCount` operators of equal weight. */
export async function openQuorumChain(
  operatorCount: number,
  on?: ControlledChain,
): Promise<QuorumChain> {
  const chain = await openBareChain(on ?? (await freshChain()));
  return { ...chain, ...(await registerOperators(chain, operatorCount)) };
}

async function registerOperators(chain: BareChain, operatorCount: number) {
  const { operatorSets, chainId, tick } = chain;
  const random = seededBytes("gas bench");
  const keys = Array.from({ length: operatorCount }, () => KeyPair.generate(random));
  const registry = fromHex(await operatorSets.getAddress());
  let registerGas = 0;
  for (const [i, key] of keys.entries()) {
    const account = await chain.account(i);
    const operator = fromHex(await account.getAddress());
    const proof = provePossession({ chainId, registry, operator }, key);
    const possession = { ...proof, signature: g1Coordinates(proof.signature) };
    await tick(1);
    const call = await operatorSets
      .connect(account)
      .register(g1Coordinates(key.keyG1), g2Coordinates(key.keyG2), possession);
    registerGas = gasOf(await call.wait());
    await tick(1);
    await (await operatorSets.setWeight(account, 100)).wait();
  }
  const startEpochGas = await startEpoch({ ...chain, keys });
  return { keys, registerGas, startEpochGas };
}

/** Starts the next epoch with the same operators, as soon as it may. */
export async function startEpoch(
  chain: Pick<QuorumChain, "operatorSets" | "keys" | "tick">,
): Promise<number> {
  await chain.tick(MIN_EPOCH_SECONDS);
  const call = await chain.operatorSets.startEpoch(g2Coordinates(signerOf(chain).keyG2));
  return gasOf(await call.wait());
}

/** The key whose secret is the sum of those of all but `missing`: its signature is their summed signature. */
export function signerOf(
  { keys }: Pick<QuorumChain, "keys">,
  missing: readonly number[] = [],
): KeyPair {
  let sum = 0n;
  for (const [i, key] of keys.entries()) {
    if (!missing.includes(i)) sum += bytesToUint(key.exportSecret());
  }
  return KeyPair.fromSecret(uintBytes(sum % R, 32));
}

/** The next `count` commits of `on`, all due in the next block, whose time this fixes. */
export async function nextCommits(
  chain: QuorumChain,
  count: number,
  on: Pick<QuorumChain["registry"], "getSequenceNo" | "getStateRoot"> = chain.registry,
): Promise<StateCommit[]> {
  const now = BigInt(await chain.tick());
  const commits: StateCommit[] = [];
  let sequenceNo = await on.getSequenceNo();
  let prevStateRoot = bytes32<StateRoot>(await on.getStateRoot());
  for (let i = 0; i < count; i++) {
    sequenceNo += 1n;
    const newStateRoot = keccak256<StateRoot>(tag("root"), uintBytes(sequenceNo, 8));
    commits.push({
      version: 2,
      sequenceNo,
      prevStateRoot,
      newStateRoot,
      timestamp: now - BigInt(count - i),
      daCertHash: keccak256<DaCertHash>(tag("manifest"), uintBytes(sequenceNo, 8)),
      pcr0Commitment: zero32(),
    });
    prevStateRoot = newStateRoot;
  }
  return commits;
}

/** Certificate of all operators of epoch 1 but `missing` over `commit`, for the registry at `address`. */
export function certify(
  chain: QuorumChain,
  address: string,
  commit: StateCommit,
  missing: readonly number[] = [],
): Certificate {
  const domain = { chainId: chain.chainId, registry: fromHex(address) };
  const message = quorumMessage(1, commitDigest(domain, commit));
  const signer = signerOf(chain, missing);
  const { counter, hintY } = hashToG1(message);
  const aggregateKeyG2 = signer.keyG2;
  const signature = signer.sign(message);
  return { epoch: 1, counter, hintY, signature, aggregateKeyG2, nonSigners: missing };
}

/** Makes every slot of the ring but the newest root's non-zero, as 720 commits do; at least one has landed. */
export async function fillRing({ networkHelpers, registry }: QuorumChain): Promise<void> {
  const newest = Number(await registry.getSequenceNo()) % RETAINED_COUNT;
  const address = await registry.getAddress();
  for (let i = 0; i < RETAINED_COUNT; i++) {
    if (i === newest) continue;
    const root = toHex(keccak256(tag("old root"), uintBytes(i, 8)));
    await networkHelpers.setStorageAt(address, RING_SLOT + BigInt(i), root);
  }
}

/** Gas of a mined transaction. @throws {Error} if it was not mined */
export function gasOf(receipt: { readonly gasUsed: bigint } | null): number {
  if (receipt === null) throw new Error("no receipt");
  return Number(receipt.gasUsed);
}
