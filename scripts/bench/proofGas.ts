import { network } from "hardhat";
import { bytes32, type StateRoot, type TreeKey, type ValueHash } from "../../src/bytes/brand.ts";
import { tag, uintBytes } from "../../src/bytes/codec.ts";
import { compareBytes } from "../../src/bytes/compare.ts";
import { toHex } from "../../src/bytes/hex.ts";
import { keccak256 } from "../../src/bytes/keccak.ts";
import { decodeProof } from "../../src/tree/proof.ts";
import { type Entry, type Update, VersionedTree } from "../../src/tree/versionedTree.ts";

/** Gas of proofs in libraries alone and in whole transactions, beside OpenZeppelin's `MerkleProof`. */

/** A proof at depth 20, that of a tree of a million leaves. */
export interface ProveGas {
  readonly inclusion20: number;
  readonly absence20: number;
  readonly inclusion20Transaction: number;
  readonly absence20Transaction: number;
  /** `MerkleProof.verifyCalldata` with as many siblings, of a leaf's hash that the caller gives. */
  readonly openZeppelin20: number;
  readonly openZeppelin20Transaction: number;
  /** The same where the leaf is hashed from key and value on chain, as an inclusion proof's is. */
  readonly openZeppelinLeaf20Transaction: number;
  /** Whole transactions, inclusion to OpenZeppelin's with the hash given. */
  readonly ratio: number;
}

/** Several leaves in a tree of 100,000, half of them absent. */
export interface SeveralGas {
  readonly multiProof: number;
  readonly multiProofTransaction: number;
  /** The same with a proof for each, in one call. */
  readonly singles: number;
  readonly singlesTransaction: number;
  /** Every other present key removed, all others written. */
  readonly update: number;
  readonly updateTransaction: number;
}

const NO_VALUE = bytes32<ValueHash>(new Uint8Array(32));
const DEPTH = 20;
const LEAVES = 100_000;

type ProofChain = Awaited<ReturnType<typeof openProofChain>>;

/** A chain of its own, so that nothing else that is measured depends on this. */
async function openProofChain() {
  const { ethers } = await network.create({ network: "mainnet", chainType: "l1" });
  const [sender] = await ethers.getSigners();
  if (sender === undefined) throw new Error("no accounts");
  return { ethers, sender };
}

/** What the receipt of a transaction says that calls `to` with `data`. */
async function transactionGas({ sender }: ProofChain, to: string, data: string): Promise<number> {
  const receipt = await (await sender.sendTransaction({ to, data })).wait();
  if (receipt === null) throw new Error("no receipt");
  return Number(receipt.gasUsed);
}

/** A tree in which a key and a missing one lie behind 20 siblings each. */
export async function proveGas(): Promise<ProveGas> {
  const chain = await openProofChain();
  const { ethers } = chain;
  const value = keccak256<ValueHash>(tag("value"));
  const key = keccak256<TreeKey>(tag("key"));
  const missing = flipped(key, 24);
  const neighbours = Array.from({ length: DEPTH }, (_, bit) => flipped(key, bit));
  const tree = VersionedTree.restore(
    1n,
    [key, ...neighbours].map((each) => [each, value]),
  );
  const harness = await ethers.deployContract("TreeHarness");
  const root = toHex(tree.root());
  const [inclusion, absence] = [toHex(tree.prove(key)), toHex(tree.prove(missing))];
  const [present, absent, hash] = [toHex(key), toHex(missing), toHex(value)];
  const [inclusion20, inclusionFault] = await harness.inclusionGas(root, present, hash, inclusion);
  const [absence20, absenceFault] = await harness.absenceGas(root, absent, absence);
  if (inclusionFault !== 0n || absenceFault !== 0n) throw new Error("a proof was refused");

  const to = await harness.getAddress();
  const inclusionCall = await harness.verifyInclusion.populateTransaction(
    root,
    present,
    hash,
    inclusion,
  );
  const absenceCall = await harness.verifyAbsence.populateTransaction(root, absent, absence);
  const inclusion20Transaction = await transactionGas(chain, to, inclusionCall.data);
  const theirs = await openZeppelinGas(chain, {
    key,
    value,
    siblings: decodeProof(tree.prove(key)).siblings,
  });
  return {
    inclusion20: Number(inclusion20),
    absence20: Number(absence20),
    inclusion20Transaction,
    absence20Transaction: await transactionGas(chain, to, absenceCall.data),
    ...theirs,
    ratio: round(inclusion20Transaction / theirs.openZeppelin20Transaction),
  };
}

