import type { SeededBug } from "./bug.ts";

const PROOF = "contracts/libraries/JellyfishMerkleProof.sol";
const WALK = "contracts/libraries/MultiProofWalk.sol";

/** The bugs behind others' incidents, made again. */
export const INCIDENT_BUGS: readonly SeededBug[] = [
  {
    id: "INC1",
    file: PROOF,
    find: "if (bitmap >> depth != 0) return (ProofFault.NonCanonicalBitmap, 0, 0, 0);",
    replace: "",
  },
  {
    id: "INC2",
    file: "contracts/CommitLedger.sol",
    find: "if (step.newStateRoot.isZero()) revert InvalidNewStateRoot();",
    replace: "",
  },
  {
    // A leaf is hashed as an inner node is.
    id: "INC3",
    file: PROOF,
    find: `mstore(preimage, "JMT::LeafNode")
            mstore(add(preimage, 0x0d), key)
            mstore(add(preimage, 0x2d), valueHash)
            hash := keccak256(preimage, 0x4d)`,
    replace: `mstore(preimage, "JMT::IntrnalNode")
            mstore(add(preimage, 0x10), key)
            mstore(add(preimage, 0x30), valueHash)
            hash := keccak256(preimage, 0x50)`,
  },
  {
    id: "INC4",
    file: PROOF,
    find: "if (proof.length > wanted) return (ProofFault.ProofTooLong, 0, 0, 0);",
    replace: "",
  },
  {
    id: "INC5",
    file: WALK,
    find: "if (claimCount == 0) return (MultiProofFault.NoLeaves, walk);",
    replace: "",
  },
  {
    id: "INC6",
    file: PROOF,
    find: "if (depth > MAX_DEPTH) return (ProofFault.DepthOutOfRange, 0, 0, 0);",
    replace: "",
  },
  {
    id: "INC7",
    file: PROOF,
    find: "if ((terminal == TERMINAL_OWN_LEAF) != isInclusion) {",
    replace: "if (false) {",
  },
  {
    id: "INC8",
    file: WALK,
    find: "if (key <= previous) return false;",
    replace: "if (key < previous) return false;",
  },
];
