import { BytesError } from "./errors.ts";
import { fromHex } from "./hex.ts";

/**
 * Nouns of 32 bytes. Each is a plain `Uint8Array` of length 32 at run time; the brand keeps the compiler from taking one
 * for another. {@link bytes32} is the one place where a noun is made from bytes.
 */
export type Bytes32<Noun extends string = string> = Uint8Array & { readonly __noun: Noun };

/** Root of the state tree after a commit. */
export type StateRoot = Bytes32<"StateRoot">;
/** Key of a leaf of the state tree. */
export type TreeKey = Bytes32<"TreeKey">;
/** `keccak256` of a leaf record. */
export type ValueHash = Bytes32<"ValueHash">;
/** `keccak256` of an artifact's stored bytes. */
export type ContentHash = Bytes32<"ContentHash">;
/** `keccak256` of a delta manifest. */
export type DaCertHash = Bytes32<"DaCertHash">;
/** What operators sign, before or after it is bound to an epoch. */
export type Digest = Bytes32<"Digest">;

/** `bytes` as a 32-byte noun. @throws {BytesError} `E_LENGTH` unless there are 32. */
export function bytes32<T extends Bytes32>(bytes: Uint8Array | string, label = "bytes32"): T {
  const raw = typeof bytes === "string" ? fromHex(bytes, label) : bytes;
  if (raw.length !== 32) {
    throw new BytesError("E_LENGTH", `${label}: expected 32 bytes, got ${raw.length}`);
  }
  return raw as T;
}

/** 32 zero bytes, fresh, as the noun asked for. */
export function zero32<T extends Bytes32>(): T {
  return bytes32<T>(new Uint8Array(32));
}
