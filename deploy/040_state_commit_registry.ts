import { ZeroAddress } from "ethers";
import { artifactOf, deployScript } from "../rocketh/deploy.ts";
import { publishAddress } from "../rocketh/directory.ts";
import { parameters } from "../rocketh/parameters.ts";

export default deployScript(
  async (env) => {
    const { deployer, owner } = env.namedAccounts;
    const settings = {
      initialOwner: owner,
      verifier: env.get("BlsQuorumVerifier").address,
      enclaveRegistry: ZeroAddress as `0x${string}`,
      quorumBps: parameters.quorumBps,
      maxSkewSeconds: parameters.maxSkewSeconds,
      heartbeatSeconds: parameters.heartbeatSeconds,
    };
    await env.deploy(
      "StateCommitRegistry",
      { account: deployer, artifact: artifactOf("StateCommitRegistry"), args: [settings] },
      { deterministic: true },
    );
    await publishAddress(env, "StateCommitRegistry");
  },
  { tags: ["StateCommitRegistry", "state"] },
);
