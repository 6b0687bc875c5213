import { readFileSync } from "node:fs";
import { expect } from "chai";
import fc from "fast-check";
import { generate } from "../../../scripts/vectors/multiProofs.ts";
import { bytes32, type StateRoot, type TreeKey, type ValueHash } from "../../../src/bytes/brand.ts";
import { compareBytes, equalBytes } from "../../../src/bytes/compare.ts";
import { fromHex } from "../../../src/bytes/hex.ts";
import { EMPTY_ROOT } from "../../../src/tree/hasher.ts";
import {
  encodeMultiProof,
  type LeafClaim,
  MAX_MULTI_PROOF_LEAVES,
  openMultiProof,
  verifyLeaves,
} from "../../../src/tree/multiProof.ts";
import { MULTI_PROOF_FAULTS } from "../../../src/tree/multiProofFault.ts";
import { verifyAbsence, verifyInclusion } from "../../../src/tree/proof.ts";
import { verifyUpdate } from "../../../src/tree/treeUpdate.ts";
import { type Entry, VersionedTree } from "../../../src/tree/versionedTree.ts";
import { at } from "../../helpers/at.ts";
import { codeOf } from "../../helpers/codes.ts";
import { FORGERS } from "../../helpers/forgeries.ts";
import { Random } from "../../helpers/random.ts";
import { claimsOf, isSame } from "./forgedClaims.ts";
import { solidityEnum } from "./solidityEnum.ts";

const PATH = "test/vectors/multiProofs.json";
const vectors: Record<
  "names" | "roots" | "newRoots" | "claims" | "proofs" | "openings" | "faultNames",
  string[]
> & { kinds: number[]; faults: number[] } = JSON.parse(readFileSync(PATH, "utf8"));

/** A tree of some of 64 keys, which are alike in their first bits. */
const sample = fc.record({
  leaves: fc.uniqueArray(fc.nat(63), { maxLength: 40 }),
  claimed: fc.uniqueArray(fc.nat(63), { minLength: 1, maxLength: 20 }),
  spread: fc.constantFrom(0, 1, 3, 31),
});

function keyOf(name: number, spread: number): TreeKey {
  const key = new Uint8Array(32);
  key[0] = name >> 4;
  key[spread] = (key[spread] ?? 0) + ((name & 15) << 3);
  return bytes32<TreeKey>(key);
}

function sampleValue(name: number): ValueHash {
  return bytes32<ValueHash>(new Uint8Array(32).fill(name + 1));
}

function treeOf(leaves: readonly number[], spread: number): VersionedTree {
  return VersionedTree.restore(
    1n,
    leaves.map((name): Entry => [keyOf(name, spread), sampleValue(name)]),
  );
}

function holdsAlone(tree: VersionedTree, [key, valueHash]: LeafClaim): boolean {
  const root = tree.root();
  const proof = tree.prove(key);
  const fault =
    valueHash === null
      ? verifyAbsence({ root, key }, proof)
      : verifyInclusion({ root, key, valueHash }, proof);
  return fault === "None";
}

