import { artifactOf, deployScript } from "../rocketh/deploy.ts";
import { publishAddress } from "../rocketh/directory.ts";
export default deployScript(
  async (env) => {
    const { deployer } = env.namedAccounts;
    await env.deploy(
      "TransitionVerifier",
      {
        account: deployer,
        artifact: artifactOf("TransitionVerifier"),
        args: [env.get("StateCommitRegistry").address],
      },
      { deterministic: true },
    );
    await publishAddress(env, "TransitionVerifier");
  },
  { tags: ["TransitionVerifier", "challenge"] },
);
