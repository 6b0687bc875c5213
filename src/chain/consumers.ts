/**
 * Who copies which address when it is built. No contract here reads the AddressesProvider after its constructor, so a row is
 * also what has to be built anew when an entry changes. A test holds the rows to the immutables of a deployed chain.
 */

/** A deployable that is entered in the directory. */
export interface ConsumerRow {
  /** Name of its own entry; the id is `keccak256` of it. */
  readonly id: string;
  readonly contract: string;
  /** Names of the entries whose addresses its constructor copies. */
  readonly reads: readonly string[];
  /** Names of entries whose addresses it copies before they are deployed: they refuse to be, unless it names them. */
  readonly announces?: readonly string[];
}

/** The deployables of `deploy/`, in the order in which it builds them. */
export const CONSUMERS: readonly ConsumerRow[] = [
  { id: "OPERATOR_SET_REGISTRY", contract: "OperatorSetRegistry", reads: [] },
  { id: "QUORUM_VERIFIER", contract: "BlsQuorumVerifier", reads: ["OPERATOR_SET_REGISTRY"] },
  {
    id: "STATE_COMMIT_REGISTRY",
    contract: "BlsStateCommitRegistry",
    reads: ["OPERATOR_SET_REGISTRY"],
  },
  { id: "STATE_PROOF_VERIFIER", contract: "StateProofVerifier", reads: ["STATE_COMMIT_REGISTRY"] },
  {
    id: "POLICY_DATA_REGISTRY",
    contract: "PolicyDataRegistry",
    reads: ["STATE_COMMIT_REGISTRY"],
    announces: ["POLICY_REGISTRY"],
  },
  {
    id: "POLICY_REGISTRY",
    contract: "PolicyRegistry",
    reads: ["STATE_COMMIT_REGISTRY", "POLICY_DATA_REGISTRY"],
  },
  {
    id: "CHALLENGE_VERIFIER",
    contract: "ChallengeVerifier",
    reads: [
      "OPERATOR_SET_REGISTRY",
      "STATE_COMMIT_REGISTRY",
      "POLICY_DATA_REGISTRY",
      "POLICY_REGISTRY",
    ],
  },
  {
    id: "DECISION_CHALLENGE_VERIFIER",
    contract: "DecisionChallengeVerifier",
    reads: ["OPERATOR_SET_REGISTRY", "STATE_COMMIT_REGISTRY", "POLICY_REGISTRY"],
  },
  {
    id: "TRANSITION_VERIFIER",
    contract: "TransitionVerifier",
    reads: ["STATE_COMMIT_REGISTRY"],
  },
  {
    id: "DATA_AVAILABILITY_CHALLENGE",
    contract: "DataAvailabilityChallenge",
    reads: ["STATE_COMMIT_REGISTRY"],
  },
];

/** The view by which a consumer says what it copied from an entry. */
export const COPY_GETTERS: Readonly<Record<string, string>> = {
  OPERATOR_SET_REGISTRY: "operatorSets",
  STATE_COMMIT_REGISTRY: "stateCommitRegistry",
  POLICY_DATA_REGISTRY: "policyDataRegistry",
  POLICY_REGISTRY: "policyRegistry",
};
