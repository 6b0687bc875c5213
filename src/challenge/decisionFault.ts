import type { Bytes32 } from "../bytes/brand.ts";
import { concatBytes, uintBytes } from "../bytes/codec.ts";
import { equalBytes } from "../bytes/compare.ts";
import { keccak256 } from "../bytes/keccak.ts";
import { type PolicyInstanceId, policyDataInstanceIdOf } from "../policy/ids.ts";
import type { Decision } from "./decision.ts";
import type { StaleInstanceEvidence, WrongIdentityEvidence } from "./evidence.ts";

/** What is wrong with a decision, by what it says itself and by its client's history (docs/Decisions.md). */

/** The evidence that a decision makes. */
export type DecisionFault = (WrongIdentityEvidence | StaleInstanceEvidence)["kind"];

/** Bindings of the longest template that can be registered. */
const MAX_BINDINGS = 16;

/**
 * The faults of `decision`, of which each has its own judge; none if it is honest.
 * @param instanceThen the client's instance at the end of the reference block; nothing if that block is not past
 */
export function decisionFaults(
  decision: Decision,
  chainId: bigint,
  instanceThen: PolicyInstanceId | undefined,
): readonly DecisionFault[] {
  const faults: DecisionFault[] = [];
  if (!hasRightIdentity(decision, chainId)) faults.push("wrong-identity");
  if (instanceThen !== undefined && !equalBytes(decision.policyInstanceId, instanceThen)) {
    faults.push("stale-instance");
  }
  return faults;
}

/** Whether every ref and id of `decision` is that of its own parts: as `DecisionIdentity.sol`. */
export function hasRightIdentity(decision: Decision, chainId: bigint): boolean {
  const { client, policyDataRefs, policyDataInstanceIds, bindingNameHashes } = decision;
  const count = policyDataRefs.length;
  const isOneLength = count === bindingNameHashes.length && count === policyDataInstanceIds.length;
  if (count > MAX_BINDINGS || !isOneLength) return false;
  return (
    equalBytes(decision.policyTemplateRef, templateRefOf(decision)) &&
    policyDataRefs.every((ref, i) => {
      const id = policyDataInstanceIds[i];
      return id !== undefined && equalBytes(id, policyDataInstanceIdOf(chainId, client, ref));
    }) &&
    equalBytes(decision.policyInstanceId, instanceIdOf(decision, chainId))
  );
}

/** As `policyTemplateRefOf`, from the hashes of what is long. */
function templateRefOf(decision: Decision): Bytes32 {
  const bindings = decision.policyDataRefs.flatMap((ref, i) => {
    const nameHash = decision.bindingNameHashes[i];
    return nameHash === undefined ? [] : [nameHash, ref];
  });
  return keccak256(
    uintBytes(0x03, 1),
    decision.regoHash,
    decision.paramsSchemaHash,
    decision.entrypointHash,
    uintBytes(decision.environment, 2),
    keccak256(...bindings),
  );
}

/** As `policyInstanceIdOf`, from the hash of the params. */
function instanceIdOf(decision: Decision, chainId: bigint): Bytes32 {
  return keccak256(
    uintBytes(0x02, 1),
    uintBytes(chainId, 32),
    decision.client,
    decision.policyTemplateRef,
    decision.paramsHash,
    keccak256(concatBytes(...decision.policyDataInstanceIds)),
    uintBytes(decision.expireAfterBlocks, 4),
  );
}
