import type { SeededBug } from "./bug.ts";

const LEDGER = "contracts/FaultLedger.sol";
const TREE = "contracts/TreeChallenges.sol";
const EQUIVOCATION = "contracts/EquivocationChallenges.sol";
const REGISTRATION = "contracts/RegistrationChallenges.sol";
const DECISIONS = "contracts/DecisionChallengeVerifier.sol";
const IDENTITY = "contracts/libraries/DecisionIdentity.sol";

/** Bugs in the judges of faults and their ledger; each costs a compilation. */
export const CHALLENGE_BUGS: readonly SeededBug[] = [
  {
    id: "CHV2",
    file: LEDGER,
    find: "return _faults[faultId].recordedAt == 0 ? Verdict.Proven : Verdict.AlreadyRecorded;",
    replace: "return Verdict.Proven;",
  },
  {
    // The form that reverts.
    id: "CHV3",
    file: TREE,
    find: "return STATE_COMMIT_REGISTRY.tryStateRootAt(sequenceNo);",
    replace: "return STATE_COMMIT_REGISTRY.stateRootAt(sequenceNo);",
  },
  {
    // Who signed either root.
    id: "CHV5",
    file: EQUIVOCATION,
    find: "uint256 equivocators = named & _signers",
    replace: "uint256 equivocators = named | _signers",
  },
  {
    id: "CHV6",
    file: LEDGER,
    find: "if (isAccepted) record.isHookTold = true;",
    replace: "require(isAccepted); record.isHookTold = true;",
  },
  {
    id: "CHV7",
    file: LEDGER,
    find: "if (gasleft() < GAS_BEFORE_HOOK) revert InsufficientHookGas(GAS_BEFORE_HOOK, gasleft());",
    replace: "",
  },
  {
    id: "CHV8",
    file: LEDGER,
    find: "function retryHook(bytes32 faultId) external nonReentrant returns",
    replace: "function retryHook(bytes32 faultId) external returns",
  },
  {
    id: "CHV9",
    file: LEDGER,
    find: "record.rewardWei = 0;",
    replace: "",
  },
  {
    // Announcing what is in the mempool is early enough.
    id: "CHV10",
    file: LEDGER,
    find: "announcedIn >= record.announcedIn",
    replace: "announcedIn > record.announcedIn",
  },
  {
    id: "CHV11",
    file: IDENTITY,
    find: "uint8(0x02),",
    replace: "uint8(0x01),",
  },
  {
    // One basis point below.
    id: "CHV12",
    file: "contracts/QuorumEvidence.sol",
    find: "signedWeight * FULL_BPS < totalWeight * quorumBps",
    replace: "signedWeight * FULL_BPS < totalWeight * (quorumBps - 1)",
  },
  {
    id: "CHV13",
    file: EQUIVOCATION,
    find: "if (root == rival) return (Verdict.NoFault, bytes32(0));",
    replace: "",
  },
  {
    // Proofs against roots from before a recovery are forgotten.
    id: "CHV14",
    file: REGISTRATION,
    find: "recoveredAt + RETAINED_COUNT > registration.sequenceNo + 1",
    replace: "recoveredAt > registration.sequenceNo",
  },
  {
    id: "CHV15",
    file: REGISTRATION,
    find: "registry, key, contentHash)",
    replace: "registry, key, registration.ref)",
  },
  {
    id: "CHV16",
    file: "contracts/FaultGovernance.sol",
    find: "_requireDue(_rulesExecutableAt);",
    replace: "",
  },
  {
    id: "CHV17",
    file: EQUIVOCATION,
    find: "if (StateRoot.unwrap(rival) < StateRoot.unwrap(root)) (root, rival) = (rival, root);",
    replace: "",
  },
  {
    id: "CHV18",
    file: IDENTITY,
    find: "actual = templateRefOf(decision);",
    replace: "actual = signed;",
  },
  {
    id: "CHV19",
    file: DECISIONS,
    find: "evidence.decision.referenceBlock >= block.number",
    replace: "evidence.decision.referenceBlock > block.number",
  },
  {
    id: "CHV20",
    file: TREE,
    find: "if (root.isZero()) return",
    replace: "if (false) return",
  },
  {
    // A record with other bytes than the leaf's is a loss.
    id: "CHV21",
    file: TREE,
    find: "if (_showsLeaf(proof)) return _isIncluded(root, key, LeafRecord.valueHashOf(record), proof);",
    replace: "if (_showsLeaf(proof)) return true;",
  },
  {
    // The other side is taken on trust.
    id: "CHV22",
    file: EQUIVOCATION,
    find: "if (verdict == Verdict.Proven) verdict = _judgeCertified(evidence.other);",
    replace: "",
  },
  {
    // By what is current now.
    id: "CHV23",
    file: DECISIONS,
    find: "POLICY_REGISTRY.policyInstanceAt(decision.client, decision.referenceBlock)",
    replace: "POLICY_REGISTRY.currentPolicyInstance(decision.client)",
  },
  {
    // The same wei for two.
    id: "CHV24",
    file: LEDGER,
    find: "Math.min(rules.rewardWei, freePoolWei())",
    replace: "Math.min(rules.rewardWei, address(this).balance)",
  },
  {
    // Roots from before the deployment, which need not have the params.
    id: "CHV25",
    file: REGISTRATION,
    find: "ref: PolicyInstanceId.unwrap(id),\n            sequenceNo: record.sequenceNo,",
    replace: "ref: PolicyInstanceId.unwrap(id),\n            sequenceNo: 0,",
  },
];
