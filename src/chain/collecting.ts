import { type Announcer, type Claim, claimAnnounced } from "./announcing.ts";
import { reverts } from "./contracts.ts";
import { withdrawCredit } from "./dataRequests.ts";
import { ChainError } from "./errors.ts";
import { landed } from "./landed.ts";
import { LEDGERS, type LedgerName } from "./ledgers.ts";
import { blocksFrom, logsIn } from "./logs.ts";
import type { WatchMemory } from "./watchMemory.ts";

/** What a challenger is owed, taken: faults that it announced, rewards of those it is credited with, credits of requests. */

/** The reward of one fault. */
export interface PaidReward {
  readonly what: "reward";
  readonly ledger: LedgerName;
  readonly faultId: string;
  readonly amountWei: bigint;
  /** None if this is a dry run. */
  readonly transactionHash?: string;
}

/** What requests for data have brought. */
export interface WithdrawnCredit {
  readonly what: "credit";
  readonly ledger: "dataRequests";
  readonly amountWei: bigint;
  /** None if this is a dry run. */
  readonly transactionHash?: string;
}

/** One thing that was collected, or in a dry run would be. */
export type Collected = Claim | PaidReward | WithdrawnCredit;

/** What collecting needs. The contracts must speak as `challenger`: credits go to who asks for them. */
export interface Collector extends Announcer {
  /** Where the contracts' events begin; 0 by default. */
  readonly fromBlock?: number;
}

/** Blocks that a reorganization may change, and that are read again. */
const REREAD_BLOCKS = 64;
/** Somebody paid it in between, or others may still claim the fault. */
const NOT_DUE: ReadonlySet<string> = new Set(["RewardNotDue", "NoReward"]);

/** Claims, has paid and withdraws all that is due now. @throws {ChainError} {ChallengeError} {DurableError} */
export async function collect(
  collector: Collector,
  memory: WatchMemory,
): Promise<readonly Collected[]> {
  const collected: Collected[] = [...(await claimAnnounced(collector))];
  for (const name of LEDGERS) {
    await readOwnFaults(collector, name, memory);
    for (const faultId of memory.ownFaults.get(name) ?? []) {
      const reward = await rewardOf(collector, name, faultId, memory);
      if (reward !== undefined) collected.push(reward);
    }
  }
  const credit = await creditOf(collector);
  return credit === undefined ? collected : [...collected, credit];
}

/** Adds the faults that were recorded for the challenger, or that it claimed, since the ledger was last read. */
async function readOwnFaults(
  { contracts, provider, challenger, fromBlock = 0 }: Collector,
  name: LedgerName,
  memory: WatchMemory,
): Promise<void> {
  const ledger = contracts[name];
  const readTo = memory.ledgersReadTo.get(name);
  const since = readTo === undefined ? fromBlock : Math.max(fromBlock, readTo - REREAD_BLOCKS);
  const range = await blocksFrom(provider, since);
  const proven = ledger.filters.FaultProven();
  const credited = ledger.filters.ChallengerCredited(undefined, challenger);
  const own = memory.ownFaults.get(name) ?? new Set<string>();
  for (const { args } of await logsIn((a, b) => ledger.queryFilter(proven, a, b), range)) {
    if (isSame(args.challenger, challenger)) own.add(args.faultId);
  }
  for (const { args } of await logsIn((a, b) => ledger.queryFilter(credited, a, b), range)) {
    own.add(args.faultId);
  }
  memory.ownFaults.set(name, own);
  memory.ledgersReadTo.set(name, range.toBlock);
}

/** The reward of a fault, if it is due and the challenger's; a fault that brings none any more is forgotten. */
async function rewardOf(
  { contracts, challenger, isDryRun }: Collector,
  name: LedgerName,
  faultId: string,
  memory: WatchMemory,
): Promise<PaidReward | undefined> {
  const ledger = contracts[name];
  const record = await reverts.run(() => ledger.faultRecord(faultId));
  if (record.rewardWei === 0n || !isSame(record.challenger, challenger)) {
    memory.ownFaults.get(name)?.delete(faultId);
    return undefined;
  }
  const reward = { what: "reward", ledger: name, faultId, amountWei: record.rewardWei } as const;
  try {
    return await reverts.run(async () => {
      await ledger.payReward.staticCall(faultId);
      if (isDryRun) return reward;
      const call = await ledger.payReward(faultId);
      return { ...reward, transactionHash: landed(await call.wait()).transactionHash };
    });
  } catch (error) {
    if (error instanceof ChainError && NOT_DUE.has(error.code)) return undefined;
    throw error;
  }
}

async function creditOf(collector: Collector): Promise<WithdrawnCredit | undefined> {
  const { contracts, challenger, isDryRun } = collector;
  const amountWei = await reverts.run(() => contracts.dataRequests.creditOf(challenger));
  if (amountWei === 0n) return undefined;
  const credit = { what: "credit", ledger: "dataRequests", amountWei } as const;
  if (isDryRun) return credit;
  const { transactionHash } = await withdrawCredit(contracts);
  return { ...credit, transactionHash };
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
