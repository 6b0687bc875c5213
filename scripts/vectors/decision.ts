import { writeFileSync } from "node:fs";
import { bytes32, type ContentHash } from "../../src/bytes/brand.ts";
import { bytesToUint, concatBytes } from "../../src/bytes/codec.ts";
import { toHex } from "../../src/bytes/hex.ts";
import {
  type Decision,
  type DecisionDomain,
  decisionDigest,
} from "../../src/challenge/decision.ts";
import type { PolicyDataInstanceId, PolicyDataRef } from "../../src/policy/ids.ts";
import { seededBytes } from "./seededBytes.ts";

/** Writes test/vectors/decision.json: digests of decisions on several chains and registries, lists of any length. */

const COUNT = 30;
const U64_MAX = (1n << 64n) - 1n;

interface Row {
  readonly domain: DecisionDomain;
  readonly decision: Decision;
}

/** Every field at one byte's value, lists of `length`. */
function edgeRow(chainId: bigint, byte: number, length: number): Row {
  const word = new Uint8Array(32).fill(byte);
  const isZero = byte === 0;
  const decision: Decision = {
    taskId: bytes32(word),
    client: new Uint8Array(20).fill(byte),
    policyInstanceId: bytes32(word),
    policyTemplateRef: bytes32(word),
    paramsHash: bytes32(word),
    policyDataInstanceIds: Array.from({ length }, () => bytes32<PolicyDataInstanceId>(word)),
    expireAfterBlocks: isZero ? 0 : 0xffffffff,
    regoHash: bytes32<ContentHash>(word),
    paramsSchemaHash: bytes32<ContentHash>(word),
    entrypointHash: bytes32(word),
    environment: isZero ? 0 : 0xffff,
    bindingNameHashes: Array.from({ length }, () => bytes32(word)),
    policyDataRefs: Array.from({ length }, () => bytes32<PolicyDataRef>(word)),
    referenceBlock: isZero ? 0n : U64_MAX,
    isAllowed: !isZero,
  };
  return { domain: { chainId, policyRegistry: new Uint8Array(20).fill(0xee) }, decision };
}

/** What test/vectors/decision.json holds; a list is its words, one behind the other. */
export function decisionVectors() {
  const random = seededBytes("decision.json");
  const randomRow = (_: unknown, i: number): Row => {
    const list = (length: number) => Array.from({ length }, () => random(32));
    return {
      domain: { chainId: bytesToUint(random(7)) + 1n, policyRegistry: random(20) },
      decision: {
        taskId: bytes32(random(32)),
        client: random(20),
        policyInstanceId: bytes32(random(32)),
        policyTemplateRef: bytes32(random(32)),
        paramsHash: bytes32(random(32)),
        policyDataInstanceIds: list(i % 17).map((word) => bytes32<PolicyDataInstanceId>(word)),
        expireAfterBlocks: Number(bytesToUint(random(4))),
        regoHash: bytes32<ContentHash>(random(32)),
        paramsSchemaHash: bytes32<ContentHash>(random(32)),
        entrypointHash: bytes32(random(32)),
        environment: Number(bytesToUint(random(2))),
        bindingNameHashes: list((i + 1) % 17).map((word) => bytes32(word)),
        policyDataRefs: list((i + 2) % 17).map((word) => bytes32<PolicyDataRef>(word)),
        referenceBlock: bytesToUint(random(8)),
        isAllowed: i % 2 === 0,
      },
    };
  };
  const rows = [
    edgeRow(1n, 0, 0),
    edgeRow(10n, 0xff, 16),
    ...Array.from({ length: COUNT }, randomRow),
  ];
  const decisions = rows.map(({ decision }) => decision);
  const words = (list: readonly Uint8Array[]) => toHex(concatBytes(...list));
  return {
    chainIds: rows.map(({ domain }) => domain.chainId.toString()),
    policyRegistries: rows.map(({ domain }) => toHex(domain.policyRegistry)),
    taskIds: decisions.map(({ taskId }) => toHex(taskId)),
    clients: decisions.map(({ client }) => toHex(client)),
    policyInstanceIds: decisions.map(({ policyInstanceId }) => toHex(policyInstanceId)),
    policyTemplateRefs: decisions.map(({ policyTemplateRef }) => toHex(policyTemplateRef)),
    paramsHashes: decisions.map(({ paramsHash }) => toHex(paramsHash)),
    policyDataInstanceIds: decisions.map((one) => words(one.policyDataInstanceIds)),
    expireAfterBlocks: decisions.map((one) => one.expireAfterBlocks.toString()),
    regoHashes: decisions.map(({ regoHash }) => toHex(regoHash)),
    paramsSchemaHashes: decisions.map(({ paramsSchemaHash }) => toHex(paramsSchemaHash)),
    entrypointHashes: decisions.map(({ entrypointHash }) => toHex(entrypointHash)),
    environments: decisions.map(({ environment }) => environment.toString()),
    bindingNameHashes: decisions.map((one) => words(one.bindingNameHashes)),
    policyDataRefs: decisions.map((one) => words(one.policyDataRefs)),
    referenceBlocks: decisions.map(({ referenceBlock }) => referenceBlock.toString()),
    areAllowed: decisions.map(({ isAllowed }) => (isAllowed ? "1" : "0")),
    digests: rows.map(({ domain, decision }) => toHex(decisionDigest(domain, decision))),
  };
}

if (import.meta.main) {
  const path = new URL("../../test/vectors/decision.json", import.meta.url);
  writeFileSync(path, `${JSON.stringify(decisionVectors(), null, 2)}\n`);
}
