import type { EthereumProvider } from "hardhat/types/providers";

/** What running `deploy/` came to. */
export interface DeployedDirectory {
  /** Address of the AddressesProvider, through which the others are found. */
  readonly addressesProvider: string;
  /** Gas of each deployment made now, by contract name. */
  readonly gasUsed: Readonly<Record<string, bigint>>;
}

/** Runs the scripts in `deploy/` on one network, quietly; what is there already stays. */
export async function runDeployScripts(
  provider: EthereumProvider,
  networkName: string,
  options: { readonly saveDeployments: boolean },
): Promise<DeployedDirectory> {
  const { setupLogger } = await import("named-logs-console");
  setupLogger(["rocketh", "@rocketh/node"], { enabled: false, level: 0 });
  const { loadAndExecuteDeploymentsFromFiles } = await import("../../rocketh/environment.ts");
  const env = await loadAndExecuteDeploymentsFromFiles({
    provider,
    environment: networkName,
    saveDeployments: options.saveDeployments,
    askBeforeProceeding: false,
  });
  const gasUsed: Record<string, bigint> = {};
  for (const [name, { transaction }] of Object.entries(env.deployments)) {
    if (transaction === undefined) continue;
    const receipt = await env.network.provider.request({
      method: "eth_getTransactionReceipt",
      params: [transaction.hash],
    });
    if (receipt !== null) gasUsed[name] = BigInt(receipt.gasUsed);
  }
  return { addressesProvider: env.get("AddressesProvider").address, gasUsed };
}
