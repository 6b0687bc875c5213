/** The faults of a proof, in the order of `enum ProofFault` (contracts/types/ProofFault.sol), which explains each. */
export const PROOF_FAULTS = [
  "None",
  "ProofTooShort",
  "ProofTooLong",
  "UnknownTerminal",
  "ProofKindMismatch",
  "DepthOutOfRange",
  "NonCanonicalBitmap",
  "PlaceholderSibling",
  "KeyPresent",
  "NotANeighbour",
  "RootMismatch",
] as const;

/** Why a proof proves nothing; `None` if it holds. */
export type ProofFault = (typeof PROOF_FAULTS)[number];
