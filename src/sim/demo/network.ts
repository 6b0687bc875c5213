import { randomBytes } from "node:crypto";
import { join } from "node:path";
import {
  readOperatorSet,
  registerOperator,
  setOperatorWeight,
  startEpoch,
} from "../../chain/operatorSets.ts";
import { KeyPair } from "../../operators/keyPair.ts";
import { LocalChain } from "../localChain.ts";
import type { SimulatedChain } from "../simulatedChain.ts";
import { expectThat, type StoryStep } from "../story.ts";
import { type DemoContext, noteGas, OPERATOR_COUNT } from "./context.ts";

/** Every operator has the same weight here, so a quorum of 6,667 bps is 7 of 10. */
const WEIGHT = 100n;

/** Deploys every contract on every chain with the deploy scripts. */
export const deploy: StoryStep<DemoContext> = {
  name: "deploy",
  title: "deploy the contracts on every chain",
  async run(context) {
    let contracts = 0;
    for (const name of context.chainNames) {
      const { chain, deploymentGas } = await context.openChain(name);
      context.opened.push(chain);
      for (const [contract, gasUsed] of Object.entries(deploymentGas)) {
        noteGas(context, name, `deploy ${contract}`, gasUsed);
        contracts++;
      }
    }
    const chains = context.opened.length;
    expectThat(contracts >= 8 * chains, `expected 8 contracts a chain, got ${contracts} in all`);
    return {
      summary: `${contracts} contracts on ${chains} chains`,
      figures: { chains, contracts },
    };
  },
};

/** Registers the operators' keys and starts the first epoch on every chain. */
export const registerOperators: StoryStep<DemoContext> = {
  name: "register-operators",
  title: `register ${OPERATOR_COUNT} operators a chain, proof of possession checked on chain`,
  async run(context) {
    for (const chain of context.opened) {
      const operatorKeys = await registerOn(context, chain);
      const local = await LocalChain.open({
        dataDir: join(context.dataDir, chain.parts.name),
        contracts: chain.contracts,
        provider: chain.parts.ethersProvider,
        operatorKeys,
        now: context.clock.now,
      });
      context.closers.push(() => local.close());
      context.chains.push({ chain, local, operatorKeys });
      const set = await readOperatorSet(chain.contracts);
      expectThat(set.operators.length === OPERATOR_COUNT, "an operator is missing from the epoch");
    }
    const operators = context.chains.length * OPERATOR_COUNT;
    return {
      summary: `${operators} keys with proof of possession, epoch 1 on every chain`,
      figures: { operators, weightEach: WEIGHT, epoch: 1 },
    };
  },
};

async function registerOn(context: DemoContext, chain: SimulatedChain): Promise<KeyPair[]> {
  const { contracts, chainId } = chain;
  const { name, cast } = chain.parts;
  const keys: KeyPair[] = [];
  for (const signer of cast.operators.slice(0, OPERATOR_COUNT)) {
    const key = KeyPair.generate((length) => randomBytes(length));
    const { gasUsed } = await registerOperator(contracts, chainId, signer, key);
    noteGas(context, name, "register operator", gasUsed);
    const address = await signer.getAddress();
    const weighed = await setOperatorWeight(contracts, cast.owner, address, WEIGHT);
    noteGas(context, name, "set weight", weighed.gasUsed);
    keys.push(key);
  }
  const { gasUsed } = await startEpoch(contracts, cast.deployer);
  noteGas(context, name, `start epoch of ${OPERATOR_COUNT}`, gasUsed);
  return keys;
}
