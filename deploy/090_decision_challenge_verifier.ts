import { artifactOf, deployScript } from "../rocketh/deploy.ts";
import { publishAddress } from "../rocketh/directory.ts";
import { parameters } from "../rocketh/parameters.ts";

export default deployScript(
  async (env) => {
    const { deployer, owner } = env.namedAccounts;
    await env.deploy(
      "DecisionChallengeVerifier",
      {
        account: deployer,
        artifact: artifactOf("DecisionChallengeVerifier"),
        args: [
          owner,
          env.get("StateCommitRegistry").address,
          env.get("PolicyRegistry").address,
          env.get("OperatorSetRegistry").address,
          parameters.faultRules,
          parameters.changeDelaySeconds,
        ],
      },
      { deterministic: true },
    );
    await publishAddress(env, "DecisionChallengeVerifier");
  },
  { tags: ["DecisionChallengeVerifier", "challenge"] },
);
