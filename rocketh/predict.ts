import { AbiCoder, getCreate2Address, keccak256, ZeroHash } from "ethers";
import { artifactOf, type deployScript } from "./deploy.ts";

type DeployEnvironment = Parameters<Parameters<typeof deployScript>[0]>[0];

/**
 * Address at which `070_policy_registry.ts` deploys, or has deployed: CREATE2 with a salt of zero. It depends on nothing that
 * comes after the directory, so the registry of policy data can name it first.
 */
export function policyRegistryAddress(env: DeployEnvironment): `0x${string}` {
  const { bytecode } = artifactOf("PolicyRegistry");
  const { address } = env.get("AddressesProvider");
  const argument = AbiCoder.defaultAbiCoder().encode(["address"], [address]);
  const initCodeHash = keccak256(`${bytecode}${argument.slice(2)}`);
  const predicted = getCreate2Address(create2Factory(env), ZeroHash, initCodeHash);
  return `0x${predicted.slice(2)}`;
}

function create2Factory({ network }: DeployEnvironment): string {
  const { deterministicDeployment: known } = network;
  if ("factory" in known) return known.factory;
  if (known.create2 === undefined) throw new Error("the network has no CREATE2 factory");
  return known.create2.factory;
}
