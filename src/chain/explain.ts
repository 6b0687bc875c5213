import { type Provider, Result, type TransactionReceipt } from "ethers";
import { QUORUM_FAULTS, type QuorumFault } from "../challenge/evidence.ts";
import { TRANSITION_FAULTS, type TransitionFault } from "../challenge/transitionFault.ts";
import { type Contracts, reverts } from "./contracts.ts";
import { ChainError } from "./errors.ts";
import { LEDGERS, type LedgerName } from "./ledgers.ts";

/** What a transaction proved against a quorum, read back from the chain. */

/** Operators of one epoch, by index and account. */
export interface NamedOperators {
  readonly epoch: number;
  readonly indices: readonly number[];
  readonly operators: readonly string[];
  /** Root or id that they signed; absent for those who signed both of two roots. */
  readonly signed?: string;
}

/** One proven fault. */
export interface ExplainedFault {
  readonly ledger: LedgerName;
  readonly faultId: string;
  readonly fault: QuorumFault;
  /** Key of a leaf, digest of a decision, root of a transition, commitment to a chunk; zero for an equivocation. */
  readonly subject: string;
  readonly sequenceNo: bigint;
  readonly challenger: string;
  /** Of a transition: which rule is broken. */
  readonly rule?: TransitionFault;
  /** Of withheld data: the chunk's place in the manifest. */
  readonly chunkIndex?: number;
  /** Whether a hook took note; absent if none was told. */
  readonly isHookTold?: boolean;
}

/** One step of a request for data. */
export interface ExplainedRequest {
  readonly step: "DataRequested" | "SegmentsDrawn" | "DataServed" | "RequestLapsed";
  readonly requestId: string;
  /** Who asked or served; absent for other steps. */
  readonly account?: string;
  /** Last second of an answer, since 1970, once the segments are drawn. */
  readonly deadline?: bigint;
}

/** What a transaction came to. */
export interface Explanation {
  readonly faults: readonly ExplainedFault[];
  readonly requests: readonly ExplainedRequest[];
  /** Roots that the evidence was judged under, as the registry retained them in that block. */
  readonly roots: readonly { readonly sequenceNo: bigint; readonly stateRoot: string }[];
  readonly signers: readonly NamedOperators[];
  /** Who signed two roots for one number. */
  readonly equivocators: readonly NamedOperators[];
  /** What a decision named, and what it must be. */
  readonly refuted: readonly { readonly signed: string; readonly actual: string }[];
}

/** Fields of evidence that name a commit. */
const SEQUENCE_FIELDS = ["earlierSequenceNo", "laterSequenceNo", "sequenceNo"] as const;

/** What `transactionHash` proved. @throws {ChainError} `E_TRANSACTION` if it is not mined */
export async function explainChallenge(
  contracts: Contracts,
  provider: Provider,
  transactionHash: string,
): Promise<Explanation> {
  return await reverts.run(async () => {
    const receipt = await provider.getTransactionReceipt(transactionHash);
    if (receipt === null) {
      throw new ChainError("E_TRANSACTION", `${transactionHash} is not mined on this chain`, []);
    }
    const faults = await faultsIn(contracts, receipt);
    const requests = await requestsIn(contracts, receipt);
    const { signers, equivocators } = await rivalsIn(contracts, receipt);
    const { refuted, deciders } = await refutedIn(contracts, receipt);
    const roots = await rootsOf(contracts, provider, receipt);
    return { faults, requests, roots, signers: [...signers, ...deciders], equivocators, refuted };
  });
}

/** Those of `events` that the transaction made. */
function within<E extends { readonly transactionHash: string }>(
  receipt: TransactionReceipt,
  events: readonly E[],
): E[] {
  return events.filter(({ transactionHash }) => transactionHash === receipt.hash);
}

async function faultsIn(
  contracts: Contracts,
  receipt: TransactionReceipt,
): Promise<ExplainedFault[]> {
  const at = receipt.blockNumber;
  const rules = await rulesIn(contracts, receipt);
  const chunks = await chunksIn(contracts, receipt);
  const found: ExplainedFault[] = [];
  for (const ledger of LEDGERS) {
    const { FaultProven, HookTold } = contracts[ledger].filters;
    const told = within(receipt, await contracts[ledger].queryFilter(HookTold(), at, at));
    const hooks = new Map(told.map(({ args }) => [args.faultId, args.isAccepted]));
    const proven = await contracts[ledger].queryFilter(FaultProven(), at, at);
    for (const { args } of within(receipt, proven)) {
      const { faultId, subject, sequenceNo, challenger } = args;
      const fault = QUORUM_FAULTS[Number(args.fault)] ?? "None";
      const rule = rules.get(faultId);
      const chunkIndex = chunks.get(faultId);
      const isHookTold = hooks.get(faultId);
      found.push({
        ...{ ledger, faultId, fault, subject, sequenceNo, challenger },
        ...(rule === undefined ? {} : { rule }),
        ...(chunkIndex === undefined ? {} : { chunkIndex }),
        ...(isHookTold === undefined ? {} : { isHookTold }),
      });
    }
  }
  return found;
}

/** Broken rules of transitions, by fault. */
async function rulesIn(
  { transitions }: Contracts,
  receipt: TransactionReceipt,
): Promise<ReadonlyMap<string, TransitionFault>> {
  const at = receipt.blockNumber;
  const events = await transitions.queryFilter(transitions.filters.TransitionRefuted(), at, at);
  return new Map(
    within(receipt, events).map(({ args }) => [
      args.faultId,
      TRANSITION_FAULTS[Number(args.fault)] ?? "None",
    ]),
  );
}

