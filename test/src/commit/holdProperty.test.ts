import { expect } from "chai";
import fc from "fast-check";
import { toHex } from "../../../src/bytes/hex.ts";
import { pendingLeaf } from "../../helpers/artifacts.ts";
import { type MemoryNetwork, openMemoryNetwork } from "../../helpers/memoryNetwork.ts";

/** What happens between two ticks. */
interface Step {
  readonly leaves: number;
  /** Operators that are away, of four; with two away there is no quorum. */
  readonly offline: number;
  readonly isAwaited: boolean;
  readonly isRestarted: boolean;
  readonly isEpochEnded: boolean;
}

const AT_ONCE = { maxHeldCommits: 1, maxHeldSeconds: 0n };
const START = 1_700_000_000n;

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    leaves: fc.nat({ max: 2 }),
    offline: fc.constantFrom(0, 0, 1, 2),
    isAwaited: fc.boolean(),
    isRestarted: fc.boolean(),
    isEpochEnded: fc.constantFrom(false, false, false, true),
  }),
  { minLength: 3, maxLength: 6 },
);

describe("holding commits back", () => {
  /** Runs `script`, ends with everybody online and somebody waiting, and gives the roots that the chain then has. */
  async function rootsAfter(script: readonly Step[], maxHeldCommits: number): Promise<Run> {
    let now = START;
    const hold = { maxHeldCommits, maxHeldSeconds: 100_000n };
    let network: MemoryNetwork = openMemoryNetwork(
      () => now,
      maxHeldCommits === 1 ? AT_ONCE : hold,
    );
    const isHolding = maxHeldCommits > 1;
    let leaf = 0;
    for (const step of script) {
      for (let i = 0; i < step.leaves; i++) {
        network.lane.journal.add(pendingLeaf("rego", `package leaf${leaf++}\n`));
      }
      now += 120n;
      if (isHolding && step.isRestarted) network = network.reopen();
      // With a quorum at hand, so that what is held can be signed again.
      if (step.isEpochEnded && step.offline < 2) network.nextEpoch();
      if (isHolding && step.isAwaited) network.lane.landNow();
      for (const [i, operator] of network.operators.entries()) {
        operator.isOnline = i >= step.offline;
      }
      await network.lane.tick();
    }
    for (const operator of network.operators) operator.isOnline = true;
    for (let i = 0; i < 2; i++) {
      now += 120n;
      network.lane.landNow();
      await network.lane.tick();
    }
    const { accepted, transactions } = network.chain;
    const roots = accepted.map(({ newStateRoot }) => toHex(newStateRoot));
    for (const { signer } of network.operators) await signer.sync();
    const stores = [network.lane, ...network.operators.map(({ signer }) => signer)];
    const heads = stores.map(({ store }) => toHex(store.head.stateRoot));
    const pending = network.lane.journal.length;
    network.close();
    return { roots, heads, pending, transactions: transactions.length };
  }

  interface Run {
    readonly roots: readonly string[];
    readonly heads: readonly string[];
    readonly pending: number;
    readonly transactions: number;
  }

  it("ends with the roots of landing one by one, in no more transactions", async function () {
    this.timeout(300_000);
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 2, max: 32 }), async (script, maxHeldCommits) => {
        const single = await rootsAfter(script, 1);
        const held = await rootsAfter(script, maxHeldCommits);
        expect(held.roots).to.deep.equal(single.roots);
        expect(held.transactions).to.be.at.most(single.transactions);
        for (const { roots, heads, pending } of [single, held]) {
          expect(pending).to.equal(0);
          const last = roots.at(-1);
          if (last !== undefined) expect(new Set(heads)).to.deep.equal(new Set([last]));
        }
      }),
      { numRuns: 8 },
    );
  });
});
