import { type StateRoot, zero32 } from "../../src/bytes/brand.ts";
import { equalBytes, isZero } from "../../src/bytes/compare.ts";
import { ChainError } from "../../src/chain/errors.ts";
import { hasQuorum } from "../../src/commit/certified.ts";
import { commitDigest, quorumMessage, type StateCommit } from "../../src/commit/message.ts";
import type {
  CertifiedCommit,
  CommitTarget,
  KnownEpoch,
  LandedCommit,
  RegistryHead,
} from "../../src/commit/target.ts";
import {
  encodeBatchCertificate,
  mergeCertificates,
  verifyBatchCertificate,
} from "../../src/operators/batchCertificate.ts";
import { batchRuns } from "../../src/operators/batchRuns.ts";
import { decodeCertificate } from "../../src/operators/certificate.ts";
import type { OperatorSet } from "../../src/operators/operatorSet.ts";

const RULES = { maxSkewSeconds: 300n, heartbeatSeconds: 21_600n };
const NEVER = 2n ** 64n - 1n;

/** A registry in memory, with the rules of the contract and no EVM: for properties over many commits. */
export class MemoryChain implements CommitTarget {
  readonly chainId = 1n;
  readonly registry = new Uint8Array(20).fill(7);
  readonly accepted: StateCommit[] = [];
  /** Commits of each transaction. */
  readonly transactions: number[] = [];
  /** In force; an owner may raise it. */
  quorumBps = 6_667;
  readonly #now: () => bigint;
  readonly #epochs = new Map<number, KnownEpoch>();
  #acceptedAt = 0n;
  #newest: OperatorSet;

  constructor(set: OperatorSet, now: () => bigint) {
    this.#now = now;
    this.#newest = set;
    this.#epochs.set(set.epoch, { set, expiresAtSeconds: NEVER });
  }

  /** Of all epochs, ascending. */
  get epochNumbers(): readonly number[] {
    return [...this.#epochs.keys()];
  }

  /** Starts `set`, and ends the epoch before at once. */
  startEpoch(set: OperatorSet): void {
    const before = this.#newest;
    this.#epochs.set(before.epoch, { set: before, expiresAtSeconds: this.#now() - 1n });
    this.#epochs.set(set.epoch, { set, expiresAtSeconds: NEVER });
    this.#newest = set;
  }

  async head(): Promise<RegistryHead> {
    const last = this.accepted.at(-1);
    return {
      sequenceNo: last?.sequenceNo ?? 0n,
      stateRoot: last?.newStateRoot ?? zero32<StateRoot>(),
      timestamp: last?.timestamp ?? 0n,
      acceptedAt: this.#acceptedAt,
      blockTimestamp: this.#now(),
    };
  }

  async rules() {
    return { ...RULES, quorumBps: this.quorumBps };
  }

  async commitsFrom(fromSequenceNo: bigint): Promise<readonly StateCommit[]> {
    return this.accepted.filter(({ sequenceNo }) => sequenceNo >= fromSequenceNo);
  }

  async operatorSet(): Promise<OperatorSet> {
    return this.#newest;
  }

  async epoch(epoch: number): Promise<KnownEpoch | undefined> {
    return this.#epochs.get(epoch);
  }

  async land(commit: StateCommit, certificate: Uint8Array): Promise<LandedCommit> {
    return await this.#landRun([{ commit, certificate }]);
  }

  async landAll(certified: readonly CertifiedCommit[]): Promise<readonly LandedCommit[]> {
    const done: LandedCommit[] = [];
    for (const run of batchRuns(certified, ({ certificate }) => certificate)) {
      done.push(await this.#landRun(run));
    }
    return done;
  }

  async #landRun(run: readonly CertifiedCommit[]): Promise<LandedCommit> {
    let head = await this.head();
    for (const { commit } of run) {
      this.#require(commit, head);
      head = { ...head, ...commit, stateRoot: commit.newStateRoot, acceptedAt: this.#now() };
    }
    const commits = run.map(({ commit }) => commit);
    const merged = mergeCertificates(run.map(({ certificate }) => decodeCertificate(certificate)));
    const verdict = verifyBatchCertificate(encodeBatchCertificate(merged), run.length, {
      epochOf: (epoch) => this.#epochs.get(epoch),
      messagesOf: (epoch) =>
        commits.map((commit) => quorumMessage(epoch, commitDigest(this, commit))),
      nowSeconds: this.#now(),
    });
    if (verdict.fault !== "None") throw new ChainError("CertificateRejected", verdict.fault, []);
    if (!hasQuorum(verdict, this.quorumBps)) {
      throw new ChainError("InsufficientQuorum", `${verdict.signedWeight}`, []);
    }
    this.accepted.push(...commits);
    this.transactions.push(run.length);
    this.#acceptedAt = this.#now();
    return { transactionHash: "0x", blockNumber: BigInt(this.transactions.length), gasUsed: 1n };
  }

  #require(commit: StateCommit, head: RegistryHead): void {
    const isHeartbeat = isZero(commit.daCertHash);
    if (commit.sequenceNo !== head.sequenceNo + 1n) throw new ChainError("SequenceGap", "", []);
    if (!equalBytes(commit.prevStateRoot, head.stateRoot)) {
      throw new ChainError("StateRootMismatch", "", []);
    }
    if (commit.timestamp <= head.timestamp) throw new ChainError("TimestampRegression", "", []);
    if (commit.timestamp > this.#now() + RULES.maxSkewSeconds) {
      throw new ChainError("TimestampInFuture", "", []);
    }
    if (isHeartbeat && this.#now() < head.acceptedAt + RULES.heartbeatSeconds) {
      throw new ChainError("NoOpCommit", "", []);
    }
  }
}
