import { bytes32, type StateRoot } from "../bytes/brand.ts";
import { isZero } from "../bytes/compare.ts";
import { fromHex, toHex } from "../bytes/hex.ts";
import { decisionFaults } from "../challenge/decisionFault.ts";
import { type Contested, contestedIn, equivocationsIn } from "../challenge/equivocation.ts";
import type { CertifiedCommit, Evidence } from "../challenge/evidence.ts";
import { pieceId } from "../challenge/evidenceFile.ts";
import {
  type CommitObservation,
  commitObservation,
  type DecisionObservation,
  digestsOf,
  type Observation,
} from "../challenge/observation.ts";
import type { CommitDomain } from "../commit/message.ts";
import type { PolicyInstanceId } from "../policy/ids.ts";
import type { StateStore } from "../state/store.ts";
import { type Contracts, reverts } from "./contracts.ts";
import { ChainError } from "./errors.ts";
import { isCertified } from "./quorumJudge.ts";
import { commitDomainOf, signedCommitAt } from "./signedCommits.ts";
import { type LeafFinding, orWarn, type Pursuer, pursueOrWarn } from "./watchedEvidence.ts";
import type { WatchMemory } from "./watchMemory.ts";

/** Observations held against the chain: what does not fit it is proven, and nothing else accuses anybody. */

/** What classifying observations needs. */
export interface Observer extends Pursuer {
  readonly store: StateStore;
  /** Where the contracts' events begin; 0 by default. */
  readonly fromBlock?: number;
}

/** Whether a verdict says that there is a fault, on record or to be. */
function isFault({ verdict }: LeafFinding): boolean {
  return verdict === "Proven" || verdict === "AlreadyRecorded";
}

/** Proves what `observed` and the calls in `memory` show; gives the faults alone. @throws {ChainError} */
export async function pursueObserved(
  observer: Observer,
  observed: readonly Observation[],
  memory: WatchMemory,
): Promise<readonly LeafFinding[]> {
  // The same piece may lie in several folders.
  const pieces = new Map([...observed, ...memory.calls].map((one) => [pieceId(one), one]));
  const all = [...pieces.values()];
  const commits = all.filter((one): one is CommitObservation => one.kind === "certified-commit");
  const decisions = all.filter((one): one is DecisionObservation => one.kind === "decision");
  return [
    ...(await pursueCommits(observer, commits, memory)),
    ...(await pursueDecisions(observer, decisions, memory)),
  ];
}

// -- Commits --

async function pursueCommits(
  observer: Observer,
  observed: readonly CertifiedCommit[],
  memory: WatchMemory,
): Promise<readonly LeafFinding[]> {
  const { contracts, provider } = observer;
  if (observed.length === 0) return [];
  const domain = await commitDomainOf(contracts, provider);
  const numbers = new Set(observed.map(({ commit }) => commit.sequenceNo));
  const roots = await landedRoots(observer, numbers);
  const findings: LeafFinding[] = [];
  for (const contested of contestedIn(observed, (number) => roots.get(number))) {
    const counting: CertifiedCommit[] = [];
    for (const certified of await withLanded(observer, contested, domain)) {
      if (await isCounting(observer, certified, domain, memory)) counting.push(certified);
    }
    for (const pairs of equivocationsIn(contested, counting)) {
      const finding = await firstFault(observer, pairs);
      if (finding !== undefined) findings.push(finding);
    }
  }
  return findings;
}

