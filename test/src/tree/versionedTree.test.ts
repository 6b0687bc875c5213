import { expect } from "chai";
import fc from "fast-check";
import { bytes32, type TreeKey, type ValueHash } from "../../../src/bytes/brand.ts";
import { tag } from "../../../src/bytes/codec.ts";
import { compareBytes } from "../../../src/bytes/compare.ts";
import { toHex } from "../../../src/bytes/hex.ts";
import { keccak256 } from "../../../src/bytes/keccak.ts";
import { EMPTY_ROOT } from "../../../src/tree/hasher.ts";
import { verifyAbsence, verifyInclusion } from "../../../src/tree/proof.ts";
import { type Entry, VersionedTree } from "../../../src/tree/versionedTree.ts";
import { at } from "../../helpers/at.ts";
import { codeOf } from "../../helpers/codes.ts";

/** The definition of docs/StateTree.md, word for word: a set of leaves, split bit by bit. */
function naiveRoot(leaves: readonly Entry[], depth = 0): Uint8Array {
  const [only] = leaves;
  if (only === undefined) return tag("SPARSE_MERKLE_PLACEHOLDER_HASH__");
  if (leaves.length === 1) return keccak256(tag("JMT::LeafNode"), ...only);
  const goesRight = ([key]: Entry) => ((key[depth >> 3] ?? 0) & (0x80 >> (depth & 7))) !== 0;
  const left = naiveRoot(
    leaves.filter((leaf) => !goesRight(leaf)),
    depth + 1,
  );
  const right = naiveRoot(leaves.filter(goesRight), depth + 1);
  return keccak256(tag("JMT::IntrnalNode"), left, right);
}

/** Few distinct keys, many of them with long shared prefixes, so that updates and removals hit. */
const keys = fc
  .tuple(fc.nat(7), fc.constantFrom(0, 1, 31, 32, 63, 128, 254, 255))
  .map(([base, bit]) => {
    const key = Uint8Array.from(keccak256(tag(`base ${base % 3}`)));
    key[bit >> 3] = (key[bit >> 3] ?? 0) ^ (base > 3 ? 0x80 >> (bit & 7) : 0);
    return bytes32<TreeKey>(key);
  });
const values = fc.option(
  fc.nat(3).map((n) => keccak256<ValueHash>(tag(`value ${n}`))),
  {
    freq: 3,
  },
);
const batch = fc.uniqueArray(fc.tuple(keys, values), {
  maxLength: 12,
  selector: ([key]) => toHex(key),
});

function survivors(
  batches: readonly (readonly (readonly [TreeKey, ValueHash | null])[])[],
): Entry[] {
  const model = new Map<string, Entry>();
  for (const [key, value] of batches.flat()) {
    if (value === null) model.delete(toHex(key));
    else model.set(toHex(key), [key, value]);
  }
  return [...model.values()].sort(([a], [b]) => compareBytes(a, b));
}

function derived(count: number, label = "key"): [TreeKey, ValueHash][] {
  return Array.from({ length: count }, (_, i) => [
    keccak256<TreeKey>(tag(`${label} ${i}`)),
    keccak256<ValueHash>(tag(`value ${i}`)),
  ]);
}

