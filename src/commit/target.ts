import type { Digest, StateRoot } from "../bytes/brand.ts";
import type { OperatorSet } from "../operators/operatorSet.ts";
import type { StateCommit } from "./message.ts";

/**
 * What committing needs of a chain, as a port: `src/chain` implements it with ethers, tests with stand-ins. Every method
 * may reject with a coded error whose `code` is the name of the contract's custom error, or `E_UNREACHABLE`.
 */

/** Where a chain's registry stands. Times are seconds since 1970. */
export interface RegistryHead {
  readonly sequenceNo: bigint;
  readonly stateRoot: StateRoot;
  /** Timestamp of the newest commit; 0 before the first. */
  readonly timestamp: bigint;
  /** Block time at which it was accepted; 0 before the first. */
  readonly acceptedAt: bigint;
  /** Time of the newest block. */
  readonly blockTimestamp: bigint;
}

/** The registry's fixed rules. */
export interface RegistryRules {
  readonly quorumBps: number;
  readonly maxSkewSeconds: bigint;
  readonly heartbeatSeconds: bigint;
}

/** A commit that the chain accepted. */
export interface LandedCommit {
  readonly transactionHash: string;
  readonly blockNumber: bigint;
  readonly gasUsed: bigint;
}

/** The operators of one epoch, and until when their certificates count. */
export interface KnownEpoch {
  readonly set: OperatorSet;
  /** Last second at which it is valid, since 1970; the greatest number of 64 bits while it is the newest. */
  readonly expiresAtSeconds: bigint;
}

/** One chain's state-commit registry, for those who only watch it. */
export interface CommitSource {
  readonly chainId: bigint;
  /** Address of the registry, 20 bytes. */
  readonly registry: Uint8Array;
  head(): Promise<RegistryHead>;
  rules(): Promise<RegistryRules>;
  /** Accepted commits from `fromSequenceNo` on, in order. */
  commitsFrom(fromSequenceNo: bigint): Promise<readonly StateCommit[]>;
  /** The newest operator set. */
  operatorSet(): Promise<OperatorSet>;
  /** An epoch, ended or not; nothing if there is none of this number. */
  epoch(epoch: number): Promise<KnownEpoch | undefined>;
}

/** A commit and the packed certificate of the quorum over it. */
export interface CertifiedCommit {
  readonly commit: StateCommit;
  readonly certificate: Uint8Array;
}

/** One chain's state-commit registry, for the one who lands commits. */
export interface CommitTarget extends CommitSource {
  /** Lands a commit. Resolves when it is in a block; rejects by the name of the registry's error. */
  land(commit: StateCommit, certificate: Uint8Array): Promise<LandedCommit>;
  /**
   * Lands consecutive commits, with one pairing for all that follow each other under one signer set, and one transaction
   * each where signer sets differ. Resolves to the transactions, in order; what landed before one was refused stays.
   */
  landAll(commits: readonly CertifiedCommit[]): Promise<readonly LandedCommit[]>;
}

/** What an operator answers to a proposal: its index in the epoch's set and its signature over the message, 64 bytes. */
export interface PartialSignature {
  readonly operatorIndex: number;
  readonly signature: Uint8Array;
}

/** A commit on its way to the quorum. The delta is found by the commit's `daCertHash`. */
export interface CommitProposal {
  readonly chainId: bigint;
  readonly commit: StateCommit;
  readonly epoch: number;
  readonly digest: Digest;
  /** Certified commits between the chain's head and `commit`, in order; at most 32, none by default. */
  readonly held?: readonly CertifiedCommit[];
}

/** Keeps certified commits until they are on chain. */
export interface HeldKeeper {
  /** What it keeps, in order. */
  held(): Promise<readonly CertifiedCommit[]>;
  /**
   * Checks and keeps certified commits that extend the chain's head; what it has already stays. On disk when this resolves.
   * Rejects by what is wrong with them, and keeps none of them then.
   */
  hold(certified: readonly CertifiedCommit[]): Promise<void>;
}

/** An operator as the proposer sees it: in the same process, or behind a wire. One that keeps no commits may still sign. */
export interface OperatorClient extends Partial<HeldKeeper> {
  /** Name for logs and errors, e.g. the operator's address. */
  readonly name: string;
  /** Signs if the operator recomputed the same root; rejects with a coded error otherwise. */
  sign(proposal: CommitProposal): Promise<PartialSignature>;
}
