import { existsSync, readFileSync, statSync } from "node:fs";
import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  parseJsonObject,
} from "../../src/artifact/json.ts";
import { CodedError } from "../../src/bytes/errors.ts";
import type { ConsumerRow } from "../../src/chain/consumers.ts";
import { type Change, ProviderPlanError } from "../../src/chain/providerPlan.ts";
import { TaskError } from "../support/errors.ts";

/** Changes of the directory as people write them. */

/** What a file of changes holds: `{consumers: [{id, contract, reads}], changes: ["…", {deploy, reads}]}`. */
export interface ChangesFile {
  readonly changes: readonly Change[];
  readonly consumers: readonly ConsumerRow[];
}

/** Longest file of changes, in bytes. */
const MAX_FILE_BYTES = 262_144;
/** Names of entries; an id of 32 bytes in hex is one too. */
const NAME = /^(?:[A-Z][A-Z0-9_]{0,63}|0x[0-9a-f]{64})$/;
const CHANGE = /^(set|remove|deploy):([^=]*)(?:=(.*))?$/;

/** `text` as a change. @throws {ProviderPlanError} `E_CHANGE_INVALID` */
export function parseChange(text: string): Change {
  const [, kind, id = "", address] = CHANGE.exec(text) ?? [];
  if (NAME.test(id)) {
    if (kind === "set" && address !== undefined && /^0x[0-9a-fA-F]{40}$/.test(address)) {
      return { kind, id, address };
    }
    if ((kind === "remove" || kind === "deploy") && address === undefined) return { kind, id };
  }
  const wanted = "set:NAME=0x…, remove:NAME or deploy:NAME";
  throw new ProviderPlanError(
    "E_CHANGE_INVALID",
    `"${text.slice(0, 120)}" is no change; expected ${wanted}`,
  );
}

/** The changes in the file at `path`. @throws {TaskError} `E_FILE_NOT_FOUND`, `E_FILE_INVALID` */
export function readChanges(path: string): ChangesFile {
  if (!existsSync(path)) throw new TaskError("E_FILE_NOT_FOUND", `there is no file ${path}`);
  if (!statSync(path).isFile() || statSync(path).size > MAX_FILE_BYTES) {
    throw new TaskError("E_FILE_INVALID", `${path}: no file, or above ${MAX_FILE_BYTES} bytes`);
  }
  try {
    const json = parseJsonObject(readFileSync(path), path);
    return {
      consumers: listOf(json.consumers).map(consumerOf),
      changes: listOf(json.changes).map(changeOf),
    };
  } catch (cause) {
    if (!(cause instanceof CodedError)) throw cause;
    throw new TaskError("E_FILE_INVALID", `${path}: ${cause.message}`, { cause });
  }
}

function changeOf(value: JsonValue): Change {
  if (typeof value === "string") return parseChange(value);
  if (isJsonObject(value) && typeof value.deploy === "string") {
    return { ...parseChange(`deploy:${value.deploy}`), ...readsOf(value) };
  }
  return parseChange(JSON.stringify(value));
}

function readsOf(value: JsonObject): { readonly reads?: readonly string[] } {
  return value.reads === undefined ? {} : { reads: namesOf(value.reads) };
}

function consumerOf(value: JsonValue): ConsumerRow {
  if (!isJsonObject(value) || typeof value.contract !== "string") {
    throw invalid("a consumer is {id, contract, reads}");
  }
  const [id = ""] = namesOf([value.id ?? null]);
  return { id, contract: value.contract.slice(0, 120), reads: namesOf(value.reads) };
}

function namesOf(value: JsonValue | undefined): string[] {
  return listOf(value).map((name) => {
    if (typeof name === "string" && NAME.test(name)) return name;
    throw invalid(`${JSON.stringify(name)} is no name of an entry`);
  });
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  if (value === undefined) return [];
  if (Array.isArray(value) && value.length <= 256) return value;
  throw invalid("expected a list of at most 256");
}

function invalid(why: string): ProviderPlanError {
  return new ProviderPlanError("E_CHANGE_INVALID", why);
}
