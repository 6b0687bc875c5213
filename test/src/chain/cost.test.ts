import { expect } from "chai";
import { commitsPerDayAt, dailyCost } from "../../../src/chain/cost.ts";

describe("dailyCost", () => {
  it("computes the worked example of 80,000 gas, 720 times a day, at 30 gwei and $2,500", () => {
    const day = dailyCost(80_000n, 720, { gasPriceMilliGwei: 30_000, etherUsd: 2_500 });
    expect(day.gasPerDay).to.equal(57_600_000n);
    expect(day.weiPerDay).to.equal(1_728_000_000_000_000_000n);
    expect(day.usdPerDay).to.equal(4_320);
  });

  it("keeps prices below one gwei exact", () => {
    const day = dailyCost(200_000n, 720, { gasPriceMilliGwei: 10, etherUsd: 2_500 });
    expect(day.weiPerDay).to.equal(1_440_000_000_000_000n);
    expect(day.usdPerDay).to.equal(3.6);
  });

  it("counts one commit per interval", () => {
    expect(commitsPerDayAt(120)).to.equal(720);
    expect(commitsPerDayAt(7 * 3_600)).to.equal(3);
  });
});
