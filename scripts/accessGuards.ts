/** Who may call each external mutator, and how everybody else is refused. The table of docs/AccessControl.md. */

/** What stands between a caller and a mutator. */
export interface Guard {
  /** Who may call. */
  readonly who:
    | "owner"
    | "pending owner"
    | "anyone"
    | "the client"
    | "the template's owner"
    | "registered operator"
    | "the operator set registry";
  /** What is demanded besides, or what a call by somebody else reverts with. */
  readonly demands: string;
  /** Custom error that a stranger's call reverts with; absent where anyone may call. */
  readonly refusal?: string;
}

const owner: Guard = {
  who: "owner",
  demands: "—",
  refusal: "OwnableUnauthorizedAccount",
};
const ownerOfProposal: Guard = { ...owner, demands: "what was proposed, after the delay" };
const pendingOwner: Guard = { ...owner, who: "pending owner" };
const ownership = {
  "acceptOwnership()": pendingOwner,
  "transferOwnership(address)": owner,
} as const;
const client: Guard = {
  who: "the client",
  demands: "the client itself, or what its `getOwner()` returns",
  refusal: "NotClient",
};
const templateOwner: Guard = {
  who: "the template's owner",
  demands: "who registered it",
  refusal: "NotOwner",
};
const anyone = (demands: string): Guard => ({ who: "anyone", demands });
const operator: Guard = {
  who: "registered operator",
  demands: "acts on the caller's own key only",
  refusal: "NotRegistered",
};

const operatorSets: Guard = {
  who: "the operator set registry",
  demands: "the one given at deployment",
  refusal: "NotTheOperatorSets",
};

const G1 = "(uint256,uint256)";
const G2 = "(uint256,uint256,uint256,uint256)";
const POSSESSION = `(${G1},uint8,uint256)`;
const PROOFS = "(uint64,bytes20,bytes)[]";
const RULES = "(address,uint16,uint32,uint32)";
const RECOVERY = "(uint64,bytes32,bytes32,uint64,bytes32,bytes32)";
const COMMIT = "(uint8,uint64,bytes32,bytes32,uint64,bytes32,bytes32)";
const CERTIFIED = `(${COMMIT},bytes32[],bytes32[],bytes)`;
const TEMPLATE = "(bytes32,bytes32,string,uint16,(string,bytes32)[])";
const DATA_TEMPLATE = "(bytes32,bytes32,bytes32,bytes32,bool,bytes32)";
const LATER_LEAF = "(uint64,bytes,bytes)";
const DECISION =
  "(bytes32,address,bytes32,bytes32,bytes32,bytes32[],uint32,bytes32,bytes32,bytes32,uint16,bytes32[],bytes32[],uint64,bool)";

const epochSink = {
  [`cacheSubset(uint32,bytes,${G2})`]: anyone("the key of a subset of a valid epoch"),
  "recordEpoch(uint32,uint64,uint16,bytes32)": operatorSets,
};
const commits = {
  ...ownership,
  [`commitStateRoot(${COMMIT},bytes)`]: anyone("a certificate of the quorum"),
  [`commitStateRoots(${COMMIT}[],bytes)`]: anyone("a certificate of the quorum over all of them"),
  [`enactRecovery(${RECOVERY},bytes)`]: {
    ...owner,
    demands: "what was proposed, after the delay, and a certificate of the quorum of that day",
  },
  [`enactRules(${RULES})`]: ownerOfProposal,
  "cancelRecoveryProposal()": owner,
  "cancelRulesProposal()": owner,
  "pauseCommits()": owner,
  [`proposeRecovery(${RECOVERY},bytes)`]: {
    ...owner,
    demands: "a certificate of the quorum; the next number, the current root",
  },
  [`proposeRules(${RULES})`]: { ...owner, demands: "the bounds of a deployment" },
  "resumeCommits()": owner,
};

const evidence = anyone("evidence that proves");
const faultLedger = {
  "announceFault(bytes32)": anyone("—"),
  "cancelFaultRulesProposal()": owner,
  "claimFault(bytes32,address,bytes32)": anyone(
    "an announcement in an earlier block, up to a day after the record",
  ),
  "enactFaultRules((address,uint96))": ownerOfProposal,
  "fundPool()": anyone("what is paid in leaves as rewards only"),
  "payReward(bytes32)": anyone("a day after the record; pays who is credited"),
  "proposeFaultRules((address,uint96))": { ...owner, demands: "a hook with code, or none" },
  "retryHook(bytes32)": anyone("a recorded fault of which no hook took note"),
};

const SIGNED = `(${COMMIT},bytes32[],bytes)`;
const REQUEST_RULES = "(uint96,uint32,uint32)";
const attestation = {
  [`attestCommit(${SIGNED})`]: anyone("a certificate of the quorum over a retained commit"),
};

