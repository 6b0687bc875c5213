import { writeFileSync } from "node:fs";
import { bls12_381 } from "@noble/curves/bls12-381.js";
import { bytes32, type Digest } from "../../src/bytes/brand.ts";
import { bytesToUint, concatBytes, uintBytes } from "../../src/bytes/codec.ts";
import { toHex } from "../../src/bytes/hex.ts";
import { quorumMessage } from "../../src/commit/message.ts";
import { type Bls12381Set, bls12381Certificate } from "../../src/operators/bls12381/certificate.ts";
import {
  type Bls12381G1,
  encodeBls12381G1,
  encodeBls12381G2,
  G2_GENERATOR,
  hashToBls12381G1,
  ORDER,
  packG1,
} from "../../src/operators/bls12381/curve.ts";
import {
  Bls12381KeyPair,
  bls12381PossessionMessage,
} from "../../src/operators/bls12381/keyPair.ts";
import type { CertificateFault } from "../../src/operators/certificate.ts";
import { seededBytes } from "./seededBytes.ts";

/**
 * Writes test/vectors/bls12381.json: hash to G1, keys with proofs of possession, three epochs (the first has expired, the
 * second is in its overlap, the third is the newest) and certificates.
 */

const CHAIN_ID = 1n;
const VERIFIER = new Uint8Array(20).fill(0xb3);
const OPERATOR_COUNT = 10;
const HASHED_COUNT = 16;
const P = bls12_381.fields.Fp.ORDER;

const random = seededBytes("bls12381.json");
const DIGEST = bytes32<Digest>(random(32));

const secrets = Array.from({ length: OPERATOR_COUNT }, (_, index) => {
  // The keys of the first two operators cancel each other.
  const drawn = (bytesToUint(random(48)) % (ORDER - 1n)) + 1n;
  return { index, drawn };
}).map(({ drawn, index }, _, all) => (index === 1 ? ORDER - (all[0]?.drawn ?? 0n) : drawn));

/** Keys of the operators at the addresses 0x…0101, 0x…0202, …; each set is the first so many of them. */
const KEYS = secrets.map((secret) => Bls12381KeyPair.fromSecret(uintBytes(secret, 32)));
const addressOf = (index: number) => uintBytes(0x0101 * (index + 1), 20);
const weightOf = (index: number) => 1_000n + BigInt(index) ** 3n;

function setOf(epoch: number, operatorCount: number): Bls12381Set {
  const operators = KEYS.slice(0, operatorCount).map(({ key }, index) => ({
    key,
    weight: weightOf(index),
  }));
  return { epoch, operators };
}

/** Epochs as the contract comes to hold them, oldest first. */
export const SETS = [setOf(1, 3), setOf(2, 5), setOf(3, OPERATOR_COUNT)] as const;
const [EXPIRED, PREVIOUS, CURRENT] = SETS;

/** A certificate and what it proves. */
export interface Bls12381Case {
  readonly name: string;
  readonly certificate: Uint8Array;
  readonly fault: CertificateFault;
}

function certify(set: Bls12381Set, missing: readonly number[], epoch = set.epoch): Uint8Array {
  const message = quorumMessage(epoch, DIGEST);
  const signatures = new Map<number, Bls12381G1>();
  for (const index of set.operators.keys()) {
    const key = KEYS[index];
    if (key !== undefined && !missing.includes(index)) signatures.set(index, key.sign(message));
  }
  return bls12381Certificate(set, signatures);
}

function forge(signature: Uint8Array, nonSigners: readonly number[] = [], epoch = 3): Uint8Array {
  return concatBytes(uintBytes(epoch, 4), signature, Uint8Array.from(nonSigners));
}

/** A point of the curve whose order is not that of the group. */
function outsideSubgroup(): Uint8Array {
  const { Fp } = bls12_381.fields;
  for (let x = 1n; ; x++) {
    const square = Fp.add(Fp.pow(x, 3n), 4n);
    if (!Fp.eql(Fp.pow(square, (P - 1n) / 2n), Fp.ONE)) continue;
    const point = bls12_381.G1.Point.fromAffine({ x, y: Fp.sqrt(square) });
    if (!point.isTorsionFree())
      return concatBytes(uintBytes(x, 48), uintBytes(Fp.sqrt(square), 48));
  }
}

function plusModulus(packed: Uint8Array): Uint8Array {
  return concatBytes(uintBytes(bytesToUint(packed.subarray(0, 48)) + P, 48), packed.subarray(48));
}

