import type { Digest } from "../bytes/brand.ts";
import type { StateCommit } from "../commit/message.ts";

/** A commit with what shows on chain that the quorum signed it: `SignedCommit` of contracts/types/SignedCommit.sol. */
export interface SignedCommit {
  readonly commit: StateCommit;
  /** Empty for a certificate of this commit alone; else the EIP-712 digests of its batch, 32 bytes each, in order. */
  readonly digests: readonly Digest[];
  readonly certificate: Uint8Array;
}
