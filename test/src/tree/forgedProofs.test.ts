import { expect } from "chai";
import { verifyAbsence, verifyInclusion } from "../../../src/tree/proof.ts";
import { type Claimed, FORGERS } from "../../helpers/forgeries.ts";
import { Random } from "../../helpers/random.ts";
import { claimsOf, isSame } from "./forgedClaims.ts";

/** How many forged proofs are tried: 100,000 unless `TREE_FORGERIES` in the environment says otherwise. */
const FORGERIES = Number(process.env.TREE_FORGERIES ?? 100_000);

function verdict({ root, key, valueHash, proof }: Claimed) {
  return valueHash === undefined
    ? verifyAbsence({ root, key }, proof)
    : verifyInclusion({ root, key, valueHash }, proof);
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
    // Each way has made so many claims that differ from the true one, and none of all was accepted.
    const seldom = [...tried].filter(([, count]) => count < FORGERIES / names.length / 20);
    expect(seldom).to.deep.equal([]);
    expect([...tried.values()].reduce((sum, count) => sum + count, 0)).to.equal(FORGERIES);
  });
});
