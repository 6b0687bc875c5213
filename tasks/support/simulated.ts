import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { OpenedChain } from "../../src/sim/demo/context.ts";
import { SimulatedChain } from "../../src/sim/simulatedChain.ts";
import { runDeployScripts } from "./deploy.ts";

/** Roles by index of a network's accounts; the first two are rocketh's named accounts. */
const ROLE = { deployer: 0, owner: 1, client: 2, challenger: 3, firstOperator: 4 } as const;

/** Creates a simulated network of the Hardhat configuration and deploys everything on it with the deploy scripts. */
export async function openSimulatedChain(
  hre: Pick<HardhatRuntimeEnvironment, "network" | "config">,
  name: string,
): Promise<OpenedChain> {
  const { ethers, provider, networkConfig } = await hre.network.create({ network: name });
  const signers = await ethers.getSigners();
  const at = (index: number) => {
    const signer = signers[index];
    if (signer === undefined) throw new RangeError(`network ${name} has no account ${index}`);
    return signer;
  };
  const { addressesProvider, gasUsed } = await runDeployScripts(provider, name, {
    saveDeployments: false,
  });
  const parts = {
    name,
    chainType: networkConfig.chainType ?? "generic",
    provider,
    ethersProvider: ethers.provider,
    cast: {
      deployer: at(ROLE.deployer),
      owner: at(ROLE.owner),
      client: at(ROLE.client),
      challenger: at(ROLE.challenger),
      operators: signers.slice(ROLE.firstOperator),
    },
  };
  return { chain: await SimulatedChain.connect(parts, addressesProvider), deploymentGas: gasUsed };
}
