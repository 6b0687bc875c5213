import { expect } from "chai";
import fc from "fast-check";
import { bytes32, type StateRoot, type TreeKey, type ValueHash } from "../../../src/bytes/brand.ts";
import { equalBytes } from "../../../src/bytes/compare.ts";
import { EMPTY_ROOT } from "../../../src/tree/hasher.ts";
import { type LeafChange, updatedRoot, verifyUpdate } from "../../../src/tree/treeUpdate.ts";
import { type Entry, type Update, VersionedTree } from "../../../src/tree/versionedTree.ts";
import { at } from "../../helpers/at.ts";
import { PlainTree } from "../../helpers/plainTree.ts";

function keyOf(name: number, shift: number): TreeKey {
  const key = new Uint8Array(32);
  key[shift >> 3] = name << (5 - (shift & 7));
  return bytes32<TreeKey>(key);
}

function sampleValue(name: number): ValueHash {
  return bytes32<ValueHash>(new Uint8Array(32).fill(name + 1));
}

/** Root of the plain tree of `entries` after `updates`. */
function plainRoots(entries: readonly Entry[], updates: readonly Update[]) {
  const plain = PlainTree.restore(1n, entries);
  return { oldRoot: plain.root(), newRoot: plain.stage(updates).newRoot };
}

function isRoot(made: StateRoot | string): made is StateRoot {
  return typeof made !== "string";
}

describe("tree update", () => {
  it("TRE8: makes the root that the changes make of the tree, whatever they are", () => {
    const name = fc.nat(63);
    const entriesOf = fc.uniqueArray(name, { maxLength: 30 });
    const updatesOf = fc.uniqueArray(fc.tuple(name, fc.boolean()), {
      minLength: 1,
      maxLength: 20,
      selector: ([each]) => each,
    });
    const key = (each: number, spread: number) => {
      const bytes = new Uint8Array(32).fill(7);
      bytes[0] = each >> 3;
      bytes[spread] = each;
      return bytes32<TreeKey>(bytes);
    };
    const spreads = fc.constantFrom(1, 2, 31);
    fc.assert(
      fc.property(entriesOf, updatesOf, spreads, (names, written, spread) => {
        const entries = names.map((each): Entry => [key(each, spread), sampleValue(each)]);
        const updates = written.map(
          ([each, isRemoved]): Update => [
            key(each, spread),
            isRemoved ? null : sampleValue(each + 99),
          ],
        );
        const tree = VersionedTree.restore(1n, entries);
        const roots = plainRoots(entries, updates);
        const { changes, newRoot, ...evidence } = tree.proveUpdate(updates);
        expect(equalBytes(newRoot, roots.newRoot)).to.equal(true);
        expect(verifyUpdate(roots, changes, evidence)).to.equal("None");
        expect(equalBytes(tree.root(), roots.oldRoot)).to.equal(true);
        // Every bit of the openings and every single change counts.
        const { openings } = evidence;
        for (let i = 0; i < openings.length; i += 13) {
          const forged = openings.with(i, (openings[i] ?? 0) ^ (1 << (i & 7)));
          expect(verifyUpdate(roots, changes, { ...evidence, openings: forged })).to.equal(
            "OpeningMismatch",
          );
        }
        const [, old, made] = at(changes, 0);
        if (old !== null || made !== null) {
          expect(verifyUpdate(roots, changes.slice(1), evidence)).not.to.equal("None");
        }
      }),
      { numRuns: 300 },
    );
  });

  it("makes of any tree of 3-bit keys, by any change of one or two of them, the right root", function () {
    this.timeout(60_000);
    const names = [0, 1, 2, 3, 4, 5, 6, 7];
    const pairs = names.flatMap((a) => names.filter((b) => b >= a).map((b) => [a, b] as const));
    let tried = 0;
    for (let members = 0; members < 256; members++) {
      const entries = names
        .filter((name) => ((members >> name) & 1) === 1)
        .map((name): Entry => [keyOf(name, 8), sampleValue(name)]);
      const tree = VersionedTree.restore(1n, entries);
      for (const [a, b] of pairs) {
        for (const kinds of a === b ? [0, 1] : [0, 1, 2, 3]) {
          const value = (name: number, bit: number) =>
            ((kinds >> bit) & 1) === 0 ? null : sampleValue(name + 50);
          const updates: Update[] = [[keyOf(a, 8), value(a, 0)]];
          if (a !== b) updates.push([keyOf(b, 8), value(b, 1)]);
          const { changes, proof, openings } = tree.proveUpdate(updates);
          const made = updatedRoot(tree.root(), changes, { proof, openings });
          expect(isRoot(made) && equalBytes(made, tree.stage(updates).newRoot)).to.equal(true);
          tried++;
        }
      }
    }
    expect(tried).to.equal(256 * (8 * 2 + 28 * 4));
  });

  it("fills the empty tree, empties a full one, and leaves what does not change", () => {
    const entries = [0, 3, 5].map((name): Entry => [keyOf(name, 0), sampleValue(name)]);
    const empty = new VersionedTree();
    const full = VersionedTree.restore(1n, entries);
    const filling = empty.proveUpdate(entries);
    expect(equalBytes(filling.newRoot, full.root())).to.equal(true);
    const emptying = full.proveUpdate(entries.map(([key]) => [key, null]));
    expect(equalBytes(emptying.newRoot, EMPTY_ROOT)).to.equal(true);
    expect(emptying.openings.length).to.equal(0);
    const absent = [keyOf(1, 0), keyOf(7, 0)].map((key): Update => [key, null]);
    const still = full.proveUpdate([...entries, ...absent]);
    expect(equalBytes(still.newRoot, full.root())).to.equal(true);
    expect(still.openings.length).to.equal(0);
  });

  it("opens the sibling of a removed leaf, and refuses another opening, none, or more", () => {
    const entries = [0, 1, 5].map((name): Entry => [keyOf(name, 0), sampleValue(name)]);
    const tree = VersionedTree.restore(1n, entries);
    const removal: Update[] = [[keyOf(5, 0), null]];
    const { changes, newRoot, proof, openings } = tree.proveUpdate(removal);
    const roots = { oldRoot: tree.root(), newRoot };
    expect(openings.length).to.equal(65);
    const fault = (forged: Uint8Array) => verifyUpdate(roots, changes, { proof, openings: forged });
    expect(fault(openings)).to.equal("None");
    expect(fault(openings.subarray(0, 64))).to.equal("OpeningsTooShort");
    expect(fault(openings.with(0, 0))).to.equal("OpeningMismatch");
    expect(fault(openings.with(0, 2))).to.equal("OpeningMismatch");
    expect(fault(Uint8Array.of(...openings, ...openings))).to.equal("OpeningsTooLong");
    expect(
      verifyUpdate({ ...roots, newRoot: roots.oldRoot }, changes, { proof, openings }),
    ).to.equal("NewRootMismatch");
    const [key, old] = at(changes, 0);
    const other: LeafChange = [key, sampleValue(77), null];
    expect(verifyUpdate(roots, [other], { proof, openings })).to.equal("RootMismatch");
    expect(old).not.to.equal(null);
  });
});
