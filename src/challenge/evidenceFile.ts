import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  parseJsonObject,
} from "../artifact/json.ts";
import { type Bytes32, bytes32 } from "../bytes/brand.ts";
import { CodedError } from "../bytes/errors.ts";
import { fromHex, type Hex, toHex } from "../bytes/hex.ts";
import { keccak256 } from "../bytes/keccak.ts";
import { COMMIT_VERSION, type StateCommit } from "../commit/message.ts";
import type { Decision } from "./decision.ts";
import { ChallengeError } from "./errors.ts";
import type {
  CertifiedCommit,
  EquivocationEvidence,
  StaleInstanceEvidence,
  WrongIdentityEvidence,
} from "./evidence.ts";
import type { Observation } from "./observation.ts";

/**
 * Evidence and observations that no registry has seen, as a file: `{"version":1,"evidence":[…]}`, each with its `kind`. The
 * fields are those of the types in `evidence.ts`, `observation.ts`, `decision.ts` and `StateCommit`, all of them and no others:
 * bytes as lower-case hex with `0x`, 64-bit numbers as decimal strings, 32-bit ones as numbers.
 */

/** What is handed in to accuse. */
export type HandedInEvidence = EquivocationEvidence | WrongIdentityEvidence | StaleInstanceEvidence;

/** What is handed in rather than found. */
export type HandedIn = HandedInEvidence | Observation;

/** Longest file, in bytes. */
export const MAX_EVIDENCE_FILE_BYTES = 1_048_576;
/** Most pieces of evidence in a file. */
export const MAX_HANDED_IN = 64;

const VERSION = 1;
/** Longest certificate, in bytes. */
const MAX_CERTIFICATE_BYTES = 65_536;
/** Most other digests that a certificate proves. */
const MAX_DIGESTS = 720;
/** Most bindings of a decision: a wrong one may have more than the 16 of a right one. */
const MAX_BINDINGS = 256;

/** The bytes of a file with `evidence`, the same for the same pieces. */
export function encodeEvidenceFile(evidence: readonly HandedIn[]): Uint8Array {
  const plain = (_key: string, value: unknown): unknown => {
    if (value instanceof Uint8Array) return toHex(value);
    return typeof value === "bigint" ? String(value) : value;
  };
  const text = JSON.stringify({ version: VERSION, evidence }, plain, 2);
  return new TextEncoder().encode(`${text}\n`);
}

/** Hash of the bytes of a file with `piece` alone: what tells one piece from another. */
export function pieceId(piece: HandedIn): Hex {
  return toHex(keccak256(encodeEvidenceFile([piece])));
}

/** The evidence in `bytes`. @throws {ChallengeError} `E_EVIDENCE_FILE` */
export function decodeEvidenceFile(bytes: Uint8Array, label: string): readonly HandedIn[] {
  try {
    if (bytes.length > MAX_EVIDENCE_FILE_BYTES) {
      throw invalid(`expected at most ${MAX_EVIDENCE_FILE_BYTES} bytes, got ${bytes.length}`);
    }
    const json = fields(parseJsonObject(bytes, label), ["version", "evidence"]);
    if (json.version !== VERSION) throw invalid(`version: expected ${VERSION}`);
    return items(json, "evidence", MAX_HANDED_IN).map(pieceIn);
  } catch (cause) {
    if (!(cause instanceof CodedError)) throw cause;
    throw new ChallengeError("E_EVIDENCE_FILE", `${label}: ${cause.message}`, { cause });
  }
}

function pieceIn(value: JsonValue): HandedIn {
  const kind = isJsonObject(value) ? value.kind : undefined;
  if (kind === "certified-commit") {
    const json = fields(value, ["kind", ...CERTIFIED_FIELDS]);
    return { kind, ...certifiedOf(json) };
  }
  if (kind === "equivocation") {
    const json = fields(value, ["kind", "one", "other"]);
    return { kind, one: certifiedIn(json.one), other: certifiedIn(json.other) };
  }
  if (kind === "decision" || kind === "wrong-identity" || kind === "stale-instance") {
    const json = fields(value, ["kind", "decision", "certificate"]);
    return { kind, decision: decisionIn(json.decision), certificate: certificate(json) };
  }
  const known = "certified-commit, decision, equivocation, wrong-identity or stale-instance";
  throw invalid(`kind: expected ${known}`);
}

const CERTIFIED_FIELDS = ["commit", "before", "behind", "certificate"];

function certifiedIn(value: JsonValue | undefined): CertifiedCommit {
  return certifiedOf(fields(value, CERTIFIED_FIELDS));
}

function certifiedOf(json: JsonObject): CertifiedCommit {
  return {
    commit: commitIn(json.commit),
    before: words(json, "before", MAX_DIGESTS),
    behind: words(json, "behind", MAX_DIGESTS),
    certificate: certificate(json),
  };
}

