import { JsonRpcProvider, Network } from "ethers";
import { bytes32, type StateRoot } from "../bytes/brand.ts";
import { isZero } from "../bytes/compare.ts";
import type { RootSource } from "../state/certifiedRoot.ts";
import { type Contracts, connectContracts, reverts } from "./contracts.ts";
import type { Deployment } from "./deployment.ts";

/** Certified roots as the registry has them; nothing for a commit that it does not retain. Rejects with a `ChainError`. */
export function certifiedRoots({ commits }: Pick<Contracts, "commits">): RootSource {
  return async (sequenceNo) => {
    const root = await reverts.run(() => commits.tryStateRootAt(sequenceNo));
    const bytes = bytes32<StateRoot>(root, "state root");
    return isZero(bytes) ? undefined : bytes;
  };
}

/**
 * The same, from the node at `url`, whose chain is only believed to be `chainId`: its answers are to be compared.
 * `close` ends the connection.
 */
export function certifiedRootsAt(
  url: string,
  chainId: bigint,
  deployment: Deployment,
): { readonly roots: RootSource; readonly close: () => void } {
  const network = Network.from(chainId);
  const provider = new JsonRpcProvider(url, network, { staticNetwork: network });
  const roots = certifiedRoots(connectContracts(deployment, provider));
  return { roots, close: () => provider.destroy() };
}
