import { CommitError } from "./errors.ts";
import { MAX_HELD_COMMITS } from "./held.ts";
import type { CertifiedCommit } from "./target.ts";

/** How long one chain's certified commits are held back, so that several land with one pairing. */
export interface HoldRules {
  /** 1 to 32. As many are landed together; 1 lands each at once. */
  readonly maxHeldCommits: number;
  /** Age of the oldest at which all are landed, in seconds; 0 lands each at once. */
  readonly maxHeldSeconds: bigint;
}

/** Nothing is held. */
export const LAND_AT_ONCE: HoldRules = { maxHeldCommits: 1, maxHeldSeconds: 0n };

/** An hour: 30 ticks, so that in most cases the number of commits decides. */
export const DEFAULT_HELD_SECONDS = 3_600n;

/** What is held, for those who look on. */
export interface HeldStatus {
  readonly commits: number;
  /** Timestamp of the oldest, in seconds since 1970; nothing if none is held. */
  readonly sinceSeconds: bigint | undefined;
}

/** `rules`, if a lane can follow them. @throws {CommitError} `E_HOLD_RULES` */
export function checkedHoldRules(rules: HoldRules): HoldRules {
  const { maxHeldCommits, maxHeldSeconds } = rules;
  const isCount =
    Number.isInteger(maxHeldCommits) && maxHeldCommits >= 1 && maxHeldCommits <= MAX_HELD_COMMITS;
  if (isCount && maxHeldSeconds >= 0n) return rules;
  const got = `${maxHeldCommits} commits and ${maxHeldSeconds} s`;
  throw new CommitError("E_HOLD_RULES", `expected 1 to ${MAX_HELD_COMMITS} commits, got ${got}`);
}

/**
 * Since when and how many. The age counts from the oldest commit's own timestamp, which is signed: whoever recovers a
 * record from others reads the same age from it.
 */
export function statusOf(held: readonly CertifiedCommit[]): HeldStatus {
  return { commits: held.length, sinceSeconds: held[0]?.commit.timestamp };
}

/** Whether the rules say that what is held is to be landed by now. */
export function isRipe(
  { maxHeldCommits, maxHeldSeconds }: HoldRules,
  { commits, sinceSeconds }: HeldStatus,
  nowSeconds: bigint,
): boolean {
  if (sinceSeconds === undefined) return false;
  return commits >= maxHeldCommits || nowSeconds >= sinceSeconds + maxHeldSeconds;
}
