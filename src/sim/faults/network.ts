import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { registerOperator, setOperatorWeight, startEpoch } from "../../chain/operatorSets.ts";
import { KeyPair } from "../../operators/keyPair.ts";
import { StateStore } from "../../state/store.ts";
import { LocalChain } from "../localChain.ts";
import type { FaultStep } from "./context.ts";

const OPERATORS = 4;

/** Registers operators, and opens their services and a challenger's replica: the first step of every story. */
export const openNetwork: FaultStep = {
  name: "network",
  title: `register ${OPERATORS} operators`,
  async run(context) {
    const { chain, clock, dataDir } = context;
    const { cast, ethersProvider } = chain.parts;
    const keys: KeyPair[] = [];
    for (const signer of cast.operators.slice(0, OPERATORS)) {
      const key = KeyPair.generate((length) => randomBytes(length));
      await registerOperator(chain.contracts, chain.chainId, signer, key);
      await setOperatorWeight(chain.contracts, cast.owner, await signer.getAddress(), 1n);
      keys.push(key);
    }
    await startEpoch(chain.contracts, cast.deployer);
    // Each of these transactions has taken the chain on by a second or more, perhaps past the next tick.
    const newest = await ethersProvider.getBlock("latest");
    const behindSeconds = BigInt(newest?.timestamp ?? 0) - clock.now();
    if (behindSeconds > 0n) clock.advance(behindSeconds);
    const local = await LocalChain.open({
      dataDir,
      contracts: chain.contracts,
      provider: ethersProvider,
      operatorKeys: keys,
      now: clock.now,
    });
    context.closers.push(() => local.close());
    const path = join(dataDir, "challenger.db");
    const challenger = StateStore.open({ path, chainId: chain.chainId });
    context.closers.push(() => challenger.close());
    Object.assign(context, { keys, local, challenger });
    return { summary: `epoch 1 of ${OPERATORS} operators`, figures: { operators: OPERATORS } };
  },
};
