import type { ContractTransactionResponse } from "ethers";
import { type Evidence, VERDICTS, type Verdict } from "../challenge/evidence.ts";
import type { LandedCommit } from "../commit/target.ts";
import { type Contracts, reverts } from "./contracts.ts";
import {
  danglingDataArgument,
  danglingParamsArgument,
  danglingTemplateArgument,
  decisionEvidenceArgument,
  equivocationArgument,
  malformedArgument,
  rewriteArgument,
} from "./evidenceArgument.ts";
import { landed } from "./landed.ts";
import type { LedgerName } from "./ledgers.ts";

/** What a challenge verifier makes of evidence, without recording anything. */
export interface Judgement {
  readonly verdict: Verdict;
  /** Id of the fault, `0x` and 64 digits; zero unless it is proven or recorded. */
  readonly faultId: string;
}

type Kind = Evidence["kind"];
type EvidenceOf<K extends Kind> = Extract<Evidence, { kind: K }>;

/** How one kind of evidence is put to its verifier. */
interface Calls {
  readonly ledger: LedgerName;
  judge(contracts: Contracts, evidence: Evidence): Promise<readonly [bigint, string]>;
  submit(
    contracts: Contracts,
    evidence: Evidence,
    challenger: string,
  ): Promise<ContractTransactionResponse>;
  estimate(contracts: Contracts, evidence: Evidence, challenger: string): Promise<bigint>;
}

/** A contract's `challenge…`. */
interface ChallengeMethod<Struct> {
  (struct: Struct, challenger: string): Promise<ContractTransactionResponse>;
  estimateGas(struct: Struct, challenger: string): Promise<bigint>;
}

function calls<K extends Kind, Struct>(
  kind: K,
  ledger: LedgerName,
  structOf: (evidence: EvidenceOf<K>) => Struct,
  judge: (contracts: Contracts, struct: Struct) => Promise<readonly [bigint, string]>,
  challenge: (contracts: Contracts) => ChallengeMethod<Struct>,
): Calls {
  const isOwn = (evidence: Evidence): evidence is EvidenceOf<K> => evidence.kind === kind;
  const own = (evidence: Evidence): Struct => {
    if (!isOwn(evidence)) throw new RangeError(`expected evidence of ${kind}`);
    return structOf(evidence);
  };
  return {
    ledger,
    judge: (contracts, evidence) => judge(contracts, own(evidence)),
    submit: (contracts, evidence, challenger) => challenge(contracts)(own(evidence), challenger),
    estimate: (contracts, evidence, challenger) =>
      challenge(contracts).estimateGas(own(evidence), challenger),
  };
}

/** One row per kind of evidence. */
const CALLS: Readonly<Record<Kind, Calls>> = {
  rewrite: calls(
    "rewrite",
    "challenges",
    rewriteArgument,
    ({ challenges }, struct) => challenges.judgeRewrite(struct),
    ({ challenges }) => challenges.challengeRewrite,
  ),
  "malformed-leaf": calls(
    "malformed-leaf",
    "challenges",
    malformedArgument,
    ({ challenges }, struct) => challenges.judgeMalformedLeaf(struct),
    ({ challenges }) => challenges.challengeMalformedLeaf,
  ),
  equivocation: calls(
    "equivocation",
    "challenges",
    equivocationArgument,
    ({ challenges }, struct) => challenges.judgeEquivocation(struct),
    ({ challenges }) => challenges.challengeEquivocation,
  ),
  "dangling-template": calls(
    "dangling-template",
    "challenges",
    danglingTemplateArgument,
    ({ challenges }, struct) => challenges.judgeDanglingTemplate(struct),
    ({ challenges }) => challenges.challengeDanglingTemplate,
  ),
  "dangling-data": calls(
    "dangling-data",
    "challenges",
    danglingDataArgument,
    ({ challenges }, struct) => challenges.judgeDanglingData(struct),
    ({ challenges }) => challenges.challengeDanglingData,
  ),
  "dangling-params": calls(
    "dangling-params",
    "challenges",
    danglingParamsArgument,
    ({ challenges }, struct) => challenges.judgeDanglingParams(struct),
    ({ challenges }) => challenges.challengeDanglingParams,
  ),
  "wrong-identity": calls(
    "wrong-identity",
    "decisions",
    decisionEvidenceArgument,
    ({ decisions }, struct) => decisions.judgeWrongIdentity(struct),
    ({ decisions }) => decisions.challengeWrongIdentity,
  ),
  "stale-instance": calls(
    "stale-instance",
    "decisions",
    decisionEvidenceArgument,
    ({ decisions }, struct) => decisions.judgeStaleInstance(struct),
    ({ decisions }) => decisions.challengeStaleInstance,
  ),
};

/** Name of the ledger that faults of this kind are recorded on. */
export function ledgerNameOf({ kind }: Evidence): LedgerName {
  return CALLS[kind].ledger;
}

/** The ledger that faults of this kind are recorded on. */
export function ledgerOf(contracts: Contracts, { kind }: Evidence) {
  return contracts[CALLS[kind].ledger];
}

/** The verdict the chain would give now. */
export async function judge(contracts: Contracts, evidence: Evidence): Promise<Judgement> {
  return await reverts.run(async () => {
    const [verdict, faultId] = await CALLS[evidence.kind].judge(contracts, evidence);
    return { verdict: VERDICTS[Number(verdict)] ?? "Unset", faultId };
  });
}

/** Gas that submitting evidence would take now. @throws {ChainError} as the call would revert */
export async function estimateChallenge(
  contracts: Contracts,
  evidence: Evidence,
  challenger: string,
): Promise<bigint> {
  return await reverts.run(() => CALLS[evidence.kind].estimate(contracts, evidence, challenger));
}

/** Submits evidence for `challenger`, an address. The fault is on record only if the verdict was `Proven`. */
export async function submitChallenge(
  contracts: Contracts,
  evidence: Evidence,
  challenger: string,
): Promise<LandedCommit> {
  return await reverts.run(async () => {
    const call = await CALLS[evidence.kind].submit(contracts, evidence, challenger);
    return landed(await call.wait());
  });
}
