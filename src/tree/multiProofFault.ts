/** The faults of multiproofs and updates, in the order of `enum MultiProofFault` (contracts/types/MultiProofFault.sol). */
export const MULTI_PROOF_FAULTS = [
  "None",
  "NoLeaves",
  "TooManyLeaves",
  "KeysNotAscending",
  "ProofTooShort",
  "ProofTooLong",
  "UnknownTerminal",
  "DepthOutOfRange",
  "DepthMismatch",
  "SlotOccupied",
  "ProofKindMismatch",
  "NonCanonicalBitmap",
  "KeyPresent",
  "NotANeighbour",
  "PlaceholderSibling",
  "RootMismatch",
  "OpeningsTooShort",
  "OpeningsTooLong",
  "OpeningMismatch",
  "NewRootMismatch",
] as const;

/** Why a multiproof or an update proves nothing; `None` if it holds. */
export type MultiProofFault = (typeof MULTI_PROOF_FAULTS)[number];
