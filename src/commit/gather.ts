import { equalBytes } from "../bytes/compare.ts";
import type { StateStore } from "../state/store.ts";
import { assertExtends, type CertificateJudge, type CommitTip, notYetHeld } from "./certified.ts";
import { SIGNATURE_TIMEOUT_MS, withTimeout } from "./collect.ts";
import { isSameCommit, MAX_HELD_COMMITS } from "./held.ts";
import type { CertifiedCommit, OperatorClient } from "./target.ts";

/** What an offer of held commits is measured by. */
export interface OfferContext {
  /** The chain's head. */
  readonly tip: CommitTip;
  /** What is held here. */
  readonly own: readonly CertifiedCommit[];
  readonly store: StateStore;
  readonly judge: CertificateJudge;
  /** The latest timestamp that the chain would take, in seconds since 1970. */
  readonly latestSeconds: bigint;
}

/**
 * The longest chain of certified commits behind the chain's head that this gateway or one of the operators has. A quorum
 * has signed each of them; whether it is still the quorum is for the caller to ask. An offer that is wrong in any way
 * costs its sender its place and nobody else.
 */
export async function longestHeld(
  operators: readonly OperatorClient[],
  context: OfferContext,
  timeoutMs = SIGNATURE_TIMEOUT_MS,
): Promise<readonly CertifiedCommit[]> {
  const answers = await Promise.allSettled(
    operators.map(async (operator) =>
      operator.held === undefined
        ? []
        : await withTimeout(operator.held(), timeoutMs, operator.name),
    ),
  );
  let longest = context.own;
  for (const answer of answers) {
    if (answer.status === "rejected") continue;
    const offer = answer.value
      .slice(0, MAX_HELD_COMMITS)
      .filter(({ commit }) => commit.sequenceNo > context.tip.sequenceNo);
    if (offer.length <= longest.length) continue;
    try {
      longest = await accepted(offer, longest, context);
    } catch {
      // A longer, sound one may follow.
    }
  }
  return longest;
}

/** `offer`, with the certificates that are known where it says the same. */
async function accepted(
  offer: readonly CertifiedCommit[],
  known: readonly CertifiedCommit[],
  { tip, store, judge, latestSeconds }: OfferContext,
): Promise<readonly CertifiedCommit[]> {
  const commits = offer.map(({ commit }) => commit);
  assertExtends(tip, commits, latestSeconds);
  const isConsistent =
    known.every(({ commit }, i) => isSameCommit(commit, commits[i] ?? commit)) &&
    commits
      .filter(({ sequenceNo }) => sequenceNo <= store.head.sequenceNo)
      .every(({ sequenceNo, newStateRoot }) => equalBytes(store.rootAt(sequenceNo), newStateRoot));
  if (!isConsistent) return known;
  const longer = [...known, ...offer.slice(known.length)];
  await judge.assertOnceProven(notYetHeld(longer, known));
  return longer;
}
