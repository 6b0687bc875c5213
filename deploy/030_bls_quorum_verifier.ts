import { artifactOf, deployScript } from "../rocketh/deploy.ts";
import { publishAddress } from "../rocketh/directory.ts";
export default deployScript(
  async (env) => {
    const { deployer } = env.namedAccounts;
    await env.deploy(
      "BlsQuorumVerifier",
      {
        account: deployer,
        artifact: artifactOf("BlsQuorumVerifier"),
        args: [env.get("OperatorSetRegistry").address],
      },
      { deterministic: true },
    );
    await publishAddress(env, "BlsQuorumVerifier");
  },
  { tags: ["BlsQuorumVerifier", "quorum"] },
);
