import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect } from "chai";
import fc from "fast-check";
import { bytes32, type TreeKey, type ValueHash } from "../../../src/bytes/brand.ts";
import { compareBytes, equalBytes } from "../../../src/bytes/compare.ts";
import { toHex } from "../../../src/bytes/hex.ts";
import { EMPTY_ROOT } from "../../../src/tree/hasher.ts";
import { verifyAbsence, verifyInclusion } from "../../../src/tree/proof.ts";
import { type Entry, type Update, VersionedTree } from "../../../src/tree/versionedTree.ts";
import { codeOf } from "../../helpers/codes.ts";
import { PlainTree } from "../../helpers/plainTree.ts";
import { Random } from "../../helpers/random.ts";

/**
 * The engine beside the plain tree. `TREE_TRIPLES` in the environment sets how many (tree, proof, verdict) triples are compared:
 * 10,000 unless told; 100,000 is the profile for a release.
 */
const TRIPLES = Number(process.env.TREE_TRIPLES ?? 10_000);

/** Keys that are alike in places: 0 spread, 1 the last bytes differ, 2 clusters across whole words, 3 one namespace. */
function sampleKey(random: Random, shape: number): TreeKey {
  if (shape === 0) return random.key();
  const key = new Uint8Array(32);
  if (shape === 1) key.set([random.below(3), random.below(40)], 30);
  if (shape === 2) {
    for (const at of [0, 7, 8, 9, 17, 31]) key[at] = random.below(3) * 97;
  }
  if (shape === 3) key.set([4, ...random.bytes(31)]);
  return bytes32<TreeKey>(key);
}

function sampleValue(random: Random): ValueHash {
  return bytes32<ValueHash>(new Uint8Array(32).fill(random.below(4)));
}

/** Updates of distinct keys, two in five of them removals. */
function sampleUpdates(random: Random, shape: number, count: number): Update[] {
  const updates = new Map<string, Update>();
  for (let i = 0; i < count; i++) {
    const key = sampleKey(random, shape);
    updates.set(toHex(key), [key, random.below(5) < 2 ? null : sampleValue(random)]);
  }
  return [...updates.values()];
}

function sameEntries(a: VersionedTree, b: PlainTree, version: bigint): boolean {
  const [ours, theirs] = [[...a.entries(version)].flat(), [...b.entries(version)].flat()];
  return ours.length === theirs.length && Buffer.concat(ours).equals(Buffer.concat(theirs));
}

function distinct(count: number, seed: number): Entry[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => [random.key(), random.valueHash()]);
}

