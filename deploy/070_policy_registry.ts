import { artifactOf, deployScript } from "../rocketh/deploy.ts";
import { publishAddress } from "../rocketh/directory.ts";
export default deployScript(
  async (env) => {
    const { deployer } = env.namedAccounts;
    await env.deploy(
      "PolicyRegistry",
      {
        account: deployer,
        artifact: artifactOf("PolicyRegistry"),
        args: [env.get("AddressesProvider").address],
      },
      { deterministic: true },
    );
    await publishAddress(env, "PolicyRegistry");
  },
  { tags: ["PolicyRegistry", "policy"] },
);
