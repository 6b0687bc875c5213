import { bytesToHex } from "@noble/hashes/utils.js";
import { BytesError } from "./errors.ts";

/** Lower-case hexadecimal text with a `0x` in front. */
export type Hex = `0x${string}`;

/** `bytes` as lower-case hex with `0x`. */
export function toHex(bytes: Uint8Array): Hex {
  return `0x${bytesToHex(bytes)}`;
}

/** The bytes that `hex` spells. @throws {BytesError} `E_HEX` unless it is `0x` and an even number of hex digits. */
export function fromHex(hex: string, label = "hex"): Uint8Array {
  if (!/^0x(?:[0-9a-fA-F]{2})*$/.test(hex)) {
    const shown = hex.length > 80 ? `${hex.slice(0, 80)}…` : hex;
    throw new BytesError("E_HEX", `${label}: expected 0x and pairs of hex digits, got "${shown}"`);
  }
  return Uint8Array.from(Buffer.from(hex.slice(2), "hex"));
}