const COMMIT_FIELDS = [
  ...["version", "sequenceNo", "prevStateRoot", "newStateRoot", "timestamp", "daCertHash"],
  "pcr0Commitment",
];

function commitIn(value: JsonValue | undefined): StateCommit {
  const json = fields(value, COMMIT_FIELDS);
  if (json.version !== COMMIT_VERSION) throw invalid(`commit version: expected ${COMMIT_VERSION}`);
  return {
    version: COMMIT_VERSION,
    sequenceNo: uint64(json, "sequenceNo"),
    prevStateRoot: word(json, "prevStateRoot"),
    newStateRoot: word(json, "newStateRoot"),
    timestamp: uint64(json, "timestamp"),
    daCertHash: word(json, "daCertHash"),
    pcr0Commitment: word(json, "pcr0Commitment"),
  };
}

const DECISION_FIELDS = [
  ...["taskId", "client", "policyInstanceId", "policyTemplateRef", "paramsHash", "isAllowed"],
  ...["policyDataInstanceIds", "expireAfterBlocks", "regoHash", "paramsSchemaHash"],
  ...["entrypointHash", "environment", "bindingNameHashes", "policyDataRefs", "referenceBlock"],
];

function decisionIn(value: JsonValue | undefined): Decision {
  const json = fields(value, DECISION_FIELDS);
  const { isAllowed } = json;
  if (typeof isAllowed !== "boolean") throw invalid("isAllowed: expected true or false");
  return {
    taskId: word(json, "taskId"),
    client: hex(json, "client", 20, 20),
    policyInstanceId: word(json, "policyInstanceId"),
    policyTemplateRef: word(json, "policyTemplateRef"),
    paramsHash: word(json, "paramsHash"),
    policyDataInstanceIds: words(json, "policyDataInstanceIds", MAX_BINDINGS),
    expireAfterBlocks: uint(json, "expireAfterBlocks", 32),
    regoHash: word(json, "regoHash"),
    paramsSchemaHash: word(json, "paramsSchemaHash"),
    entrypointHash: word(json, "entrypointHash"),
    environment: uint(json, "environment", 16),
    bindingNameHashes: words(json, "bindingNameHashes", MAX_BINDINGS),
    policyDataRefs: words(json, "policyDataRefs", MAX_BINDINGS),
    referenceBlock: uint64(json, "referenceBlock"),
    isAllowed,
  };
}

/** `value` as an object that has these keys and no others. */
function fields(value: JsonValue | undefined, keys: readonly string[]): JsonObject {
  if (!isJsonObject(value)) throw invalid(`expected an object of ${keys.join(", ")}`);
  const isWhole = keys.every((key) => Object.hasOwn(value, key));
  if (isWhole && Object.keys(value).length === keys.length) return value;
  throw invalid(`expected ${keys.join(", ")}; got ${Object.keys(value).join(", ").slice(0, 200)}`);
}

function items(json: JsonObject, key: string, most: number): readonly JsonValue[] {
  const value = json[key];
  if (Array.isArray(value) && value.length <= most) return value;
  throw invalid(`${key}: expected a list of at most ${most}`);
}

function hexOf(value: JsonValue | undefined, label: string, least: number, most: number) {
  if (typeof value === "string" && value.length <= 2 + 2 * most && !/[A-F]/.test(value)) {
    const bytes = fromHex(value, label);
    if (bytes.length >= least) return bytes;
  }
  throw invalid(`${label}: expected ${least} to ${most} bytes in lower-case hex`);
}

function hex(json: JsonObject, key: string, least: number, most: number): Uint8Array {
  return hexOf(json[key], key, least, most);
}

function certificate(json: JsonObject): Uint8Array {
  return hex(json, "certificate", 1, MAX_CERTIFICATE_BYTES);
}

function word<Noun extends Bytes32>(json: JsonObject, key: string): Noun {
  return bytes32<Noun>(hex(json, key, 32, 32));
}

function words<Noun extends Bytes32>(json: JsonObject, key: string, most: number): Noun[] {
  return items(json, key, most).map((value) => bytes32<Noun>(hexOf(value, key, 32, 32)));
}

function uint(json: JsonObject, key: string, bits: number): number {
  const value = json[key];
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value < 2 ** bits) {
    return value;
  }
  throw invalid(`${key}: expected an unsigned ${bits}-bit number`);
}

function uint64(json: JsonObject, key: string): bigint {
  const value = json[key];
  if (typeof value === "string" && /^(?:0|[1-9][0-9]{0,19})$/.test(value)) {
    const number = BigInt(value);
    if (number >> 64n === 0n) return number;
  }
  throw invalid(`${key}: expected an unsigned 64-bit number as a decimal string`);
}

function invalid(why: string): ChallengeError {
  return new ChallengeError("E_EVIDENCE_FILE", why);
}
