import type { StateRoot } from "../bytes/brand.ts";
import { compareBytes, equalBytes } from "../bytes/compare.ts";
import type { CertifiedCommit, EquivocationEvidence } from "./evidence.ts";

/**
 * Two roots that were certified for one number, among commits that were observed. Only roots that differ are a fault: a root
 * may be signed again with another time, and what a recovery has put in a commit's place no certificate of a commit shows.
 */

/** What is observed of one number whose roots are not all the same. */
export interface Contested {
  readonly sequenceNo: bigint;
  readonly certified: readonly CertifiedCommit[];
  /** The root that the chain has; nothing if there is none of this number yet. */
  readonly landedRoot: StateRoot | undefined;
}

/** The root that the chain has under a number; nothing if it has none yet. */
export type LandedRoots = (sequenceNo: bigint) => StateRoot | undefined;

/** Most pairs of certificates that are tried for one pair of roots. */
export const MAX_PAIRS = 16;

/** Bytes of evidence that a certified commit takes, but for the commit. */
function evidenceBytes({ certificate, before, behind }: CertifiedCommit): number {
  return certificate.length + 32 * (before.length + behind.length);
}

function bySize(a: CertifiedCommit, b: CertifiedCommit): number {
  return evidenceBytes(a) - evidenceBytes(b) || compareBytes(a.certificate, b.certificate);
}

/** The numbers under which something else was observed than landed, or two roots where nothing has landed. */
export function contestedIn(
  observed: readonly CertifiedCommit[],
  landed: LandedRoots,
): readonly Contested[] {
  return [...byNumber(observed)].flatMap(([sequenceNo, certified]) => {
    const landedRoot = landed(sequenceNo);
    const root = landedRoot ?? certified[0]?.commit.newStateRoot;
    if (root === undefined) return [];
    const isOne = certified.every(({ commit }) => equalBytes(commit.newStateRoot, root));
    return isOne ? [] : [{ sequenceNo, certified, landedRoot }];
  });
}

/**
 * Evidence against who signed the roots of a contested number: for each root that is not the landed one (or, where none is,
 * the one with the least certificate) a list of pairs that show it, the smallest first. `certified` are those whose
 * certificates count. None where only one root has such a certificate.
 */
export function equivocationsIn(
  { landedRoot }: Pick<Contested, "landedRoot">,
  certified: readonly CertifiedCommit[],
): readonly (readonly EquivocationEvidence[])[] {
  const sides = byRoot([...certified].sort(bySize));
  const isLanded = (side: readonly CertifiedCommit[]) =>
    landedRoot !== undefined && equalBytes(side[0]?.commit.newStateRoot ?? landedRoot, landedRoot);
  const base = sides.find(isLanded) ?? sides[0];
  if (base === undefined) return [];
  return sides.filter((side) => side !== base).map((side) => pairsOf(base, side));
}

function pairsOf(
  ones: readonly CertifiedCommit[],
  others: readonly CertifiedCommit[],
): readonly EquivocationEvidence[] {
  return ones
    .slice(0, MAX_PAIRS)
    .flatMap((one) => others.slice(0, MAX_PAIRS).map((other) => ({ one, other })))
    .sort((a, b) => bytesOf(a) - bytesOf(b))
    .slice(0, MAX_PAIRS)
    .map((pair) => ({ kind: "equivocation", ...pair }));
}

function bytesOf({ one, other }: Pick<EquivocationEvidence, "one" | "other">): number {
  return evidenceBytes(one) + evidenceBytes(other);
}

function byNumber(observed: readonly CertifiedCommit[]): Map<bigint, CertifiedCommit[]> {
  const numbers = new Map<bigint, CertifiedCommit[]>();
  for (const certified of observed) {
    const { sequenceNo } = certified.commit;
    const same = numbers.get(sequenceNo);
    if (same === undefined) numbers.set(sequenceNo, [certified]);
    else same.push(certified);
  }
  return numbers;
}

function byRoot(certified: readonly CertifiedCommit[]): readonly CertifiedCommit[][] {
  const sides: CertifiedCommit[][] = [];
  for (const each of certified) {
    const { newStateRoot } = each.commit;
    const side = sides.find(([one]) => one && equalBytes(one.commit.newStateRoot, newStateRoot));
    if (side === undefined) sides.push([each]);
    else side.push(each);
  }
  return sides;
}
