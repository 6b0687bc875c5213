import { isAddress } from "ethers";
import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  parseJsonObject,
} from "../artifact/json.ts";
import { CodedError } from "../bytes/errors.ts";
import type { RiskFacts } from "../policy/risk.ts";
import type { MigrationPlan, PlannedPolicy, PlannedStage } from "./migration.ts";
import { MigrationError } from "./migrationError.ts";

/** A migration's plan as a file: JSON, the same bytes for the same plan. */

/** Longest plan, in bytes. */
const MAX_BYTES = 4_194_304;
/** Stages, and policies of one stage. */
const MAX_ITEMS = 512;

/** The bytes of `plan`. */
export function encodePlan(plan: MigrationPlan): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(plan, undefined, 2)}\n`);
}

/** The plan in `bytes`. @throws {MigrationError} `E_PLAN_INVALID` */
export function decodePlan(bytes: Uint8Array, label: string): MigrationPlan {
  try {
    if (bytes.length > MAX_BYTES) throw invalid(`more than ${MAX_BYTES} bytes`);
    return planIn(parseJsonObject(bytes, label));
  } catch (cause) {
    if (!(cause instanceof CodedError)) throw cause;
    throw new MigrationError("E_PLAN_INVALID", `${label}: ${cause.message}`, { cause });
  }
}

function planIn(json: JsonObject): MigrationPlan {
  return {
    chainId: text(json, "chainId", DECIMAL),
    safe: address(json, "safe"),
    addressesProvider: address(json, "addressesProvider"),
    policyDataRegistry: address(json, "policyDataRegistry"),
    policyRegistry: address(json, "policyRegistry"),
    expireAfterBlocks: count(json, "expireAfterBlocks"),
    sequenceNo: text(json, "sequenceNo", DECIMAL),
    stateRoot: text(json, "stateRoot", WORD),
    provableThrough: text(json, "provableThrough", DECIMAL),
    stages: list(json, "stages").map(stageIn),
  };
}

function stageIn(json: JsonObject): PlannedStage {
  return {
    stage: count(json, "stage"),
    checksum: text(json, "checksum", WORD),
    policies: list(json, "policies").map(policyIn),
  };
}

function policyIn(json: JsonObject): PlannedPolicy {
  return {
    name: text(json, "name", NAME),
    score: count(json, "score"),
    facts: factsIn(json.facts),
    templateRef: text(json, "templateRef", WORD),
    regoHash: text(json, "regoHash", WORD),
    paramsHash: text(json, "paramsHash", WORD),
    data: list(json, "data").map((one) => ({
      name: text(one, "name", NAME),
      ref: text(one, "ref", WORD),
      wasmHash: text(one, "wasmHash", WORD),
    })),
    instances: list(json, "instances").map((one) => ({
      client: address(one, "client"),
      id: text(one, "id", WORD),
    })),
  };
}

function factsIn(value: JsonValue | undefined): RiskFacts {
  const facts = object(value);
  return {
    secrets: count(facts, "secrets"),
    plugins: count(facts, "plugins"),
    interpreters: count(facts, "interpreters"),
    imports: count(facts, "imports"),
    paramsBytes: count(facts, "paramsBytes"),
    regoBytes: count(facts, "regoBytes"),
  };
}

const DECIMAL = /^(?:0|[1-9][0-9]{0,77})$/;
const WORD = /^0x[0-9a-f]{64}$/;
const NAME = /^[\w.-]{1,64}$/;

function text(json: JsonObject, key: string, pattern: RegExp): string {
  const value = json[key];
  if (typeof value === "string" && pattern.test(value)) return value;
  throw invalid(`${key}: ${JSON.stringify(value)?.slice(0, 80)}`);
}

function address(json: JsonObject, key: string): string {
  const value = json[key];
  if (typeof value === "string" && isAddress(value)) return value;
  throw invalid(`${key}: no address`);
}

function count(json: JsonObject, key: string): number {
  const value = json[key];
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw invalid(`${key}: no number`);
}

function list(json: JsonObject, key: string): JsonObject[] {
  const value = json[key];
  if (Array.isArray(value) && value.length <= MAX_ITEMS) return value.map(object);
  throw invalid(`${key}: no list of at most ${MAX_ITEMS}`);
}

function object(value: JsonValue | undefined): JsonObject {
  if (isJsonObject(value)) return value;
  throw invalid("expected an object");
}

function invalid(why: string): MigrationError {
  return new MigrationError("E_PLAN_INVALID", why);
}
