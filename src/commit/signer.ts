import { equalBytes, isZero } from "../bytes/compare.ts";
import { encodeG1 } from "../operators/bn254.ts";
import type { KeyPair } from "../operators/keyPair.ts";
import type { VoteLog } from "../operators/voteLog.ts";
import type { DeltaSource } from "../state/fetch.ts";
import { applyCommit, stageCommit } from "../state/replica.ts";
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

  /** Applies what the chain has accepted and this operator has not. @throws as {@link applyCommit} */
  async sync(): Promise<void> {
    const { store, source, deltas } = this.#parts;
    for (const commit of await source.commitsFrom(store.head.sequenceNo + 1n)) {
      const staged = this.#staged;
      if (staged !== undefined && leadsTo(staged, commit)) store.commit(staged);
      else await applyCommit(store, deltas, commit);
      this.#staged = undefined;
    }
  }

  /**
   * Signs `proposal`.
   * @throws {CommitError} by what is wrong with the commit; {@link stageCommit} by what is wrong with its delta;
   *   `OperatorError` `E_DOUBLE_VOTE` if another root was signed for this sequence number
   */
  async sign(proposal: CommitProposal): Promise<PartialSignature> {
    const { keyPair, source, votes, store, deltas } = this.#parts;
    const { commit } = proposal;
    await this.sync();
    this.#checkFields(proposal);
    await this.#checkTime(commit);
    // Throws unless the delta, fetched and applied here, leads to the root asked for.
    this.#staged = await stageCommit(store, deltas, commit);
    const set = await source.operatorSet();
    const operatorIndex = set.indexOfKey(keyPair.keyG1);
    if (set.epoch !== proposal.epoch || operatorIndex < 0) {
      throw new CommitError("E_NOT_IN_SET", `${this.name} is not in epoch ${proposal.epoch}`);
    }
    votes.record(source.chainId, commit.sequenceNo, commit.newStateRoot);
    const message = quorumMessage(proposal.epoch, proposal.digest);
    return { operatorIndex, signature: encodeG1(keyPair.sign(message)) };
  }

  /** What can be judged from the proposal and the store alone. */
  #checkFields({ chainId, commit, digest }: CommitProposal): void {
    const { store, source } = this.#parts;
    if (commit.version !== COMMIT_VERSION || !isZero(commit.pcr0Commitment)) {
      throw new CommitError(
        "E_COMMIT_VERSION",
        `version ${commit.version}, or an enclave is named`,
      );
    }
    const expected = commitDigest({ chainId: source.chainId, registry: source.registry }, commit);
    if (chainId !== source.chainId || !equalBytes(digest, expected)) {
      throw new CommitError(
        "E_DIGEST_MISMATCH",
        `not the digest of this commit on ${source.chainId}`,
      );
    }
    const next = store.head.sequenceNo + 1n;
    if (commit.sequenceNo !== next) {
      throw new CommitError("E_NOT_NEXT", `expected commit ${next}, got ${commit.sequenceNo}`);
    }
  }

  async #checkTime({ timestamp, daCertHash }: StateCommit): Promise<void> {
    const { source, now } = this.#parts;
    const [head, rules] = [await source.head(), await source.rules()];
    const latest = now() + rules.maxSkewSeconds;
    if (timestamp <= head.timestamp || timestamp > latest) {
      const said = `expected after ${head.timestamp} and at most ${latest}, got ${timestamp}`;
      throw new CommitError("E_TIMESTAMP", `timestamp: ${said}`);
    }
    const heartbeatAt = head.acceptedAt + rules.heartbeatSeconds;
    if (isZero(daCertHash) && now() < heartbeatAt) {
      throw new CommitError("E_HEARTBEAT_NOT_DUE", `the next heartbeat is due at ${heartbeatAt}`);
    }
  }
}

/** Whether `commit` is what `staged` was staged for. */
function leadsTo({ delta }: StagedCommit, commit: StateCommit): boolean {
  return (
    delta.sequenceNo === commit.sequenceNo && equalBytes(delta.newStateRoot, commit.newStateRoot)
  );
}
