import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import hre from "hardhat";
import { SimulatedClock } from "../../src/sim/clock.ts";
import { faultStory } from "../../src/sim/faults/table.ts";
import { tell } from "../../src/sim/story.ts";
import { openSimulatedChain } from "../../tasks/support/simulated.ts";

/** Both faults about deltas, from the commit to the record, on a deployed network with real certificates. */
describe("faults about deltas", function () {
  this.timeout(300_000);

  for (const [fault, id] of [
    ["invalid-transition", "CHL-03 DA-05"],
    ["withheld-data", "CHL-04 DA-06"],
  ] as const) {
    it(`${id}: proves ${fault}, and not its honest twin`, async () => {
      const dataDir = mkdtempSync(join(tmpdir(), "ops-delta-fault-"));
      const closers: (() => unknown)[] = [];
      try {
        const { chain } = await openSimulatedChain(hre, "mainnet");
        const block = await chain.parts.ethersProvider.getBlock("latest");
        const clock = new SimulatedClock(BigInt(block?.timestamp ?? 0));
        const context = { chain, clock, dataDir, closers };
        const { steps } = await tell(faultStory(fault), context, () => {});
        const told = steps.map(({ name, ok, summary }) => (ok ? name : `${name}: ${summary}`));
        expect(told).to.deep.equal(["network", "honest-twin", fault]);
      } finally {
        for (const close of closers.reverse()) await close();
        rmSync(dataDir, { recursive: true, force: true });
      }
    });
  }
});
