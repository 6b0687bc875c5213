import { bytes32, type DaCertHash, zero32 } from "../bytes/brand.ts";
import { equalBytes } from "../bytes/compare.ts";
import { CodedError } from "../bytes/errors.ts";
import { toHex } from "../bytes/hex.ts";
import type { OperatorSet } from "../operators/operatorSet.ts";
import type { DataAvailability } from "../state/dataAvailability.ts";
import { MAX_COMMIT_BYTES } from "../state/delta.ts";
import type { DeltaSource } from "../state/fetch.ts";
import { publishDelta } from "../state/publish.ts";
import { applyCommit } from "../state/replica.ts";
import type { LeafWrite } from "../state/stage.ts";
import type { StagedCommit, StateStore } from "../state/store.ts";
import { type CollectedSignatures, collectSignatures } from "./collect.ts";
import { CommitError } from "./errors.ts";
import type { IntakeJournal, PendingLeaf } from "./journal.ts";
import { COMMIT_VERSION, commitDigest, type StateCommit } from "./message.ts";
import type { CommitTarget, LandedCommit, OperatorClient, RegistryHead } from "./target.ts";

/** What a gateway needs to commit for one chain. */
export interface LaneParts {
  readonly target: CommitTarget;
  readonly store: StateStore;
  readonly journal: IntakeJournal;
  readonly deltas: DeltaSource & Pick<DataAvailability, "put">;
  readonly operators: readonly OperatorClient[];
  /** Seconds since 1970. */
  readonly now: () => bigint;
}

/** What a tick came to on one chain. */
export type TickOutcome =
  | { readonly status: "skipped"; readonly sequenceNo: bigint }
  | {
      readonly status: "committed" | "heartbeat";
      readonly commit: StateCommit;
      readonly leafCount: number;
      readonly signatures: CollectedSignatures;
      readonly landed: LandedCommit;
    }
  | {
      readonly status: "no-quorum";
      readonly commit: StateCommit;
      readonly signatures: CollectedSignatures;
      readonly quorumBps: number;
    };

/** Basis points in one whole. */
const BPS = 10_000n;

/**
 * One chain's way from journal to registry. A lane is driven from outside, one tick at a time, and shares nothing with
 * the lanes of other chains.
 */
export class CommitLane {
  readonly #parts: LaneParts;

  constructor(parts: LaneParts) {
    this.#parts = parts;
  }

  get chainId(): bigint {
    return this.#parts.target.chainId;
  }

  /** The gateway's own replica of this chain's state. */
  get store(): StateStore {
    return this.#parts.store;
  }

  /** What waits for a commit on this chain. */
  get journal(): IntakeJournal {
    return this.#parts.journal;
  }

  /**
   * Commits what is pending, if anything is; a heartbeat if nothing was committed for the heartbeat interval. A proposal
   * that found no quorum is made again, leaf for leaf, by the next tick: operators that voted are bound to its root.
   * @throws {CommitError} `E_STORE_AHEAD`, `E_FORKED`; whatever target, data availability and store reject with
   */
  async tick(): Promise<TickOutcome> {
    const { target } = this.#parts;
    await this.sync();
    const [head, rules] = [await target.head(), await target.rules()];
    const staged = this.#stageNext(head.sequenceNo + 1n);
    if (staged === undefined) {
      const isDue =
        head.sequenceNo > 0n && this.#parts.now() >= head.acceptedAt + rules.heartbeatSeconds;
      if (!isDue) return { status: "skipped", sequenceNo: head.sequenceNo };
    }
    const set = await target.operatorSet();
    const commit = await this.#commitFor(head, staged);
    const signatures = await this.#collect(commit, set);
    const hasQuorum =
      signatures.signedWeight * BPS >= signatures.totalWeight * BigInt(rules.quorumBps);
    if (!hasQuorum || signatures.certificate === undefined) {
      return { status: "no-quorum", commit, signatures, quorumBps: rules.quorumBps };
    }
    const landed = await this.#land(commit, signatures.certificate);
    await this.#settle(commit, staged);
    const leafCount = staged?.delta.leaves.length ?? 0;
    const status = staged === undefined ? "heartbeat" : "committed";
    return { status, commit, leafCount, signatures, landed };
  }

