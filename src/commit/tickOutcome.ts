import { isZero } from "../bytes/compare.ts";
import type { CollectedSignatures } from "./collect.ts";
import type { HeldStatus } from "./holdRules.ts";
import type { Landing } from "./landing.ts";
import type { StateCommit } from "./message.ts";

/** A commit that a tick has proposed. */
export interface MadeCommit {
  readonly commit: StateCommit;
  readonly leafCount: number;
  readonly signatures: CollectedSignatures;
  readonly quorumBps: number;
  /** Whether it was certified, and so recorded as held. */
  readonly hasQuorum: boolean;
}

/** What every tick says of the commits held back. */
interface HeldOutcome {
  /** What is held when the tick ends. */
  readonly held: HeldStatus;
  /** What it landed: held before, or made by it. */
  readonly landed: Landing;
}

/**
 * What a tick came to on one chain: `skipped` nothing was to be done; `landed` nothing new, but what was held is on chain;
 * `held` a new commit is certified and held back; `committed` or `heartbeat` a new one is on chain, with all held before it.
 */
export type TickOutcome = HeldOutcome &
  (
    | {
        readonly status: "skipped";
        /** Of the newest commit, on chain or held. */
        readonly sequenceNo: bigint;
      }
    | {
        readonly status: "landed";
        readonly sequenceNo: bigint;
      }
    | {
        readonly status: "committed" | "heartbeat";
        readonly commit: StateCommit;
        readonly leafCount: number;
        readonly signatures: CollectedSignatures;
      }
    | {
        readonly status: "held";
        readonly commit: StateCommit;
        readonly leafCount: number;
        readonly signatures: CollectedSignatures;
        /** Operators that have said that they keep it. */
        readonly keepers: number;
      }
    | {
        readonly status: "no-quorum";
        readonly commit: StateCommit;
        readonly signatures: CollectedSignatures;
        readonly quorumBps: number;
      }
  );

/** The outcome of a tick that made `made`, or nothing. */
export function outcomeOf(
  made: MadeCommit | undefined,
  tick: HeldOutcome & { readonly sequenceNo: bigint; readonly keepers: number },
): TickOutcome {
  const { held, landed, sequenceNo, keepers } = tick;
  if (made === undefined) {
    const status = landed.commits > 0 ? "landed" : "skipped";
    return { status, sequenceNo, held, landed };
  }
  const { commit, leafCount, signatures, quorumBps } = made;
  if (!made.hasQuorum) return { status: "no-quorum", commit, signatures, quorumBps, held, landed };
  if (held.commits > 0) {
    return { status: "held", commit, leafCount, signatures, keepers, held, landed };
  }
  const status = isZero(commit.daCertHash) ? "heartbeat" : "committed";
  return { status, commit, leafCount, signatures, held, landed };
}