/** The root of each number: the replica's, which is the chain's up to its head, or what the chain says. */
async function landedRoots(
  { contracts, provider, store, fromBlock }: Observer,
  numbers: ReadonlySet<bigint>,
): Promise<ReadonlyMap<bigint, StateRoot>> {
  const { commits } = contracts;
  const newest = await reverts.run(() => commits.getSequenceNo());
  const roots = new Map<bigint, StateRoot>();
  for (const number of numbers) {
    if (number < 1n || number > newest) continue;
    if (number >= store.oldest && number <= store.head.sequenceNo) {
      roots.set(number, store.rootAt(number));
      continue;
    }
    const kept = bytes32<StateRoot>(await reverts.run(() => commits.tryStateRootAt(number)));
    if (!isZero(kept)) roots.set(number, kept);
    else {
      const signed = await orUnknown(signedCommitAt(contracts, provider, number, fromBlock));
      if (signed !== undefined) roots.set(number, signed.commit.newStateRoot);
    }
  }
  return roots;
}

/** What is observed of a number, and the landed commit with its certificate where that can be read. */
async function withLanded(
  { contracts, provider, fromBlock }: Observer,
  { sequenceNo, certified, landedRoot }: Contested,
  domain: CommitDomain,
): Promise<readonly CertifiedCommit[]> {
  if (landedRoot === undefined) return certified;
  const signed = await orUnknown(signedCommitAt(contracts, provider, sequenceNo, fromBlock));
  return signed === undefined ? certified : [commitObservation(domain, signed), ...certified];
}

/** Nothing if a commit was landed by a recovery or through another contract, or if the node has lost it. */
async function orUnknown<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    const isUnknown = error instanceof ChainError && UNKNOWN.has(error.code);
    if (isUnknown) return undefined;
    throw error;
  }
}

const UNKNOWN: ReadonlySet<string> = new Set(["E_EVENTS_MISSING", "E_TRANSACTION"]);

/** Whether a certificate proves its commit now; so no forged one, however small, stands before a real one. */
async function isCounting(
  observer: Observer,
  certified: CertifiedCommit,
  domain: CommitDomain,
  memory: WatchMemory,
): Promise<boolean> {
  const id = pieceId({ ...certified, kind: "certified-commit" });
  if (memory.isSettled(id)) return false;
  const digests = digestsOf(domain, certified);
  const isProven = await orWarn(observer, "certified-commit", () =>
    isCertified(observer.contracts, digests, certified.certificate),
  );
  if (isProven === false) memory.settle(id);
  return isProven ?? false;
}

/** The first of `pairs` that proves, brought. */
async function firstFault(
  observer: Observer,
  pairs: readonly Evidence[],
): Promise<LeafFinding | undefined> {
  for (const evidence of pairs) {
    const finding = await pursueOrWarn(observer, evidence);
    if (finding !== undefined && isFault(finding)) return finding;
  }
  return undefined;
}

// -- Decisions --

async function pursueDecisions(
  observer: Observer,
  observed: readonly DecisionObservation[],
  memory: WatchMemory,
): Promise<readonly LeafFinding[]> {
  const { chainId } = observer.store;
  const findings: LeafFinding[] = [];
  for (const observation of observed) {
    const id = pieceId(observation);
    if (memory.isSettled(id)) continue;
    const { decision, certificate } = observation;
    const instanceThen = await instanceAt(observer.contracts, decision);
    // A decision whose block is not past may turn out to be stale.
    let isSettled = instanceThen !== undefined;
    for (const kind of decisionFaults(decision, chainId, instanceThen)) {
      const finding = await pursueOrWarn(observer, { kind, decision, certificate });
      if (finding === undefined || isFault(finding)) isSettled = false;
      if (finding !== undefined && isFault(finding)) findings.push(finding);
    }
    if (isSettled) memory.settle(id);
  }
  return findings;
}

/** The client's instance then; nothing if that block is not past. */
async function instanceAt(
  { policies }: Contracts,
  { client, referenceBlock }: DecisionObservation["decision"],
): Promise<PolicyInstanceId | undefined> {
  try {
    const id = await reverts.run(() => policies.policyInstanceAt(toHex(client), referenceBlock));
    return bytes32<PolicyInstanceId>(fromHex(id));
  } catch (error) {
    if (error instanceof ChainError && error.code === "BlockNotPast") return undefined;
    throw error;
  }
}
