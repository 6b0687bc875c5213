import type { StateRoot } from "../bytes/brand.ts";
import { equalBytes, isZero } from "../bytes/compare.ts";
import { decodeCertificate, verifyCertificate } from "../operators/certificate.ts";
import { CommitError } from "./errors.ts";
import { isSameCommit, MAX_HELD_COMMITS } from "./held.ts";
import { COMMIT_VERSION, commitDigest, quorumMessage, type StateCommit } from "./message.ts";
import type {
  CertifiedCommit,
  CommitSource,
  KnownEpoch,
  RegistryHead,
  RegistryRules,
} from "./target.ts";

/** Judging certified commits that are not on chain, as the chain would: nobody who hands them over is trusted. */

/** What the next commit extends: the chain's head, or the last commit held behind it. */
export interface CommitTip {
  /** 0 before the first. */
  readonly sequenceNo: bigint;
  readonly stateRoot: StateRoot;
  readonly timestamp: bigint;
}

const BPS = 10_000n;
/** No registry takes less (docs/Invariants.md, GOV4). */
const MIN_QUORUM_BPS = 6_667;

/** What follows `commit` extends. */
export function tipAfter({ sequenceNo, newStateRoot, timestamp }: StateCommit): CommitTip {
  return { sequenceNo, stateRoot: newStateRoot, timestamp };
}

/**
 * Checks that `commits` extend `tip`, one the other, as a registry wants it. A heartbeat can only be the first: behind
 * another commit of one batch no registry takes it.
 * @throws {CommitError} `E_HELD_LIMIT`, `E_HELD_ORDER`, `E_COMMIT_VERSION`, `E_TIMESTAMP`, `E_HEARTBEAT_NOT_DUE`
 */
export function assertExtends(
  tip: CommitTip,
  commits: readonly StateCommit[],
  latestSeconds: bigint,
): void {
  if (commits.length > MAX_HELD_COMMITS) {
    const said = `expected at most ${MAX_HELD_COMMITS} commits, got ${commits.length}`;
    throw new CommitError("E_HELD_LIMIT", said);
  }
  let before = tip;
  for (const [position, commit] of commits.entries()) {
    assertStep(before, commit, latestSeconds);
    if (position > 0 && isZero(commit.daCertHash)) {
      const said = `commit ${commit.sequenceNo}: a heartbeat behind a held commit`;
      throw new CommitError("E_HEARTBEAT_NOT_DUE", said);
    }
    before = tipAfter(commit);
  }
}

function assertStep(tip: CommitTip, commit: StateCommit, latestSeconds: bigint): void {
  const { sequenceNo, timestamp, version } = commit;
  if (version !== COMMIT_VERSION || !isZero(commit.pcr0Commitment)) {
    throw new CommitError("E_COMMIT_VERSION", `held commit ${sequenceNo}: version ${version}`);
  }
  if (sequenceNo !== tip.sequenceNo + 1n || !equalBytes(commit.prevStateRoot, tip.stateRoot)) {
    const said = `held commit ${sequenceNo} does not extend commit ${tip.sequenceNo}`;
    throw new CommitError("E_HELD_ORDER", said);
  }
  if (timestamp <= tip.timestamp || timestamp > latestSeconds) {
    const said = `expected after ${tip.timestamp} and at most ${latestSeconds}, got ${timestamp}`;
    throw new CommitError("E_TIMESTAMP", `held commit ${sequenceNo}: timestamp: ${said}`);
  }
}

/** Judges certificates by a chain's epochs and rules as they are now; each epoch is read once. */
export class CertificateJudge {
  readonly #source: CommitSource;
  readonly #head: RegistryHead;
  readonly #rules: RegistryRules;
  readonly #epochs = new Map<number, KnownEpoch | undefined>();

  constructor(source: CommitSource, head: RegistryHead, rules: RegistryRules) {
    this.#source = source;
    this.#head = head;
    this.#rules = rules;
  }

