import { id, type Provider, ZeroAddress } from "ethers";
import { IAddressesProvider__factory } from "../../typechain-types/index.js";
import { ChainError } from "./errors.ts";

/** Addresses of one chain's deployables, as its AddressesProvider names them. */
export interface Deployment {
  readonly addressesProvider: string;
  readonly operatorSetRegistry: string;
  readonly quorumVerifier: string;
  readonly stateCommitRegistry: string;
  readonly stateProofVerifier: string;
  readonly policyDataRegistry: string;
  readonly policyRegistry: string;
  readonly challengeVerifier: string;
  readonly decisionChallengeVerifier: string;
  readonly transitionVerifier: string;
  readonly dataAvailabilityChallenge: string;
}

/** Directory name of each deployable; its id is `keccak256` of the name. */
const DIRECTORY_NAMES = {
  operatorSetRegistry: "OPERATOR_SET_REGISTRY",
  quorumVerifier: "QUORUM_VERIFIER",
  stateCommitRegistry: "STATE_COMMIT_REGISTRY",
  stateProofVerifier: "STATE_PROOF_VERIFIER",
  policyDataRegistry: "POLICY_DATA_REGISTRY",
  policyRegistry: "POLICY_REGISTRY",
  challengeVerifier: "CHALLENGE_VERIFIER",
  decisionChallengeVerifier: "DECISION_CHALLENGE_VERIFIER",
  transitionVerifier: "TRANSITION_VERIFIER",
  dataAvailabilityChallenge: "DATA_AVAILABILITY_CHALLENGE",
} as const satisfies Record<Exclude<keyof Deployment, "addressesProvider">, string>;

/**
 * Reads a chain's directory.
 * @throws {ChainError} `E_NO_CODE` if there is no contract at `addressesProvider`, `AddressNotSet` if an entry is missing
 */
export async function resolveDeployment(
  provider: Provider,
  addressesProvider: string,
): Promise<Deployment> {
  if ((await provider.getCode(addressesProvider)) === "0x") {
    throw new ChainError("E_NO_CODE", `no contract at ${addressesProvider}: another chain?`, []);
  }
  const directory = IAddressesProvider__factory.connect(addressesProvider, provider);
  const look = async (name: string): Promise<string> => {
    const address = await directory.tryGetAddress(id(name));
    if (address !== ZeroAddress) return address;
    throw new ChainError("AddressNotSet", `the directory has no ${name}: deploy again`, [id(name)]);
  };
  return {
    addressesProvider,
    operatorSetRegistry: await look(DIRECTORY_NAMES.operatorSetRegistry),
    quorumVerifier: await look(DIRECTORY_NAMES.quorumVerifier),
    stateCommitRegistry: await look(DIRECTORY_NAMES.stateCommitRegistry),
    stateProofVerifier: await look(DIRECTORY_NAMES.stateProofVerifier),
    policyDataRegistry: await look(DIRECTORY_NAMES.policyDataRegistry),
    policyRegistry: await look(DIRECTORY_NAMES.policyRegistry),
    challengeVerifier: await look(DIRECTORY_NAMES.challengeVerifier),
    decisionChallengeVerifier: await look(DIRECTORY_NAMES.decisionChallengeVerifier),
    transitionVerifier: await look(DIRECTORY_NAMES.transitionVerifier),
    dataAvailabilityChallenge: await look(DIRECTORY_NAMES.dataAvailabilityChallenge),
  };
}
