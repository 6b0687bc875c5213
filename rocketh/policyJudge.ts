import { artifactOf, deployScript } from "./deploy.ts";
import { publishAddress } from "./directory.ts";
import { parameters } from "./parameters.ts";

/** Deploys a ledger of faults that judges certificates and what the policy registry has on record. */
export function deployPolicyJudge(name: "ChallengeVerifier" | "DecisionChallengeVerifier") {
  return deployScript(
    async (env) => {
      const { deployer, owner } = env.namedAccounts;
      await env.deploy(
        name,
        {
          account: deployer,
          artifact: artifactOf(name),
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
      await publishAddress(env, name);
    },
    { tags: [name, "challenge"] },
  );
}
