import type { Digest } from "./brand.ts";
import { concatBytes, tag, uintBytes } from "./codec.ts";
import { BytesError } from "./errors.ts";
import { keccak256 } from "./keccak.ts";

/** Typed data as EIP-712 hashes it. Struct hashes are made by whoever owns the struct. */

/** Length of an EVM address. */
export const ADDRESS_BYTES = 20;

/** What a signature is good for: one version of one contract on one chain. */
export interface Eip712Domain {
  readonly name: string;
  readonly version: string;
  readonly chainId: bigint;
  /** 20 bytes. */
  readonly verifyingContract: Uint8Array;
}

const DOMAIN_TYPEHASH = keccak256(
  tag("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
);

/** `address` as the 32-byte word the ABI makes of it. @throws {BytesError} `E_LENGTH` unless it has 20 bytes. */
export function addressWord(address: Uint8Array, label = "address"): Uint8Array {
  if (address.length !== ADDRESS_BYTES) {
    throw new BytesError("E_LENGTH", `${label}: expected 20 bytes, got ${address.length}`);
  }
  return concatBytes(new Uint8Array(12), address);
}

/** EIP-712 digest of the struct with `structHash` under `domain`. @throws {BytesError} `E_LENGTH`, `E_RANGE` */
export function typedDataDigest(domain: Eip712Domain, structHash: Uint8Array): Digest {
  const separator = keccak256(
    DOMAIN_TYPEHASH,
    keccak256(tag(domain.name)),
    keccak256(tag(domain.version)),
    uintBytes(domain.chainId, 32),
    addressWord(domain.verifyingContract, "verifyingContract"),
  );
  return keccak256<Digest>(Uint8Array.of(0x19, 0x01), separator, structHash);
}
