import { network } from "hardhat";
import { tag, uintBytes } from "../../src/bytes/codec.ts";
import { toHex } from "../../src/bytes/hex.ts";
import { keccak256 } from "../../src/bytes/keccak.ts";
import { transitionStruct } from "../../src/chain/transitionArgument.ts";
import { transitionStep, updatesBy } from "../../src/sim/transitionStep.ts";
import type { DeltaLeaf } from "../../src/state/delta.ts";
import { contentKey, treeKeyOf } from "../../src/state/key.ts";
import { encodeHeader } from "../../src/state/leaf.ts";
import { VersionedTree } from "../../src/tree/versionedTree.ts";
import { ledgerArguments } from "./ledger.ts";

/** Gas of `challengeTransition`, whole transactions without the certificate, in a tree of 100,000 leaves. */

/** One measurement. */
export interface TransitionGas {
  readonly gas: number;
  readonly calldataBytes: number;
}

const TREE_LEAVES = 100_000;
const NAMESPACES = [1, 2, 3, 4] as const;

/** Leaves of the commit, and bytes of content of each. */
export const TRANSITION_SIZES = {
  n1c64: [1, 64],
  n64c64: [64, 64],
  n64c960: [64, 960],
  n15c4096: [15, 4_096],
  n256c64: [256, 64],
  n320c64: [320, 64],
  n320c160: [320, 160],
} as const;

function oldLeaf(i: number): DeltaLeaf {
  return leafOf(i, 32, "old", 1n);
}

/** A leaf of any namespace, in turn. */
function leafOf(i: number, contentBytes: number, what: string, sequenceNo: bigint): DeltaLeaf {
  const namespace = NAMESPACES[i % NAMESPACES.length] ?? 1;
  const content = new Uint8Array(contentBytes);
  for (let at = 0; at < contentBytes; at += 32) {
    content.set(
      keccak256(tag(what), uintBytes(i, 4), uintBytes(at, 4)).subarray(0, contentBytes - at),
      at,
    );
  }
  const key =
    namespace === 4
      ? contentKey(namespace, keccak256(content))
      : treeKeyOf(namespace, keccak256(tag("id"), uintBytes(i, 4)));
  const header = {
    version: 1,
    namespace,
    flags: 0,
    contentLength: BigInt(contentBytes),
    sequenceNo,
  };
  return { operation: "put", key, header: encodeHeader(header), content };
}

/** Half of the leaves new, a quarter written again, an eighth removed. */
function leavesOf(count: number, contentBytes: number): DeltaLeaf[] {
  const sequenceNo = 2n;
  return Array.from({ length: count }, (_, j): DeltaLeaf => {
    const namespace = NAMESPACES[j % NAMESPACES.length];
    const i =
      j % 8 < 4 || namespace === 4
        ? TREE_LEAVES + j
        : j * Math.floor(TREE_LEAVES / count / 4) * 4 + (j % 4);
    const put = leafOf(i, contentBytes, "new", sequenceNo);
    return j % 8 === 5 ? { operation: "delete", key: put.key } : put;
  });
}

/** Measures every size on a chain of its own. */
export async function transitionGas(): Promise<
  Record<keyof typeof TRANSITION_SIZES, TransitionGas>
> {
  const { ethers } = await network.create({ network: "mainnet", chainType: "l1" });
  const [sender] = await ethers.getSigners();
  if (sender === undefined) throw new Error("no accounts");
  const registry = await ethers.deployContract("CommitStandingMock");
  const judge = await ethers.deployContract("TransitionVerifier", [
    ...ledgerArguments(sender.address, await registry.getAddress()),
  ]);
  await (await judge.fundPool({ value: 100n })).wait();
  const tree = new VersionedTree();
  const entries = Array.from({ length: TREE_LEAVES }, (_, i) => oldLeaf(i));
  tree.commit(tree.stage(updatesBy(entries)));
  const found: Partial<Record<keyof typeof TRANSITION_SIZES, TransitionGas>> = {};
  for (const [name, [count, contentBytes]] of Object.entries(TRANSITION_SIZES)) {
    const newStateRoot = keccak256(tag("elsewhere"), tag(name)) as never;
    const evidence = transitionStep(tree, 1n, leavesOf(count, contentBytes), { newStateRoot });
    await registry.setRoots(1n, [toHex(tree.root()), toHex(newStateRoot)]);
    const struct = transitionStruct(evidence);
    const [verdict, fault] = await judge.judgeTransition(struct);
    if (verdict !== 1n) throw new Error(`${name}: verdict ${verdict}, fault ${fault}`);
    const call = await judge.challengeTransition.populateTransaction(struct, sender.address);
    const sent = await sender.sendTransaction({ ...call, gasLimit: 16_777_216n });
    const receipt = await sent.wait();
    Object.assign(found, {
      [name]: { gas: Number(receipt?.gasUsed), calldataBytes: (call.data.length - 2) / 2 },
    });
  }
  return found as Record<keyof typeof TRANSITION_SIZES, TransitionGas>;
}
