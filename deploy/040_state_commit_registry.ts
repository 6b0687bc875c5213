import { ZeroAddress } from "ethers";
import { artifactOf, deployScript } from "../rocketh/deploy.ts";
import { publishAddress } from "../rocketh/directory.ts";
import { listAsEpochSink } from "../rocketh/epochSink.ts";
import { parameters } from "../rocketh/parameters.ts";

/** Enclave measurements are not checked: commits carry a zero `pcr0Commitment`. */
const NO_ENCLAVE_REGISTRY = ZeroAddress as `0x${string}`;

export default deployScript(
  async (env) => {
    const { deployer, owner } = env.namedAccounts;
    await env.deploy(
      "StateCommitRegistry",
      {
        account: deployer,
        artifact: artifactOf("BlsStateCommitRegistry"),
        args: [
          owner,
          env.get("OperatorSetRegistry").address,
          NO_ENCLAVE_REGISTRY,
          parameters.quorumBps,
          parameters.maxSkewSeconds,
          parameters.heartbeatSeconds,
          parameters.changeDelaySeconds,
        ],
      },
      { deterministic: true },
    );
    await listAsEpochSink(env, "StateCommitRegistry");
    await publishAddress(env, "StateCommitRegistry");
  },
  { tags: ["StateCommitRegistry", "state"] },
);
