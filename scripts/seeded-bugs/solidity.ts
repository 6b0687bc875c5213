import type { SeededBug } from "./bug.ts";

const OPERATORS = "contracts/OperatorSetRegistry.sol";
const CERTIFICATE = "contracts/libraries/BlsCertificate.sol";
const QUORUM = "contracts/BlsQuorum.sol";
const COMMITS = "contracts/StateCommitRegistry.sol";
const LEDGER = "contracts/CommitLedger.sol";
const GOVERNANCE = "contracts/CommitGovernance.sol";
const POLICIES = "contracts/PolicyRegistry.sol";
const POLICY_DATA = "contracts/PolicyDataRegistry.sol";
const CHALLENGES = "contracts/ChallengeVerifier.sol";

/** Bugs in contracts; each costs a compilation. */
export const SOLIDITY_BUGS: readonly SeededBug[] = [
  {
    id: "OPR1",
    file: OPERATORS,
    find: "if (!isProven) revert InvalidProofOfPossession(msg.sender);",
    replace: "",
  },
  {
    // A key is free again when its operator has left.
    id: "OPR2",
    file: OPERATORS,
    find: "if (_keys[keyHash].operator != address(0)) revert",
    replace: "if (!_members[_keys[keyHash].operator].keyG1.isZero()) revert",
  },
  {
    id: "OPR3",
    file: OPERATORS,
    find: "if (!sameSecret) revert AggregateKeyMismatch();",
    replace: "",
  },
  {
    id: "OPR4",
    file: OPERATORS,
    find: "if (_now() < earliestAt) revert EpochTooShort(earliestAt, _now());",
    replace: "",
  },
  {
    // Only the current epoch ends.
    id: "OPR5",
    file: OPERATORS,
    find: "if (tryEpochOf(previous - 1).expiresAt > previousExpiresAt)",
    replace: "if (false)",
  },
  {
    // On the list that a snapshot walks without having weight.
    id: "OPR6",
    file: OPERATORS,
    find: "emit OperatorRegistered(msg.sender, keyG1, keyG2);",
    replace: "_queue.push(msg.sender); emit OperatorRegistered(msg.sender, keyG1, keyG2);",
  },
  {
    id: "QRM1",
    file: QUORUM,
    find: "return (_faultOfBatch(digests, certificate), 0, 0);",
    replace: "return (_faultOfBatch(digests, certificate), 1, 1);",
  },
  {
    // The epoch's highest byte is not read: 256 encodings.
    id: "QRM2",
    file: CERTIFICATE,
    find: "return uint32(wordAt(certificate, 0) >> 224);",
    replace: "return uint32(wordAt(certificate, 0) >> 224) & 0xffffff;",
  },
  {
    id: "QRM3",
    file: "contracts/libraries/CertificateFaults.sol",
    find: "if (!matches) return CertificateFault.MessageMismatch;",
    replace: "",
  },
  {
    id: "QRM4",
    file: "contracts/libraries/Bn254.sol",
    find: "< stipendGas + CALL_MARGIN_GAS",
    replace: "< CALL_MARGIN_GAS",
  },
  {
    // The short way takes a subset's certificate from an epoch that has ended.
    id: "QRM6",
    file: CERTIFICATE,
    find: "if (nonSignerCount > MAX_NON_SIGNERS || entry.isExpired()) return NOTHING;",
    replace: "if (nonSignerCount > MAX_NON_SIGNERS) return NOTHING;",
  },
  {
    // Only the first message of a batch is proven.
    id: "QRM7",
    file: "contracts/libraries/BlsWorkspace.sol",
    find: "return Bn254.addAt(sum);",
    replace: "return place != 0 || Bn254.addAt(sum);",
  },
  {
    // Whatever key is offered is cached.
    id: "QRM8",
    file: "contracts/libraries/SubsetProof.sol",
    find: "if (!sameSecret) return (CertificateFault.AggregateKeyMismatch, 0, 0);",
    replace: "",
  },
  {
    // Sinks hear of new epochs only.
    id: "OPR7",
    file: "contracts/EpochLedger.sol",
    find: "told = oldest == 0 ? epoch : oldest;",
    replace: "told = epoch;",
  },
  {
    // A majority is not the quorum.
    id: "QRM5",
    file: GOVERNANCE,
    find: "signedWeight * FULL_BPS < totalWeight * quorumBps_",
    replace: "signedWeight * 2 < totalWeight",
  },
  {
    id: "SCR1",
    file: LEDGER,
    find: "if (step.sequenceNo != expected) revert",
    replace: "if (step.sequenceNo < expected) revert",
  },
  {
    id: "SCR2",
    file: LEDGER,
    find: "if (!head.isAtRoot(step.prevStateRoot)) {",
    replace: "if (false) {",
  },
  {
    // Off by one second.
    id: "SCR3",
    file: LEDGER,
    find: "if (step.timestamp > latest) revert",
    replace: "if (step.timestamp > latest + 1) revert",
  },
  {
    // One sequence number too many for the ring.
    id: "SCR4",
    file: LEDGER,
    find: "oldest = newest - RETAINED_COUNT + 1;",
    replace: "oldest = newest - RETAINED_COUNT;",
  },
  {
    id: "SCR5",
    file: COMMITS,
    find: "if (isHeartbeat != commit.daCertHash.isZero()) revert",
    replace: "if (isHeartbeat && !commit.daCertHash.isZero()) revert",
  },
  {
    id: "SCR6",
    file: COMMITS,
    find: "if (head.isPaused()) revert CommitsPaused();",
    replace: "",
  },
  {
    id: "POL1",
    file: POLICIES,
    find: "if (proofFault != ProofFault.None || leafFault != LeafFault.None) {",
    replace: "if (leafFault != LeafFault.None) {",
  },
  {
    id: "POL2",
    file: POLICIES,
    find: "if (derived != ref) revert PolicyTemplateRefMismatch(derived, ref);",
    replace: "",
  },
  {
    id: "POL3",
    file: POLICIES,
    find: "if (_templates[ref].registeredAt != 0) return;",
    replace: "",
  },
  {
    // The present instead of the past.
    id: "POL4",
    file: POLICIES,
    find: ".upperLookupRecent(blockNumber)",
    replace: ".latest()",
  },
  {
    // Length and padding come back with the params.
    id: "POL5",
    file: POLICIES,
    find: "Clones.cloneWithImmutableArgs(address(0), params)",
    replace: "Clones.cloneWithImmutableArgs(address(0), abi.encode(params))",
  },
  {
    id: "POL6",
    file: POLICIES,
    find: "if (!ClientAuthority.actsFor(msg.sender, client)) revert NotClient(client, msg.sender);",
    replace: "",
  },
  {
    id: "PDR1",
    file: POLICY_DATA,
    find: "if (proofFault != ProofFault.None || leafFault != LeafFault.None) {",
    replace: "if (leafFault != LeafFault.None) {",
  },
  {
    id: "PDR2",
    file: POLICY_DATA,
    find: "if (derived != ref) revert PolicyDataRefMismatch(derived, ref);",
    replace: "",
  },
  {
    id: "PDR3",
    file: POLICY_DATA,
    find: "if (_templates[ref].registeredAt != 0) return;",
    replace: "",
  },
  {
    // Only the plugin's flags are looked at.
    id: "PDR4",
    file: POLICY_DATA,
    find: "if (got != flags) revert",
    replace: "if (index == 0 && got != flags) revert",
  },
  {
    id: "PDR5",
    file: POLICY_DATA,
    find: "if (!ClientAuthority.actsFor(msg.sender, client)) revert NotClient(client, msg.sender);",
    replace: "",
  },
  {
    id: "CHV2",
    file: CHALLENGES,
    find: "if (_faults[faultId].recordedAt != 0) verdict = Verdict.AlreadyRecorded;",
    replace: "",
  },
  {
    // The form that reverts.
    id: "CHV3",
    file: CHALLENGES,
    find: "STATE_COMMIT_REGISTRY.tryStateRootAt(evidence.laterSequenceNo)",
    replace: "STATE_COMMIT_REGISTRY.stateRootAt(evidence.laterSequenceNo)",
  },
];