/** All cases, valid ones first. */
export function bls12381Cases(): Bls12381Case[] {
  const honest = certify(CURRENT, []);
  const signature = honest.subarray(4, 100);
  const swapped = concatBytes(signature.subarray(48), signature.subarray(0, 48));
  const negated = concatBytes(
    signature.subarray(0, 48),
    uintBytes(P - bytesToUint(signature.subarray(48)), 48),
  );
  const valid = (
    [
      [CURRENT, []],
      [CURRENT, [4]],
      [CURRENT, [0, 5, 9]],
      [CURRENT, [0, 1]],
      [CURRENT, [1, 2, 3, 4, 5, 6, 7, 8, 9]],
      [PREVIOUS, []],
      [PREVIOUS, [2]],
    ] satisfies [Bls12381Set, number[]][]
  ).map(([set, missing]) => ({
    name: `epoch ${set.epoch} without [${missing}]`,
    certificate: certify(set, missing),
    fault: "None" as const,
  }));
  const everybody = [...KEYS.keys()];
  const failing: [string, CertificateFault, Uint8Array][] = [
    ["ABI-05: empty", "InvalidEncoding", new Uint8Array(0)],
    ["ABI-05: one byte short", "InvalidEncoding", honest.subarray(0, 99)],
    ["one index too many", "InvalidEncoding", forge(signature, new Array(65).fill(0))],
    ["epoch zero", "UnknownEpoch", forge(signature, [], 0)],
    ["epoch to come", "UnknownEpoch", forge(signature, [], 4)],
    ["expired epoch", "EpochExpired", certify(EXPIRED, [])],
    ["BLS-15: repeated index", "NonSignersNotAscending", forge(signature, [3, 3])],
    ["BLS-15: descending indices", "NonSignersNotAscending", forge(signature, [4, 3])],
    ["BLS-15: index of nobody", "NonSignerOutOfRange", forge(signature, [OPERATOR_COUNT])],
    ["BLS-01: nobody signed", "EmptySignerSet", forge(new Uint8Array(96), everybody)],
    ["BLS-02: signature at infinity", "ZeroSignature", forge(new Uint8Array(96))],
    [
      "BLS-08: only two signers, whose keys cancel",
      "ZeroAggregateKey",
      forge(signature, everybody.slice(2)),
    ],
    ["BLS-10: off the curve", "InvalidPoint", forge(swapped)],
    ["BLS-10: outside the subgroup", "InvalidPoint", forge(outsideSubgroup())],
    ["BLS-09: coordinate not below p", "InvalidPoint", forge(plusModulus(signature))],
    ["all ones", "InvalidPoint", forge(new Uint8Array(96).fill(0xff))],
    ["negated signature", "InvalidSignature", forge(negated)],
    ["signed for another epoch", "InvalidSignature", certify(CURRENT, [], 2)],
    [
      "a signer missing who is not named",
      "InvalidSignature",
      forge(certify(CURRENT, [4]).subarray(4, 100)),
    ],
    ["a non-signer named who signed", "InvalidSignature", forge(signature, [4])],
    ["BLS-07: a proof of possession", "InvalidSignature", forge(packG1(provedBy(3)), [])],
  ];
  return [...valid, ...failing.map(([name, fault, certificate]) => ({ name, fault, certificate }))];
}

function provedBy(index: number): Bls12381G1 {
  const key = KEYS[index];
  if (key === undefined) throw new RangeError(`no operator ${index}`);
  return key.provePossession({ chainId: CHAIN_ID, verifier: VERIFIER, operator: addressOf(index) });
}

function possessionVectors() {
  const domainOf = (index: number) => ({
    chainId: CHAIN_ID,
    verifier: VERIFIER,
    operator: addressOf(index),
  });
  return {
    operators: KEYS.map((_, index) => toHex(addressOf(index))),
    weights: KEYS.map((_, index) => weightOf(index).toString()),
    keys: KEYS.map(({ key }) => toHex(encodeBls12381G2(key))),
    messages: KEYS.map(({ key }, index) => toHex(bls12381PossessionMessage(domainOf(index), key))),
    proofs: KEYS.map((_, index) => toHex(encodeBls12381G1(provedBy(index)))),
  };
}

function hashVectors() {
  const drawn = seededBytes("bls12381.json hash to G1");
  const messages = Array.from({ length: HASHED_COUNT }, () => bytes32<Digest>(drawn(32)));
  return {
    messages: messages.map(toHex),
    points: messages.map((message) => toHex(encodeBls12381G1(hashToBls12381G1(message, "quorum")))),
  };
}

/** What test/vectors/bls12381.json holds. Points are in the form of EIP-2537. */
export function bls12381Vectors() {
  const cases = bls12381Cases();
  const totals = SETS.map(({ operators }) =>
    operators.reduce((sum, { weight }) => sum + weight, 0n),
  );
  return {
    chainId: Number(CHAIN_ID),
    verifier: toHex(VERIFIER),
    digest: toHex(DIGEST),
    negatedGeneratorG2: toHex(encodeBls12381G2(G2_GENERATOR.negate())),
    hashToG1: hashVectors(),
    possession: possessionVectors(),
    epochs: {
      operatorCounts: SETS.map(({ operators }) => operators.length),
      totalWeights: totals.map(String),
    },
    certificates: {
      names: cases.map(({ name }) => name),
      certificates: cases.map(({ certificate }) => toHex(certificate)),
      faults: cases.map(({ fault }) => fault),
    },
  };
}

if (import.meta.main) {
  const path = new URL("../../test/vectors/bls12381.json", import.meta.url);
  writeFileSync(path, `${JSON.stringify(bls12381Vectors(), null, 2)}\n`);
}
