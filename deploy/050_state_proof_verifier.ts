import { artifactOf, deployScript } from "../rocketh/deploy.ts";
import { publishAddress } from "../rocketh/directory.ts";
export default deployScript(
  async (env) => {
    const { deployer } = env.namedAccounts;
    await env.deploy(
      "StateProofVerifier",
      {
        account: deployer,
        artifact: artifactOf("StateProofVerifier"),
        args: [env.get("StateCommitRegistry").address],
      },
      { deterministic: true },
    );
    await publishAddress(env, "StateProofVerifier");
  },
  { tags: ["StateProofVerifier", "state"] },
);
