import { readFileSync } from "node:fs";
import { expect } from "chai";

/** Files of proofs, and the Solidity test that reads each beside the TypeScript ones. */
const FILES = [
  ["test/vectors/jmtProofs.json", "test/contracts/JellyfishMerkleProof.t.sol"],
  ["test/vectors/multiProofs.json", "test/contracts/MultiProof.t.sol"],
] as const;

describe("vectors of proofs", () => {
  it("are at least 2,000 in both languages, of which at least half must fail", () => {
    let [count, mustFailCount] = [0, 0];
    for (const [path, reader] of FILES) {
      const { names, faultNames }: { names: string[]; faultNames: string[] } = JSON.parse(
        readFileSync(path, "utf8"),
      );
      expect(names.length).to.equal(faultNames.length);
      expect(new Set(names).size, `${path}: names`).to.be.above(names.length / 2);
      expect(readFileSync(reader, "utf8")).to.include(path);
      count += names.length;
      mustFailCount += faultNames.filter((fault) => fault !== "None").length;
    }
    expect(count).to.be.at.least(2_000);
    expect(2 * mustFailCount).to.be.at.least(count);
  });
});
