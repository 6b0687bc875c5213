import { equalBytes, isZero } from "../bytes/compare.ts";
import { toHex } from "../bytes/hex.ts";
import { encodeG1 } from "../operators/bn254.ts";
import type { KeyPair } from "../operators/keyPair.ts";
import type { VoteLog } from "../operators/voteLog.ts";
import type { DeltaSource } from "../state/fetch.ts";
import { fetchDelta } from "../state/fetch.ts";
import { applyCommit } from "../state/replica.ts";
import type { StagedCommit, StateStore } from "../state/store.ts";
import { CommitError } from "./errors.ts";
import { COMMIT_VERSION, commitDigest, quorumMessage, type StateCommit } from "./message.ts";
import type { CommitProposal, CommitSource, OperatorClient, PartialSignature } from "./target.ts";

/** What an operator runs on, for one chain. */
export interface SignerParts {
  readonly name: string;
  readonly keyPair: KeyPair;
  readonly store: StateStore;
  readonly votes: VoteLog;
  readonly source: CommitSource;
  readonly deltas: DeltaSource;
  /** Seconds since 1970. */
  readonly now: () => bigint;
}

/**
 * An operator of one chain: applies the delta it fetched itself, and signs a commit only if the root it recomputed is the
 * one asked for, and only one root for a sequence number, whatever happens in between (promise P7).
 */
export class CommitSigner implements OperatorClient {
  readonly name: string;
  readonly #parts: SignerParts;
  #staged: StagedCommit | undefined;

  constructor(parts: SignerParts) {
    this.name = parts.name;
    this.#parts = parts;
  }

  /** The operator's replica. */
  get store(): StateStore {
    return this.#parts.store;
  }

  /**
   * Applies what the chain has accepted and this operator has not.
   * @throws {CommitError} `E_STORE_AHEAD` if the chain lost commits; {@link applyCommit} for the rest
   */
  async sync(): Promise<void> {
    const { store, source, deltas } = this.#parts;
    for (const commit of await source.commitsFrom(store.head.sequenceNo + 1n)) {
      const staged = this.#staged;
      if (
        staged?.sequenceNo === commit.sequenceNo &&
        equalBytes(staged.newStateRoot, commit.newStateRoot)
      ) {
        store.commit(staged);
      } else {
        await applyCommit(store, deltas, commit);
      }
      this.#staged = undefined;
    }
  }

  /**
   * Signs `proposal`.
   * @throws {CommitError} by what is wrong with the commit; {@link fetchDelta} and {@link StateStore.stageDelta} by what is
   * wrong with its delta; `OperatorError` `E_DOUBLE_VOTE` if another root was signed for this sequence number
   */
  async sign(proposal: CommitProposal): Promise<PartialSignature> {
    const { keyPair, source, votes } = this.#parts;
    const { commit } = proposal;
    await this.sync();
    await this.#checkCommit(proposal);
    if (!isZero(commit.daCertHash)) this.#staged = await this.#recompute(commit);
    const set = await source.operatorSet();
    const operatorIndex = set.indexOfKey(keyPair.keyG1);
    if (set.epoch !== proposal.epoch || operatorIndex < 0) {
      throw new CommitError("E_NOT_IN_SET", `${this.name} is not in epoch ${proposal.epoch}`);
    }
    votes.record(source.chainId, commit.sequenceNo, commit.newStateRoot);
    const message = quorumMessage(proposal.epoch, proposal.digest);
    return { operatorIndex, signature: encodeG1(keyPair.sign(message)) };
  }

  /** Everything about the commit that can be judged without its delta. */
  async #checkCommit({ chainId, commit, digest }: CommitProposal): Promise<void> {
    const { store, source } = this.#parts;
    const { head } = store;
    if (commit.version !== COMMIT_VERSION || !isZero(commit.pcr0Commitment)) {
      throw new CommitError(
        "E_COMMIT_VERSION",
        `version ${commit.version} with an enclave or unknown`,
      );
    }
    const domain = { chainId: source.chainId, registry: source.registry };
    if (chainId !== source.chainId || !equalBytes(digest, commitDigest(domain, commit))) {
      throw new CommitError(
        "E_DIGEST_MISMATCH",
        `expected the digest of this commit on chain ${source.chainId}`,
      );
    }
    if (commit.sequenceNo !== head.sequenceNo + 1n) {
      throw new CommitError(
        "E_NOT_NEXT",
        `expected commit ${head.sequenceNo + 1n}, got ${commit.sequenceNo}`,
      );
    }
    const expectedPrev = head.sequenceNo === 0n ? new Uint8Array(32) : head.stateRoot;
    if (!equalBytes(commit.prevStateRoot, expectedPrev)) {
      throw new CommitError(
        "E_ROOT_MISMATCH",
        `previous root: expected ${toHex(expectedPrev)}, got ${toHex(commit.prevStateRoot)}`,
      );
    }
    await this.#checkTime(commit);
  }

  async #checkTime(commit: StateCommit): Promise<void> {
    const { source, now } = this.#parts;
    const [head, rules] = [await source.head(), await source.rules()];
    const latest = now() + rules.maxSkewSeconds;
    if (commit.timestamp <= head.timestamp || commit.timestamp > latest) {
      throw new CommitError(
        "E_TIMESTAMP",
        `timestamp: expected after ${head.timestamp} and at most ${latest}, got ${commit.timestamp}`,
      );
    }
    const isHeartbeat = equalBytes(commit.newStateRoot, commit.prevStateRoot);
    if (isHeartbeat !== isZero(commit.daCertHash)) {
      throw new CommitError(
        "E_DELTA_MISSING",
        "a delta goes with a changed root, and only with one",
      );
    }
    if (isHeartbeat && now() < head.acceptedAt + rules.heartbeatSeconds) {
      throw new CommitError(
        "E_HEARTBEAT_NOT_DUE",
        `next heartbeat at ${head.acceptedAt + rules.heartbeatSeconds}`,
      );
    }
  }

  async #recompute(commit: StateCommit): Promise<StagedCommit> {
    const { store, deltas, source } = this.#parts;
    const { chainId } = source;
    const delta = await fetchDelta(deltas, commit.daCertHash, {
      chainId,
      sequenceNo: commit.sequenceNo,
    });
    const staged = store.stageDelta(delta);
    const { newStateRoot } = staged.delta;
    if (!equalBytes(newStateRoot, commit.newStateRoot)) {
      const roots = `recomputed ${toHex(newStateRoot)}, asked to sign ${toHex(commit.newStateRoot)}`;
      throw new CommitError("E_ROOT_MISMATCH", `new root: ${roots}`);
    }
    return staged;
  }
}

/** Whether `staged` is the delta that `commit` names by sequence number and root. */
function isDeltaOf({ delta }: StagedCommit, commit: StateCommit): boolean {
  return (
    delta.sequenceNo === commit.sequenceNo && equalBytes(delta.newStateRoot, commit.newStateRoot)
  );
}
