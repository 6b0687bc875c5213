import type { SeededBug } from "./bug.ts";

const TRANSITIONS = "contracts/TransitionVerifier.sol";
const SIGNED = "contracts/SignedCommits.sol";
const REQUESTS = "contracts/DataAvailabilityChallenge.sol";

/** Bugs in the judges of deltas: that they follow, and that they are served. */
export const TRANSITION_BUGS: readonly SeededBug[] = [
  {
    // The first commit's previous root is taken as the chain has it.
    id: "TRC1",
    file: TRANSITIONS,
    find: "commit.prevStateRoot.isZero() ? EMPTY_TREE_ROOT : commit.prevStateRoot",
    replace: "commit.prevStateRoot.isZero() ? commit.newStateRoot : commit.prevStateRoot",
  },
  {
    id: "TRC2",
    file: TRANSITIONS,
    find: "if (_verdictOn(faultId) == Verdict.AlreadyRecorded) {",
    replace: "if (_verdictOn(faultId) == Verdict.Unset) {",
  },
  {
    // A signed commit that does not stand on the chain.
    id: "TRC3",
    file: SIGNED,
    find: "if (newRoot != commit.newStateRoot) return CommitStanding.OtherRoots;",
    replace: "",
  },
  {
    id: "TRC4",
    file: SIGNED,
    find: "if (!_isAmong(digest, signed.digests)) return false;",
    replace: "",
  },
  {
    // By number alone.
    id: "TRC5",
    file: TRANSITIONS,
    find: "commit.sequenceNo,\n                    commit.newStateRoot\n",
    replace: "commit.sequenceNo\n",
  },
  {
    id: "TRC6",
    file: "contracts/libraries/DeltaManifest.sol",
    find: "fault = TransitionFault.SmallDeltaCompressed;",
    replace: "fault = TransitionFault.ManifestCodec;",
  },
  {
    // Whatever has these roots.
    id: "TRC7",
    file: SIGNED,
    find: "if (_attested[digest]) return true;",
    replace: "if (_attested[digest]) return false;",
  },
  {
    // A proof that shows nothing makes no root.
    id: "TRC8",
    file: TRANSITIONS,
    find: "if (proofFault != MultiProofFault.None) return (TransitionVerdict.InvalidUpdateProof, fault);",
    replace: "",
  },
  {
    id: "DAC1",
    file: REQUESTS,
    find: "if (_requests[requestId].requester != address(0)) revert AlreadyRequested();",
    replace: "",
  },
  {
    id: "DAC2",
    file: REQUESTS,
    find: "if (_now() > deadline) revert DeadlinePassed(deadline, _now());",
    replace: "if (_now() > deadline + 1) revert DeadlinePassed(deadline, _now());",
  },
  {
    // Whoever saw the request and announced its fault takes the credit.
    id: "DAC3",
    file: REQUESTS,
    find: "            request.requester,\n            0\n",
    replace: "            request.requester,\n            uint64(block.number)\n",
  },
  {
    id: "DAC4",
    file: REQUESTS,
    find: "if (request.deadline != 0) revert AlreadyDrawn();",
    replace: "",
  },
  {
    id: "DAC5",
    file: REQUESTS,
    find: "delete _credits[msg.sender];",
    replace: "",
  },
  {
    id: "DAC6",
    file: "contracts/libraries/ChunkSegments.sol",
    find: "return taken == siblings.length && rootHash(chunkLength, node) == commitment;",
    replace: "return rootHash(chunkLength, node) == commitment || taken != siblings.length;",
  },
  {
    // By the rules of today.
    id: "DAC7",
    file: REQUESTS,
    find: "request.deadline = _now() + request.rules.windowSeconds;",
    replace: "request.deadline = _now() + requestRules().windowSeconds;",
  },
  {
    id: "DAC8",
    file: REQUESTS,
    find: "_requireSigned(signed);",
    replace: "",
  },
];