/** OpenZeppelin's verifier with the same siblings; roots as it folds them. */
async function openZeppelinGas(
  chain: ProofChain,
  { key, value, siblings }: { key: TreeKey; value: ValueHash; siblings: readonly StateRoot[] },
) {
  const harness = await chain.ethers.deployContract("OpenZeppelinMerkleHarness");
  const fold = (leaf: Uint8Array) =>
    siblings.reduce<Uint8Array>(
      (node, sibling) => keccak256(...[node, sibling].sort(compareBytes)),
      leaf,
    );
  const leaf = keccak256(tag("leaf"));
  const pairLeaf = keccak256(keccak256(key, value));
  const proof = siblings.map(toHex);
  const [gas, holds] = await harness.inclusionGas(toHex(fold(leaf)), toHex(leaf), proof);
  if (!holds) throw new Error("a proof was refused");
  const given = await harness.verifyInclusion.populateTransaction(
    toHex(fold(leaf)),
    toHex(leaf),
    proof,
  );
  const hashed = await harness.verifyLeaf.populateTransaction(
    toHex(fold(pairLeaf)),
    toHex(key),
    toHex(value),
    proof,
  );
  const to = await harness.getAddress();
  return {
    openZeppelin20: Number(gas),
    openZeppelin20Transaction: await transactionGas(chain, to, given.data),
    openZeppelinLeaf20Transaction: await transactionGas(chain, to, hashed.data),
  };
}

/** Gas of 1, 4, 16 and 64 leaves in one tree. */
export async function severalGas(): Promise<Record<"k1" | "k4" | "k16" | "k64", SeveralGas>> {
  const chain = await openProofChain();
  const keyOf = (i: number) => keccak256<TreeKey>(tag("several"), uintBytes(i, 4));
  const entries = Array.from({ length: LEAVES }, (_, i): Entry => {
    const key = keyOf(i);
    return [key, keccak256<ValueHash>(key)];
  });
  const tree = VersionedTree.restore(1n, entries);
  const harness = await chain.ethers.deployContract("MultiProofHarness");
  const to = await harness.getAddress();
  // From the end of the leaves to as many keys behind it.
  const measure = (count: number) => {
    const first = LEAVES - Math.ceil(count / 2);
    const keys = Array.from({ length: count }, (_, i) => keyOf(first + i));
    return gasOfKeys(chain, to, tree, keys);
  };
  return {
    k1: await measure(1),
    k4: await measure(4),
    k16: await measure(16),
    k64: await measure(64),
  };
}

async function gasOfKeys(
  chain: ProofChain,
  to: string,
  tree: VersionedTree,
  keys: readonly TreeKey[],
): Promise<SeveralGas> {
  const harness = await chain.ethers.getContractAt("MultiProofHarness", to);
  const root = toHex(tree.root());
  const { leaves, proof } = tree.proveLeaves(keys);
  const claims = leaves.map(([key, value]) => ({
    key: toHex(key),
    valueHash: toHex(value ?? NO_VALUE),
  }));
  const proofs = leaves.map(([key]) => toHex(tree.prove(key)));
  const updates = leaves.map(([key, value], i): Update => {
    return [key, value !== null && i % 2 === 0 ? null : keccak256<ValueHash>(tag("new"), key)];
  });
  const update = tree.proveUpdate(updates);
  const changes = update.changes.map(([key, old, made]) => ({
    key: toHex(key),
    oldValueHash: toHex(old ?? NO_VALUE),
    newValueHash: toHex(made ?? NO_VALUE),
  }));
  const [packed, openings] = [toHex(update.proof), toHex(update.openings)];
  const [multiProof, fault] = await harness.leavesGas(root, claims, toHex(proof));
  const [updateGas, updateFault] = await harness.updateGas(root, changes, packed, openings);
  if (fault !== 0n || updateFault !== 0n) throw new Error("a proof was refused");
  const calls = [
    await harness.verifyLeaves.populateTransaction(root, claims, toHex(proof)),
    await harness.verifySingles.populateTransaction(root, claims, proofs),
    await harness.verifyUpdate.populateTransaction(
      root,
      toHex(update.newRoot),
      changes,
      packed,
      openings,
    ),
  ];
  const gas: number[] = [];
  for (const { data } of calls) gas.push(await transactionGas(chain, to, data));
  const [multiProofTransaction = 0, singlesTransaction = 0, updateTransaction = 0] = gas;
  return {
    multiProof: Number(multiProof),
    multiProofTransaction,
    singles: Number(await harness.singlesGas(root, claims, proofs)),
    singlesTransaction,
    update: Number(updateGas),
    updateTransaction,
  };
}

function flipped(key: TreeKey, bit: number): TreeKey {
  const bytes = Uint8Array.from(key);
  bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7));
  return bytes32<TreeKey>(bytes);
}

function round(ratio: number): number {
  return Math.round(ratio * 10_000) / 10_000;
}
