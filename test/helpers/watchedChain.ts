import { join } from "node:path";
import { expect } from "chai";
import { type Watch, type WatchPass, watchOnce } from "../../src/chain/watch.ts";
import { StateStore } from "../../src/state/store.ts";
import { pendingLeaf } from "./artifacts.ts";
import { type LocalNetwork, openLocalNetwork } from "./localNetwork.ts";

/** A chain with one honest commit, and a challenger's replica that has seen none of it. */
export interface WatchedChain {
  readonly network: LocalNetwork;
  readonly store: StateStore;
  /** One pass of the challenger. */
  pass(change?: Partial<Watch>): Promise<WatchPass>;
  close(): void;
}

/** Three operators commit these Rego modules. */
export async function openWatchedChain(...modules: readonly string[]): Promise<WatchedChain> {
  const network = await openLocalNetwork({ operatorCount: 3 });
  const path = join(network.dataDir, "challenger.db");
  const store = StateStore.open({ path, chainId: network.chain.chainId });
  for (const module of modules) network.local.lane.journal.add(pendingLeaf("rego", module));
  await network.nextTick();
  expect((await network.local.lane.tick()).status).to.equal("committed");
  return {
    network,
    store,
    async pass(change = {}) {
      const { challenger } = network.chain.parts.cast;
      return await watchOnce({
        contracts: network.chain.as(challenger),
        provider: network.chain.parts.ethersProvider,
        target: network.local.target,
        deltas: network.local.da,
        store,
        challenger: await challenger.getAddress(),
        isDryRun: false,
        ...change,
      });
    },
    close() {
      store.close();
      network.close();
    },
  };
}
