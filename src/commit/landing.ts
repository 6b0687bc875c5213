import { type HeldCommits, isSameCommit } from "./held.ts";
import type { CertifiedCommit, CommitTarget, LandedCommit } from "./target.ts";

/** What landing came to. */
export interface Landing {
  /** Number of commits that the chain has now and had not before. */
  readonly commits: number;
  /** This lane's own transactions; none if another sender came first. */
  readonly transactions: readonly LandedCommit[];
  /** Of all of them. */
  readonly gasUsed: bigint;
}

export const NOTHING_LANDED: Landing = { commits: 0, transactions: [], gasUsed: 0n };

/**
 * Lands all that is held, in as few transactions as signer sets allow, and forgets what is on chain. If another sender
 * landed the same commits first, that is a success too. When it rejects, what landed stays and the rest is still held.
 * @throws as `CommitTarget.landAll`
 */
export async function landHeld(target: CommitTarget, held: HeldCommits): Promise<Landing> {
  let landing = NOTHING_LANDED;
  for (let waiting = held.all(); waiting.length > 0; waiting = held.all()) {
    let transactions: readonly LandedCommit[] = [];
    let landed = waiting;
    try {
      transactions = await target.landAll(waiting);
    } catch (error) {
      landed = await landedOf(target, waiting);
      // Each round leaves fewer, so there are no more rounds than commits.
      if (landed.length === 0) throw error;
    }
    const last = landed.at(-1);
    if (last !== undefined) held.dropThrough(last.commit.sequenceNo);
    landing = bothLandings(landing, landingOf(landed.length, transactions));
  }
  return landing;
}

/** Two landings as one. */
export function bothLandings(a: Landing, b: Landing): Landing {
  return landingOf(a.commits + b.commits, [...a.transactions, ...b.transactions]);
}

function landingOf(commits: number, transactions: readonly LandedCommit[]): Landing {
  const gasUsed = transactions.reduce((sum, transaction) => sum + transaction.gasUsed, 0n);
  return { commits, transactions, gasUsed };
}

/** Those at the front of `waiting` that the chain has accepted, by whomever they were sent. */
async function landedOf(
  target: CommitTarget,
  waiting: readonly CertifiedCommit[],
): Promise<readonly CertifiedCommit[]> {
  const [first] = waiting;
  if (first === undefined) return [];
  const accepted = await target.commitsFrom(first.commit.sequenceNo);
  let count = 0;
  for (const { commit } of waiting) {
    const other = accepted[count];
    if (other === undefined || !isSameCommit(other, commit)) break;
    count++;
  }
  return waiting.slice(0, count);
}