  /**
   * Checks that the chain would take the certificate of each commit now.
   * @throws {CommitError} `E_HELD_CERTIFICATE` naming the fault, `E_HELD_QUORUM` for too little weight
   */
  async assertProven(certified: readonly CertifiedCommit[]): Promise<void> {
    for (const each of certified) {
      await this.#assertSigned(each, this.#head.blockTimestamp, this.#rules.quorumBps);
    }
  }

  /**
   * As {@link assertProven}, of certificates that may be out of date: their epoch may have ended, the quorum been raised.
   * @throws {CommitError} `E_HELD_CERTIFICATE`, `E_HELD_QUORUM`
   */
  async assertOnceProven(certified: readonly CertifiedCommit[]): Promise<void> {
    for (const each of certified) await this.#assertSigned(each, 0n, MIN_QUORUM_BPS);
  }

  /**
   * Whether the chain would take this certificate now, which has been checked before: its epoch has not ended, and its
   * weight is the quorum in force.
   */
  async isLive({ certificate }: CertifiedCommit, nowSeconds: bigint): Promise<boolean> {
    const { epoch, nonSigners } = decodeCertificate(certificate);
    const known = await this.#epoch(epoch);
    const latest = nowSeconds > this.#head.blockTimestamp ? nowSeconds : this.#head.blockTimestamp;
    if (known === undefined || latest > known.expiresAtSeconds) return false;
    const { totalWeight } = known.set;
    const signedWeight = totalWeight - known.set.weightOf(nonSigners);
    return hasQuorum({ signedWeight, totalWeight }, this.#rules.quorumBps);
  }

  async #assertSigned(
    { commit, certificate }: CertifiedCommit,
    nowSeconds: bigint,
    quorumBps: number,
  ): Promise<void> {
    const { chainId, registry } = this.#source;
    const digest = commitDigest({ chainId, registry }, commit);
    const named = epochNamedBy(certificate);
    const known = named === undefined ? undefined : await this.#epoch(named);
    const verdict = verifyCertificate(certificate, {
      epochOf: () => known,
      messageOf: (epoch) => quorumMessage(epoch, digest),
      nowSeconds,
    });
    const at = `held commit ${commit.sequenceNo}`;
    if (verdict.fault !== "None") {
      throw new CommitError("E_HELD_CERTIFICATE", `${at}: ${verdict.fault}`);
    }
    if (!hasQuorum(verdict, quorumBps)) {
      const said = `${verdict.signedWeight} of ${verdict.totalWeight}`;
      throw new CommitError("E_HELD_QUORUM", `${at}: signed by ${said}`);
    }
  }

  async #epoch(epoch: number): Promise<KnownEpoch | undefined> {
    if (!this.#epochs.has(epoch)) this.#epochs.set(epoch, await this.#source.epoch(epoch));
    return this.#epochs.get(epoch);
  }
}

/** The epoch whose operators signed, by a certificate that has been checked. */
export function epochOf({ certificate }: CertifiedCommit): number {
  return decodeCertificate(certificate).epoch;
}

/** Whether the signed weight is `quorumBps` ten-thousandths of the total, nothing rounded. */
export function hasQuorum(
  weights: { readonly signedWeight: bigint; readonly totalWeight: bigint },
  quorumBps: number,
): boolean {
  return weights.signedWeight * BPS >= weights.totalWeight * BigInt(quorumBps);
}

/** Those of `offered` that are not held yet, commit and certificate; who has checked them does so once. */
export function notYetHeld(
  offered: readonly CertifiedCommit[],
  held: readonly CertifiedCommit[],
): readonly CertifiedCommit[] {
  return offered.filter(
    ({ commit, certificate }) =>
      !held.some(
        (own) => isSameCommit(own.commit, commit) && equalBytes(own.certificate, certificate),
      ),
  );
}

function epochNamedBy(certificate: Uint8Array): number | undefined {
  if (certificate.length < 4) return undefined;
  return new DataView(certificate.buffer, certificate.byteOffset).getUint32(0);
}
