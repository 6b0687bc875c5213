import { equalBytes } from "../bytes/compare.ts";
import { toHex } from "../bytes/hex.ts";
import type { DeltaSource } from "../state/fetch.ts";
import { stageCommit } from "../state/replica.ts";
import type { StagedCommit, StateStore } from "../state/store.ts";
import { CommitError } from "./errors.ts";
import type { HeldCommits } from "./held.ts";
import type { StateCommit } from "./message.ts";
import type { CertifiedCommit, CommitSource, RegistryHead } from "./target.ts";

/** What stands where its chain stands, and ahead of it by the commits held. */
export interface Follower {
  readonly source: CommitSource;
  readonly store: StateStore;
  readonly held: HeldCommits;
  readonly deltas: DeltaSource;
  /** What has been staged for `commit` already, if anything was: its delta need not be fetched again. */
  readonly stagedFor?: (commit: StateCommit) => StagedCommit | undefined;
}

/**
 * Applies what the chain has accepted, forgets the held commits among it, and applies those held that the store lacks: what
 * a crash left between record and store is whole again. Gives the chain's head.
 * @throws {CommitError} `E_FORKED` if the chain has another root than store or record for one number
 * @throws {StateError} {DaError} as `stageCommit`
 */
export async function followChain(follower: Follower): Promise<RegistryHead> {
  const { source, store, held } = follower;
  const head = await source.head();
  if (head.sequenceNo > store.head.sequenceNo) {
    for (const commit of await source.commitsFrom(store.head.sequenceNo + 1n)) {
      // Accepted since the head was read; the next call applies it.
      if (commit.sequenceNo > head.sequenceNo) break;
      if (!equalBytes(commit.prevStateRoot, store.head.stateRoot)) throw forked(commit.sequenceNo);
      await apply(follower, commit);
    }
  }
  const waiting = held.all();
  const isAhead = store.head.sequenceNo > head.sequenceNo;
  const isBridged = waiting.some(({ commit }) => commit.sequenceNo <= head.sequenceNo + 1n);
  // A store that is ahead for no reason may have been restored behind a snapshot; its owner is told that, and not this.
  if (head.sequenceNo > 0n && (!isAhead || isBridged)) {
    assertRoot(follower, head.sequenceNo, head.stateRoot);
  }
  for (const { commit } of waiting) {
    // Roots from before the snapshot that a store was restored from are not kept.
    if (commit.sequenceNo >= store.oldest && commit.sequenceNo <= store.head.sequenceNo) {
      assertRoot(follower, commit.sequenceNo, commit.newStateRoot);
    }
  }
  if (waiting.some(({ commit }) => commit.sequenceNo <= head.sequenceNo)) {
    held.dropThrough(head.sequenceNo);
  }
  for (const { commit } of held.all()) {
    if (commit.sequenceNo === store.head.sequenceNo + 1n) await apply(follower, commit);
  }
  return head;
}

/** Whether store and record are ahead of the chain by exactly the commits held. */
export function isCovered(
  { store, held }: Pick<Follower, "store" | "held">,
  { sequenceNo }: RegistryHead,
): boolean {
  const waiting = held.all();
  const [first] = waiting;
  if (first !== undefined && first.commit.sequenceNo !== sequenceNo + 1n) return false;
  return store.head.sequenceNo === sequenceNo + BigInt(waiting.length);
}

/**
 * Puts a certified commit on record and then into the store; one of the two, or both, may have it already. If its delta
 * is not what the commit says, nothing has changed.
 * @throws {CommitError} as `HeldCommits.put`
 * @throws {StateError} {DaError} as `stageCommit`
 */
export async function adopt(
  follower: Follower,
  certified: CertifiedCommit,
  known?: StagedCommit,
): Promise<void> {
  const { store, held, deltas } = follower;
  const staged = known ?? (await stageCommit(store, deltas, certified.commit));
  held.put(certified);
  if (staged !== undefined) store.commit(staged);
}

async function apply(follower: Follower, commit: StateCommit): Promise<void> {
  const { store, deltas, stagedFor } = follower;
  const staged = stagedFor?.(commit) ?? (await stageCommit(store, deltas, commit));
  if (staged !== undefined) store.commit(staged);
}

function assertRoot(
  { store }: Follower,
  sequenceNo: bigint,
  stateRoot: RegistryHead["stateRoot"],
): void {
  const own = store.rootAt(sequenceNo);
  if (!equalBytes(own, stateRoot)) {
    throw forked(sequenceNo, `: store has ${toHex(own)}, the other is ${toHex(stateRoot)}`);
  }
}

function forked(sequenceNo: bigint, detail = ""): CommitError {
  return new CommitError("E_FORKED", `commit ${sequenceNo} has another history${detail}`);
}
