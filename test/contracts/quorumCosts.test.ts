import { readFileSync } from "node:fs";
import { expect } from "chai";
import { fromHex, toHex } from "../../src/bytes/hex.ts";
import { commitDigest } from "../../src/commit/message.ts";
import {
  CHANGE_DELAY_SECONDS,
  commitArgument,
  deployQuorum,
  HEARTBEAT_SECONDS,
} from "../helpers/quorum.ts";
import { OPERATOR_COUNT, VERIFIER_BENCHES } from "../helpers/verifierBenches.ts";

/** What a commit costs with each verifier, as docs/QuorumVerifiers.md says. */

/** Place of the first root in the registry's storage: behind owner, pending owner, two words of EIP-712, and the head. */
const RING_SLOT = 5n;
const MISSING = [[], [4], [0, 5, 9]];

/** Thousands of gas in the row of costs, in the column of `name`. */
function documentedCosts(name: string): number[] {
  const path = new URL("../../docs/QuorumVerifiers.md", import.meta.url);
  const lines = readFileSync(path, "utf8").split("\n");
  const rows = lines.map((row) => row.split("|").map((cell) => cell.trim()));
  const column = rows.find((cells) => cells.includes(`\`${name}\``))?.indexOf(`\`${name}\``);
  const row = rows.find(([, title]) => title?.startsWith("commit, 0 / 1 / 3"));
  return [...(row?.[column ?? 0]?.matchAll(/(\d+)k/g) ?? [])].map(([, thousands]) =>
    Number(thousands),
  );
}

describe("costs of commits", function () {
  this.timeout(120_000);

  for (const [name, deployBench] of Object.entries(VERIFIER_BENCHES)) {
    it(`are with ${name} what docs/QuorumVerifiers.md says`, async () => {
      const quorum = await deployQuorum(OPERATOR_COUNT);
      const { ethers, owner, chainId, networkHelpers, nextCommit } = quorum;
      const bench = await deployBench(quorum);
      const registry = await ethers.deployContract("StateCommitRegistry", [
        ...[owner, bench.address, ethers.ZeroAddress, 6_667, 60],
        ...[HEARTBEAT_SECONDS, CHANGE_DELAY_SECONDS],
      ]);
      const address = await registry.getAddress();
      const thousands = documentedCosts(name);
      expect(thousands.length).to.equal(MISSING.length);
      for (const [i, missing] of MISSING.entries()) {
        const commit = await nextCommit({}, registry);
        // As after a day of commits.
        await networkHelpers.setStorageAt(address, RING_SLOT + commit.sequenceNo, 1);
        const digest = commitDigest({ chainId, registry: fromHex(address) }, commit);
        const certificate = toHex(await bench.certify(digest, missing));
        const call = await registry.commitStateRoot(commitArgument(commit), certificate);
        const gas = Number((await call.wait())?.gasUsed);
        expect(gas).to.be.closeTo((thousands[i] ?? 0) * 1_000, 1_000 + bench.hashRetriesGas);
      }
    });
  }
});
