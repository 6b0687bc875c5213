import { toHex } from "../bytes/hex.ts";
import type { Decision } from "../challenge/decision.ts";
import type {
  CertifiedCommit,
  DanglingDataEvidence,
  DanglingParamsEvidence,
  DanglingTemplateEvidence,
  EquivocationEvidence,
  LaterLeaf,
  MalformedLeafEvidence,
  RewriteEvidence,
} from "../challenge/evidence.ts";
import { commitArgument } from "./commitArgument.ts";
import { dataTemplateArgument, templateArgument } from "./policyArgument.ts";

/** Evidence as the contracts take it. */

/** See the contracts\' struct. */
export function rewriteArgument(evidence: RewriteEvidence) {
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

/** See the contracts\' struct. */
export function malformedArgument(evidence: MalformedLeafEvidence) {
  return {
    key: toHex(evidence.key),
    sequenceNo: evidence.sequenceNo,
    record: toHex(evidence.record),
    proof: toHex(evidence.proof),
  };
}

function certifiedArgument({ commit, before, behind, certificate }: CertifiedCommit) {
  return {
    commit: commitArgument(commit),
    before: before.map((digest) => toHex(digest)),
    behind: behind.map((digest) => toHex(digest)),
    certificate: toHex(certificate),
  };
}

function laterArgument({ sequenceNo, record, proof }: LaterLeaf) {
  return { sequenceNo, record: toHex(record), proof: toHex(proof) };
}

/** See the contracts\' struct. */
export function decisionEvidenceArgument({
  decision,
  certificate,
}: {
  readonly decision: Decision;
  readonly certificate: Uint8Array;
}) {
  return { decision: decisionArgument(decision), certificate: toHex(certificate) };
}

function decisionArgument(decision: Decision) {
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

/** See the contracts' struct. */
export function equivocationArgument({ one, other }: EquivocationEvidence) {
  return { one: certifiedArgument(one), other: certifiedArgument(other) };
}

/** See the contracts' struct. */
export function danglingTemplateArgument(evidence: DanglingTemplateEvidence) {
  const { template, artifactIndex, later } = evidence;
  return { template: templateArgument(template), artifactIndex, later: laterArgument(later) };
}

/** See the contracts' struct. */
export function danglingDataArgument(evidence: DanglingDataEvidence) {
  const { template, artifactIndex, later } = evidence;
  return { template: dataTemplateArgument(template), artifactIndex, later: laterArgument(later) };
}

/** See the contracts' struct. */
export function danglingParamsArgument({ policyInstanceId, later }: DanglingParamsEvidence) {
  return { policyInstanceId: toHex(policyInstanceId), later: laterArgument(later) };
}
