/** The faults of a range proof, in the order in which they are looked for (docs/StateTree.md, "Range proofs"). */
export const RANGE_PROOF_FAULTS = [
  "None",
  "IntervalInverted",
  "LeavesNotAscending",
  "LeafOutOfRange",
  "ProofTooShort",
  "ProofTooLong",
  "DepthOutOfRange",
  "DepthMismatch",
  "UnknownTerminal",
  "NonCanonicalBitmap",
  "PlaceholderSibling",
  "SlotOccupied",
  "NotANeighbour",
  "OtherLeafInside",
  "RootMismatch",
] as const;

/** Why a range proof proves nothing; `None` if it holds. */
export type RangeProofFault = (typeof RANGE_PROOF_FAULTS)[number];
