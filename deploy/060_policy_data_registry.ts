import { artifactOf, deployScript } from "../rocketh/deploy.ts";
import { publishAddress } from "../rocketh/directory.ts";
import { policyRegistryAddress } from "../rocketh/predict.ts";
export default deployScript(
  async (env) => {
    const { deployer } = env.namedAccounts;
    await env.deploy(
      "PolicyDataRegistry",
      {
        account: deployer,
        artifact: artifactOf("PolicyDataRegistry"),
        args: [env.get("AddressesProvider").address, policyRegistryAddress(env)],
      },
      { deterministic: true },
    );
    await publishAddress(env, "PolicyDataRegistry");
  },
  { tags: ["PolicyDataRegistry", "policy"] },
);
