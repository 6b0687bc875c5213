import { artifactOf, deployScript } from "../rocketh/deploy.ts";
import { publishAddress } from "../rocketh/directory.ts";
import { parameters } from "../rocketh/parameters.ts";

export default deployScript(
  async (env) => {
    const { deployer, owner } = env.namedAccounts;
    await env.deploy(
      "TransitionVerifier",
      {
        account: deployer,
        artifact: artifactOf("TransitionVerifier"),
        args: [
          owner,
          env.get("StateCommitRegistry").address,
          parameters.faultRules,
          parameters.changeDelaySeconds,
        ],
      },
      { deterministic: true },
    );
    await publishAddress(env, "TransitionVerifier");
  },
  { tags: ["TransitionVerifier", "challenge"] },
);
