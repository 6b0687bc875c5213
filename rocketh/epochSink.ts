import type { artifacts } from "./deploy.ts";
import type { publishAddress } from "./directory.ts";

type DeployEnvironment = Parameters<typeof publishAddress>[0];

/** Lets a deployment hear of every epoch from the OperatorSetRegistry, unless it does already. */
export async function listAsEpochSink(
  env: DeployEnvironment,
  deployment: "BlsQuorumVerifier" | "StateCommitRegistry",
): Promise<void> {
  const operatorSets = env.get<typeof artifacts.OperatorSetRegistry.abi>("OperatorSetRegistry");
  const { address } = env.get(deployment);
  const listed = await env.read(operatorSets, { functionName: "epochSinks", args: [] });
  if (listed.some((sink) => sink.toLowerCase() === address.toLowerCase())) return;
  await env.execute(operatorSets, {
    account: env.namedAccounts.owner,
    functionName: "addEpochSink",
    args: [address],
  });
}
