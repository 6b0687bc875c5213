import { equalBytes, isZero } from "../bytes/compare.ts";
import { encodeG1 } from "../operators/bn254.ts";
import type { KeyPair } from "../operators/keyPair.ts";
import type { VoteLog } from "../operators/voteLog.ts";
import type { DeltaSource } from "../state/fetch.ts";
import { stageCommit } from "../state/replica.ts";
import type { StagedCommit, StateStore } from "../state/store.ts";
import { assertExtends, CertificateJudge, notYetHeld } from "./certified.ts";
import { CommitError } from "./errors.ts";
import { adopt, followChain } from "./follow.ts";
import { type HeldCommits, isSameCommit } from "./held.ts";
import { COMMIT_VERSION, commitDigest, quorumMessage, type StateCommit } from "./message.ts";
import type {
  CertifiedCommit,
  CommitProposal,
  CommitSource,
  OperatorClient,
  PartialSignature,
} from "./target.ts";

/** What an operator runs on, for one chain. */
export interface SignerParts {
  readonly name: string;
  readonly keyPair: KeyPair;
  readonly store: StateStore;
  readonly votes: VoteLog;
  /** Certified commits that the chain does not have yet. */
  readonly held: HeldCommits;
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

  /** The operator's replica: where its chain stands, and ahead of it by the commits held. */
  get store(): StateStore {
    return this.#parts.store;
  }

  /** Applies what the chain has accepted, or this operator holds, and its store has not. @throws as {@link followChain} */
  async sync(): Promise<void> {
    await followChain({ ...this.#parts, stagedFor: (commit) => this.#stagedFor(commit) });
  }

  /** What this operator keeps until it is on chain, in order. @throws {CommitError} `E_HELD_CORRUPT` */
  async held(): Promise<readonly CertifiedCommit[]> {
    return this.#parts.held.all();
  }

  /**
   * Keeps certified commits that extend the chain's head, and applies them. Certificates are checked here, all of them
   * before the first is kept.
   * @throws {CommitError} `E_HELD_LIMIT`, `E_HELD_ORDER`, `E_HELD_CERTIFICATE`, `E_HELD_QUORUM`, `E_FORKED`, and by what is
   *   wrong with a commit; as `adopt` for a delta that is not what its commit says
   */
  async hold(certified: readonly CertifiedCommit[]): Promise<void> {
    await this.sync();
    await this.#keep(certified);
  }

  /**
   * Signs `proposal`, after keeping the commits held that come with it. A commit that is held is signed again, by another
   * epoch's key if need be, if it is that very commit.
   * @throws {CommitError} by what is wrong with the commit, as {@link hold} by what is wrong with those held;
   *   {@link stageCommit} by what is wrong with its delta; `OperatorError` `E_DOUBLE_VOTE` if another root was signed for
   *   this sequence number
   */
  async sign(proposal: CommitProposal): Promise<PartialSignature> {
    const { keyPair, source, votes } = this.#parts;
    const { commit } = proposal;
    await this.sync();
    this.#checkMessage(proposal);
    await this.#keep(proposal.held ?? []);
    if (!this.#isHeld(commit)) await this.#stageNext(commit);
    const set = await source.operatorSet();
    const operatorIndex = set.indexOfKey(keyPair.keyG1);
    if (set.epoch !== proposal.epoch || operatorIndex < 0) {
      throw new CommitError("E_NOT_IN_SET", `${this.name} is not in epoch ${proposal.epoch}`);
    }
    votes.record(source.chainId, commit.sequenceNo, commit.newStateRoot);
    const message = quorumMessage(proposal.epoch, proposal.digest);
    return { operatorIndex, signature: encodeG1(keyPair.sign(message)) };
  }

  async #keep(certified: readonly CertifiedCommit[]): Promise<void> {
    if (certified.length === 0) return;
    const { source, held, now } = this.#parts;
    const [head, rules] = [await source.head(), await source.rules()];
    // Landed since they were sent.
    const waiting = certified.filter(({ commit }) => commit.sequenceNo > head.sequenceNo);
    const commits = waiting.map(({ commit }) => commit);
    assertExtends(head, commits, now() + rules.maxSkewSeconds);
    const own = held.all();
    for (const commit of commits) assertSameAsHeld(own, commit);
    const unknown = notYetHeld(waiting, own);
    await new CertificateJudge(source, head, rules).assertProven(unknown);
    for (const each of unknown) await adopt(this.#parts, each, this.#stagedFor(each.commit));
  }

  /** Recomputes the next commit. Throws unless the delta, fetched and applied here, leads to the root asked for. */
  async #stageNext(commit: StateCommit): Promise<void> {
    const { store, deltas } = this.#parts;
    const next = store.head.sequenceNo + 1n;
    if (commit.sequenceNo !== next) {
      throw new CommitError("E_NOT_NEXT", `expected commit ${next}, got ${commit.sequenceNo}`);
    }
    await this.#checkTime(commit);
    this.#staged = await stageCommit(store, deltas, commit);
  }

  /** Whether this very commit has been certified before, and waits. */
  #isHeld(commit: StateCommit): boolean {
    return this.#parts.held.all().some((own) => isSameCommit(own.commit, commit));
  }

  #stagedFor(commit: StateCommit): StagedCommit | undefined {
    const staged = this.#staged;
    if (staged === undefined || !leadsTo(staged, commit)) return undefined;
    // The store may have it already, and lack it on record only.
    return staged.delta.sequenceNo === this.store.head.sequenceNo + 1n ? staged : undefined;
  }

  /** What can be judged from the proposal alone. */
  #checkMessage({ chainId, commit, digest }: CommitProposal): void {
    const { source } = this.#parts;
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
  }

  async #checkTime({ timestamp, daCertHash }: StateCommit): Promise<void> {
    const { source, held, now } = this.#parts;
    const [head, rules] = [await source.head(), await source.rules()];
    const before = held.all().at(-1)?.commit ?? head;
    const latest = now() + rules.maxSkewSeconds;
    if (timestamp <= before.timestamp || timestamp > latest) {
      const said = `expected after ${before.timestamp} and at most ${latest}, got ${timestamp}`;
      throw new CommitError("E_TIMESTAMP", `timestamp: ${said}`);
    }
    if (!isZero(daCertHash)) return;
    const heartbeatAt = head.acceptedAt + rules.heartbeatSeconds;
    // What is held is to land instead: behind it no registry takes a heartbeat.
    if (now() < heartbeatAt || before !== head) {
      throw new CommitError("E_HEARTBEAT_NOT_DUE", `the next heartbeat is due at ${heartbeatAt}`);
    }
  }
}

/** @throws {CommitError} `E_FORKED` if another commit of this number is held */
function assertSameAsHeld(own: readonly CertifiedCommit[], commit: StateCommit): void {
  const other = own.find((each) => each.commit.sequenceNo === commit.sequenceNo);
  if (other === undefined || isSameCommit(other.commit, commit)) return;
  throw new CommitError("E_FORKED", `commit ${commit.sequenceNo}: another one is held`);
}

/** Whether `commit` is what `staged` was staged for. */
function leadsTo({ delta }: StagedCommit, commit: StateCommit): boolean {
  return (
    delta.sequenceNo === commit.sequenceNo && equalBytes(delta.newStateRoot, commit.newStateRoot)
  );
}
