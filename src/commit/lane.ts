import { bytes32, type DaCertHash, zero32 } from "../bytes/brand.ts";
import type { DataAvailability } from "../state/dataAvailability.ts";
import { MAX_COMMIT_BYTES } from "../state/delta.ts";
import type { DeltaSource } from "../state/fetch.ts";
import { publishDelta } from "../state/publish.ts";
import type { LeafWrite } from "../state/stage.ts";
import type { StagedCommit, StateStore } from "../state/store.ts";
import { type CommitTip, hasQuorum } from "./certified.ts";
import { askToSign } from "./collect.ts";
import { CommitError } from "./errors.ts";
import { adopt, type Follower, followChain, isCovered } from "./follow.ts";
import type { HeldCommits } from "./held.ts";
import { type ChainView, Holding } from "./holding.ts";
import { type HeldStatus, type HoldRules, LAND_AT_ONCE } from "./holdRules.ts";
import type { IntakeJournal, PendingLeaf } from "./journal.ts";
import { bothLandings, type Landing, NOTHING_LANDED } from "./landing.ts";
import { COMMIT_VERSION, type StateCommit } from "./message.ts";
import type { CertifiedCommit, CommitTarget, OperatorClient } from "./target.ts";
import { type MadeCommit, outcomeOf, type TickOutcome } from "./tickOutcome.ts";

export type { TickOutcome } from "./tickOutcome.ts";

/** What a gateway needs to commit for one chain. */
export interface LaneParts {
  readonly target: CommitTarget;
  readonly store: StateStore;
  readonly journal: IntakeJournal;
  /** Certified commits that the chain does not have yet. */
  readonly held: HeldCommits;
  readonly deltas: DeltaSource & Pick<DataAvailability, "put">;
  readonly operators: readonly OperatorClient[];
  /** Seconds since 1970. */
  readonly now: () => bigint;
  /** {@link LAND_AT_ONCE} by default. */
  readonly hold?: HoldRules;
  /** Told of every commit that this lane has certified, when it is on record and before it lands; may throw. */
  readonly onCertified?: (certified: CertifiedCommit) => void;
}

/**
 * One chain's way from journal to registry. A lane is driven from outside, one tick at a time, and shares nothing with
 * the lanes of other chains.
 */
export class CommitLane {
  readonly #parts: LaneParts;
  readonly #follower: Follower;
  readonly #holding: Holding;

  /** @throws {CommitError} `E_HOLD_RULES` */
  constructor(parts: LaneParts) {
    this.#parts = parts;
    this.#follower = { ...parts, source: parts.target };
    this.#holding = new Holding(parts, parts.hold ?? LAND_AT_ONCE);
  }

  get chainId(): bigint {
    return this.#parts.target.chainId;
  }

  /** The gateway's own replica of this chain's state: where the chain stands, and ahead of it by the commits held. */
  get store(): StateStore {
    return this.#parts.store;
  }

  /** What waits for a commit on this chain. */
  get journal(): IntakeJournal {
    return this.#parts.journal;
  }

  /** What is certified and waits to be landed. @throws {CommitError} `E_HELD_CORRUPT` */
  get heldStatus(): HeldStatus {
    return this.#holding.status;
  }

  /** Says that somebody waits for the root: the next tick lands all that is held then. */
  landNow(): void {
    this.#holding.markAwaited();
  }

