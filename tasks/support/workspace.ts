import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Provider, Signer } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { Contracts } from "../../src/chain/contracts.ts";
import type { Deployment } from "../../src/chain/deployment.ts";
import type { KeyPair } from "../../src/operators/keyPair.ts";
import type { LocalChain, LocalChainOptions } from "../../src/sim/localChain.ts";
import { TaskError } from "./errors.ts";

/** One network as the tasks see it: its contracts, and the services whose files are in the data directory. */
export interface Workspace {
  readonly networkName: string;
  readonly dataDir: string;
  readonly chainId: bigint;
  readonly provider: Provider;
  readonly signers: readonly Signer[];
  readonly contracts: Contracts;
  readonly addresses: Deployment;
  /** Block in which the first contract was deployed, where that is on file; no event is older. */
  readonly fromBlock: number;
}

/** Roles by index of the network's accounts; the first two are rocketh's named accounts. */
export const ACCOUNTS = {
  deployer: 0,
  owner: 1,
  client: 2,
  challenger: 3,
  firstOperator: 4,
} as const;

/** More folders than operators in an epoch are not looked at. */
const MAX_OPERATOR_FOLDERS = 256;

/** A network whose directory is known, whatever is entered there. */
export type OpenedNetwork = Pick<
  Workspace,
  "networkName" | "chainId" | "provider" | "signers" | "fromBlock"
> & {
  readonly addressesProvider: string;
};

/**
 * Connects to the network of `--network`.
 * @throws {TaskError} `E_NO_DEPLOYMENT`
 * @throws {ChainError} `E_UNREACHABLE`
 */
export async function openNetwork(hre: HardhatRuntimeEnvironment): Promise<OpenedNetwork> {
  await hre.tasks.getTask("build").run({ quiet: true, noTests: true });
  const { reverts } = await import("../../src/chain/contracts.ts");
  const { ethers, networkName, networkConfig } = await hre.network.create();
  const { address: addressesProvider, fromBlock } = deployedDirectory(
    hre.config.paths.root,
    networkName,
    networkConfig.type,
  );
  const { chainId } = await reverts.run(() => ethers.provider.getNetwork());
  const signers = await reverts.run(() => ethers.getSigners());
  const { provider } = ethers;
  return { networkName, chainId, provider, signers, addressesProvider, fromBlock };
}

/**
 * Connects to the network of `--network` and its deployment.
 * @throws {TaskError} `E_NO_DEPLOYMENT`
 * @throws {ChainError} `E_UNREACHABLE`, `E_NO_CODE`, `AddressNotSet`
 */
export async function openWorkspace(
  hre: HardhatRuntimeEnvironment,
  dataDirOption: string,
): Promise<Workspace> {
  const network = await openNetwork(hre);
  const { networkName, chainId, provider, signers, addressesProvider, fromBlock } = network;
  const { reverts, connectContracts } = await import("../../src/chain/contracts.ts");
  const { resolveDeployment } = await import("../../src/chain/deployment.ts");
  const deployment = await reverts.run(() => resolveDeployment(provider, addressesProvider));
  const dataDir = resolve(dataDirOption === "" ? join(".state", networkName) : dataDirOption);
  mkdirSync(dataDir, { recursive: true });
  return {
    networkName,
    dataDir,
    chainId,
    provider,
    signers,
    contracts: connectContracts(deployment, accountOf({ signers, networkName }, "deployer")),
    addresses: deployment,
    fromBlock,
  };
}

/** The account in a role. @throws {TaskError} `E_NO_ACCOUNT` */
export function accountOf(
  { signers, networkName }: Pick<Workspace, "signers" | "networkName">,
  role: keyof typeof ACCOUNTS,
  offset = 0,
): Signer {
  const index = ACCOUNTS[role] + offset;
  const signer = signers[index];
  if (signer !== undefined) return signer;
  throw new TaskError("E_NO_ACCOUNT", `network ${networkName} has no account ${index} (${role})`);
}

/** Where operator `index` keeps its files. */
export function operatorFolder({ dataDir }: Pick<Workspace, "dataDir">, index: number): string {
  return join(dataDir, `operator-${index}`);
}

/** Name of an operator's key file in its folder. */
export const KEY_FILE = "bls.key";

/** Keys of the operators that run here, by index of their folder. @throws {OperatorError} `E_KEY_FILE` */
export async function operatorKeys(workspace: Pick<Workspace, "dataDir">): Promise<KeyPair[]> {
  const { readKeyFile } = await import("../../src/operators/keyFile.ts");
  const keys: KeyPair[] = [];
  for (let i = 0; i < MAX_OPERATOR_FOLDERS; i++) {
    const path = join(operatorFolder(workspace, i), KEY_FILE);
    if (!existsSync(path)) break;
    keys.push(readKeyFile(path));
  }
  return keys;
}

/** Runs `action` with the network's services open, and closes them. */
export async function withServices<T>(
  workspace: Workspace,
  action: (local: LocalChain) => Promise<T>,
  options: Pick<LocalChainOptions, "hold" | "isObserved"> = {},
): Promise<T> {
  const { LocalChain } = await import("../../src/sim/localChain.ts");
  const local = await LocalChain.open({
    dataDir: workspace.dataDir,
    contracts: workspace.contracts,
    provider: workspace.provider,
    fromBlock: workspace.fromBlock,
    operatorKeys: await operatorKeys(workspace),
    now: () => BigInt(Math.floor(Date.now() / 1_000)),
    ...options,
  });
  try {
    return await action(local);
  } finally {
    local.close();
  }
}

function deployedDirectory(
  root: string,
  networkName: string,
  networkType: string,
): { readonly address: string; readonly fromBlock: number } {
  if (networkType === "edr-simulated") {
    throw new TaskError(
      "E_NO_DEPLOYMENT",
      `network ${networkName} is simulated and ends with each command; use --network localhost and a running node`,
    );
  }
  const folder = join(root, "deployments", networkName);
  const path = join(folder, "AddressesProvider.json");
  if (!existsSync(path)) {
    throw new TaskError("E_NO_DEPLOYMENT", `nothing is deployed on network ${networkName}`);
  }
  const { address }: { address?: unknown } = JSON.parse(readFileSync(path, "utf8"));
  if (typeof address !== "string") {
    throw new TaskError("E_NO_DEPLOYMENT", `${path} names no address`);
  }
  return { address, fromBlock: firstBlockOf(folder) };
}

/** The earliest block of the deployments on file; 0 if one of them does not name its block: it may be older than its file. */
function firstBlockOf(folder: string): number {
  const blocks = readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .map((name) => {
      const file: { receipt?: { blockNumber?: unknown } } = JSON.parse(
        readFileSync(join(folder, name), "utf8"),
      );
      return Number(file.receipt?.blockNumber ?? 0);
    });
  const first = Math.min(...blocks);
  return Number.isSafeInteger(first) && first > 0 ? first : 0;
}
