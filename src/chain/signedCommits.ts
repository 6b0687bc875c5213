import type { Provider } from "ethers";
import { fromHex } from "../bytes/hex.ts";
import type { SignedCommit } from "../challenge/signedCommit.ts";
import type { CommitDomain } from "../commit/message.ts";
import { commitsInCall } from "./commitCalls.ts";
import { type Contracts, reverts } from "./contracts.ts";
import { ChainError } from "./errors.ts";
import { blocksFrom, newestLogIn } from "./logs.ts";

type Commits = Pick<Contracts, "commits">;

/** The registry that `contracts` name, as digests have it. @throws {ChainError} */
export async function commitDomainOf(
  { commits }: Commits,
  provider: Provider,
): Promise<CommitDomain> {
  return await reverts.run(async () => {
    const { chainId } = await provider.getNetwork();
    return { chainId, registry: fromHex(await commits.getAddress(), "registry") };
  });
}

/**
 * The commit of this number with the certificate under which it landed, read from the transaction that landed it.
 * @throws {ChainError} `E_EVENTS_MISSING` if the node has no such commit, `E_TRANSACTION` if it was landed through another
 *   contract, whose calls are unknown
 */
export async function signedCommitAt(
  contracts: Commits,
  provider: Provider,
  sequenceNo: bigint,
  fromBlock = 0,
): Promise<SignedCommit> {
  const { commits } = contracts;
  const event =
    commits.filters["StateRootCommitted(uint64,bytes32,bytes32,uint64,bytes32,bytes32)"];
  const filter = event(sequenceNo);
  const found = await newestLogIn(
    (from, to) => commits.queryFilter(filter, from, to),
    await blocksFrom(provider, fromBlock),
  );
  if (found === undefined) {
    throw new ChainError("E_EVENTS_MISSING", `no event of commit ${sequenceNo}`, []);
  }
  const domain = await commitDomainOf(contracts, provider);
  return await reverts.run(async () => {
    const { data } = await found.getTransaction();
    const signed = commitsInCall(contracts, domain, data);
    const own = signed.find(({ commit }) => commit.sequenceNo === sequenceNo);
    if (own !== undefined) return own;
    const said = `commit ${sequenceNo} was landed by ${found.transactionHash}, through another contract`;
    throw new ChainError("E_TRANSACTION", said, []);
  });
}
