import { getAddress, isAddress } from "ethers";
import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  parseJsonObject,
} from "../artifact/json.ts";
import { CodedError } from "../bytes/errors.ts";
import { toHex } from "../bytes/hex.ts";
import { keccak256 } from "../bytes/keccak.ts";
import { MigrationError } from "./migrationError.ts";

/**
 * Batch files of Safe's Transaction Builder: a Safe's owners load the file, see each call, and sign all of them as one
 * transaction. Format and checksum are those of `apps/tx-builder` (`src/typings/models.ts`, `src/lib/checksum.ts`) in
 * github.com/safe-global/safe-react-apps, version 1.0 of the file.
 */

/** One call; `data` is complete calldata, so that nothing is left to be encoded. */
export interface BatchTransaction {
  readonly to: string;
  /** Wei, in decimal. */
  readonly value: string;
  readonly data: string;
}

/** What a batch file says. */
export interface SafeBatch {
  readonly chainId: bigint;
  /** Milliseconds since 1970. */
  readonly createdAtMs: number;
  readonly name: string;
  readonly description: string;
  /** The Safe that is to send it. */
  readonly safe: string;
  readonly transactions: readonly BatchTransaction[];
}

const VERSION = "1.0";
/** The version of the app whose files these are like. */
const TX_BUILDER_VERSION = "1.18.0";

/** Longest batch file, in bytes. */
export const BATCH_MAX_BYTES = 16_777_216;
/** Calls of one batch. */
export const BATCH_MAX_TRANSACTIONS = 512;

const utf8 = new TextEncoder();

/** The file for `batch`, with its checksum; the same batch gives the same bytes. */
export function encodeSafeBatch(batch: SafeBatch): Uint8Array {
  const file = fileOf(batch);
  const checksum = checksumOf(file);
  const meta = isJsonObject(file.meta) ? { ...file.meta, checksum } : { checksum };
  return utf8.encode(`${JSON.stringify({ ...file, meta }, undefined, 2)}\n`);
}

/** Checksum of the file that {@link encodeSafeBatch} makes of `batch`. */
export function safeBatchChecksum(batch: SafeBatch): string {
  return checksumOf(fileOf(batch));
}

/**
 * The batch in `bytes`, its checksum compared.
 * @throws {MigrationError} `E_BATCH_INVALID`, `E_BATCH_CHECKSUM`
 */
export function decodeSafeBatch(bytes: Uint8Array, label: string): SafeBatch {
  if (bytes.length > BATCH_MAX_BYTES) throw invalid(label, `${bytes.length} bytes`);
  const file = objectIn(bytes, label);
  const { checksum, ...meta } = isJsonObject(file.meta) ? file.meta : {};
  const expected = checksumOf({ ...file, meta });
  if (checksum !== expected) {
    const message = `${label}: expected checksum ${expected}, got ${JSON.stringify(checksum)}`;
    throw new MigrationError("E_BATCH_CHECKSUM", message);
  }
  const { chainId, createdAt, transactions } = file;
  const safe = meta.createdFromSafeAddress;
  if (file.version !== VERSION) throw invalid(label, `version ${JSON.stringify(file.version)}`);
  if (typeof chainId !== "string" || !/^[1-9][0-9]{0,77}$/.test(chainId)) {
    throw invalid(label, "no chain id");
  }
  if (typeof createdAt !== "number" || !isAddress(safe))
    throw invalid(label, "no time, or no Safe");
  if (!Array.isArray(transactions) || transactions.length > BATCH_MAX_TRANSACTIONS) {
    throw invalid(label, `expected at most ${BATCH_MAX_TRANSACTIONS} transactions`);
  }
  return {
    chainId: BigInt(chainId),
    createdAtMs: createdAt,
    name: String(meta.name),
    description: String(meta.description),
    safe: getAddress(safe),
    transactions: transactions.map((one: JsonValue, i: number) => transactionOf(one, i, label)),
  };
}

/**
 * The Transaction Builder's checksum: `keccak256` of the file without its checksum and with a name of null, written with the
 * sorted keys of each object in front and their values behind.
 */
export function checksumOf(file: JsonObject): string {
  const meta = isJsonObject(file.meta) ? { ...file.meta, name: null } : { name: null };
  return toHex(keccak256(utf8.encode(serialized({ ...file, meta }))));
}

function serialized(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(serialized).join(",")}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const keys = Object.keys(value).sort();
  const members = keys.map((key) => `${serialized(value[key] ?? null)},`);
  return `{${JSON.stringify(keys)}${members.join("")}}`;
}

function fileOf(batch: SafeBatch): JsonObject {
  return {
    version: VERSION,
    chainId: String(batch.chainId),
    createdAt: batch.createdAtMs,
    meta: {
      name: batch.name,
      description: batch.description,
      txBuilderVersion: TX_BUILDER_VERSION,
      createdFromSafeAddress: getAddress(batch.safe),
      createdFromOwnerAddress: "",
    },
    transactions: batch.transactions.map(({ to, value, data }) => ({
      to: getAddress(to),
      value,
      data,
      contractMethod: null,
      contractInputsValues: null,
    })),
  };
}

function transactionOf(value: JsonValue, index: number, label: string): BatchTransaction {
  if (isJsonObject(value)) {
    const { to, value: wei, data } = value;
    const isCall = typeof data === "string" && /^0x(?:[0-9a-f]{2})+$/.test(data);
    if (isAddress(to) && typeof wei === "string" && /^[0-9]{1,78}$/.test(wei) && isCall) {
      return { to: getAddress(to), value: wei, data };
    }
  }
  throw invalid(label, `transaction ${index} is no call with its data`);
}

function objectIn(bytes: Uint8Array, label: string): JsonObject {
  try {
    return parseJsonObject(bytes, label);
  } catch (cause) {
    if (!(cause instanceof CodedError)) throw cause;
    throw new MigrationError("E_BATCH_INVALID", cause.message, { cause });
  }
}

function invalid(label: string, why: string): MigrationError {
  return new MigrationError("E_BATCH_INVALID", `${label}: no Transaction Builder file: ${why}`);
}
