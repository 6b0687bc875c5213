import type { ContractTransactionResponse } from "ethers";
import { toHex } from "../bytes/hex.ts";
import type { Decision } from "../challenge/decision.ts";
import {
  type CertifiedCommit,
  type Evidence,
  type LaterLeaf,
  VERDICTS,
  type Verdict,
} from "../challenge/evidence.ts";
import type { LandedCommit } from "../commit/target.ts";
import { commitArgument } from "./commitArgument.ts";
import { type Contracts, reverts } from "./contracts.ts";
import { landed } from "./landed.ts";
import { dataTemplateStruct, templateStruct } from "./policies.ts";

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
    rewriteStruct,
    ({ challenges }, struct) => challenges.judgeRewrite(struct),
    ({ challenges }, struct, to) => challenges.challengeRewrite(struct, to),
  ),
  "malformed-leaf": calls(
    "malformed-leaf",
    "challenges",
    malformedStruct,
    ({ challenges }, struct) => challenges.judgeMalformedLeaf(struct),
    ({ challenges }, struct, to) => challenges.challengeMalformedLeaf(struct, to),
  ),
  equivocation: calls(
    "equivocation",
    "challenges",
    ({ one, other }) => ({ one: certifiedStruct(one), other: certifiedStruct(other) }),
    ({ challenges }, struct) => challenges.judgeEquivocation(struct),
    ({ challenges }, struct, to) => challenges.challengeEquivocation(struct, to),
  ),
  "dangling-template": calls(
    "dangling-template",
    "challenges",
    ({ template, artifactIndex, later }) => ({
      template: templateStruct(template),
      artifactIndex,
      later: laterStruct(later),
    }),
    ({ challenges }, struct) => challenges.judgeDanglingTemplate(struct),
    ({ challenges }, struct, to) => challenges.challengeDanglingTemplate(struct, to),
  ),
  "dangling-data": calls(
    "dangling-data",
    "challenges",
    ({ template, artifactIndex, later }) => ({
      template: dataTemplateStruct(template),
      artifactIndex,
      later: laterStruct(later),
    }),
    ({ challenges }, struct) => challenges.judgeDanglingData(struct),
    ({ challenges }, struct, to) => challenges.challengeDanglingData(struct, to),
  ),
  "wrong-identity": calls(
    "wrong-identity",
    "decisions",
    certifiedDecision,
    ({ decisions }, struct) => decisions.judgeWrongIdentity(struct),
    ({ decisions }, struct, to) => decisions.challengeWrongIdentity(struct, to),
  ),
  "stale-instance": calls(
    "stale-instance",
    "decisions",
    certifiedDecision,
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

function rewriteStruct(evidence: EvidenceOf<"rewrite">) {
  return {
    key: toHex(evidence.key),
    earlierSequenceNo: evidence.earlierSequenceNo,
    earlierRecord: toHex(evidence.earlierRecord),
    earlierProof: toHex(evidence.earlierProof),
    laterSequenceNo: evidence.laterSequenceNo,
    laterRecord: toHex(evidence.laterRecord),
    laterProof: toHex(evidence.laterProof),
  };
}

function malformedStruct(evidence: EvidenceOf<"malformed-leaf">) {
  return {
    key: toHex(evidence.key),
    sequenceNo: evidence.sequenceNo,
    record: toHex(evidence.record),
    proof: toHex(evidence.proof),
  };
}

function certifiedStruct({ commit, before, behind, certificate }: CertifiedCommit) {
  return {
    commit: commitArgument(commit),
    before: before.map((digest) => toHex(digest)),
    behind: behind.map((digest) => toHex(digest)),
    certificate: toHex(certificate),
  };
}

function laterStruct({ sequenceNo, record, proof }: LaterLeaf) {
  return { sequenceNo, record: toHex(record), proof: toHex(proof) };
}

function certifiedDecision({
  decision,
  certificate,
}: {
  readonly decision: Decision;
  readonly certificate: Uint8Array;
}) {
  return { decision: decisionStruct(decision), certificate: toHex(certificate) };
}

function decisionStruct(decision: Decision) {
  return {
    taskId: toHex(decision.taskId),
    client: toHex(decision.client),
    policyInstanceId: toHex(decision.policyInstanceId),
    policyTemplateRef: toHex(decision.policyTemplateRef),
    paramsHash: toHex(decision.paramsHash),
    policyDataInstanceIds: decision.policyDataInstanceIds.map((id) => toHex(id)),
    expireAfterBlocks: decision.expireAfterBlocks,
    regoHash: toHex(decision.regoHash),
    paramsSchemaHash: toHex(decision.paramsSchemaHash),
    entrypointHash: toHex(decision.entrypointHash),
    environment: decision.environment,
    bindingNameHashes: decision.bindingNameHashes.map((hash) => toHex(hash)),
    policyDataRefs: decision.policyDataRefs.map((ref) => toHex(ref)),
    referenceBlock: decision.referenceBlock,
    isAllowed: decision.isAllowed,
  };
}
