import { expect } from "chai";
import hre from "hardhat";
import { TICK_SECONDS } from "../../src/commit/loop.ts";
import { SimulatedClock } from "../../src/sim/clock.ts";
import type { FaultContext } from "../../src/sim/faults/context.ts";
import { FAULTS, type Fault, faultStory, isFault } from "../../src/sim/faults/table.ts";
import { tell } from "../../src/sim/story.ts";
import { openSimulatedChain } from "../../tasks/support/simulated.ts";
import { temporaryFolder } from "../helpers/localNetwork.ts";

describe("faults of a quorum, staged beside an honest twin", () => {
  /** Tells the story on a chain of its own, and expects every step to succeed. */
  async function expectTold(fault: Fault, startAt?: (newest: bigint) => bigint): Promise<void> {
    const { chain } = await openSimulatedChain(hre, "mainnet");
    const block = await chain.parts.ethersProvider.getBlock("latest");
    const newest = BigInt(block?.timestamp ?? 0);
    const start = startAt?.(newest) ?? newest;
    if (start > newest) await chain.mineAt(start);
    const clock = new SimulatedClock(start);
    const context: FaultContext = { chain, clock, dataDir: temporaryFolder(), closers: [] };
    const { steps } = await tell(faultStory(fault), context, () => {});
    for (const close of context.closers.reverse()) await close();
    const failed = steps.filter(({ ok }) => !ok);
    expect(failed.map(({ name, summary }) => `${name}: ${summary}`)).to.deep.equal([]);
    expect(steps.length).to.be.greaterThan(2);
  }

  for (const fault of FAULTS) {
    it(`CHL-01 CHL-03: proves ${fault} once, and nothing of its honest twin`, async () => {
      await expectTold(fault);
    });
  }

  it("can be staged a second before a tick, which the operators' registration outlasts", async () => {
    await expectTold("removal", (newest) => (newest / TICK_SECONDS + 2n) * TICK_SECONDS - 1n);
  });

  it("knows no other fault", () => {
    expect(isFault("toString")).to.equal(false);
    expect(isFault("nonsense")).to.equal(false);
  });
});
