import { expect } from "chai";
import { network } from "hardhat";
import { bytes32, type TreeKey, type ValueHash } from "../../../src/bytes/brand.ts";
import { equalBytes } from "../../../src/bytes/compare.ts";
import { toHex } from "../../../src/bytes/hex.ts";
import { verifyLeaves } from "../../../src/tree/multiProof.ts";
import { MULTI_PROOF_FAULTS } from "../../../src/tree/multiProofFault.ts";
import { updatedRoot } from "../../../src/tree/treeUpdate.ts";
import { type Entry, type Update, VersionedTree } from "../../../src/tree/versionedTree.ts";
import { PlainTree } from "../../helpers/plainTree.ts";
import { Random } from "../../helpers/random.ts";

/** Multiproofs and updates that both languages and the plain tree judge. */
const CASES = 500;
const CALL_CASES = 50;

const NO_VALUE = bytes32<ValueHash>(new Uint8Array(32));

/** Keys that are spread, or alike up to their last bytes. */
function sampleKey(random: Random, shape: number): TreeKey {
  if (shape === 0) return random.key();
  const key = new Uint8Array(32).fill(9);
  if (shape === 1) key.set([random.below(3), random.below(40)], 30);
  else key[1] = random.below(48);
  return bytes32<TreeKey>(key);
}

function distinct<T extends readonly [TreeKey, ...unknown[]]>(items: readonly T[]): T[] {
  return [...new Map(items.map((item) => [toHex(item[0]), item])).values()];
}

/** A tree and updates of it: of leaves it has, and of keys it may not have. */
function sampleCase(random: Random, shape: number) {
  const entries = distinct(
    Array.from(
      { length: random.below(40) },
      (): Entry => [sampleKey(random, shape), random.valueHash()],
    ),
  );
  const updates = distinct(
    Array.from({ length: 1 + random.below(10) }, (): Update => {
      const isKnown = entries.length > 0 && random.below(2) === 0;
      const key = isKnown ? random.pick(entries)[0] : sampleKey(random, shape);
      return [key, random.below(2) === 0 ? null : random.valueHash()];
    }),
  );
  const plain = PlainTree.restore(1n, entries);
  const newRoot = plain.stage(updates).newRoot;
  return { ...VersionedTree.restore(1n, entries).proveUpdate(updates), plain, madeRoot: newRoot };
}

/** `bytes`, in two of three cases with something changed: a bit, a byte less or more, a word less. */
function edited(random: Random, bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0 || random.below(3) === 0) return bytes;
  const way = random.below(6);
  if (way === 0) return bytes.subarray(0, -1);
  if (way === 1) return Uint8Array.of(...bytes, random.below(256));
  if (way === 2) return bytes.subarray(0, Math.max(0, bytes.length - 32));
  // Half of the flips hit the first header and bitmap.
  const bit = random.below(8 * (way === 3 ? bytes.length : Math.min(5, bytes.length)));
  return bytes.with(bit >> 3, (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7)));
}

describe("Solidity verifiers of several leaves", () => {
  it("JMT-24: give multiproofs and updates the verdict and the root that TypeScript and the plain tree do", async function () {
    this.timeout(120_000);
    const { ethers } = await network.create("mainnet");
    const harness = await ethers.deployContract("MultiProofHarness");
    const random = new Random(77);
    let held = 0;
    for (let done = 0; done < CASES; done += CALL_CASES) {
      const cases = Array.from({ length: CALL_CASES }, (_, i) => {
        const sample = sampleCase(random, (done + i) % 3);
        const proof = edited(random, sample.proof);
        const openings = proof === sample.proof ? edited(random, sample.openings) : sample.openings;
        return { ...sample, edited: { proof, openings }, root: sample.plain.root() };
      });
      const faults = await harness.tryMany(
        cases.map(({ root, changes, edited: { proof } }) => ({
          root: toHex(root),
          leaves: changes.map(([key, old]) => ({
            key: toHex(key),
            valueHash: toHex(old ?? NO_VALUE),
          })),
          proof: toHex(proof),
        })),
      );
      const updates = await harness.tryUpdates(
        cases.map(({ root, changes, edited: { proof, openings } }) => ({
          oldRoot: toHex(root),
          changes: changes.map(([key, old, made]) => ({
            key: toHex(key),
            oldValueHash: toHex(old ?? NO_VALUE),
            newValueHash: toHex(made ?? NO_VALUE),
          })),
          proof: toHex(proof),
          openings: toHex(openings),
        })),
      );
      for (const [
        i,
        { root, changes, plain, madeRoot, proof, openings, edited },
      ] of cases.entries()) {
        const leaves = changes.map(([key, old]) => [key, old] as const);
        const verdict = verifyLeaves(root, leaves, edited.proof);
        expect(MULTI_PROOF_FAULTS[Number(faults[i])]).to.equal(verdict);
        // There is one proof of what is true.
        const isOwn = equalBytes(edited.proof, proof);
        expect(verdict === "None").to.equal(isOwn);
        for (const [key, old] of leaves) expect(plain.get(key) ?? null).to.deep.equal(old);
        const made = updatedRoot(root, changes, edited);
        const fault = MULTI_PROOF_FAULTS[Number(updates.faults[i])];
        if (typeof made === "string") expect(fault).to.equal(made);
        else {
          expect(fault).to.equal("None");
          expect(updates.newRoots[i]).to.equal(toHex(made));
          expect(equalBytes(made, madeRoot)).to.equal(true);
          held++;
        }
        expect(typeof made !== "string").to.equal(isOwn && equalBytes(edited.openings, openings));
      }
    }
    expect(held).to.be.within(CASES / 6, CASES / 2);
  });
});
