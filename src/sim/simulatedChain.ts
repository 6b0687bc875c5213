import type { Provider, Signer } from "ethers";
import { type Contracts, connectContracts } from "../chain/contracts.ts";
import { type Deployment, resolveDeployment } from "../chain/deployment.ts";

/** JSON-RPC of a chain whose clock can be set (EDR, Hardhat node, anvil). */
export interface SimulatedProvider {
  request(call: {
    readonly method: string;
    readonly params?: readonly unknown[];
  }): Promise<unknown>;
}

/** Accounts of a rehearsal, by role. */
export interface Cast {
  readonly deployer: Signer;
  readonly owner: Signer;
  /** Publishes policies and is decided for by them. */
  readonly client: Signer;
  readonly challenger: Signer;
  readonly operators: readonly Signer[];
}

/** What a chain is made of before anything is deployed. */
export interface SimulatedChainParts {
  /** Name in the Hardhat configuration. */
  readonly name: string;
  readonly chainType: string;
  readonly provider: SimulatedProvider;
  readonly ethersProvider: Provider;
  readonly cast: Cast;
}

/** One simulated chain with the project's contracts. */
export class SimulatedChain {
  readonly parts: SimulatedChainParts;
  readonly chainId: bigint;
  readonly deployment: Deployment;
  /** Speaks as the deployer, who relays commits. */
  readonly contracts: Contracts;

  private constructor(parts: SimulatedChainParts, chainId: bigint, deployment: Deployment) {
    this.parts = parts;
    this.chainId = chainId;
    this.deployment = deployment;
    this.contracts = connectContracts(deployment, parts.cast.deployer);
  }

  /** A chain whose directory is at `addressesProvider`. @throws {ChainError} as {@link resolveDeployment} */
  static async connect(
    parts: SimulatedChainParts,
    addressesProvider: string,
  ): Promise<SimulatedChain> {
    const { chainId } = await parts.ethersProvider.getNetwork();
    const deployment = await resolveDeployment(parts.ethersProvider, addressesProvider);
    return new SimulatedChain(parts, chainId, deployment);
  }

  /** The contracts, speaking as `signer`. */
  as(signer: Signer): Contracts {
    return connectContracts(this.deployment, signer);
  }

  /** Mines a block at `seconds` since 1970, later than the newest one. */
  async mineAt(seconds: bigint): Promise<void> {
    const { provider } = this.parts;
    await provider.request({
      method: "evm_setNextBlockTimestamp",
      params: [`0x${seconds.toString(16)}`],
    });
    await provider.request({ method: "evm_mine", params: [] });
  }
}
