import { artifactOf, deployScript } from "../rocketh/deploy.ts";
import { publishAddress } from "../rocketh/directory.ts";
import { listAsEpochSink } from "../rocketh/epochSink.ts";
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
    await listAsEpochSink(env, "BlsQuorumVerifier");
    await publishAddress(env, "BlsQuorumVerifier");
  },
  { tags: ["BlsQuorumVerifier", "quorum"] },
);
