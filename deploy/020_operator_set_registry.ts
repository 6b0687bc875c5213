import { artifactOf, deployScript } from "../rocketh/deploy.ts";
import { publishAddress } from "../rocketh/directory.ts";
import { parameters } from "../rocketh/parameters.ts";
export default deployScript(
  async (env) => {
    const { deployer, owner } = env.namedAccounts;
    await env.deploy(
      "OperatorSetRegistry",
      {
        account: deployer,
        artifact: artifactOf("OperatorSetRegistry"),
        args: [
          owner,
          parameters.minEpochSeconds,
          parameters.overlapSeconds,
          parameters.changeDelaySeconds,
        ],
      },
      { deterministic: true },
    );
    await publishAddress(env, "OperatorSetRegistry");
  },
  { tags: ["OperatorSetRegistry", "quorum"] },
);