describe("tree engine", () => {
  it(`JMT-24: agrees with the plain tree on ${TRIPLES} roots, proofs and verdicts`, function () {
    this.timeout(20_000 + 4 * TRIPLES);
    let triples = 0;
    for (let run = 0; triples < TRIPLES; run++) {
      const random = new Random(run);
      const [tree, plain] = [new VersionedTree(), new PlainTree()];
      for (let step = 0; step < 10; step++) {
        const updates = sampleUpdates(random, run % 4, random.below(run % 9 === 0 ? 400 : 24));
        if (random.below(3) === 0) tree.stage(updates.slice(0, 3));
        const [ours, theirs] = [tree.stage(updates), plain.stage(updates)];
        expect(ours).to.deep.equal(theirs);
        tree.commit(ours);
        plain.commit(theirs);
        if (random.below(4) === 0) {
          const oldestKept = plain.head - BigInt(random.below(4));
          tree.prune(oldestKept);
          plain.prune(oldestKept);
        }
        for (let version = plain.oldest; version <= plain.head; version++) {
          expect(sameEntries(tree, plain, version)).to.equal(true);
          const known = updates.slice(0, 2).map(([key]) => key);
          for (const key of [...known, sampleKey(random, run % 4), random.key()]) {
            const proof = tree.prove(key, version);
            expect(equalBytes(proof, plain.prove(key, version))).to.equal(true);
            const valueHash = plain.get(key, version);
            expect(tree.get(key, version)).to.deep.equal(valueHash);
            const root = plain.root(version);
            const verdict =
              valueHash === undefined
                ? verifyAbsence({ root, key }, proof)
                : verifyInclusion({ root, key, valueHash }, proof);
            expect(verdict).to.equal("None");
            triples++;
          }
        }
      }
    }
  });

  it("JMT-15, JMT-16: depends on the leaves alone, not on how they came", () => {
    const operations = fc.array(
      fc.tuple(fc.nat(30), fc.option(fc.nat(3), { freq: 2 }), fc.nat(3)),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(operations, (steps) => {
        const tree = new VersionedTree();
        const model = new Map<number, ValueHash>();
        for (const [name, value] of steps) {
          const key = bytes32<TreeKey>(new Uint8Array(32).fill(name, 28));
          const valueHash =
            value === null ? null : bytes32<ValueHash>(new Uint8Array(32).fill(value));
          tree.commit(tree.stage([[key, valueHash]]));
          if (valueHash === null) model.delete(name);
          else model.set(name, valueHash);
        }
        const leaves = [...model].map(
          ([name, value]) => [bytes32<TreeKey>(new Uint8Array(32).fill(name, 28)), value] as const,
        );
        const rebuilt = VersionedTree.restore(0n, leaves.reverse());
        tree.prune(tree.head);
        const { leafNodes, internalNodes } = tree.usage;
        const isLean =
          leafNodes === rebuilt.usage.leafNodes && internalNodes === rebuilt.usage.internalNodes;
        return isLean && equalBytes(tree.root(), rebuilt.root()) && tree.leafCount() === model.size;
      }),
      { numRuns: 300 },
    );
  });

  it("sorts keys that share 31 bytes, or every word but the last", function () {
    this.timeout(20_000);
    const keys = Array.from({ length: 256 }, (_, i) => {
      const key = new Uint8Array(32).fill(0x5a);
      key[31] = (i * 101) & 0xff;
      return bytes32<TreeKey>(key);
    });
    const [tree, plain] = [new VersionedTree(), new PlainTree()];
    const updates = keys.map((key) => [key, bytes32<ValueHash>(key)] as const);
    expect(tree.stage(updates)).to.deep.equal(plain.stage(updates));
  });

  it("builds large batches as the plain tree does, from a list and from a generator", function () {
    this.timeout(60_000);
    const updates = distinct(20_000, 7);
    const wanted = new PlainTree().stage(updates);
    expect(new VersionedTree().stage(updates)).to.deep.equal(wanted);
    const restored = VersionedTree.restore(9n, distinct(20_000, 7).values());
    expect(restored.root()).to.deep.equal(wanted.newRoot);
    expect(restored.head).to.equal(9n);
  });

  it("JMT-14: refuses a key twice in a batch and changes nothing", () => {
    const tree = new VersionedTree();
    const updates = distinct(50, 1);
    tree.commit(tree.stage(updates));
    const nodes = () => [tree.root(), tree.usage.leafNodes, tree.usage.internalNodes];
    const before = nodes();
    const [first] = updates;
    const twice = [...distinct(40, 2), ...(first === undefined ? [] : [first, first])];
    expect(codeOf(() => tree.stage(twice))).to.equal("E_DUPLICATE_KEY");
    expect(nodes()).to.deep.equal(before);
  });

  it("refuses what does not fit with E_TREE_FULL, changes nothing, and goes on", () => {
    const tree = new VersionedTree({ memoryLimitBytes: 2 ** 20 });
    tree.commit(tree.stage(distinct(1_000, 1)));
    const before = { root: tree.root(), leafNodes: tree.usage.leafNodes };
    const { internalNodes } = tree.usage;
    for (const count of [4_000, 5_000, 6_000, 8_000, 20_000]) {
      const outcome = codeOf(() => tree.stage(distinct(count, count)));
      if (count >= 6_000) expect(outcome).to.equal("E_TREE_FULL");
      if (outcome === "none") continue;
      expect({ root: tree.root(), leafNodes: tree.usage.leafNodes }).to.deep.equal(before);
      expect(tree.usage.internalNodes).to.equal(internalNodes);
      expect(tree.usage.memoryBytes).to.be.at.most(2 ** 20);
    }
    const plain = new PlainTree();
    plain.commit(plain.stage(distinct(1_000, 1)));
    expect(tree.stage(distinct(100, 3))).to.deep.equal(plain.stage(distinct(100, 3)));
  });

  it("counts the nodes of keys that share long prefixes before it writes them", () => {
    const tree = new VersionedTree({ memoryLimitBytes: 2 ** 20 });
    const deep = Array.from({ length: 256 }, (_, bit) => {
      const key = new Uint8Array(32);
      key[bit >> 3] = 0x80 >> (bit & 7);
      return [bytes32<TreeKey>(key), bytes32<ValueHash>(key)] as const;
    });
    const plain = new PlainTree();
    expect(tree.stage(deep)).to.deep.equal(plain.stage(deep));
  });

  it("refuses to stage, commit or prune while it reads a batch, and keeps the batch out", () => {
    const tree = new VersionedTree();
    const staged = tree.stage(distinct(5, 1));
    const acts = [() => tree.stage([]), () => tree.commit(staged), () => tree.prune(0n + 1n)];
    for (const act of acts) {
      const reading = function* (): Generator<Update> {
        yield* distinct(2, 2);
        act();
      };
      expect(codeOf(() => tree.stage(reading()))).to.equal("E_TREE_BUSY");
      expect(tree.root()).to.deep.equal(EMPTY_ROOT);
      expect(tree.usage.leafNodes).to.equal(5);
    }
    expect(tree.commit(staged)).to.equal(1n);
  });

  it("reads a version while it is copied from, and says so when it is pruned meanwhile", () => {
    const tree = new VersionedTree();
    tree.commit(tree.stage(distinct(2_000, 1)));
    const reversed = tree.stage(
      (function* () {
        for (const [key] of tree.entries()) yield [key, null] as const;
      })(),
    );
    expect(reversed.leafCount).to.equal(0);
    const reading = tree.entries();
    reading.next();
    tree.commit(reversed);
    tree.prune(tree.head);
    expect(codeOf(() => [...reading])).to.equal("E_VERSION_PRUNED");
  });

  it("gives back stages that were not committed", () => {
    const tree = new VersionedTree();
    tree.commit(tree.stage(distinct(100, 1)));
    const stages = Array.from({ length: 40 }, (_, i) => tree.stage(distinct(10, 10 + i)));
    const last = stages.at(-1);
    if (last !== undefined) tree.commit(last);
    tree.prune(tree.head);
    const rebuilt = VersionedTree.restore(0n, tree.entries());
    expect(tree.usage.leafNodes).to.equal(rebuilt.usage.leafNodes);
    expect(tree.usage.internalNodes).to.equal(rebuilt.usage.internalNodes);
    for (const stale of stages.slice(0, -1)) {
      expect(codeOf(() => tree.commit(stale))).to.equal("E_STALE_STAGE");
    }
  });

  it("gives back stages that nobody holds any more, before another version is committed", async () => {
    setFlagsFromString("--expose-gc");
    const collectGarbage: unknown = runInNewContext("gc");
    if (typeof collectGarbage !== "function") throw new TypeError("expected the collector");
    const tree = new VersionedTree();
    const held = tree.stage(distinct(10, 1));
    for (let i = 0; i < 200; i++) tree.stage(distinct(10, 2 + i));
    expect(tree.usage.leafNodes).to.equal(2_010);
    // References that were looked at stay alive until the end of the turn.
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
    for (let i = 0; i < 300; i++) tree.stage(distinct(10, 2 + i));
    expect(tree.usage.leafNodes).to.be.at.most(3_010);
    expect(tree.commit(held)).to.equal(1n);
    tree.prune(1n);
    expect(tree.usage.leafNodes).to.equal(10);
  });

  it("lists and proves the first and the last key there are", () => {
    const ends = [0x00, 0xff].map((byte) => bytes32<TreeKey>(new Uint8Array(32).fill(byte)));
    const tree = new VersionedTree();
    tree.commit(tree.stage(ends.map((key) => [key, bytes32<ValueHash>(key)] as const)));
    expect([...tree.entries()].map(([key]) => key)).to.deep.equal(ends);
  });

  it("refuses a key whose bytes are gone and changes nothing", () => {
    const tree = new VersionedTree();
    const gone = bytes32<TreeKey>(new Uint8Array(32));
    structuredClone(gone.buffer, { transfer: [gone.buffer] });
    const value = new Random(1).valueHash();
    expect(codeOf(() => tree.stage([...distinct(1, 1), [gone, value]]))).to.equal("E_LENGTH");
    expect(codeOf(() => tree.prove(gone))).to.equal("E_LENGTH");
    expect(tree.usage.leafNodes).to.equal(0);
    expect(tree.stage(distinct(1, 1)).leafCount).to.equal(1);
  });

  it("stays bounded over 10,000 commits of 10 leaves with 720 versions retained", function () {
    this.timeout(120_000);
    const random = new Random(4);
    const keys = Array.from({ length: 500 }, () => random.key());
    const tree = new VersionedTree();
    let usedAfterWarmUp = 0;
    for (let commit = 1; commit <= 10_000; commit++) {
      const first = random.below(keys.length - 10);
      const updates = keys
        .slice(first, first + 10)
        .map((key) => [key, random.below(4) === 0 ? null : random.valueHash()] as const);
      tree.commit(tree.stage(updates));
      tree.prune(tree.head - 719n);
      if (commit === 2_000) usedAfterWarmUp = tree.usage.usedBytes;
    }
    expect(tree.head - tree.oldest).to.equal(719n);
    // Free cells are used again: what was used at first is enough for good, but for chance.
    expect(tree.usage.usedBytes).to.be.below(1.25 * usedAfterWarmUp);
    tree.prune(tree.head);
    const rebuilt = VersionedTree.restore(0n, tree.entries());
    expect(tree.usage.leafNodes).to.equal(rebuilt.usage.leafNodes);
    expect(tree.usage.internalNodes).to.equal(rebuilt.usage.internalNodes);
  });
});

