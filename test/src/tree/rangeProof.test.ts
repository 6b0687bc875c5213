import { readFileSync } from "node:fs";
import { expect } from "chai";
import { generate } from "../../../scripts/vectors/rangeProofs.ts";
import { bytes32, type TreeKey, type ValueHash } from "../../../src/bytes/brand.ts";
import { concatBytes } from "../../../src/bytes/codec.ts";
import { compareBytes } from "../../../src/bytes/compare.ts";
import { fromHex, toHex } from "../../../src/bytes/hex.ts";
import { EMPTY_ROOT } from "../../../src/tree/hasher.ts";
import { type RangeClaim, verifyRange } from "../../../src/tree/rangeProof.ts";
import { RANGE_PROOF_FAULTS, type RangeProofFault } from "../../../src/tree/rangeProofFault.ts";
import { type Entry, VersionedTree } from "../../../src/tree/versionedTree.ts";
import { codeOf } from "../../helpers/codes.ts";
import { Random } from "../../helpers/random.ts";

const VECTORS = "test/vectors/rangeProofs.json";
const FIRST = bytes32<TreeKey>(new Uint8Array(32));
const LAST = bytes32<TreeKey>(new Uint8Array(32).fill(0xff));

interface Proved {
  readonly claim: RangeClaim;
  readonly proof: Uint8Array;
}

function keyOf(byte: number, last = 0): TreeKey {
  const key = new Uint8Array(32);
  key[0] = byte;
  key[31] = last;
  return bytes32<TreeKey>(key);
}

function treeOf(keys: readonly TreeKey[]): VersionedTree {
  return VersionedTree.restore(
    1n,
    keys.map((key) => [key, bytes32<ValueHash>(key)] as const),
  );
}

function prove(tree: VersionedTree, from: TreeKey, to: TreeKey): Proved {
  const { leaves, proof } = tree.proveRange(from, to);
  return { claim: { root: tree.root(), from, to, leaves }, proof };
}

/** Keys in four places of the tree: alone, in a pair, in a cluster, and at both ends. */
const KEYS = [0x00, 0x21, 0x22, 0x40, 0x41, 0x42, 0x43, 0x44, 0x81, 0xff].map((byte) =>
  keyOf(byte, 7),
);

/** What the verifier says when the claim or the proof is changed. */
function verdict({ claim, proof }: Proved, change: Partial<RangeClaim>, edited = proof) {
  return verifyRange({ ...claim, ...change }, edited);
}

/** Keys of one shape: spread, in one byte, alike up to the end. */
function sampleKey(random: Random, shape: number): TreeKey {
  if (shape === 0) return random.key();
  if (shape === 1) return keyOf(random.below(256));
  return keyOf(0x55, random.below(256));
}

