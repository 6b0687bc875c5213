import { ZeroAddress } from "ethers";
import { artifactOf, deployScript } from "../rocketh/deploy.ts";
import { publishAddress } from "../rocketh/directory.ts";
import { parameters } from "../rocketh/parameters.ts";

/** Nobody is told of a fault until the owner sets a hook. */
const NO_HOOK = ZeroAddress as `0x${string}`;

export default deployScript(
  async (env) => {
    const { deployer, owner } = env.namedAccounts;
    await env.deploy(
      "ChallengeVerifier",
      {
        account: deployer,
        artifact: artifactOf("ChallengeVerifier"),
        args: [
          owner,
          env.get("StateCommitRegistry").address,
          env.get("PolicyRegistry").address,
          env.get("OperatorSetRegistry").address,
          { hook: NO_HOOK, rewardWei: parameters.faultRewardWei },
          parameters.changeDelaySeconds,
        ],
      },
      { deterministic: true },
    );
    await publishAddress(env, "ChallengeVerifier");
  },
  { tags: ["ChallengeVerifier", "challenge"] },
);
