import type { SeededBug } from "./bug.ts";

const COMMITS = "contracts/StateCommitRegistry.sol";
const GOVERNANCE = "contracts/CommitGovernance.sol";
const RECOVERY = "contracts/CommitRecovery.sol";
const HEAD = "contracts/types/CommitHead.sol";

/** Bugs in how a registry's rules change and its lost state is recovered. */
export const GOVERNANCE_BUGS: readonly SeededBug[] = [
  {
    // A proposal is in force at once, where other rules already were.
    id: "GOV1",
    file: GOVERNANCE,
    find: "(_proposal, _rulesExecutableAt) = (rules, executableAt);",
    replace: "(_proposal, _amendment, _rulesExecutableAt) = (rules, rules, executableAt);",
  },
  { id: "GOV2", file: GOVERNANCE, find: "_requireDue(_rulesExecutableAt);", replace: "" },
  {
    id: "GOV3",
    file: GOVERNANCE,
    find: "if (rulesHash != keccak256(abi.encode(_proposal))) revert NotTheProposal();",
    replace: "",
  },
  {
    id: "GOV4",
    file: GOVERNANCE,
    find: "rules.quorumBps < QUORUM_FLOOR_BPS ||",
    replace: "",
  },
  {
    // Back at the rules of the deployment, commits go on taking the dear path.
    id: "GOV5",
    file: GOVERNANCE,
    find: "bool isAmendment = rulesHash != keccak256(abi.encode(_deployedRules()));",
    replace: "bool isAmendment = true;",
  },
  {
    // By the quorum of the deployment, whatever is in force.
    id: "GOV6",
    file: RECOVERY,
    find: "_requireQuorumBy(rules.verifier, rules.quorumBps, digest, certificate);",
    replace: "_requireQuorumBy(rules.verifier, QUORUM_BPS, digest, certificate);",
  },
  {
    // From whichever root there is, not from the one that the quorum calls lost.
    id: "GOV7",
    file: RECOVERY,
    find: "step.prevStateRoot = recovery.lostStateRoot;",
    replace: "step.prevStateRoot = tryStateRootAt(_currentHead().sequenceNo());",
  },
  {
    id: "GOV8",
    file: RECOVERY,
    find: "_recoveries[i - 1] > sequenceNo",
    replace: "_recoveries[i - 1] >= sequenceNo",
  },
  {
    // A recovery signed as if it were the commit with the same fields.
    id: "GOV9",
    file: RECOVERY,
    find: "return _hashTypedDataV4(CommitMessage.recoveryHash(recovery));",
    replace: `return _hashTypedDataV4(keccak256(abi.encode(
            CommitMessage.STATE_COMMIT_TYPEHASH, uint8(2), recovery.sequenceNo, recovery.lostStateRoot,
            recovery.newStateRoot, recovery.timestamp, recovery.daCertHash, bytes32(0))));`,
  },
  {
    id: "GOV10",
    file: RECOVERY,
    find: "if (_recoveryExecutableAt == 0) revert NothingProposed();",
    replace: "",
  },
  {
    id: "GOV11",
    file: GOVERNANCE,
    find: "function enactRules(CommitRules calldata rules) external onlyOwner {",
    replace: "function enactRules(CommitRules calldata rules) external {",
  },
  {
    id: "GOV12",
    file: HEAD,
    find: "& (PAUSED_BIT | AMENDED_BIT);",
    replace: "& AMENDED_BIT;",
  },
  {
    id: "GOV13",
    file: COMMITS,
    find: "_requireQuorumBy(rules.verifier, rules.quorumBps, digest, certificate);",
    replace: "_requireQuorumBy(VERIFIER, rules.quorumBps, digest, certificate);",
  },
];