describe("range proofs", () => {
  const tree = treeOf(KEYS);
  const range = prove(tree, keyOf(0x30), keyOf(0x90));
  const { leaves } = range.claim;

  it("agree with the vectors, which are what the generator writes", () => {
    const text = readFileSync(VECTORS, "utf8");
    expect(text === generate()).to.equal(true);
    const file: { cases: { [name: string]: string & [string, string][] }[] } = JSON.parse(text);
    let failing = 0;
    for (const {
      name = "",
      root = "",
      from = "",
      to = "",
      leaves = [],
      proof = "",
      fault,
    } of file.cases) {
      const claim = {
        root: bytes32<RangeClaim["root"]>(root),
        from: bytes32<TreeKey>(from),
        to: bytes32<TreeKey>(to),
        leaves: [...leaves].map(
          ([key, value]): Entry => [bytes32<TreeKey>(key), bytes32<ValueHash>(value)],
        ),
      };
      expect(verifyRange(claim, fromHex(proof)), name).to.equal(fault);
      if (fault !== "None") failing++;
    }
    expect(2 * failing).to.equal(file.cases.length);
  });

  it("hold for every interval of small trees, and show exactly its leaves", function () {
    this.timeout(30_000);
    const random = new Random(1);
    for (let run = 0; run < 400; run++) {
      const shape = run % 3;
      const keys = Array.from({ length: random.below(12) }, () => sampleKey(random, shape));
      const unique = [...new Map(keys.map((key) => [toHex(key), key])).values()];
      const sample = treeOf(unique);
      for (let query = 0; query < 12; query++) {
        const ends = [sampleKey(random, shape), random.pick([FIRST, LAST, ...unique])];
        const [from = FIRST, to = LAST] = ends.sort(compareBytes);
        const proved = prove(sample, from, to);
        expect(verdict(proved, {})).to.equal("None");
        const wanted = [...sample.entries()].filter(
          ([key]) => compareBytes(from, key) <= 0 && compareBytes(key, to) <= 0,
        );
        expect(proved.claim.leaves).to.deep.equal(wanted);
      }
    }
  });

  it("of everything take five bytes, and of one namespace at most its path's siblings", () => {
    expect(prove(tree, FIRST, LAST).proof).to.deep.equal(new Uint8Array(5));
    const keys = Array.from({ length: 512 }, (_, i) => keyOf(i & 0xff, i >> 8));
    const end = LAST.slice();
    end[0] = 4;
    const { claim, proof } = prove(treeOf(keys), keyOf(4), bytes32<TreeKey>(end));
    expect(claim.leaves).to.have.length(2);
    expect(proof).to.have.length(5 + 1 + 8 * 32);
  });

  it("of the empty tree show that no interval has a leaf", () => {
    const empty = prove(new VersionedTree(), keyOf(1), keyOf(2));
    expect(empty.claim.root).to.deep.equal(EMPTY_ROOT);
    expect(verdict(empty, {})).to.equal("None");
    const leaf: Entry = [keyOf(1), bytes32<ValueHash>(LAST)];
    expect(verdict(empty, { leaves: [leaf] })).to.equal("RootMismatch");
  });

  it("JMT-25: refuses when a middle leaf is omitted", () => {
    for (let i = 1; i < leaves.length - 1; i++) {
      const without = leaves.filter((_, at) => at !== i);
      expect(verdict(range, { leaves: without })).to.equal("RootMismatch");
    }
  });

  it("JMT-25: refuses when the first, the last or every leaf is omitted", () => {
    expect(verdict(range, { leaves: leaves.slice(1) })).to.equal("RootMismatch");
    expect(verdict(range, { leaves: leaves.slice(0, -1) })).to.equal("RootMismatch");
    expect(verdict(range, { leaves: [] })).to.equal("RootMismatch");
  });

  it("JMT-25: refuses when a leaf is added, in a subtree or in a slot that another leaf ends", () => {
    const added = (key: TreeKey) => {
      const all = [...leaves, [key, bytes32<ValueHash>(key)] as const];
      return all.sort(([a], [b]) => compareBytes(a, b));
    };
    expect(verdict(range, { leaves: added(keyOf(0x45)) })).to.equal("RootMismatch");
    expect(verdict(range, { leaves: added(keyOf(0x90)) })).to.equal("SlotOccupied");
  });

  it("JMT-25: refuses when a leaf is altered", () => {
    leaves.forEach(([key], i) => {
      const altered = leaves.with(i, [key, bytes32<ValueHash>(LAST)]);
      expect(verdict(range, { leaves: altered })).to.equal("RootMismatch");
    });
  });

  it("JMT-25: refuses when leaves are reordered or repeated", () => {
    expect(verdict(range, { leaves: leaves.toReversed() })).to.equal("LeavesNotAscending");
    const [first] = leaves;
    const twice = first === undefined ? [] : [first, ...leaves];
    expect(verdict(range, { leaves: twice })).to.equal("LeavesNotAscending");
  });

  it("JMT-25: refuses another interval with the same proof", () => {
    const [from, to] = [keyOf(0x40, 8), keyOf(0x80)];
    expect(verdict(range, { from })).to.equal("LeafOutOfRange");
    expect(verdict(range, { to })).to.equal("LeafOutOfRange");
    // Wider bounds have other paths, which the proof's depths and siblings do not fit.
    expect(verdict(range, { from: keyOf(0x22, 7) })).to.not.equal("None");
    expect(verdict(range, { to: LAST })).to.not.equal("None");
    expect(verdict(range, { from: range.claim.to, to: range.claim.from })).to.equal(
      "IntervalInverted",
    );
  });

  it("JMT-25: refuses a proof cut anywhere and bytes behind its end", () => {
    for (let length = 0; length < range.proof.length; length++) {
      expect(verdict(range, {}, range.proof.subarray(0, length))).to.equal("ProofTooShort");
    }
    const longer = concatBytes(range.proof, new Uint8Array(1));
    expect(verdict(range, {}, longer)).to.equal("ProofTooLong");
  });

  it("JMT-25: refuses swapped siblings", () => {
    const wide = prove(
      treeOf(Array.from({ length: 64 }, (_, i) => keyOf(4 * i, 1))),
      keyOf(90),
      keyOf(170),
    );
    const words = 5 + 2;
    const { proof } = wide;
    const swapped = concatBytes(
      proof.subarray(0, words),
      proof.subarray(words + 32, words + 64),
      proof.subarray(words, words + 32),
      proof.subarray(words + 64),
    );
    const bitmapEnd = 5 + Math.ceil((proof[0] ?? 0) / 8);
    expect(bitmapEnd).to.be.at.most(words);
    expect(verdict(wide, {}, swapped)).to.equal("RootMismatch");
  });

  it("has a test of every fault", () => {
    const found = new Set<RangeProofFault>();
    const random = new Random(5);
    const edit = (bytes: Uint8Array, at: number, value: number) => bytes.with(at, value);
    const { proof } = range;
    const lone = prove(treeOf([keyOf(0x80, 1)]), keyOf(0x80), keyOf(0x80));
    const body = lone.proof.subarray(0, 5);
    const neighbour = concatBytes(body, random.key(), random.key());
    const present = concatBytes(body, keyOf(0x80), random.key());
    const deep = prove(treeOf([keyOf(0x80, 1), keyOf(0x81, 1)]), keyOf(0x80), keyOf(0x80));
    const cases: [Proved, Partial<RangeClaim>, Uint8Array][] = [
      [range, {}, proof],
      [range, { from: LAST, to: FIRST }, proof],
      [range, { leaves: leaves.toReversed() }, proof],
      [range, { to: keyOf(0x41) }, proof],
      [range, {}, proof.subarray(1, 4)],
      [range, {}, concatBytes(proof, proof)],
      [range, {}, edit(proof, 0, 2)],
      [deep, {}, edit(deep.proof, 1, 1)],
      [range, {}, edit(proof, 4, 0x80)],
      [range, {}, edit(proof, 5, 0x80 | (proof[5] ?? 0))],
      [range, {}, concatBytes(proof.subarray(0, 6), EMPTY_ROOT, proof.subarray(38))],
      [range, { leaves: [...leaves, [keyOf(0x90), bytes32<ValueHash>(LAST)]] }, proof],
      [deep, {}, concatBytes(deep.proof.subarray(0, -64), neighbour.subarray(5))],
      [lone, {}, present],
      [range, { leaves: [] }, proof],
    ];
    for (const [proved, change, edited] of cases) found.add(verdict(proved, change, edited));
    expect([...found].sort()).to.deep.equal([...RANGE_PROOF_FAULTS].sort());
  });

  it("refuses every change of a bit of the proof", () => {
    for (let bit = 0; bit < 8 * range.proof.length; bit++) {
      const byte = bit >> 3;
      const edited = range.proof.with(byte, (range.proof[byte] ?? 0) ^ (1 << (bit & 7)));
      expect(verdict(range, {}, edited), `bit ${bit}`).to.not.equal("None");
    }
  });

  it("refuses to prove an inverted interval and a version that is not there", () => {
    expect(codeOf(() => tree.proveRange(LAST, FIRST))).to.equal("E_INTERVAL");
    expect(codeOf(() => tree.proveRange(FIRST, LAST, 0n))).to.equal("E_VERSION_PRUNED");
    expect(codeOf(() => tree.proveRange(FIRST, LAST, 2n))).to.equal("E_VERSION_UNKNOWN");
  });
});
