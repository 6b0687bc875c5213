import { expect } from "chai";
import hre from "hardhat";
import { SimulatedClock } from "../../src/sim/clock.ts";
import type { FaultContext } from "../../src/sim/faults/context.ts";
import { FAULTS, faultStory, isFault } from "../../src/sim/faults/table.ts";
import { tell } from "../../src/sim/story.ts";
import { openSimulatedChain } from "../../tasks/support/simulated.ts";
import { temporaryFolder } from "../helpers/localNetwork.ts";

describe("faults of a quorum, staged beside an honest twin", () => {
  for (const fault of FAULTS) {
    it(`CHL-01 CHL-03: proves ${fault} once, and nothing of its honest twin`, async () => {
      const { chain } = await openSimulatedChain(hre, "mainnet");
      const block = await chain.parts.ethersProvider.getBlock("latest");
      const context: FaultContext = {
        chain,
        clock: new SimulatedClock(BigInt(block?.timestamp ?? 0)),
        dataDir: temporaryFolder(),
        closers: [],
      };
      const { steps } = await tell(faultStory(fault), context, () => {});
      for (const close of context.closers.reverse()) await close();
      const failed = steps.filter(({ ok }) => !ok);
      expect(failed.map(({ name, summary }) => `${name}: ${summary}`)).to.deep.equal([]);
      expect(steps.length).to.be.greaterThan(2);
    });
  }

  it("knows no other fault", () => {
    expect(isFault("toString")).to.equal(false);
    expect(isFault("nonsense")).to.equal(false);
  });
});
