import { artifactOf, deployScript } from "../rocketh/deploy.ts";
import { publishAddress } from "../rocketh/directory.ts";
export default deployScript(
  async (env) => {
    const { deployer } = env.namedAccounts;
    await env.deploy(
      "ChallengeVerifier",
      {
        account: deployer,
        artifact: artifactOf("ChallengeVerifier"),
        args: [env.get("StateCommitRegistry").address],
      },
      { deterministic: true },
    );
    await publishAddress(env, "ChallengeVerifier");
  },
  { tags: ["ChallengeVerifier", "challenge"] },
);
