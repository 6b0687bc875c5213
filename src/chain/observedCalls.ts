import type { Provider, TransactionResponse } from "ethers";
import { type CommitObservation, commitObservation } from "../challenge/observation.ts";
import type { CommitDomain } from "../commit/message.ts";
import { commitsInCall } from "./commitCalls.ts";
import { type Contracts, reverts } from "./contracts.ts";
import { commitDomainOf } from "./signedCommits.ts";
import type { WatchMemory } from "./watchMemory.ts";

/**
 * Certificates in calls of the registry, which are public whether the call succeeded or not: one that lost a race, or that a
 * fork sent. Calls through another contract are not seen.
 */

/** Most blocks looked through in one pass, and how far back the first one starts. */
export const MAX_SCANNED_BLOCKS = 600;
/** Blocks asked for at once. */
const AT_ONCE = 8;
/** Longest call that is looked into: what nodes relay. */
const MAX_CALL_CHARACTERS = 2 + 2 * 131_072;

/** Looks through the blocks since the last pass, and remembers the commits that were brought. @throws {ChainError} */
export async function scanCalls(
  contracts: Pick<Contracts, "commits">,
  provider: Provider,
  memory: WatchMemory,
): Promise<void> {
  const head = await reverts.run(() => provider.getBlockNumber());
  const earliest = Math.max(0, head - MAX_SCANNED_BLOCKS + 1);
  // A chain that was set back is looked through again.
  const last = memory.scannedTo === undefined ? undefined : Math.min(memory.scannedTo, head);
  const first = last === undefined ? earliest : last + 1;
  const to = Math.min(head, first + MAX_SCANNED_BLOCKS - 1);
  const domain = await commitDomainOf(contracts, provider);
  const registry = (await contracts.commits.getAddress()).toLowerCase();
  for (let from = first; from <= to; from += AT_ONCE) {
    const numbers = Array.from({ length: Math.min(AT_ONCE, to - from + 1) }, (_, i) => from + i);
    const blocks = await reverts.run(() =>
      Promise.all(numbers.map((number) => provider.getBlock(number, true))),
    );
    for (const [i, block] of blocks.entries()) {
      // The node does not have it yet: the next pass starts there.
      if (block === null) return;
      const calls = block.prefetchedTransactions.filter((each) => isTo(each, registry));
      memory.remember(calls.flatMap(({ data }) => commitsOf(contracts, domain, data)));
      memory.scannedTo = numbers[i] ?? to;
    }
  }
}

function isTo({ to, data }: TransactionResponse, registry: string): boolean {
  return to?.toLowerCase() === registry && data.length <= MAX_CALL_CHARACTERS;
}

/** Anybody can send the registry anything: what cannot be decoded brings no commit. */
function commitsOf(
  contracts: Pick<Contracts, "commits">,
  domain: CommitDomain,
  data: string,
): readonly CommitObservation[] {
  try {
    return commitsInCall(contracts, domain, data).map((one) => commitObservation(domain, one));
  } catch {
    return [];
  }
}
