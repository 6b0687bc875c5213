import { writeFileSync } from "node:fs";
import { bytes32, type Digest } from "../../src/bytes/brand.ts";
import { bytesToUint, uintBytes } from "../../src/bytes/codec.ts";
import { toHex } from "../../src/bytes/hex.ts";
import { keccak256 } from "../../src/bytes/keccak.ts";
import {
  type CommitDomain,
  commitDigest,
  quorumMessage,
  type StateCommit,
} from "../../src/commit/message.ts";
import type { RandomSource } from "../../src/operators/keyPair.ts";
import { seededBytes } from "./seededBytes.ts";

/** Writes test/vectors/commitMessage.json: digests and messages of commits on several chains, registries and epochs. */

const COUNT = 48;
/** ABI-09: as many commits as both languages hash; only a digest of all results is stored. */
const FOLD_COUNT = 10_000;
const FOLD_DOMAIN: CommitDomain = { chainId: 1n, registry: new Uint8Array(20).fill(0xa2) };
const U64_MAX = (1n << 64n) - 1n;

/** Commit `index` of the fold: field f is keccak256(index u32 ‖ f u8), cut to the field's width from the right. */
export function foldedCommit(index: number): StateCommit {
  const word = (field: number) => keccak256(uintBytes(index, 4), uintBytes(field, 1));
  return {
    version: Number(bytesToUint(word(0).subarray(31))),
    sequenceNo: bytesToUint(word(1).subarray(24)),
    prevStateRoot: bytes32(word(2)),
    newStateRoot: bytes32(word(3)),
    timestamp: bytesToUint(word(4).subarray(24)),
    daCertHash: bytes32(word(5)),
    pcr0Commitment: bytes32(word(6)),
  };
}

/** keccak256 over (accumulator ‖ digest) of the first `count` folded commits. */
export function foldDigests(count: number): Uint8Array {
  let fold: Uint8Array = new Uint8Array(32);
  for (let i = 0; i < count; i++)
    fold = keccak256(fold, commitDigest(FOLD_DOMAIN, foldedCommit(i)));
  return fold;
}

interface Row {
  readonly domain: CommitDomain;
  readonly epoch: number;
  readonly commit: StateCommit;
  readonly digest: Digest;
}

function row(domain: CommitDomain, epoch: number, commit: StateCommit): Row {
  return { domain, epoch, commit, digest: commitDigest(domain, commit) };
}

function randomRow(random: RandomSource): Row {
  const domain = { chainId: bytesToUint(random(7)) + 1n, registry: random(20) };
  return row(domain, Number(bytesToUint(random(4))), {
    version: 2,
    sequenceNo: bytesToUint(random(8)),
    prevStateRoot: bytes32(random(32)),
    newStateRoot: bytes32(random(32)),
    timestamp: bytesToUint(random(8)),
    daCertHash: bytes32(random(32)),
    pcr0Commitment: bytes32(random(32)),
  });
}

/** All fields at their least and at their greatest. */
function edgeRows(): Row[] {
  const registry = new Uint8Array(20).fill(0xff);
  const edge = (version: number, number: bigint, byte: number): StateCommit => ({
    version,
    sequenceNo: number,
    prevStateRoot: bytes32(new Uint8Array(32).fill(byte)),
    newStateRoot: bytes32(new Uint8Array(32).fill(byte)),
    timestamp: number,
    daCertHash: bytes32(new Uint8Array(32).fill(byte)),
    pcr0Commitment: bytes32(new Uint8Array(32).fill(byte)),
  });
  return [
    row({ chainId: 1n, registry }, 0, edge(0, 0n, 0)),
    row({ chainId: 10n, registry }, 0xffff_ffff, edge(255, U64_MAX, 0xff)),
  ];
}

/** What test/vectors/commitMessage.json holds. */
export function commitMessageVectors() {
  const random = seededBytes("commitMessage.json");
  const rows = [...edgeRows(), ...Array.from({ length: COUNT }, () => randomRow(random))];
  const commits = rows.map(({ commit }) => commit);
  return {
    chainIds: rows.map(({ domain }) => domain.chainId.toString()),
    registries: rows.map(({ domain }) => toHex(domain.registry)),
    epochs: rows.map(({ epoch }) => epoch),
    versions: commits.map(({ version }) => version),
    sequenceNos: commits.map(({ sequenceNo }) => sequenceNo.toString()),
    prevStateRoots: commits.map(({ prevStateRoot }) => toHex(prevStateRoot)),
    newStateRoots: commits.map(({ newStateRoot }) => toHex(newStateRoot)),
    timestamps: commits.map(({ timestamp }) => timestamp.toString()),
    daCertHashes: commits.map(({ daCertHash }) => toHex(daCertHash)),
    pcr0Commitments: commits.map(({ pcr0Commitment }) => toHex(pcr0Commitment)),
    digests: rows.map(({ digest }) => toHex(digest)),
    messages: rows.map(({ epoch, digest }) => toHex(quorumMessage(epoch, digest))),
    foldChainId: Number(FOLD_DOMAIN.chainId),
    foldRegistry: toHex(FOLD_DOMAIN.registry),
    foldCount: FOLD_COUNT,
    fold: toHex(foldDigests(FOLD_COUNT)),
  };
}

if (import.meta.main) {
  const path = new URL("../../test/vectors/commitMessage.json", import.meta.url);
  writeFileSync(path, `${JSON.stringify(commitMessageVectors(), null, 2)}\n`);
}
