import type { ContractTransactionResponse } from "ethers";
import { type Evidence, VERDICTS, type Verdict } from "../challenge/evidence.ts";
import type { LandedCommit } from "../commit/target.ts";
import { type Contracts, reverts } from "./contracts.ts";
import {
  danglingDataArgument,
  danglingTemplateArgument,
  decisionEvidenceArgument,
  equivocationArgument,
  malformedArgument,
  rewriteArgument,
} from "./evidenceArgument.ts";
import { landed } from "./landed.ts";

/** What a challenge verifier makes of evidence, without recording anything. */
export interface Judgement {
  readonly verdict: Verdict;
  /** Id of the fault, `0x` and 64 digits; zero unless it is proven or recorded. */
  readonly faultId: string;
}

type Kind = Evidence["kind"];
type EvidenceOf<K extends Kind> = Extract<Evidence, { kind: K }>;

/** Which ledger a fault goes to. */
type LedgerName = "challenges" | "decisions";

/** How one kind of evidence is put to its verifier. */
interface Calls {
  readonly ledger: LedgerName;
  judge(contracts: Contracts, evidence: Evidence): Promise<readonly [bigint, string]>;
  submit(
    contracts: Contracts,
    evidence: Evidence,
    challenger: string,
  ): Promise<ContractTransactionResponse>;
}

function calls<K extends Kind, Struct>(
  kind: K,
  ledger: LedgerName,
  structOf: (evidence: EvidenceOf<K>) => Struct,
  judge: (contracts: Contracts, struct: Struct) => Promise<readonly [bigint, string]>,
  submit: (
    contracts: Contracts,
    struct: Struct,
    to: string,
  ) => Promise<ContractTransactionResponse>,
): Calls {
  const isOwn = (evidence: Evidence): evidence is EvidenceOf<K> => evidence.kind === kind;
  const own = (evidence: Evidence): Struct => {
    if (!isOwn(evidence)) throw new RangeError(`expected evidence of ${kind}`);
    return structOf(evidence);
  };
  return {
    ledger,
    judge: (contracts, evidence) => judge(contracts, own(evidence)),
    submit: (contracts, evidence, challenger) => submit(contracts, own(evidence), challenger),
  };
}

/** One row per kind of evidence. */
const CALLS: Readonly<Record<Kind, Calls>> = {
  rewrite: calls(
    "rewrite",
    "challenges",
    rewriteArgument,
    ({ challenges }, struct) => challenges.judgeRewrite(struct),
    ({ challenges }, struct, to) => challenges.challengeRewrite(struct, to),
  ),
  "malformed-leaf": calls(
    "malformed-leaf",
    "challenges",
    malformedArgument,
    ({ challenges }, struct) => challenges.judgeMalformedLeaf(struct),
    ({ challenges }, struct, to) => challenges.challengeMalformedLeaf(struct, to),
  ),
  equivocation: calls(
    "equivocation",
    "challenges",
    equivocationArgument,
    ({ challenges }, struct) => challenges.judgeEquivocation(struct),
    ({ challenges }, struct, to) => challenges.challengeEquivocation(struct, to),
  ),
  "dangling-template": calls(
    "dangling-template",
    "challenges",
    danglingTemplateArgument,
    ({ challenges }, struct) => challenges.judgeDanglingTemplate(struct),
    ({ challenges }, struct, to) => challenges.challengeDanglingTemplate(struct, to),
  ),
  "dangling-data": calls(
    "dangling-data",
    "challenges",
    danglingDataArgument,
    ({ challenges }, struct) => challenges.judgeDanglingData(struct),
    ({ challenges }, struct, to) => challenges.challengeDanglingData(struct, to),
  ),
  "wrong-identity": calls(
    "wrong-identity",
    "decisions",
    decisionEvidenceArgument,
    ({ decisions }, struct) => decisions.judgeWrongIdentity(struct),
    ({ decisions }, struct, to) => decisions.challengeWrongIdentity(struct, to),
  ),
  "stale-instance": calls(
    "stale-instance",
    "decisions",
    decisionEvidenceArgument,
    ({ decisions }, struct) => decisions.judgeStaleInstance(struct),
    ({ decisions }, struct, to) => decisions.challengeStaleInstance(struct, to),
  ),
};

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