/** Guards by contract and signature; every mutator of every deployable has one. */
export const ACCESS_GUARDS: Readonly<Record<string, Readonly<Record<string, Guard>>>> = {
  AddressesProvider: { ...ownership, "setAddress(bytes32,address)": owner },
  Bls12381QuorumVerifier: {
    ...ownership,
    "register((uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256),(uint256,uint256,uint256,uint256))":
      anyone("a proof of possession that names the caller; gives no weight"),
    "proposeEpoch(address[],uint128[])": owner,
    "cancelEpochProposal()": owner,
    "startEpoch(address[],uint128[],uint32)": {
      ...owner,
      demands: "for all but the first epoch: what was proposed, after the delay",
    },
  },
  ChallengeVerifier: {
    ...ownership,
    ...faultLedger,
    [`challengeDanglingData((${DATA_TEMPLATE},uint256,${LATER_LEAF}),address)`]: evidence,
    [`challengeDanglingParams((bytes32,${LATER_LEAF}),address)`]: evidence,
    [`challengeDanglingTemplate((${TEMPLATE},uint256,${LATER_LEAF}),address)`]: evidence,
    [`challengeEquivocation((${CERTIFIED},${CERTIFIED}),address)`]: evidence,
    "challengeMalformedLeaf((bytes32,uint64,bytes,bytes),address)": evidence,
    "challengeRewrite((bytes32,uint64,bytes,bytes,uint64,bytes,bytes),address)": evidence,
  },
  DecisionChallengeVerifier: {
    ...ownership,
    ...faultLedger,
    [`challengeStaleInstance((${DECISION},bytes),address)`]: evidence,
    [`challengeWrongIdentity((${DECISION},bytes),address)`]: evidence,
  },
  DataAvailabilityChallenge: {
    ...ownership,
    ...faultLedger,
    ...attestation,
    "cancelRequestRulesProposal()": owner,
    "concludeRequest(bytes32)": anyone("drawn segments that nobody served by the deadline"),
    "drawSegments(bytes32)": anyone("the drawing block is past, and its hash can be had"),
    [`enactRequestRules(${REQUEST_RULES})`]: ownerOfProposal,
    "lapseRequest(bytes32)": anyone("segments that nobody drew in time"),
    [`proposeRequestRules(${REQUEST_RULES})`]: { ...owner, demands: "the bounds of a deployment" },
    [`requestData(${SIGNED},bytes,uint32)`]: anyone(
      "the bond, and a commit that the quorum signed",
    ),
    "serveSegments(bytes32,(bytes,bytes32[])[])": anyone("the drawn segments, by the deadline"),
    "withdraw()": anyone("a credit of the caller's own"),
  },
  EigenLayerQuorumVerifier: {},
  OperatorSetRegistry: {
    ...ownership,
    "addEpochSink(address)": owner,
    "deregister()": operator,
    "enactWeight(address)": anyone("what the owner proposed, after the delay"),
    "removeEpochSink(address)": owner,
    [`register(${G1},${G2},${POSSESSION})`]: anyone(
      "a proof of possession that names the caller; gives no weight",
    ),
    [`rotateKey(${G1},${G2},${POSSESSION})`]: operator,
    "setWeight(address,uint128)": { ...owner, demands: "a raise is only proposed" },
    [`startEmergencyEpoch(${G2})`]: owner,
    [`startEpoch(${G2})`]: anyone("the shortest life of an epoch is over; starts what is queued"),
  },
  BlsQuorumVerifier: epochSink,
  BlsStateCommitRegistry: { ...commits, ...epochSink },
  PolicyDataRegistry: {
    "deprecatePolicyData(bytes32,string)": templateOwner,
    "instantiatePolicyData(address,bytes32)": {
      ...client,
      demands: `${client.demands}; the policy registry, which demands the same`,
    },
    [`registerPolicyData(bytes32,(bytes32,bytes32,bytes32,bytes32,bool,bytes32),${PROOFS})`]:
      anyone("inclusion proofs against a retained root; the caller becomes the owner"),
  },
  PolicyRegistry: {
    "deprecateTemplate(bytes32,string)": templateOwner,
    "instantiate((address,bytes32,bytes,bytes32[],uint32))": client,
    "instantiateBundle((address,bytes32,bytes,bytes32[],uint32))": client,
    "instantiateWithParamsLeaf((address,bytes32,bytes32,bytes32[],uint32),(uint64,bytes20,bytes))":
      client,
    "moveCurrentPolicyInstance(address,bytes32)": client,
    [`registerTemplate(bytes32,(bytes32,bytes32,string,uint16,(string,bytes32)[]),${PROOFS})`]:
      anyone("inclusion proofs against a retained root; the caller becomes the owner"),
  },
  StateCommitRegistry: commits,
  StateProofVerifier: {},
  TransitionVerifier: {
    ...ownership,
    ...faultLedger,
    ...attestation,
    [`challengeTransition((${SIGNED},bytes,bytes,bytes32[],bytes,bytes),address)`]: evidence,
  },
};
