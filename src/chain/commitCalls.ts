import type { Result } from "ethers";
import { bytes32 } from "../bytes/brand.ts";
import { fromHex } from "../bytes/hex.ts";
import type { SignedCommit } from "../challenge/signedCommit.ts";
import { type CommitDomain, commitDigest, type StateCommit } from "../commit/message.ts";
import type { Contracts } from "./contracts.ts";

/**
 * The commits that a call of the registry brings, each with its certificate, whether the call succeeded or not; none if it
 * is another call. Throws what ethers throws at bytes that are no arguments.
 */
export function commitsInCall(
  { commits }: Pick<Contracts, "commits">,
  domain: CommitDomain,
  data: string,
): readonly SignedCommit[] {
  const call = commits.interface.parseTransaction({ data });
  if (call?.name === "commitStateRoot") {
    const [commit, certificate] = call.args;
    return [{ commit: commitFrom(commit), digests: [], certificate: fromHex(certificate) }];
  }
  if (call?.name !== "commitStateRoots") return [];
  const [batch, certificate] = call.args;
  const all = [...batch].map(commitFrom);
  const digests = all.map((each) => commitDigest(domain, each));
  return all.map((commit) => ({ commit, digests, certificate: fromHex(certificate) }));
}

function commitFrom(fields: Result): StateCommit {
  return {
    version: Number(fields.version),
    sequenceNo: BigInt(fields.sequenceNo),
    prevStateRoot: bytes32(fields.prevStateRoot),
    newStateRoot: bytes32(fields.newStateRoot),
    timestamp: BigInt(fields.timestamp),
    daCertHash: bytes32(fields.daCertHash),
    pcr0Commitment: bytes32(fields.pcr0Commitment),
  };
}
