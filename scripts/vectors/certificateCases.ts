import type { Digest } from "../../src/bytes/brand.ts";
import { quorumMessage } from "../../src/commit/message.ts";
import { scaleG1 } from "../../src/operators/bn254.ts";
import { type CertificateFault, encodeCertificate } from "../../src/operators/certificate.ts";
import { type HashedMessage, hashCandidate, hashToG1 } from "../../src/operators/hashToG1.ts";
import { failingCases } from "./certificateFaults.ts";
import { certify, DIGEST } from "./certify.ts";
import { SETS, secretOf, type VectorSet } from "./operatorSets.ts";

/** Certificates, valid and not, each with what it proves. */

export interface CertificateCase {
  /** Starts with the id of an attack where it is one. */
  readonly name: string;
  readonly digest: Digest;
  readonly certificate: Uint8Array;
  readonly fault: CertificateFault;
  readonly signedWeight: bigint;
  readonly totalWeight: bigint;
}

/** All cases, valid ones first. */
export function certificateCases(): CertificateCase[] {
  const failing = failingCases().map((c) => ({
    ...c,
    digest: DIGEST,
    signedWeight: 0n,
    totalWeight: 0n,
  }));
  return [...validCases(), secondCandidate(), ...failing];
}

function validCases(): CertificateCase[] {
  const lists: [VectorSet, number[]][] = [
    [SETS.one, []],
    [SETS.three, []],
    [SETS.three, [0]],
    [SETS.three, [2]],
    [SETS.three, [0, 2]],
    [SETS.ten, []],
    [SETS.ten, [9]],
    [SETS.ten, [0, 4, 9]],
    [SETS.ten, [1, 2, 3, 4, 5, 6, 7, 8, 9]],
    [SETS.cancelling, []],
    [SETS.cancelling, [1]],
    [SETS.inLastSecond, []],
  ];
  return lists.map(([from, missing]) => ({
    name: `${from.set.operators.length} operators of epoch ${from.set.epoch} without [${missing}]`,
    digest: DIGEST,
    certificate: encodeCertificate(certify(from, missing)),
    fault: "None",
    signedWeight: from.set.totalWeight - from.set.weightOf(missing),
    totalWeight: from.set.totalWeight,
  }));
}

/** A later candidate is another point; if the operators sign it, the chain takes it. */
function secondCandidate(): CertificateCase {
  const { set, keys } = SETS.one;
  const message = quorumMessage(set.epoch, DIGEST);
  const { counter, hintY, point } = candidateFrom(message, hashToG1(message).counter + 1);
  const signature = keys.map((key) => scaleG1(point, secretOf(key))).reduce((a, b) => a.add(b));
  return {
    name: "1 operator over the second candidate",
    digest: DIGEST,
    certificate: encodeCertificate({ ...certify(SETS.one), counter, hintY, signature }),
    fault: "None",
    signedWeight: set.totalWeight,
    totalWeight: set.totalWeight,
  };
}

function candidateFrom(message: Digest, counter: number): HashedMessage {
  return hashCandidate(message, counter) ?? candidateFrom(message, counter + 1);
}
