import type { Bytes32, ContentHash, Digest } from "../bytes/brand.ts";
import { concatBytes, tag, uintBytes } from "../bytes/codec.ts";
import { addressWord, typedDataDigest } from "../bytes/eip712.ts";
import { keccak256 } from "../bytes/keccak.ts";
import {
  nameHashOf,
  type PolicyDataInstanceId,
  type PolicyDataRef,
  type PolicyInstance,
  type PolicyInstanceId,
  type PolicyTemplate,
  type PolicyTemplateRef,
  policyInstanceIdOf,
} from "../policy/ids.ts";

/** What the quorum signs for a task (docs/Decisions.md), byte for byte as `DecisionMessage.sol` makes it. */

/** What a policy decided for one task, as the contracts' `Decision`: refs and ids, and every part they derive from. */
export interface Decision {
  readonly taskId: Bytes32;
  /** 20 bytes. */
  readonly client: Uint8Array;
  readonly policyInstanceId: PolicyInstanceId;
  readonly policyTemplateRef: PolicyTemplateRef;
  readonly paramsHash: Bytes32;
  /** One per binding of the template, in its order. */
  readonly policyDataInstanceIds: readonly PolicyDataInstanceId[];
  /** 32 bits. */
  readonly expireAfterBlocks: number;
  readonly regoHash: ContentHash;
  readonly paramsSchemaHash: ContentHash;
  readonly entrypointHash: Bytes32;
  /** 16 bits. */
  readonly environment: number;
  readonly bindingNameHashes: readonly Bytes32[];
  readonly policyDataRefs: readonly PolicyDataRef[];
  /** The block at whose end the chain was read; operators take one that no reorganization undoes. */
  readonly referenceBlock: bigint;
  readonly isAllowed: boolean;
}

/** The policy registry that a decision is for. */
export interface DecisionDomain {
  readonly chainId: bigint;
  /** 20 bytes. */
  readonly policyRegistry: Uint8Array;
}

const DECISION_TYPEHASH = keccak256(
  tag(
    "Decision(bytes32 taskId,address client,bytes32 policyInstanceId,bytes32 policyTemplateRef,bytes32 paramsHash,bytes32[] policyDataInstanceIds,uint32 expireAfterBlocks,bytes32 regoHash,bytes32 paramsSchemaHash,bytes32 entrypointHash,uint16 environment,bytes32[] bindingNameHashes,bytes32[] policyDataRefs,uint64 referenceBlock,bool isAllowed)",
  ),
);

/** A word of 32 bytes from a number that `bytes` bytes hold. @throws {BytesError} `E_RANGE` beyond them */
function word(value: bigint | number, bytes: number): Uint8Array {
  return concatBytes(new Uint8Array(32 - bytes), uintBytes(value, bytes));
}

/** EIP-712 digest of `decision` for one policy registry on one chain. @throws {BytesError} `E_LENGTH`, `E_RANGE` */
export function decisionDigest(domain: DecisionDomain, decision: Decision): Digest {
  const structHash = keccak256(
    DECISION_TYPEHASH,
    decision.taskId,
    addressWord(decision.client, "client"),
    decision.policyInstanceId,
    decision.policyTemplateRef,
    decision.paramsHash,
    keccak256(...decision.policyDataInstanceIds),
    word(decision.expireAfterBlocks, 4),
    decision.regoHash,
    decision.paramsSchemaHash,
    decision.entrypointHash,
    word(decision.environment, 2),
    keccak256(...decision.bindingNameHashes),
    keccak256(...decision.policyDataRefs),
    word(decision.referenceBlock, 8),
    word(decision.isAllowed ? 1 : 0, 1),
  );
  return typedDataDigest(
    {
      name: "PolicyDecision",
      version: "1",
      chainId: domain.chainId,
      verifyingContract: domain.policyRegistry,
    },
    structHash,
  );
}

/** What is asked, and what was answered. */
export interface DecidedTask {
  readonly taskId: Bytes32;
  readonly referenceBlock: bigint;
  readonly isAllowed: boolean;
}

/** The decision that `instance` of `template` came to. @throws {PolicyError} {BytesError} as the ids they derive */
export function decisionOf(
  chainId: bigint,
  template: PolicyTemplate,
  instance: PolicyInstance,
  task: DecidedTask,
): Decision {
  return {
    ...task,
    client: instance.client,
    policyInstanceId: policyInstanceIdOf(chainId, instance),
    policyTemplateRef: instance.templateRef,
    paramsHash: keccak256(instance.params),
    policyDataInstanceIds: instance.dataInstances,
    expireAfterBlocks: instance.expireAfterBlocks,
    regoHash: template.regoHash,
    paramsSchemaHash: template.paramsSchemaHash,
    entrypointHash: keccak256(tag(template.entrypoint)),
    environment: template.environment,
    bindingNameHashes: template.data.map(({ name }) => nameHashOf(name)),
    policyDataRefs: template.data.map(({ ref }) => ref),
  };
}
