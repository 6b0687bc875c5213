import type { Bytes32, DaCertHash, Digest, StateRoot } from "../bytes/brand.ts";
import { tag } from "../bytes/codec.ts";
import { keccak256 } from "../bytes/keccak.ts";
import { type CommitDomain, registryDigest, uintWord } from "./message.ts";

/**
 * What the quorum signs to go on from a root behind which the state is lost (docs/CommitMessage.md), byte for byte as
 * `CommitMessage.sol` makes it. No signer here signs it on demand: operators do so by hand, twice.
 */

/** Hash of the public account of what was lost and why. */
export type ReasonHash = Bytes32<"ReasonHash">;

/** A step forward to a state that the operators still have, as the contracts' `StateRecovery`. */
export interface StateRecovery {
  /** That of the lost commit, and one. */
  readonly sequenceNo: bigint;
  /** The current root. */
  readonly lostStateRoot: StateRoot;
  readonly newStateRoot: StateRoot;
  /** Seconds since 1970 at which the quorum was asked. */
  readonly timestamp: bigint;
  /** Hash of the manifest of what leads from the last state that was not lost to the new one. */
  readonly daCertHash: DaCertHash;
  readonly reasonHash: ReasonHash;
}

const STATE_RECOVERY_TYPEHASH = keccak256(
  tag(
    "StateRecovery(uint64 sequenceNo,bytes32 lostStateRoot,bytes32 newStateRoot,uint64 timestamp,bytes32 daCertHash,bytes32 reasonHash)",
  ),
);

/** EIP-712 digest of `recovery` for one registry on one chain. @throws {CommitError} `E_FIELD` */
export function recoveryDigest(domain: CommitDomain, recovery: StateRecovery): Digest {
  const structHash = keccak256(
    STATE_RECOVERY_TYPEHASH,
    uintWord(recovery.sequenceNo, 64, "sequenceNo"),
    recovery.lostStateRoot,
    recovery.newStateRoot,
    uintWord(recovery.timestamp, 64, "timestamp"),
    recovery.daCertHash,
    recovery.reasonHash,
  );
  return registryDigest(domain, structHash);
}
