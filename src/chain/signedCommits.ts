import type { Provider, Result } from "ethers";
import { bytes32 } from "../bytes/brand.ts";
import { fromHex } from "../bytes/hex.ts";
import type { SignedCommit } from "../challenge/signedCommit.ts";
import { commitDigest, type StateCommit } from "../commit/message.ts";
import { type Contracts, reverts } from "./contracts.ts";
import { ChainError } from "./errors.ts";

/**
 * The commit of this number with the certificate under which it landed, read from the transaction that landed it.
 * @throws {ChainError} `E_EVENTS_MISSING` if the node has no such commit, `E_TRANSACTION` if it was landed through another
 *   contract, whose calls are unknown
 */
export async function signedCommitAt(
  { commits }: Pick<Contracts, "commits">,
  provider: Provider,
  sequenceNo: bigint,
  fromBlock = 0,
): Promise<SignedCommit> {
  return await reverts.run(async () => {
    const event =
      commits.filters["StateRootCommitted(uint64,bytes32,bytes32,uint64,bytes32,bytes32)"];
    const [found] = await commits.queryFilter(event(sequenceNo), fromBlock);
    if (found === undefined) {
      throw new ChainError("E_EVENTS_MISSING", `no event of commit ${sequenceNo}`, []);
    }
    const transaction = await found.getTransaction();
    const call = commits.interface.parseTransaction(transaction);
    const { chainId } = await provider.getNetwork();
    const registry = fromHex(await commits.getAddress(), "registry");
    if (call?.name === "commitStateRoot") {
      const [commit, certificate] = call.args;
      return { commit: commitFrom(commit), digests: [], certificate: fromHex(certificate) };
    }
    if (call?.name === "commitStateRoots") {
      const [batch, certificate] = call.args;
      const all = [...batch].map(commitFrom);
      const commit = all.find((each) => each.sequenceNo === sequenceNo);
      const digests = all.map((each) => commitDigest({ chainId, registry }, each));
      if (commit !== undefined) return { commit, digests, certificate: fromHex(certificate) };
    }
    const said = `commit ${sequenceNo} was landed by ${found.transactionHash}, through another contract`;
    throw new ChainError("E_TRANSACTION", said, []);
  });
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
