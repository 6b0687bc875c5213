import { artifactOf, deployScript } from "../rocketh/deploy.ts";

export default deployScript(
  async (env) => {
    const { deployer, owner } = env.namedAccounts;
    await env.deploy(
      "AddressesProvider",
      { account: deployer, artifact: artifactOf("AddressesProvider"), args: [owner] },
      { deterministic: true },
    );
  },
  { tags: ["AddressesProvider", "directory"] },
);
