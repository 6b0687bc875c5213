import { AbiCoder, getCreate2Address, keccak256, ZeroHash } from "ethers";
import { artifactOf, type deployScript } from "./deploy.ts";

type DeployEnvironment = Parameters<Parameters<typeof deployScript>[0]>[0];

/**
 * Address at which `070_policy_registry.ts` deploys, or has deployed: CREATE2 with a salt of zero. It depends on nothing that
 * comes after the directory, so the registry of policy data can name it first.
 */
export function policyRegistryAddress(env: DeployEnvironment): `0x${string}` {
  const { deterministicDeployment } = env.network;
  if (!("create2" in deterministicDeployment) && !("factory" in deterministicDeployment)) {
    throw new Error("the network has no CREATE2 factory");
  }
  const { factory } =
    "create2" in deterministicDeployment ? deterministicDeployment.create2 : deterministicDeployment;
  const { bytecode } = artifactOf("PolicyRegistry");
  const argument = AbiCoder.defaultAbiCoder().encode(
    ["address"],
    [env.get("AddressesProvider").address],
  );
  const initCodeHash = keccak256(`${bytecode}${argument.slice(2)}`);
  return getCreate2Address(factory, ZeroHash, initCodeHash) as `0x${string}`;
}
