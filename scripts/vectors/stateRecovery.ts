import { writeFileSync } from "node:fs";
import { bytes32, type Digest } from "../../src/bytes/brand.ts";
import { bytesToUint } from "../../src/bytes/codec.ts";
import { toHex } from "../../src/bytes/hex.ts";
import { type CommitDomain, commitDigest } from "../../src/commit/message.ts";
import { recoveryDigest, type StateRecovery } from "../../src/commit/recovery.ts";
import { seededBytes } from "./seededBytes.ts";

/** Writes test/vectors/stateRecovery.json: digests of recoveries on several chains and registries. */

const COUNT = 30;
const U64_MAX = (1n << 64n) - 1n;

interface Row {
  readonly domain: CommitDomain;
  readonly recovery: StateRecovery;
}

/** All fields at one byte's value. */
function edgeRow(chainId: bigint, number: bigint, byte: number): Row {
  const word = new Uint8Array(32).fill(byte);
  const recovery: StateRecovery = {
    sequenceNo: number,
    lostStateRoot: bytes32(word),
    newStateRoot: bytes32(word),
    timestamp: number,
    daCertHash: bytes32(word),
    reasonHash: bytes32(word),
  };
  return { domain: { chainId, registry: new Uint8Array(20).fill(0xee) }, recovery };
}

/** Digest of the commit whose fields are those of a recovery, its reason in the place of a measurement. */
function commitTwin({ domain, recovery }: Row): Digest {
  return commitDigest(domain, {
    version: 2,
    sequenceNo: recovery.sequenceNo,
    prevStateRoot: recovery.lostStateRoot,
    newStateRoot: recovery.newStateRoot,
    timestamp: recovery.timestamp,
    daCertHash: recovery.daCertHash,
    pcr0Commitment: bytes32(recovery.reasonHash),
  });
}

/** What test/vectors/stateRecovery.json holds. */
export function stateRecoveryVectors() {
  const random = seededBytes("stateRecovery.json");
  const randomRow = (): Row => ({
    domain: { chainId: bytesToUint(random(7)) + 1n, registry: random(20) },
    recovery: {
      sequenceNo: bytesToUint(random(8)),
      lostStateRoot: bytes32(random(32)),
      newStateRoot: bytes32(random(32)),
      timestamp: bytesToUint(random(8)),
      daCertHash: bytes32(random(32)),
      reasonHash: bytes32(random(32)),
    },
  });
  const rows = [
    edgeRow(1n, 0n, 0),
    edgeRow(10n, U64_MAX, 0xff),
    ...Array.from({ length: COUNT }, randomRow),
  ];
  const recoveries = rows.map(({ recovery }) => recovery);
  return {
    chainIds: rows.map(({ domain }) => domain.chainId.toString()),
    registries: rows.map(({ domain }) => toHex(domain.registry)),
    sequenceNos: recoveries.map(({ sequenceNo }) => sequenceNo.toString()),
    lostStateRoots: recoveries.map(({ lostStateRoot }) => toHex(lostStateRoot)),
    newStateRoots: recoveries.map(({ newStateRoot }) => toHex(newStateRoot)),
    timestamps: recoveries.map(({ timestamp }) => timestamp.toString()),
    daCertHashes: recoveries.map(({ daCertHash }) => toHex(daCertHash)),
    reasonHashes: recoveries.map(({ reasonHash }) => toHex(reasonHash)),
    digests: rows.map(({ domain, recovery }) => toHex(recoveryDigest(domain, recovery))),
    commitDigests: rows.map((row) => toHex(commitTwin(row))),
  };
}

if (import.meta.main) {
  const path = new URL("../../test/vectors/stateRecovery.json", import.meta.url);
  writeFileSync(path, `${JSON.stringify(stateRecoveryVectors(), null, 2)}\n`);
}
