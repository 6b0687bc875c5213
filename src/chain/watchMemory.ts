import type { CommitObservation } from "../challenge/observation.ts";
import type { LedgerName } from "./ledgers.ts";

/** Most commits seen in calls that a watcher remembers; the oldest go first. */
export const MAX_REMEMBERED_COMMITS = 1_024;
/** Most pieces of which a watcher remembers that they need no second look. */
const MAX_SETTLED = 65_536;

/** What a watcher knows from earlier passes. All of it can be had again: a new memory only costs another look. */
export class WatchMemory {
  /** Newest block whose transactions were looked through; none before the first pass. */
  scannedTo: number | undefined;
  /** Newest block to which each ledger's faults are known. */
  readonly ledgersReadTo = new Map<LedgerName, number>();
  /** Faults whose reward may be due to the challenger, by ledger. */
  readonly ownFaults = new Map<LedgerName, Set<string>>();
  #calls: CommitObservation[] = [];
  readonly #settled = new Set<string>();

  /** Commits that were brought to the registry, whatever became of them. */
  get calls(): readonly CommitObservation[] {
    return this.#calls;
  }

  remember(calls: readonly CommitObservation[]): void {
    this.#calls = [...this.#calls, ...calls].slice(-MAX_REMEMBERED_COMMITS);
  }

  /** Whether the piece with this id came to nothing before, and would again. */
  isSettled(id: string): boolean {
    return this.#settled.has(id);
  }

  settle(id: string): void {
    if (this.#settled.size >= MAX_SETTLED) this.#settled.clear();
    this.#settled.add(id);
  }
}