describe("multiproof", () => {
  it("JMT-20: gives every vector its verdict, an empty list and a key twice included", () => {
    const { names, kinds } = vectors;
    for (const [i, name] of names.entries()) {
      const [root, newRoot] = [vectors.roots, vectors.newRoots].map((column) =>
        bytes32<StateRoot>(fromHex(at(column, i))),
      );
      if (root === undefined || newRoot === undefined) throw new Error("no root");
      const packed = fromHex(at(vectors.claims, i));
      const width = kinds[i] === 0 ? 64 : 96;
      const word = (offset: number) => bytes32<ValueHash>(packed.slice(offset, offset + 32));
      const claims = Array.from({ length: packed.length / width }, (_, j) => {
        const key = bytes32<TreeKey>(packed.slice(width * j, width * j + 32));
        return [key, word(width * j + 32), word(width * (j + 1) - 32)] as const;
      });
      const proof = fromHex(at(vectors.proofs, i));
      const openings = fromHex(at(vectors.openings, i));
      const leaves = claims.map(([key, value]) => [key, value] as const);
      const fault =
        kinds[i] === 0
          ? verifyLeaves(root, leaves, proof)
          : verifyUpdate({ oldRoot: root, newRoot }, claims, { proof, openings });
      expect(fault, name).to.equal(vectors.faultNames[i]);
    }
    const named = new Set(vectors.faultNames);
    expect(MULTI_PROOF_FAULTS.filter((fault) => !named.has(fault))).to.deep.equal([]);
  });

  it("is what the generator of vectors writes", () => {
    expect(generate() === readFileSync(PATH, "utf8")).to.equal(true);
  });

  it("names faults as Solidity does", () => {
    expect(solidityEnum("MultiProofFault")).to.deep.equal([...MULTI_PROOF_FAULTS]);
  });

  it("is for one key the bytes of its proof", () => {
    fc.assert(
      fc.property(sample, ({ leaves, claimed, spread }) => {
        const tree = treeOf(leaves, spread);
        for (const name of claimed) {
          const key = keyOf(name, spread);
          expect(equalBytes(tree.proveLeaves([key]).proof, tree.prove(key))).to.equal(true);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("TRE7: holds if and only if each of its claims holds alone", () => {
    const lie = fc.option(fc.tuple(fc.nat(19), fc.nat(2)), { freq: 2 });
    fc.assert(
      fc.property(sample, lie, ({ leaves: names, claimed, spread }, wrong) => {
        const tree = treeOf(names, spread);
        const { leaves, proof } = tree.proveLeaves(claimed.map((name) => keyOf(name, spread)));
        const claims = leaves.map((claim, i): LeafClaim => {
          if (wrong === null || wrong[0] % leaves.length !== i) return claim;
          const [key, valueHash] = claim;
          // Another value, a leaf that is not there, or none where one is.
          return [key, wrong[1] === 0 && valueHash !== null ? null : sampleValue(200)];
        });
        const alone = claims.every((claim) => holdsAlone(tree, claim));
        expect(verifyLeaves(tree.root(), claims, proof) === "None").to.equal(alone);
        expect(alone).to.equal(wrong === null);
      }),
      { numRuns: 400 },
    );
  });

  it("JMT-19: shows no key present that a single proof shows absent, or the reverse", () => {
    const random = new Random(20);
    for (let turn = 0; turn < 300; turn++) {
      const names = Array.from({ length: 64 }, (_, name) => name);
      const tree = treeOf(
        names.filter(() => random.below(3) === 0),
        turn % 4,
      );
      const claimed = names.filter(() => random.below(6) === 0);
      const keys = [random.below(64), ...claimed].map((name) => keyOf(name, turn % 4));
      const distinct = keys.filter((key, i) => keys.findIndex((k) => equalBytes(k, key)) === i);
      const { leaves, proof } = tree.proveLeaves(distinct);
      const i = random.below(leaves.length);
      const [key, valueHash] = at(leaves, i);
      const opposite = leaves.with(i, [key, valueHash === null ? random.valueHash() : null]);
      const segments = openMultiProof(leaves, proof);
      if (typeof segments === "string") throw new Error(segments);
      // Terminals said to be of any other kind, in the one way that the opposite can be claimed.
      const forgeries = segments.flatMap((segment, j) =>
        (["own-leaf", "empty-slot"] as const).map((kind) =>
          encodeMultiProof(segments.with(j, { ...segment, terminal: { kind } })),
        ),
      );
      for (const forged of [proof, ...forgeries]) {
        expect(verifyLeaves(tree.root(), opposite, forged)).not.to.equal("None");
      }
    }
  });

  it("JMT-09: is refused with any one bit flipped", () => {
    const tree = treeOf([0, 1, 5, 17, 18, 40, 63], 1);
    for (const claimed of [[5], [5, 6], [0, 1, 2, 40, 62], [3, 4, 9]]) {
      const { leaves, proof } = tree.proveLeaves(claimed.map((name) => keyOf(name, 1)));
      expect(verifyLeaves(tree.root(), leaves, proof)).to.equal("None");
      for (let bit = 0; bit < 8 * proof.length; bit++) {
        const flipped = proof.with(bit >> 3, (proof[bit >> 3] ?? 0) ^ (1 << (bit & 7)));
        expect(verifyLeaves(tree.root(), leaves, flipped)).not.to.equal("None");
      }
    }
  });

  it("P3: takes no forged proof of one key, in any of the ways of single proofs", () => {
    const random = new Random(12);
    const worlds = [2, 30, 400].map((count) => claimsOf(random, count));
    for (const [name, forge] of Object.entries(FORGERS)) {
      let forged = 0;
      for (let turn = 0; turn < 2_000 && forged < 100; turn++) {
        const { claims, source } = random.pick(worlds);
        const claimed = random.pick(claims);
        const forgery = forge(claimed, source);
        if (forgery === undefined || isSame(forgery, claimed)) continue;
        forged++;
        const { root, key, valueHash = null, proof } = forgery;
        expect(verifyLeaves(root, [[key, valueHash]], proof), name).not.to.equal("None");
      }
      expect(forged, name).to.be.at.least(20);
    }
  });

  it("JMT-20: refuses to prove no keys, a key twice, or too many, and changes nothing", () => {
    const tree = treeOf([1, 2, 3], 0);
    const root = tree.root();
    const key = keyOf(1, 0);
    const many = Array.from({ length: MAX_MULTI_PROOF_LEAVES + 1 }, (_, i) =>
      bytes32<TreeKey>(new Uint8Array(32).with(0, i >> 8).with(1, i & 255)),
    );
    expect(codeOf(() => tree.proveLeaves([]))).to.equal("E_LEAF_COUNT");
    expect(codeOf(() => tree.proveUpdate([]))).to.equal("E_LEAF_COUNT");
    expect(codeOf(() => tree.proveLeaves(many))).to.equal("E_LEAF_COUNT");
    expect(codeOf(() => tree.proveLeaves([key, key]))).to.equal("E_DUPLICATE_KEY");
    expect(codeOf(() => tree.proveLeaves([key], 2n))).to.equal("E_VERSION_UNKNOWN");
    expect(equalBytes(tree.root(), root)).to.equal(true);
    const most = many.slice(1).sort(compareBytes);
    const { leaves, proof } = tree.proveLeaves(most);
    expect(leaves.length).to.equal(MAX_MULTI_PROOF_LEAVES);
    expect(verifyLeaves(root, leaves, proof)).to.equal("None");
  });

  it("JMT-23: shows nothing under root zero, and no leaf under the empty root", () => {
    const tree = treeOf([], 0);
    const absent = tree.proveLeaves([keyOf(1, 0), keyOf(2, 0)]);
    expect(verifyLeaves(EMPTY_ROOT, absent.leaves, absent.proof)).to.equal("None");
    const zero = bytes32<StateRoot>(new Uint8Array(32));
    expect(verifyLeaves(zero, absent.leaves, absent.proof)).to.equal("RootMismatch");
    const one = treeOf([1], 0).proveLeaves([keyOf(1, 0)]);
    expect(verifyLeaves(EMPTY_ROOT, one.leaves, one.proof)).to.equal("RootMismatch");
  });
});
