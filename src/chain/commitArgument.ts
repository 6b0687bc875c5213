import { toHex } from "../bytes/hex.ts";
import type { StateCommit } from "../commit/message.ts";

/** The ABI form of a commit. */
export function commitArgument(commit: StateCommit) {
  return {
    version: commit.version,
    sequenceNo: commit.sequenceNo,
    prevStateRoot: toHex(commit.prevStateRoot),
    newStateRoot: toHex(commit.newStateRoot),
    timestamp: commit.timestamp,
    daCertHash: toHex(commit.daCertHash),
    pcr0Commitment: toHex(commit.pcr0Commitment),
  };
}
