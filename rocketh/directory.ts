import { keccak256, toUtf8Bytes } from "ethers";
import type { artifacts, deployScript } from "./deploy.ts";

type DeployEnvironment = Parameters<Parameters<typeof deployScript>[0]>[0];

/** What the AddressesProvider calls each deployable; the id is `keccak256` of the name. */
export const directoryNames = {
  OperatorSetRegistry: "OPERATOR_SET_REGISTRY",
  BlsQuorumVerifier: "QUORUM_VERIFIER",
  StateCommitRegistry: "STATE_COMMIT_REGISTRY",
  StateProofVerifier: "STATE_PROOF_VERIFIER",
  PolicyDataRegistry: "POLICY_DATA_REGISTRY",
  PolicyRegistry: "POLICY_REGISTRY",
  ChallengeVerifier: "CHALLENGE_VERIFIER",
  DecisionChallengeVerifier: "DECISION_CHALLENGE_VERIFIER",
  TransitionVerifier: "TRANSITION_VERIFIER",
  DataAvailabilityChallenge: "DATA_AVAILABILITY_CHALLENGE",
} as const;

/** Name of a deployable that has a directory entry. */
export type DirectoryEntry = keyof typeof directoryNames;

/** Enters a deployment in the AddressesProvider, unless it is entered already. */
export async function publishAddress(env: DeployEnvironment, entry: DirectoryEntry): Promise<void> {
  const provider = env.get<typeof artifacts.AddressesProvider.abi>("AddressesProvider");
  const { address } = env.get(entry);
  const id = keccak256(toUtf8Bytes(directoryNames[entry])) as `0x${string}`;
  const current = await env.read(provider, { functionName: "tryGetAddress", args: [id] });
  if (current.toLowerCase() === address.toLowerCase()) return;
  await env.execute(provider, {
    account: env.namedAccounts.owner,
    functionName: "setAddress",
    args: [id, address],
  });
}
