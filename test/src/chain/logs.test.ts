import { expect } from "chai";
import fc from "fast-check";
import { ChainError } from "../../../src/chain/errors.ts";
import {
  blocksFrom,
  blocksOf,
  LOG_WINDOW_BLOCKS,
  logsBackTo,
  logsIn,
  newestLogIn,
} from "../../../src/chain/logs.ts";
import { asyncCodeOf } from "../../helpers/codes.ts";

/** A node with events in these blocks that refuses wider windows than `widest`. */
function node(blocks: readonly number[], widest = Number.POSITIVE_INFINITY) {
  const asked: [number, number][] = [];
  const query = async (from: number, to: number): Promise<number[]> => {
    asked.push([from, to]);
    if (to - from + 1 > widest) throw new Error("query returned more than 10000 results");
    return blocks.filter((block) => block >= from && block <= to).sort((a, b) => a - b);
  };
  return { asked, query };
}

describe("event queries in windows", () => {
  it("give every event once, in order, or the newest, whatever a node refuses", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: 0, max: 60_000 }), { maxLength: 12 }),
        fc.integer({ min: 0, max: 60_000 }),
        fc.integer({ min: 0, max: 60_000 }),
        fc.integer({ min: 200, max: 20_000 }),
        async (blocks, one, other, widest) => {
          const range = { fromBlock: Math.min(one, other), toBlock: Math.max(one, other) };
          const inside = blocks
            .filter((block) => block >= range.fromBlock && block <= range.toBlock)
            .sort((a, b) => a - b);
          const { asked, query } = node(blocks, widest);
          expect(await logsIn(query, range)).to.deep.equal(inside);
          expect(await newestLogIn(query, range)).to.equal(inside.at(-1));
          const fromThird = inside.slice(2);
          const back = await logsBackTo(query, range, (block) => block <= (fromThird[0] ?? -1));
          expect(back.filter((block) => fromThird.includes(block))).to.deep.equal(fromThird);
          for (const [from, to] of asked) expect(to - from).to.be.below(LOG_WINDOW_BLOCKS);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("ask for no window behind the newest hit, and for none of an empty range", async () => {
    const { asked, query } = node([45_000, 3]);
    expect(await newestLogIn(query, { fromBlock: 0, toBlock: 50_000 })).to.equal(45_000);
    expect(asked).to.deep.equal([[40_001, 50_000]]);
    const back = await logsBackTo(query, { fromBlock: 0, toBlock: 50_000 }, (at) => at < 50_000);
    expect([back, asked.length]).to.deep.equal([[45_000], 2]);
    expect(await logsIn(query, { fromBlock: 2, toBlock: 1 })).to.deep.equal([]);
    expect(asked.length).to.equal(2);
  });

  it("end with what the node said when it refuses a single block, or does not answer", async () => {
    const refusing = node([1], 0);
    const range = { fromBlock: 0, toBlock: 20_000 };
    expect(await asyncCodeOf(() => logsIn(refusing.query, range))).to.equal("E_TRANSACTION");
    expect(refusing.asked.length).to.equal(15);
    let count = 0;
    const silent = async (): Promise<number[]> => {
      count++;
      throw new ChainError("E_UNREACHABLE", "nobody", []);
    };
    expect(await asyncCodeOf(() => newestLogIn(silent, range))).to.equal("E_UNREACHABLE");
    expect(count).to.equal(1);
  });

  it("end at the newest block, which is read once", async () => {
    let reads = 0;
    const getBlockNumber = async () => 7 + reads++;
    expect(await blocksFrom({ getBlockNumber }, 3)).to.deep.equal({ fromBlock: 3, toBlock: 7 });
    const runner = { provider: { getBlockNumber } };
    expect(await blocksOf({ runner })).to.deep.equal({ fromBlock: 0, toBlock: 8 });
    expect(await asyncCodeOf(() => blocksOf({ runner: null }))).to.equal("E_UNREACHABLE");
  });
});
