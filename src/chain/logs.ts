import type { Provider } from "ethers";
import { reverts } from "./contracts.ts";
import { ChainError } from "./errors.ts";

/** Event queries over many blocks, in windows that nodes answer. */

/** Blocks asked for in one event query; public nodes refuse much more. */
export const LOG_WINDOW_BLOCKS = 10_000;

/** Blocks from one to another, both included. */
export interface BlockRange {
  readonly fromBlock: number;
  readonly toBlock: number;
}

/** Asks a node for the events of so many blocks, both ends included. */
export type LogQuery<Log> = (fromBlock: number, toBlock: number) => Promise<readonly Log[]>;

type Heads = Pick<Provider, "getBlockNumber">;

/** The blocks from `fromBlock` to the newest one, which is read once. @throws {ChainError} */
export async function blocksFrom(provider: Heads, fromBlock = 0): Promise<BlockRange> {
  return { fromBlock, toBlock: await reverts.run(() => provider.getBlockNumber()) };
}

/** As {@link blocksFrom}, of the node that `contract` speaks to. @throws {ChainError} `E_UNREACHABLE` if there is none */
export async function blocksOf(
  contract: { readonly runner: { readonly provider: Heads | null } | null },
  fromBlock = 0,
): Promise<BlockRange> {
  const provider = contract.runner?.provider;
  if (provider) return await blocksFrom(provider, fromBlock);
  throw new ChainError("E_UNREACHABLE", "the contract is connected to no node", []);
}

/** Every event of `range`, oldest first. @throws {ChainError} if a node refuses a single block, or does not answer */
export async function logsIn<Log>(query: LogQuery<Log>, range: BlockRange): Promise<Log[]> {
  const found: Log[] = [];
  for await (const logs of windowsOf(query, range, false)) found.push(...logs);
  return found;
}

/** The newest event of `range`, searched from its end; nothing if there is none. @throws {ChainError} as {@link logsIn} */
export async function newestLogIn<Log>(
  query: LogQuery<Log>,
  range: BlockRange,
): Promise<Log | undefined> {
  for await (const logs of windowsOf(query, range, true)) {
    const newest = logs.at(-1);
    if (newest !== undefined) return newest;
  }
  return undefined;
}

/**
 * The events at the end of `range`, oldest first, back to one for which `isFirst` holds or to its beginning: those of the
 * window in which that one is, and of all behind it. @throws {ChainError} as {@link logsIn}
 */
export async function logsBackTo<Log>(
  query: LogQuery<Log>,
  range: BlockRange,
  isFirst: (log: Log) => boolean,
): Promise<Log[]> {
  const windows: (readonly Log[])[] = [];
  for await (const logs of windowsOf(query, range, true)) {
    windows.unshift(logs);
    if (logs.some(isFirst)) break;
  }
  return windows.flat();
}

/** A node says in words of its own that a window is too wide: whatever it refuses is asked for by halves. */
async function* windowsOf<Log>(
  query: LogQuery<Log>,
  { fromBlock, toBlock }: BlockRange,
  isNewestFirst: boolean,
): AsyncGenerator<readonly Log[]> {
  let [first, last, width] = [fromBlock, toBlock, LOG_WINDOW_BLOCKS];
  while (first <= last) {
    const from = isNewestFirst ? Math.max(first, last - width + 1) : first;
    const to = isNewestFirst ? last : Math.min(last, first + width - 1);
    let logs: readonly Log[];
    try {
      logs = await query(from, to);
    } catch (cause) {
      const error = reverts.decode(cause);
      if (error.code === "E_UNREACHABLE" || from === to) throw error;
      width = Math.ceil((to - from + 1) / 2);
      continue;
    }
    yield logs;
    if (isNewestFirst) last = from - 1;
    else first = to + 1;
  }
}
