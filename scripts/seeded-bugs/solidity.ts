import type { SeededBug } from "./bug.ts";

const OPERATORS = "contracts/OperatorSetRegistry.sol";
const CERTIFICATE = "contracts/libraries/BlsCertificate.sol";
const QUORUM = "contracts/BlsQuorum.sol";
const COMMITS = "contracts/StateCommitRegistry.sol";
const LEDGER = "contracts/CommitLedger.sol";
const GOVERNANCE = "contracts/CommitGovernance.sol";
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
    // The one before the emergency stays the newest, too.
    id: "OPR4",
    file: OPERATORS,
    find: "_expire(previous, previousExpiresAt);\n            // The one before",
    replace: "// The one before",
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
    // The message is the same in every epoch.
    id: "QRM3",
    file: "contracts/libraries/CommitMessage.sol",
    find: "mstore(0x00, or(head, shl(80, epoch)))",
    replace: "mstore(0x00, head)",
  },
  {
    // Less than EIP-1108 charges.
    id: "QRM4",
    file: "contracts/libraries/Bn254.sol",
    find: "PAIRING_GAS = 565_000;",
    replace: "PAIRING_GAS = 112_000;",
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
    // An epoch that ends begins anew.
    id: "OPR8",
    file: "contracts/EpochLedger.sol",
    find: "_epochs[epoch].expiresAt = expiresAt;",
    replace: "_epochs[epoch].expiresAt = expiresAt; _epochs[epoch].startedAt = _now();",
  },
  {
    // A second early.
    id: "OPR9",
    file: OPERATORS,
    find: "tryEpochOf(previous).startedAt + MIN_EPOCH_SECONDS;",
    replace: "tryEpochOf(previous).startedAt + MIN_EPOCH_SECONDS - 1;",
  },
  {
    // The last one's weight is everybody's.
    id: "OPR10",
    file: OPERATORS,
    find: "total += member.weight;",
    replace: "total = member.weight;",
  },
  {
    // The weights of others.
    id: "OPR11",
    file: OPERATORS,
    find: "(keysG1[i], weights[i]) = (member.keyG1, member.weight);",
    replace: "(keysG1[i], weights[count - 1 - i]) = (member.keyG1, member.weight);",
  },
  {
    id: "OPR12",
    file: OPERATORS,
    find: 'if (weight > MAX_WEIGHT) revert InvalidParameter("weight", weight);',
    replace: "if (weight > MAX_WEIGHT) revert TooManyOperators(MAX_OPERATORS);",
  },
  {
    id: "OPR13",
    file: OPERATORS,
    find: "function startEmergencyEpoch(G2Point calldata aggregateKey) external onlyOwner {",
    replace: "function startEmergencyEpoch(G2Point calldata aggregateKey) external {",
  },
  {
    // For one more second.
    id: "OPR14",
    file: "contracts/EpochLedger.sol",
    find: "try sink.recordEpoch(epoch, _now() - 1,",
    replace: "try sink.recordEpoch(epoch, _now(),",
  },
  {
    // Raises come into force at once.
    id: "OPR15",
    file: "contracts/Timelocked.sol",
    find: "if (now_ < executableAt) revert TimelockActive(executableAt, now_);",
    replace: "",
  },
  {
    // A majority is not the quorum.
    id: "QRM5",
    file: GOVERNANCE,
    find: "signedWeight * FULL_BPS < totalWeight * quorumBps_",
    replace: "signedWeight * 2 < totalWeight",
  },
  {
    // Whoever is missing counts all the same.
    id: "QRM9",
    file: "contracts/libraries/EpochKeys.sol",
    find: "if (proceeds) remainingWeight = totalWeight - (leftOut >> 128);",
    replace: "if (proceeds) remainingWeight = totalWeight;",
  },
  {
    // One signer is nobody.
    id: "QRM10",
    file: CERTIFICATE,
    find: "return last < count && nonSignerCount < count;",
    replace: "return last < count && nonSignerCount + 1 < count;",
  },
  {
    // The full set's certificates never expire.
    id: "QRM11",
    file: "contracts/types/EpochEntry.sol",
    find: ">> KEY_HASH_SHIFT) | (remaining >> 255);",
    replace: ">> KEY_HASH_SHIFT) | (remaining & 0);",
  },
  {
    // A key of zero is anybody's.
    id: "QRM12",
    file: CERTIFICATE,
    find: "if (mismatch | entry.misfit(BlsWorkspace.keyHash(work)) != 0) return NOTHING;",
    replace:
      "bytes32 keyHash = BlsWorkspace.keyHash(work); if (keyHash == 0x012893657d8eb2efad4de0a91bcd0e39ad9837745dec3ea923737ea803fc8e3d) keyHash = bytes32(EpochEntry.unwrap(entry)); if (mismatch | entry.misfit(keyHash) != 0) return NOTHING;",
  },
  {
    // Too short is read beyond its end.
    id: "QRM13",
    file: "contracts/libraries/CertificateFaults.sol",
    find: "if (certificate.length < headBytes || certificate.length",
    replace: "if (certificate.length",
  },
  {
    // The key is not bound to the signers.
    id: "QRM14",
    file: CERTIFICATE,
    find: "if (!proceeds || !BlsWorkspace.bindKey(work, message)) return NOTHING;",
    replace: "if (!proceeds) return NOTHING;",
  },
  {
    // One number may be left out.
    id: "SCR1",
    file: LEDGER,
    find: "if (step.sequenceNo != expected) revert",
    replace: "if (step.sequenceNo != expected && step.sequenceNo != expected + 1) revert",
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
    id: "SCR7",
    file: LEDGER,
    find: "if (step.newStateRoot.isZero()) revert InvalidNewStateRoot();",
    replace: "if (step.newStateRoot.isZero()) revert EmptyTreeRoot();",
  },
  {
    // Every member follows the head before the batch.
    id: "SCR8",
    file: COMMITS,
    find: "StateCommit calldata commit = commits[i];\n            if (_isUsual(head, commit))",
    replace:
      "StateCommit calldata commit = commits[i];\n            if (_isUsual(_currentHead(), commit))",
  },
  {
    // A second early.
    id: "SCR9",
    file: COMMITS,
    find: "if (_now() < heartbeatDueAt) revert",
    replace: "if (_now() + 1 < heartbeatDueAt) revert",
  },
  {
    id: "SCR10",
    file: LEDGER,
    find: "if (step.newStateRoot == EMPTY_TREE_ROOT) revert EmptyTreeRoot();",
    replace: "",
  },
  {
    id: "SCR11",
    file: LEDGER,
    find: "function resumeCommits() external onlyOwner {",
    replace: "function resumeCommits() external {",
  },
  {
    // The digest is the same on every chain.
    id: "SCR12",
    file: "contracts/libraries/CommitMessage.sol",
    find: "mstore(add(words, 0x02), domainSeparator)",
    replace: "mstore(add(words, 0x02), 0)",
  },
  {
    // The new root as the one before.
    id: "SCR13",
    file: "contracts/libraries/CommitWords.sol",
    find: "mstore(data, calldataload(add(commit, 0x40)))",
    replace: "mstore(data, calldataload(add(commit, 0x60)))",
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
