import type { OperatorSet } from "../operators/operatorSet.ts";
import {
  CertificateJudge,
  type CommitTip,
  epochOf,
  hasQuorum,
  notYetHeld,
  tipAfter,
} from "./certified.ts";
import { askToSign, SIGNATURE_TIMEOUT_MS, withTimeout } from "./collect.ts";
import { CommitError } from "./errors.ts";
import { adopt, type Follower } from "./follow.ts";
import { longestHeld } from "./gather.ts";
import {
  checkedHoldRules,
  type HeldStatus,
  type HoldRules,
  isRipe,
  statusOf,
} from "./holdRules.ts";
import { type Landing, landHeld } from "./landing.ts";
import type {
  CertifiedCommit,
  CommitTarget,
  OperatorClient,
  RegistryHead,
  RegistryRules,
} from "./target.ts";

/** A chain at one moment of a tick. */
export interface ChainView {
  readonly head: RegistryHead;
  readonly rules: RegistryRules;
  /** The newest operator set. */
  readonly set: OperatorSet;
  readonly judge: CertificateJudge;
}

/** What holding commits back takes. */
export interface HoldingParts extends Omit<Follower, "source"> {
  readonly target: CommitTarget;
  readonly operators: readonly OperatorClient[];
  /** Seconds since 1970. */
  readonly now: () => bigint;
}

/** The commits that one lane holds back: when they land, and how they outlive whoever holds them. */
export class Holding {
  readonly #parts: HoldingParts;
  readonly #follower: Follower;
  readonly #rules: HoldRules;
  #isAwaited = false;

  /** @throws {CommitError} `E_HOLD_RULES` */
  constructor(parts: HoldingParts, rules: HoldRules) {
    this.#parts = parts;
    this.#follower = { ...parts, source: parts.target };
    this.#rules = checkedHoldRules(rules);
  }

  /** @throws {CommitError} `E_HELD_CORRUPT` */
  get status(): HeldStatus {
    return statusOf(this.#parts.held.all());
  }

  /** Somebody waits for the newest root, until it is landed. */
  markAwaited(): void {
    this.#isAwaited = true;
  }

  /** Nobody waits any more: the chain has everything. */
  endWait(): void {
    this.#isAwaited = false;
  }

  /** The chain as it is now. */
  async view(): Promise<ChainView> {
    const { target } = this.#parts;
    const [head, rules] = [await target.head(), await target.rules()];
    const set = await target.operatorSet();
    return { head, rules, set, judge: new CertificateJudge(target, head, rules) };
  }

  /** What the next commit extends. */
  tip({ head }: ChainView): CommitTip {
    const last = this.#parts.held.all().at(-1);
    return last === undefined ? head : tipAfter(last.commit);
  }

  /**
   * Brings record and store to the longest chain of certified commits that anybody has, each with a certificate that the
   * chain takes: a gateway that lost its own gets them from the operators, and what an epoch's end has made void is signed
   * again. What others hold and is not signed again is not adopted.
   * @throws {CommitError} `E_HELD_EXPIRED` if this gateway's own is not signed again
   * @throws as `adopt`
   */
  async complete(view: ChainView): Promise<void> {
    const { held, operators, store, now } = this.#parts;
    const own = held.all();
    const { head: tip, judge } = view;
    const latestSeconds = now() + view.rules.maxSkewSeconds;
    const longest = await longestHeld(operators, { tip, own, store, judge, latestSeconds });
    const renewed = await this.#renew(view, longest, own.length);
    for (const each of notYetHeld(renewed, own)) await adopt(this.#follower, each);
  }

  /** Whether landing comes before the next commit: no more may be held, or other operators will sign the next one. */
  mustLandFirst(view: ChainView): boolean {
    const { commits } = this.status;
    return commits > 0 && (commits >= this.#rules.maxHeldCommits || this.#hasOldEpoch(view));
  }

  /** Whether what is held is to be landed in this tick. */
  isDue(view: ChainView): boolean {
    const { status } = this;
    if (status.commits === 0) return false;
    return (
      this.#isAwaited ||
      isRipe(this.#rules, status, this.#parts.now()) ||
      this.isHeartbeatDue(view) ||
      this.#hasOldEpoch(view)
    );
  }

  /** Whether the chain has accepted nothing for the heartbeat interval. */
  isHeartbeatDue({ head, rules }: ChainView): boolean {
    return head.sequenceNo > 0n && this.#parts.now() >= head.acceptedAt + rules.heartbeatSeconds;
  }

  /** Lands what is held; what does not land is handed to the operators. @throws as `landHeld` */
  async land(): Promise<Landing> {
    try {
      const landing = await landHeld(this.#parts.target, this.#parts.held);
      this.endWait();
      return landing;
    } catch (error) {
      await this.spread();
      throw error;
    }
  }

  /** Hands the operators what is held, so that it outlives this gateway; gives the number of those that keep it. */
  async spread(): Promise<number> {
    const { operators, held } = this.#parts;
    const certified = held.all();
    const answers = await Promise.allSettled(
      operators
        .filter(({ hold }) => hold !== undefined)
        .map(async (each) => {
          const kept = Promise.resolve(each.hold?.(certified));
          await withTimeout(kept, SIGNATURE_TIMEOUT_MS, each.name);
        }),
    );
    return answers.filter(({ status }) => status === "fulfilled").length;
  }

  /**
   * `held`, the same commits, under certificates that the chain takes now; those behind the first `mustCount` as far as
   * they are signed again. @throws {CommitError} `E_HELD_EXPIRED`
   */
  async #renew(
    view: ChainView,
    held: readonly CertifiedCommit[],
    mustCount: number,
  ): Promise<readonly CertifiedCommit[]> {
    const { target, operators, now } = this.#parts;
    const renewed: CertifiedCommit[] = [];
    for (const each of held) {
      if (await view.judge.isLive(each, now())) {
        renewed.push(each);
        continue;
      }
      const { commit } = each;
      const asked = { commit, set: view.set, held: renewed };
      const signatures = await askToSign(target, asked, operators);
      const { certificate, signedWeight, totalWeight, refusals } = signatures;
      if (certificate === undefined || !hasQuorum(signatures, view.rules.quorumBps)) {
        if (renewed.length >= mustCount) break;
        const reasons = refusals.map(({ name, code }) => `${name}: ${code}`).join("; ");
        const said = `${signedWeight} of ${totalWeight} signed it again (${reasons})`;
        throw new CommitError("E_HELD_EXPIRED", `held commit ${commit.sequenceNo}: ${said}`);
      }
      renewed.push({ commit, certificate });
    }
    return renewed;
  }

  #hasOldEpoch({ set }: ChainView): boolean {
    return this.#parts.held.all().some((each) => epochOf(each) !== set.epoch);
  }
}
