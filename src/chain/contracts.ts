import type { ContractRunner } from "ethers";
import {
  IBlsQuorumVerifier__factory,
  IChallengeVerifier__factory,
  IDataAvailabilityChallenge__factory,
  IDecisionChallengeVerifier__factory,
  IOperatorSetRegistry__factory,
  IOwned__factory,
  IPolicyDataRegistry__factory,
  IPolicyRegistry__factory,
  IStateCommitRegistry__factory,
  IStateProofVerifier__factory,
  ITransitionVerifier__factory,
} from "../../typechain-types/index.js";
import type { Deployment } from "./deployment.ts";
import { RevertDecoder } from "./errors.ts";

/** Names the custom errors of every contract of this project. */
export const reverts = new RevertDecoder([
  IStateCommitRegistry__factory.abi,
  IOperatorSetRegistry__factory.abi,
  IOwned__factory.abi,
  IPolicyRegistry__factory.abi,
  IPolicyDataRegistry__factory.abi,
  IStateProofVerifier__factory.abi,
  IChallengeVerifier__factory.abi,
  IDecisionChallengeVerifier__factory.abi,
  IBlsQuorumVerifier__factory.abi,
  ITransitionVerifier__factory.abi,
  IDataAvailabilityChallenge__factory.abi,
]);

/** The deployables of one chain, typed, speaking as `runner`. */
export function connectContracts(deployment: Deployment, runner: ContractRunner) {
  return {
    operatorSets: IOperatorSetRegistry__factory.connect(deployment.operatorSetRegistry, runner),
    verifier: IBlsQuorumVerifier__factory.connect(deployment.quorumVerifier, runner),
    commits: IStateCommitRegistry__factory.connect(deployment.stateCommitRegistry, runner),
    proofs: IStateProofVerifier__factory.connect(deployment.stateProofVerifier, runner),
    policyData: IPolicyDataRegistry__factory.connect(deployment.policyDataRegistry, runner),
    policies: IPolicyRegistry__factory.connect(deployment.policyRegistry, runner),
    challenges: IChallengeVerifier__factory.connect(deployment.challengeVerifier, runner),
    decisions: IDecisionChallengeVerifier__factory.connect(
      deployment.decisionChallengeVerifier,
      runner,
    ),
    transitions: ITransitionVerifier__factory.connect(deployment.transitionVerifier, runner),
    dataRequests: IDataAvailabilityChallenge__factory.connect(
      deployment.dataAvailabilityChallenge,
      runner,
    ),
  };
}

/** See {@link connectContracts}. */
export type Contracts = ReturnType<typeof connectContracts>;