describe("VersionedTree", () => {
  it("TRE1 JMT-16: has the root of its surviving leaves, whatever came before", () => {
    fc.assert(
      fc.property(fc.array(batch, { maxLength: 8 }), (batches) => {
        const tree = new VersionedTree();
        batches.forEach((updates, i) => {
          tree.commit(tree.stage(updates));
          const expected = survivors(batches.slice(0, i + 1));
          expect(toHex(tree.root())).to.equal(toHex(naiveRoot(expected)));
          expect(tree.leafCount()).to.equal(expected.length);
          expect([...tree.entries()]).to.deep.equal(expected);
        });
        // Earlier versions are as they were.
        batches.forEach((_, i) => {
          const expected = survivors(batches.slice(0, i + 1));
          expect(toHex(tree.root(BigInt(i + 1)))).to.equal(toHex(naiveRoot(expected)));
        });
      }),
    );
  });

  it("proves every key of every version present or absent", () => {
    fc.assert(
      fc.property(fc.array(batch, { minLength: 1, maxLength: 4 }), keys, (batches, query) => {
        const tree = new VersionedTree();
        for (const updates of batches) tree.commit(tree.stage(updates));
        for (let version = 0n; version <= tree.head; version++) {
          const root = tree.root(version);
          const valueHash = tree.get(query, version);
          const proof = tree.prove(query, version);
          const fault =
            valueHash === undefined
              ? verifyAbsence({ root, key: query }, proof)
              : verifyInclusion({ root, key: query, valueHash }, proof);
          expect(fault).to.equal("None");
        }
      }),
    );
  });

  it("JMT-15: gives a batch the same root in any order", () => {
    const base = derived(6);
    fc.assert(
      fc.property(fc.shuffledSubarray(base, { minLength: base.length }), (shuffled) => {
        const tree = new VersionedTree();
        expect(tree.stage(shuffled).newRoot).to.deep.equal(naiveRoot(survivors([base])));
      }),
    );
  });

  it("JMT-14: refuses a key twice in one batch, and changes nothing", () => {
    const tree = new VersionedTree();
    const first = at(derived(1), 0);
    expect(codeOf(() => tree.stage([first, [first[0], null]]))).to.equal("E_DUPLICATE_KEY");
    expect(tree.head).to.equal(0n);
    expect(codeOf(() => VersionedTree.restore(4n, [first, first]))).to.equal("E_DUPLICATE_KEY");
  });

  it("JMT-17: takes an empty batch, the removal of an absent key, and the removal of all", () => {
    const tree = new VersionedTree();
    expect(tree.root()).to.deep.equal(EMPTY_ROOT);
    tree.commit(tree.stage([]));
    const leaves = derived(20);
    tree.commit(tree.stage(leaves));
    const before = tree.root();
    tree.commit(tree.stage([[at(derived(1, "absent"), 0)[0], null]]));
    expect(tree.root()).to.deep.equal(before);
    tree.commit(tree.stage(leaves.map(([key]) => [key, null] as const)));
    expect(tree.root()).to.deep.equal(EMPTY_ROOT);
    expect(tree.head).to.equal(4n);
    expect(tree.leafCount()).to.equal(0);
  });

  it("stages without changing anything", () => {
    const tree = new VersionedTree();
    const staged = tree.stage(derived(5));
    expect(staged.leafCount).to.equal(5);
    expect(tree.root()).to.deep.equal(EMPTY_ROOT);
    expect(tree.head).to.equal(0n);
    expect(tree.commit(staged)).to.equal(1n);
    expect(tree.root()).to.deep.equal(staged.newRoot);
  });

  it("refuses a stage that is stale, of another tree, or made up", () => {
    const tree = new VersionedTree();
    const stale = tree.stage(derived(1));
    tree.commit(tree.stage(derived(2)));
    const root = tree.root();
    expect(codeOf(() => tree.commit(stale))).to.equal("E_STALE_STAGE");
    const foreign = new VersionedTree().stage([]);
    expect(codeOf(() => tree.commit(foreign))).to.equal("E_STALE_STAGE");
    expect(codeOf(() => tree.commit({ ...tree.stage([]) }))).to.equal("E_STALE_STAGE");
    expect(tree.head).to.equal(1n);
    expect(tree.root()).to.deep.equal(root);
  });

  it("TRE5 JMT-18: refuses proofs at versions that are pruned or not made yet", () => {
    const tree = new VersionedTree();
    const leaves = derived(5);
    for (const leaf of leaves) tree.commit(tree.stage([leaf]));
    const kept = tree.root(3n);
    tree.prune(3n);
    const key = at(leaves, 0)[0];
    for (const ask of [
      (v: bigint) => tree.prove(key, v),
      (v: bigint) => tree.get(key, v),
      (v: bigint) => tree.root(v),
      (v: bigint) => tree.leafCount(v),
      (v: bigint) => tree.entries(v),
    ]) {
      expect(codeOf(() => ask(2n))).to.equal("E_VERSION_PRUNED");
      expect(codeOf(() => ask(0n))).to.equal("E_VERSION_PRUNED");
      expect(codeOf(() => ask(6n))).to.equal("E_VERSION_UNKNOWN");
      expect(codeOf(() => ask(-1n))).to.equal("E_VERSION_UNKNOWN");
    }
    expect(tree.oldest).to.equal(3n);
    expect(tree.root(3n)).to.deep.equal(kept);
    tree.prune(99n);
    expect(tree.oldest).to.equal(tree.head);
    tree.prune(1n);
    expect(tree.oldest).to.equal(5n);
  });

  it("goes on from a restored version as if it had made the ones before", () => {
    const leaves = derived(30);
    const tree = new VersionedTree();
    tree.commit(tree.stage(leaves));
    const restored = VersionedTree.restore(1n, tree.entries());
    expect(restored.head).to.equal(1n);
    expect(restored.root()).to.deep.equal(tree.root());
    const next = [[at(leaves, 3)[0], null] as const, ...derived(4, "more")];
    expect(restored.stage(next).newRoot).to.deep.equal(tree.stage(next).newRoot);
    expect(codeOf(() => restored.root(0n))).to.equal("E_VERSION_PRUNED");
  });

  it("keeps no view of its caller's bytes", () => {
    const tree = new VersionedTree();
    const [key, value] = at(derived(1), 0);
    const [ownKey, ownValue] = [bytes32<TreeKey>(key.slice()), bytes32<ValueHash>(value.slice())];
    tree.commit(tree.stage([[ownKey, ownValue]]));
    ownKey.fill(0);
    ownValue.fill(0);
    expect(tree.get(key)).to.deep.equal(value);
  });
});
