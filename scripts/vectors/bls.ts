import { writeFileSync } from "node:fs";
import { bytes32, type Digest } from "../../src/bytes/brand.ts";
import { concatBytes, tag, uintBytes } from "../../src/bytes/codec.ts";
import { toHex } from "../../src/bytes/hex.ts";
import { keccak256 } from "../../src/bytes/keccak.ts";
import { encodeG1, encodeG2, G2_GENERATOR, sumG2 } from "../../src/operators/bn254.ts";
import { hashToG1 } from "../../src/operators/hashToG1.ts";
import { KeyPair } from "../../src/operators/keyPair.ts";
import { possessionMessage, provePossession } from "../../src/operators/possession.ts";
import { batchCases } from "./batchCases.ts";
import { certificateCases } from "./certificateCases.ts";
import { NOW_SECONDS, SETS, type VectorSet } from "./operatorSets.ts";
import { seededBytes } from "./seededBytes.ts";

/** Writes test/vectors/bls.json: hash to G1, keys, proofs of possession, operator sets and certificates. */

const HASHED_COUNT = 32;
const KEY_COUNT = 12;
const POSSESSION_COUNT = 10;
/** BLS-18: as many messages as both languages hash; only a digest of all results is stored. */
const FOLD_COUNT = 10_000;

const POSSESSION_CHAIN_ID = 1n;
const REGISTRY = new Uint8Array(20).fill(0xa1);

/** keccak256 over (accumulator ‖ counter ‖ y) of messages keccak256(index u32), one after the other. */
export function foldHashToG1(count: number): Uint8Array {
  let fold: Uint8Array = new Uint8Array(32);
  for (let i = 0; i < count; i++) {
    const { counter, hintY } = hashToG1(keccak256<Digest>(uintBytes(i, 4)));
    fold = keccak256(fold, uintBytes(counter, 1), uintBytes(hintY, 32));
  }
  return fold;
}

function hashVectors() {
  const random = seededBytes("bls.json hash to G1");
  const messages = Array.from({ length: HASHED_COUNT }, () => bytes32<Digest>(random(32)));
  const hashed = messages.map((message) => hashToG1(message));
  return {
    messages: messages.map(toHex),
    counters: hashed.map(({ counter }) => counter),
    hintYs: hashed.map(({ hintY }) => toHex(uintBytes(hintY, 32))),
    points: hashed.map(({ point }) => toHex(encodeG1(point))),
    foldCount: FOLD_COUNT,
    fold: toHex(foldHashToG1(FOLD_COUNT)),
  };
}

function keyVectors() {
  const random = seededBytes("bls.json keys");
  const keys = Array.from({ length: KEY_COUNT }, () => KeyPair.generate(random));
  return {
    secrets: keys.map((key) => toHex(key.exportSecret())),
    g1: keys.map(({ keyG1 }) => toHex(encodeG1(keyG1))),
    g2: keys.map(({ keyG2 }) => toHex(encodeG2(keyG2))),
  };
}

function possessionVectors() {
  const random = seededBytes("bls.json possession");
  const rows = Array.from({ length: POSSESSION_COUNT }, (_, i) => {
    const key = KeyPair.generate(random);
    const operator = keccak256(tag("operator"), uintBytes(i, 1)).slice(12);
    const domain = { chainId: POSSESSION_CHAIN_ID, registry: REGISTRY, operator };
    const proof = provePossession(domain, key);
    return { key, operator, proof, message: possessionMessage(domain, key.keyG1, key.keyG2) };
  });
  return {
    chainId: Number(POSSESSION_CHAIN_ID),
    registry: toHex(REGISTRY),
    operators: rows.map(({ operator }) => toHex(operator)),
    keysG1: rows.map(({ key }) => toHex(encodeG1(key.keyG1))),
    keysG2: rows.map(({ key }) => toHex(encodeG2(key.keyG2))),
    messages: rows.map(({ message }) => toHex(message)),
    signatures: rows.map(({ proof }) => toHex(encodeG1(proof.signature))),
    counters: rows.map(({ proof }) => proof.counter),
    hintYs: rows.map(({ proof }) => toHex(uintBytes(proof.hintY, 32))),
    /** Entry i is the sum of the first i + 1 keys. */
    aggregateKeysG2: rows.map((_, i) =>
      toHex(encodeG2(sumG2(rows.slice(0, i + 1).map(({ key }) => key.keyG2)))),
    ),
    /** 1 + 2 + … + 256 times the generator: the aggregate of the 256 smallest secrets. */
    aggregateOfFirst256G2: toHex(encodeG2(G2_GENERATOR.multiply((256n * 257n) / 2n))),
  };
}

function setVector({ set, expiresAtSeconds }: VectorSet) {
  return {
    epoch: set.epoch,
    expiresAt: expiresAtSeconds.toString(),
    operators: set.operators.map(({ address }) => toHex(address)),
    weights: set.operators.map(({ weight }) => weight.toString()),
    keysG1: set.operators.map(({ keyG1 }) => toHex(encodeG1(keyG1))),
    keysG2: set.operators.map(({ keyG2 }) => toHex(encodeG2(keyG2))),
    totalWeight: set.totalWeight.toString(),
    aggregateKeyG1: toHex(encodeG1(set.aggregateKeyG1)),
    aggregateKeyG2: toHex(encodeG2(set.aggregateKeyG2)),
    epochKeys: toHex(
      concatBytes(
        encodeG1(set.aggregateKeyG1),
        uintBytes(set.totalWeight, 16),
        ...set.operators.map(({ keyG1, weight }) =>
          concatBytes(encodeG1(keyG1.negate()), uintBytes(weight, 16)),
        ),
      ),
    ),
  };
}

function certificateVectors() {
  const cases = certificateCases();
  return {
    names: cases.map(({ name }) => name),
    digests: cases.map(({ digest }) => toHex(digest)),
    certificates: cases.map(({ certificate }) => toHex(certificate)),
    faults: cases.map(({ fault }) => fault),
    signedWeights: cases.map(({ signedWeight }) => signedWeight.toString()),
    totalWeights: cases.map(({ totalWeight }) => totalWeight.toString()),
  };
}

function batchVectors() {
  return batchCases().map(({ name, digests, certificate, fault, signedWeight, totalWeight }) => ({
    name,
    digests: digests.map(toHex),
    certificate: toHex(certificate),
    fault,
    signedWeight: signedWeight.toString(),
    totalWeight: totalWeight.toString(),
  }));
}

/** What test/vectors/bls.json holds. Points are in the form of EIP-196 and EIP-197. */
export function blsVectors() {
  return {
    nowSeconds: NOW_SECONDS.toString(),
    hashToG1: hashVectors(),
    keys: keyVectors(),
    possession: possessionVectors(),
    sets: Object.values(SETS).map(setVector),
    certificates: certificateVectors(),
    batchCount: batchCases().length,
    batches: batchVectors(),
  };
}

if (import.meta.main) {
  const path = new URL("../../test/vectors/bls.json", import.meta.url);
  writeFileSync(path, `${JSON.stringify(blsVectors(), null, 2)}\n`);
}