/** Indexes of withheld chunks, by fault. */
async function chunksIn(
  { dataRequests }: Contracts,
  receipt: TransactionReceipt,
): Promise<ReadonlyMap<string, number>> {
  const at = receipt.blockNumber;
  const events = await dataRequests.queryFilter(dataRequests.filters.ChunkWithheld(), at, at);
  return new Map(
    within(receipt, events).map(({ args }) => [args.faultId, Number(args.chunkIndex)]),
  );
}

async function requestsIn(
  { dataRequests }: Contracts,
  receipt: TransactionReceipt,
): Promise<ExplainedRequest[]> {
  const at = receipt.blockNumber;
  const { DataRequested, SegmentsDrawn, DataServed, RequestLapsed } = dataRequests.filters;
  const asked = within(receipt, await dataRequests.queryFilter(DataRequested(), at, at));
  const drawn = within(receipt, await dataRequests.queryFilter(SegmentsDrawn(), at, at));
  const served = within(receipt, await dataRequests.queryFilter(DataServed(), at, at));
  const lapsed = within(receipt, await dataRequests.queryFilter(RequestLapsed(), at, at));
  return [
    ...asked.map(({ args: { requestId, requester } }) => {
      return { step: "DataRequested", requestId, account: requester } as const;
    }),
    ...drawn.map(({ args: { requestId, deadline } }) => {
      return { step: "SegmentsDrawn", requestId, deadline } as const;
    }),
    ...served.map(({ args: { requestId, server } }) => {
      return { step: "DataServed", requestId, account: server } as const;
    }),
    ...lapsed.map(({ args: { requestId } }) => ({ step: "RequestLapsed", requestId }) as const),
  ];
}

async function rivalsIn(contracts: Contracts, receipt: TransactionReceipt) {
  const { challenges } = contracts;
  const { RivalRootSigned, EquivocatorsNamed } = challenges.filters;
  const at = receipt.blockNumber;
  const signers: NamedOperators[] = [];
  const equivocators: NamedOperators[] = [];
  for (const { args } of within(receipt, await challenges.queryFilter(RivalRootSigned(), at, at))) {
    signers.push(await operatorsAt(contracts, args.epoch, args.signers, args.root));
  }
  for (const { args } of within(
    receipt,
    await challenges.queryFilter(EquivocatorsNamed(), at, at),
  )) {
    equivocators.push(await operatorsAt(contracts, args.epoch, args.equivocators));
  }
  return { signers, equivocators };
}

async function refutedIn(contracts: Contracts, receipt: TransactionReceipt) {
  const { decisions } = contracts;
  const at = receipt.blockNumber;
  const filter = decisions.filters.DecisionRefuted();
  const refuted: { signed: string; actual: string }[] = [];
  const deciders: NamedOperators[] = [];
  for (const { args } of within(receipt, await decisions.queryFilter(filter, at, at))) {
    refuted.push({ signed: args.signed, actual: args.actual });
    deciders.push(await operatorsAt(contracts, args.epoch, args.signers, args.signed));
  }
  return { refuted, deciders };
}

/** Operators of `epoch` whose bits are set; none in epoch zero, which nobody is in. */
async function operatorsAt(
  { operatorSets }: Contracts,
  epoch: bigint,
  bits: bigint,
  signed?: string,
): Promise<NamedOperators> {
  const known = epoch === 0n ? [] : await operatorSets.operatorsOf(epoch);
  const indices = known.map((_, i) => i).filter((i) => ((bits >> BigInt(i)) & 1n) === 1n);
  const operators = indices.map((i) => known[i]?.operator ?? "");
  return { epoch: Number(epoch), indices, operators, ...(signed === undefined ? {} : { signed }) };
}

/** Roots of the commits that the evidence in the call data names, if the call went to a ledger. */
async function rootsOf(contracts: Contracts, provider: Provider, receipt: TransactionReceipt) {
  const transaction = await provider.getTransaction(receipt.hash);
  if (transaction === null) return [];
  const numbers: bigint[] = [];
  for (const ledger of [contracts.challenges, contracts.transitions]) {
    if (receipt.to !== (await ledger.getAddress())) continue;
    numbers.push(...numbersIn(ledger.interface.parseTransaction(transaction)?.args.at(0)));
  }
  const at = { blockTag: receipt.blockNumber };
  return await Promise.all(
    numbers.map(async (sequenceNo) => ({
      sequenceNo,
      stateRoot: await contracts.commits.tryStateRootAt(sequenceNo, at),
    })),
  );
}

/** Numbers of the commits that evidence is judged by; of a transition, the commit and the one before. */
function numbersIn(evidence: unknown): bigint[] {
  const fields = fieldsOf(evidence);
  const { sequenceNo } = fieldsOf(fieldsOf(fields.signed).commit);
  if (typeof sequenceNo === "bigint") return [sequenceNo - 1n, sequenceNo];
  return [fields, fieldsOf(fields.later)].flatMap((named) =>
    SEQUENCE_FIELDS.map((field) => named[field]).filter((value) => typeof value === "bigint"),
  );
}

/** A decoded struct by the names of its fields; nothing of what is none. */
function fieldsOf(struct: unknown): Readonly<Record<string, unknown>> {
  return struct instanceof Result ? struct.toObject() : {};
}