describe("diff", () => {
  it("lists what two versions differ in, as comparing their entries does", () => {
    for (let run = 0; run < 60; run++) {
      const random = new Random(run);
      const tree = new VersionedTree();
      for (let step = 0; step < 5; step++) {
        tree.commit(tree.stage(sampleUpdates(random, run % 4, random.below(40))));
      }
      for (const [from, to] of [
        [0n, 5n],
        [4n, 5n],
        [5n, 2n],
        [3n, 3n],
      ] as const) {
        const before = new Map([...tree.entries(from)].map(([key, value]) => [toHex(key), value]));
        const after = new Map([...tree.entries(to)].map(([key, value]) => [toHex(key), value]));
        const wanted = [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((key) => {
          const [old, now] = [before.get(key) ?? null, after.get(key) ?? null];
          const isSame = old !== null && now !== null && compareBytes(old, now) === 0;
          return isSame ? [] : [{ key, before: old, after: now }];
        });
        const got = tree.diff(from, to).map((change) => ({ ...change, key: toHex(change.key) }));
        expect(got).to.deep.equal(wanted);
      }
    }
  });

  it("JMT-18: refuses a version that is pruned or unknown", () => {
    const tree = new VersionedTree();
    tree.commit(tree.stage(distinct(3, 1)));
    tree.commit(tree.stage(distinct(3, 2)));
    tree.prune(1n);
    expect(codeOf(() => tree.diff(0n, 2n))).to.equal("E_VERSION_PRUNED");
    expect(codeOf(() => tree.diff(1n, 3n))).to.equal("E_VERSION_UNKNOWN");
    expect(tree.diff(1n)).to.have.length(3);
  });
});