  /**
   * Commits what is pending, if anything is, and lands what is held if it is time: when the rules say so, somebody waits,
   * the operator set has changed, or a heartbeat is due. A heartbeat is committed only where nothing is held. A proposal
   * that found no quorum is made again, leaf for leaf, by the next tick: operators that voted are bound to its root.
   * @throws {CommitError} `E_STORE_AHEAD`, `E_FORKED`; `E_HELD_EXPIRED` if too few sign commits again whose epoch has ended;
   *   whatever target, data availability and store reject with. What was certified is held then, and landed later
   */
  async tick(): Promise<TickOutcome> {
    await this.sync();
    const holding = this.#holding;
    let view = await holding.view();
    await this.#complete(view);
    let landed = NOTHING_LANDED;
    if (holding.mustLandFirst(view)) {
      landed = await holding.land();
      view = await holding.view();
    }
    const tip = holding.tip(view);
    // Whatever becomes of the next commit, what is due is landed.
    const [attempt] = await Promise.allSettled([this.#commitNext(view, tip)]);
    let keepers = 0;
    if (holding.isDue(view)) landed = bothLandings(landed, await holding.land());
    else if (holding.status.commits > 0) keepers = await holding.spread();
    else if (attempt.status === "fulfilled" && attempt.value === undefined) holding.endWait();
    if (attempt.status === "rejected") throw attempt.reason;
    const { sequenceNo } = tip;
    return outcomeOf(attempt.value, { sequenceNo, landed, held: holding.status, keepers });
  }

  /** Lands all that is held now, without a new commit. @throws as {@link tick} */
  async landHeld(): Promise<Landing> {
    await this.sync();
    await this.#complete(await this.#holding.view());
    return await this.#holding.land();
  }

  /**
   * Applies what the chain has accepted, or this gateway holds, and its store has not, from data availability; and takes
   * out of the journal what a crash left there although it is in the tree.
   * @throws {CommitError} `E_STORE_AHEAD` if the store has commits that neither the chain has nor anybody holds, `E_FORKED`
   *   if roots differ
   */
  async sync(): Promise<void> {
    const { store } = this.#parts;
    const head = await followChain(this.#follower);
    if (!isCovered(this.#parts, head)) {
      await this.#complete(await this.#holding.view());
      if (!isCovered(this.#parts, head)) {
        const said = `store is at commit ${store.head.sequenceNo}, the registry at ${head.sequenceNo}`;
        throw new CommitError("E_STORE_AHEAD", `${said}, and ${this.heldStatus.commits} are held`);
      }
    }
    this.#reconcileJournal();
  }

  /** Adopts what others hold and renews what is void. */
  async #complete(view: ChainView): Promise<void> {
    await this.#holding.complete(view);
    this.#reconcileJournal();
  }

  /** Certifies what is pending, or a heartbeat, and records it as held. */
  async #commitNext(view: ChainView, tip: CommitTip): Promise<MadeCommit | undefined> {
    const { target, operators, journal } = this.#parts;
    const held = this.#parts.held.all();
    const staged = this.#stageNext(tip.sequenceNo + 1n);
    if (staged === undefined && (held.length > 0 || !this.#holding.isHeartbeatDue(view))) {
      return undefined;
    }
    const commit = await this.#commitFor(tip, staged);
    const signatures = await askToSign(target, { commit, set: view.set, held }, operators);
    const { certificate } = signatures;
    const { quorumBps } = view.rules;
    const leafCount = staged?.delta.leaves.length ?? 0;
    const made = { commit, leafCount, signatures, quorumBps };
    if (certificate === undefined || !hasQuorum(signatures, quorumBps)) {
      return { ...made, hasQuorum: false };
    }
    await adopt(this.#follower, { commit, certificate }, staged);
    journal.settle();
    this.#parts.onCertified?.({ commit, certificate });
    return { ...made, hasQuorum: true };
  }

  /** The next commit's content: the open proposal, or a new one from what is pending; none if nothing is new. */
  #stageNext(sequenceNo: bigint): StagedCommit | undefined {
    const { journal, store } = this.#parts;
    const open = journal.openProposal();
    const leaves = open?.leaves ?? journal.pending(MAX_COMMIT_BYTES);
    if (leaves.length === 0) return undefined;
    const staged = store.stage(leaves.map(leafWriteOf));
    if (open === undefined) journal.propose(sequenceNo, leaves);
    if (staged.delta.leaves.length > 0) return staged;
    // Everything pending is in the tree already.
    journal.settle();
    return undefined;
  }

  /**
   * A proposal for a number that the store has: its leaves are in the tree, and forgotten, or somebody else's commit took the
   * number, and they go into the next one.
   */
  #reconcileJournal(): void {
    const { journal, store } = this.#parts;
    const open = journal.openProposal();
    if (open === undefined || open.sequenceNo > store.head.sequenceNo) return;
    const { delta } = store.stage(open.leaves.map(leafWriteOf));
    if (delta.leaves.length === 0) journal.settle();
    else journal.release();
  }

  async #commitFor(tip: CommitTip, staged: StagedCommit | undefined): Promise<StateCommit> {
    const { deltas, now } = this.#parts;
    const daCertHash =
      staged === undefined
        ? zero32<DaCertHash>()
        : (await publishDelta(deltas, staged.delta)).daCertHash;
    // Two commits in one second still need rising timestamps.
    const timestamp = now() > tip.timestamp ? now() : tip.timestamp + 1n;
    return {
      version: COMMIT_VERSION,
      sequenceNo: tip.sequenceNo + 1n,
      prevStateRoot: tip.stateRoot,
      newStateRoot: staged?.delta.newStateRoot ?? tip.stateRoot,
      timestamp,
      daCertHash,
      pcr0Commitment: bytes32(new Uint8Array(32)),
    };
  }
}

function leafWriteOf(leaf: PendingLeaf): LeafWrite {
  const { namespace, id, flags, content } = leaf;
  return { operation: "put", namespace, id, flags, content };
}