  /**
   * Applies what the chain has accepted and this gateway's store has not, from data availability.
   * @throws {CommitError} `E_STORE_AHEAD` if the chain has lost commits the store has, `E_FORKED` if roots differ
   */
  async sync(): Promise<void> {
    const { target, store, deltas, journal } = this.#parts;
    const head = await target.head();
    if (head.sequenceNo < store.head.sequenceNo) {
      const said = `store is at commit ${store.head.sequenceNo}, the registry at ${head.sequenceNo}`;
      throw new CommitError("E_STORE_AHEAD", said);
    }
    if (head.sequenceNo > store.head.sequenceNo) {
      for (const commit of await target.commitsFrom(store.head.sequenceNo + 1n)) {
        await applyCommit(store, deltas, commit);
      }
      // Whatever landed, a proposal for an older number is void: its leaves are in the tree, or go into the next one.
      const open = journal.openProposal();
      if (open !== undefined && open.sequenceNo <= store.head.sequenceNo) journal.release();
    }
    if (head.sequenceNo > 0n && !equalBytes(store.head.stateRoot, head.stateRoot)) {
      const said = `commit ${head.sequenceNo}: store has ${toHex(store.head.stateRoot)}, the registry ${toHex(head.stateRoot)}`;
      throw new CommitError("E_FORKED", said);
    }
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

  async #commitFor(head: RegistryHead, staged: StagedCommit | undefined): Promise<StateCommit> {
    const { deltas, now } = this.#parts;
    const daCertHash =
      staged === undefined
        ? zero32<DaCertHash>()
        : (await publishDelta(deltas, staged.delta)).daCertHash;
    // Two commits in one second still need rising timestamps.
    const timestamp = now() > head.timestamp ? now() : head.timestamp + 1n;
    return {
      version: COMMIT_VERSION,
      sequenceNo: head.sequenceNo + 1n,
      prevStateRoot: head.stateRoot,
      newStateRoot: staged?.delta.newStateRoot ?? head.stateRoot,
      timestamp,
      daCertHash,
      pcr0Commitment: bytes32(new Uint8Array(32)),
    };
  }

  async #collect(commit: StateCommit, set: OperatorSet): Promise<CollectedSignatures> {
    const { target, operators } = this.#parts;
    const { chainId, registry } = target;
    const digest = commitDigest({ chainId, registry }, commit);
    return await collectSignatures({ chainId, commit, epoch: set.epoch, digest }, set, operators);
  }

  /** Lands the commit; if somebody else landed the same one first, that is a success too. */
  async #land(commit: StateCommit, certificate: Uint8Array): Promise<LandedCommit> {
    const { target } = this.#parts;
    try {
      return await target.land(commit, certificate);
    } catch (error) {
      if (!(error instanceof CodedError) || error.code !== "SequenceGap") throw error;
      const [landed] = await target.commitsFrom(commit.sequenceNo);
      if (landed === undefined || !equalBytes(landed.newStateRoot, commit.newStateRoot))
        throw error;
      return { transactionHash: "", blockNumber: 0n, gasUsed: 0n };
    }
  }

  async #settle(commit: StateCommit, staged: StagedCommit | undefined): Promise<void> {
    const { store, journal, deltas } = this.#parts;
    if (staged === undefined) await applyCommit(store, deltas, commit);
    else store.commit(staged);
    journal.settle();
  }
}

function leafWriteOf(leaf: PendingLeaf): LeafWrite {
  const { namespace, id, flags, content } = leaf;
  return { operation: "put", namespace, id, flags, content };
}
