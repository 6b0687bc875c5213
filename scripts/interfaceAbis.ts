import { readdirSync } from "node:fs";
import { join } from "node:path";
import { Interface } from "ethers";
import { artifacts } from "hardhat";

/** ABIs of this project as its build made them. */

const CONTRACTS = join(import.meta.dirname, "../contracts");

/** Names of the Solidity files in a folder of contracts/, sorted. */
function namesIn(folder: string): string[] {
  return readdirSync(join(CONTRACTS, folder))
    .filter((file) => file.endsWith(".sol"))
    .map((file) => file.slice(0, -".sol".length))
    .sort();
}

async function abisIn(folder: string): Promise<Map<string, Interface>> {
  const abis = new Map<string, Interface>();
  for (const name of namesIn(folder)) {
    const artifact = await artifacts.readArtifact(name);
    abis.set(name, new Interface(artifact.abi));
  }
  return abis;
}

/** Every interface in contracts/interfaces/, by name. */
export async function interfaceAbis(): Promise<Map<string, Interface>> {
  return await abisIn("interfaces");
}

/** Every deployable in contracts/, by name; abstract contracts are left out. */
export async function deployableAbis(): Promise<Map<string, Interface>> {
  const abis = await abisIn("");
  for (const name of abis.keys()) {
    const { bytecode } = await artifacts.readArtifact(name);
    if (bytecode === "0x") abis.delete(name);
  }
  return abis;
}
