/** What committing costs, computed from measured gas and stated prices; never from a table of guesses. */

/** Seconds in a day. */
const DAY_SECONDS = 86_400;
const GWEI_WEI = 1_000_000_000n;
const ETHER_WEI = 1_000_000_000_000_000_000n;

/** Prices to compute with. They change; whoever prints a cost prints these beside it. */
export interface ChainPrices {
  /** Price of a unit of gas, in thousandths of a gwei (30 gwei = 30_000). */
  readonly gasPriceMilliGwei: number;
  /** Price of one ether in US dollars. */
  readonly etherUsd: number;
}

/** A day of commits on one chain. */
export interface DailyCost {
  readonly commitsPerDay: number;
  readonly gasPerDay: bigint;
  readonly weiPerDay: bigint;
  readonly usdPerDay: number;
}

/** Cost of a day with `commitsPerDay` transactions of `gasPerCommit` gas each. */
export function dailyCost(
  gasPerCommit: bigint,
  commitsPerDay: number,
  prices: ChainPrices,
): DailyCost {
  const gasPerDay = gasPerCommit * BigInt(commitsPerDay);
  const weiPerDay = (gasPerDay * BigInt(prices.gasPriceMilliGwei) * GWEI_WEI) / 1_000n;
  // Micro-ether keep the division in integers; a day costs far less than 2^53 of them.
  const microEther = Number((weiPerDay * 1_000_000n) / ETHER_WEI);
  return {
    commitsPerDay,
    gasPerDay,
    weiPerDay,
    usdPerDay: (microEther * prices.etherUsd) / 1_000_000,
  };
}

/** Most commits a day at one per `intervalSeconds`. */
export function commitsPerDayAt(intervalSeconds: number): number {
  return Math.floor(DAY_SECONDS / intervalSeconds);
}
