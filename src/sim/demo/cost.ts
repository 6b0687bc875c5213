import { type ChainPrices, commitsPerDayAt, dailyCost } from "../../chain/cost.ts";
import { TICK_SECONDS } from "../../commit/loop.ts";
import { expectThat, type Figures, type StoryStep } from "../story.ts";
import type { DemoContext } from "./context.ts";

/**
 * Prices to compute with, by chain type. They are inputs, printed with the result: execution gas only, without what a
 * rollup adds for its data on the layer below.
 */
export const PRICES: Readonly<Record<string, ChainPrices>> = {
  l1: { gasPriceMilliGwei: 30_000, etherUsd: 2_500 },
  op: { gasPriceMilliGwei: 10, etherUsd: 2_500 },
};

const COMMIT = "commit, all signed";

/** What a day of commits would cost on each chain, from the gas measured before. */
export const cost: StoryStep<DemoContext> = {
  name: "cost",
  title: "compute what a day would cost from the measured gas",
  async run(context) {
    const commitsPerDay = commitsPerDayAt(Number(TICK_SECONDS));
    const figures: Figures = { commitsPerDay };
    const lines: string[] = [];
    for (const { chain } of context.chains) {
      const { name, chainType } = chain.parts;
      const prices = PRICES[chainType];
      const gas = context.gas.get(name)?.[COMMIT];
      expectThat(
        prices !== undefined && typeof gas === "bigint",
        `no price or no commit on ${name}`,
      );
      const day = dailyCost(gas, commitsPerDay, prices);
      figures[`${name}.gasPerCommit`] = gas;
      figures[`${name}.gasPriceMilliGwei`] = prices.gasPriceMilliGwei;
      figures[`${name}.etherUsd`] = prices.etherUsd;
      figures[`${name}.gasPerDay`] = day.gasPerDay;
      figures[`${name}.usdPerDay`] = day.usdPerDay;
      lines.push(`${name} $${day.usdPerDay.toFixed(2)}`);
    }
    return { summary: `at most ${commitsPerDay} commits a day: ${lines.join(", ")}`, figures };
  },
};
