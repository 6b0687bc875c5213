import { ZeroAddress } from "ethers";
import type { Deployment } from "../../src/chain/deployment.ts";

/** A chain on which nothing is deployed; tests name the contracts that they have. */
export const NOWHERE: Deployment = {
  addressesProvider: ZeroAddress,
  operatorSetRegistry: ZeroAddress,
  quorumVerifier: ZeroAddress,
  stateCommitRegistry: ZeroAddress,
  stateProofVerifier: ZeroAddress,
  policyDataRegistry: ZeroAddress,
  policyRegistry: ZeroAddress,
  challengeVerifier: ZeroAddress,
  decisionChallengeVerifier: ZeroAddress,
  transitionVerifier: ZeroAddress,
  dataAvailabilityChallenge: ZeroAddress,
};
