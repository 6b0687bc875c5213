import { existsSync, readFileSync } from "node:fs";
import { bytes32, type TreeKey } from "../../src/bytes/brand.ts";
import { fromHex, type Hex } from "../../src/bytes/hex.ts";
import { TaskError } from "../support/errors.ts";

/** A proof as `state prove` writes it and `state verify` reads it. */
export interface ProofFile {
  readonly chainId: string;
  readonly registry: Hex;
  readonly sequenceNo: string;
  readonly key: Hex;
  readonly present: boolean;
  /** The leaf record; `0x` where absent. */
  readonly record: Hex;
  readonly proof: Hex;
}

/** What {@link ProofFile} says, as values. */
export interface StateProof {
  readonly chainId: bigint;
  readonly sequenceNo: bigint;
  readonly key: TreeKey;
  readonly present: boolean;
  readonly record: Uint8Array;
  readonly proof: Uint8Array;
}

/** A proof of depth 256 takes less than this, in hex and with its names. */
const MAX_FILE_BYTES = 65_536;

/** The proof in `path`. @throws {TaskError} `E_FILE_NOT_FOUND`, `E_FILE_INVALID` */
export function readProofFile(path: string): StateProof {
  if (!existsSync(path)) throw new TaskError("E_FILE_NOT_FOUND", `there is no file ${path}`);
  const bytes = readFileSync(path);
  try {
    if (bytes.length > MAX_FILE_BYTES) throw new RangeError(`more than ${MAX_FILE_BYTES} bytes`);
    const fields: Record<string, unknown> = JSON.parse(bytes.toString("utf8"));
    const text = (name: string): string => {
      const value = fields[name];
      if (typeof value === "string") return value;
      throw new TypeError(`${name} is not a string`);
    };
    return {
      chainId: BigInt(text("chainId")),
      sequenceNo: BigInt(text("sequenceNo")),
      key: bytes32<TreeKey>(text("key"), "key"),
      present: fields.present === true,
      record: fromHex(text("record"), "record"),
      proof: fromHex(text("proof"), "proof"),
    };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : "";
    throw new TaskError("E_FILE_INVALID", `${path} is not a proof file: ${reason}`, { cause });
  }
}
