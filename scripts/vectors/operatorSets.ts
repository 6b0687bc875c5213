import { bytesToUint, tag, uintBytes } from "../../src/bytes/codec.ts";
import { keccak256 } from "../../src/bytes/keccak.ts";
import { R } from "../../src/operators/bn254.ts";
import { KeyPair } from "../../src/operators/keyPair.ts";
import { OperatorSet } from "../../src/operators/operatorSet.ts";
import { seededBytes } from "./seededBytes.ts";

/** The operator sets that certificate vectors are judged against. */

/** Block time at which they are judged. */
export const NOW_SECONDS = 1_800_000_000n;

const NEVER = (1n << 64n) - 1n;

/** A set, its secrets, and the last second at which it is valid. */
export interface VectorSet {
  readonly set: OperatorSet;
  readonly keys: readonly KeyPair[];
  readonly expiresAtSeconds: bigint;
}

const random = seededBytes("bls.json sets");

/** The secret scalar of `key`. */
export function secretOf(key: KeyPair): bigint {
  return bytesToUint(key.exportSecret());
}

/** The key whose secret is r minus that of `key`: both sum to infinity. */
function opposite(key: KeyPair): KeyPair {
  return KeyPair.fromSecret(uintBytes(R - secretOf(key), 32));
}

function makeSet(epoch: number, keys: readonly KeyPair[], expiresAtSeconds = NEVER): VectorSet {
  const operators = keys.map(({ keyG1, keyG2 }, index) => ({
    address: keccak256(tag("operator"), uintBytes(epoch, 1), uintBytes(index, 1)).slice(12),
    // Unequal weights, so that a mixed-up index shows.
    weight: 1_000n + BigInt(index) ** 3n,
    keyG1,
    keyG2,
  }));
  return { set: new OperatorSet(epoch, operators), keys, expiresAtSeconds };
}

function freshKeys(count: number): KeyPair[] {
  return Array.from({ length: count }, () => KeyPair.generate(random));
}

const cancelled = KeyPair.generate(random);

/** The sets, in the order of their epochs. */
export const SETS = {
  one: makeSet(1, freshKeys(1)),
  three: makeSet(2, freshKeys(3)),
  ten: makeSet(3, freshKeys(10)),
  /** The first two keys cancel each other. */
  cancelling: makeSet(4, [cancelled, opposite(cancelled), ...freshKeys(1)]),
  expired: makeSet(5, freshKeys(3), NOW_SECONDS - 1n),
  inLastSecond: makeSet(6, freshKeys(3), NOW_SECONDS),
} as const satisfies Record<string, VectorSet>;
