import { artifactOf, deployScript } from "../rocketh/deploy.ts";
import { publishAddress } from "../rocketh/directory.ts";
import { parameters } from "../rocketh/parameters.ts";

export default deployScript(
  async (env) => {
    const { deployer, owner } = env.namedAccounts;
    await env.deploy(
      "DataAvailabilityChallenge",
      {
        account: deployer,
        artifact: artifactOf("DataAvailabilityChallenge"),
        args: [
          owner,
          env.get("StateCommitRegistry").address,
          parameters.requestRules,
          parameters.faultRules,
          parameters.changeDelaySeconds,
        ],
      },
      { deterministic: true },
    );
    await publishAddress(env, "DataAvailabilityChallenge");
  },
  { tags: ["DataAvailabilityChallenge", "challenge"] },
);
