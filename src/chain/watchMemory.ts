import { toHex } from "../bytes/hex.ts";
import { keccak256 } from "../bytes/keccak.ts";
import type { CommitObservation } from "../challenge/observation.ts";
import type { LedgerName } from "./ledgers.ts";

/** Most commits seen in calls that a watcher remembers; the oldest go first. */
export const MAX_REMEMBERED_COMMITS = 1_024;
/** Most certificates of which a watcher remembers that they count for nothing. */
const MAX_REMEMBERED_REFUSALS = 65_536;

/** What a watcher knows from earlier passes. All of it can be had again: a new memory only costs another look. */
export class WatchMemory {
  /** Newest block whose transactions were looked through; none before the first pass. */
  scannedTo: number | undefined;
  /** Newest block to which each ledger's faults are known. */
  readonly ledgersReadTo = new Map<LedgerName, number>();
  /** Faults whose reward may be due to the challenger, by ledger. */
  readonly ownFaults = new Map<LedgerName, Set<string>>();
  #calls: CommitObservation[] = [];
  readonly #refused = new Set<string>();

  /** Commits that were brought to the registry, whatever became of them. */
  get calls(): readonly CommitObservation[] {
    return this.#calls;
  }

  remember(calls: readonly CommitObservation[]): void {
    this.#calls = [...this.#calls, ...calls].slice(-MAX_REMEMBERED_COMMITS);
  }

  /** Whether this certificate was refused for these digests before. */
  isRefused(digests: readonly Uint8Array[], certificate: Uint8Array): boolean {
    return this.#refused.has(nameOf(digests, certificate));
  }

  refuse(digests: readonly Uint8Array[], certificate: Uint8Array): void {
    if (this.#refused.size >= MAX_REMEMBERED_REFUSALS) this.#refused.clear();
    this.#refused.add(nameOf(digests, certificate));
  }
}

function nameOf(digests: readonly Uint8Array[], certificate: Uint8Array): string {
  return toHex(keccak256(...digests, certificate));
}
