import { expect } from "chai";
import { bytes32, type TreeKey } from "../../../src/bytes/brand.ts";
import { equalBytes } from "../../../src/bytes/compare.ts";
import { verifyAbsence, verifyInclusion } from "../../../src/tree/proof.ts";
import { type Entry, VersionedTree } from "../../../src/tree/versionedTree.ts";
import { type Claimed, FORGERS, type ForgerySource } from "../../helpers/forgeries.ts";
import { Random } from "../../helpers/random.ts";

/** How many forged proofs are tried: 100,000 unless `TREE_FORGERIES` in the environment says otherwise. */
const FORGERIES = Number(process.env.TREE_FORGERIES ?? 100_000);

function verdict({ root, key, valueHash, proof }: Claimed) {
  return valueHash === undefined
    ? verifyAbsence({ root, key }, proof)
    : verifyInclusion({ root, key, valueHash }, proof);
}

function isSame(a: Claimed, b: Claimed): boolean {
  const isSameValue =
    a.valueHash === undefined || b.valueHash === undefined
      ? a.valueHash === b.valueHash
      : equalBytes(a.valueHash, b.valueHash);
  return (
    isSameValue &&
    equalBytes(a.root, b.root) &&
    equalBytes(a.key, b.key) &&
    equalBytes(a.proof, b.proof)
  );
}

/** True claims about a tree of `count` leaves: of each of some leaves, and of keys that share some of its first bits. */
function claimsOf(random: Random, count: number): { claims: Claimed[]; source: ForgerySource } {
  const tree = new VersionedTree();
  const entries = Array.from({ length: count }, (): Entry => [random.key(), random.valueHash()]);
  tree.commit(tree.stage(entries.slice(0, count >> 1)));
  tree.commit(tree.stage(entries));
  const root = tree.root();
  const claims = entries.slice(0, 60).flatMap(([key, valueHash]): Claimed[] => {
    const beside = key.slice();
    beside[random.below(4)] = random.below(256);
    const missing = bytes32<TreeKey>(beside);
    const present = { root, key, valueHash, proof: tree.prove(key) };
    if (tree.get(missing) !== undefined) return [present];
    return [present, { root, key: missing, valueHash: undefined, proof: tree.prove(missing) }];
  });
  return { claims, source: { random, others: claims, otherRoot: tree.root(1n) } };
}

describe("forged proofs", () => {
  const names = Object.keys(FORGERS);

  it("know at least 30 ways", () => {
    expect(names.length).to.be.at.least(30);
  });

  it(`P3: none of ${FORGERIES} is accepted, and each way is tried`, function () {
    this.timeout(60_000 + FORGERIES);
    const random = new Random(11);
    const worlds = [2, 5, 30, 400, 3_000].map((count) => claimsOf(random, count));
    const tried = new Map(names.map((name) => [name, 0]));
    for (const claimed of worlds.flatMap(({ claims }) => claims)) {
      if (verdict(claimed) !== "None") throw new Error("a true claim is refused");
    }
    let forged = 0;
    for (let turn = 0; forged < FORGERIES; turn++) {
      const { claims, source } = random.pick(worlds);
      const name = names[turn % names.length] ?? "";
      const claimed = random.pick(claims);
      const forgery = FORGERS[name]?.(claimed, source);
      if (forgery === undefined || isSame(forgery, claimed)) continue;
      forged++;
      tried.set(name, (tried.get(name) ?? 0) + 1);
      if (verdict(forgery) === "None") {
        throw new Error(`accepted: ${name}, turn ${turn}`);
      }
    }
    const seldom = [...tried].filter(([, count]) => count < FORGERIES / names.length / 20);
    expect(seldom).to.deep.equal([]);
  });
});
