import { bytes32, type Digest } from "../../src/bytes/brand.ts";
import { concatBytes } from "../../src/bytes/codec.ts";
import {
  type BatchCertificate,
  encodeBatchCertificate,
  mergeCertificates,
} from "../../src/operators/batchCertificate.ts";
import { G1_ZERO, G2_ZERO } from "../../src/operators/bn254.ts";
import type { CertificateFault } from "../../src/operators/certificate.ts";
import { certify } from "./certify.ts";
import { SETS, type VectorSet } from "./operatorSets.ts";
import { seededBytes } from "./seededBytes.ts";

/** Certificates over several digests, valid and not, each with what it proves. */

export interface BatchCase {
  /** Starts with the id of an attack where it is one. */
  readonly name: string;
  readonly digests: readonly Digest[];
  readonly certificate: Uint8Array;
  readonly fault: CertificateFault;
  readonly signedWeight: bigint;
  readonly totalWeight: bigint;
}

const random = seededBytes("bls.json batches");
const DIGESTS = Array.from({ length: 33 }, () => bytes32<Digest>(random(32)));
const THREE = DIGESTS.slice(0, 3);

/** The certificate of `from` without `missing` over all of `digests`. */
export function certifyAll(
  from: VectorSet,
  digests: readonly Digest[],
  missing: readonly number[] = [],
): BatchCertificate {
  return mergeCertificates(digests.map((digest) => certify(from, missing, digest)));
}

/** All cases, valid ones first. */
export function batchCases(): BatchCase[] {
  return [...validCases(), ...formCases(), ...signerCases(), ...memberCases(), ...pointCases()];
}

function validCases(): BatchCase[] {
  const lists: [VectorSet, number, number[]][] = [
    [SETS.one, 1, []],
    [SETS.ten, 1, [3]],
    [SETS.three, 2, []],
    [SETS.three, 3, [1]],
    [SETS.ten, 12, [0, 4, 9]],
    [SETS.ten, 32, []],
    [SETS.inLastSecond, 4, []],
  ];
  return lists.map(([from, count, missing]) => ({
    name: `${count} digests by epoch ${from.set.epoch} without [${missing}]`,
    digests: DIGESTS.slice(0, count),
    certificate: encodeBatchCertificate(certifyAll(from, DIGESTS.slice(0, count), missing)),
    fault: "None",
    signedWeight: from.set.totalWeight - from.set.weightOf(missing),
    totalWeight: from.set.totalWeight,
  }));
}

function formCases(): BatchCase[] {
  const bytes = encodeBatchCertificate(certifyAll(SETS.three, THREE));
  const longest = encodeBatchCertificate(certifyAll(SETS.three, DIGESTS.slice(0, 32)));
  return [
    failing("no digests", [], bytes, "InvalidEncoding"),
    failing("33 digests", DIGESTS, concatBytes(longest, new Uint8Array(33)), "InvalidEncoding"),
    failing("ABI-05 a byte short", THREE, bytes.slice(0, -1), "InvalidEncoding"),
    failing("ABI-05 empty", THREE, new Uint8Array(0), "InvalidEncoding"),
    failing("a hint short", DIGESTS.slice(0, 4), bytes, "InvalidEncoding"),
    failing(
      "too many non-signers",
      THREE,
      concatBytes(bytes, new Uint8Array(257)),
      "InvalidEncoding",
    ),
  ];
}

function signerCases(): BatchCase[] {
  const subset = certifyAll(SETS.three, THREE, [1]);
  const head = encodeBatchCertificate({ ...subset, nonSigners: [] });
  const list = (name: string, indices: number[], fault: CertificateFault) =>
    failing(name, THREE, concatBytes(head, Uint8Array.from(indices)), fault);
  return [
    failing(
      "OPS-05 epoch 0",
      THREE,
      encodeBatchCertificate({ ...subset, epoch: 0 }),
      "UnknownEpoch",
    ),
    failing(
      "OPS-04 an epoch that ended a second ago",
      THREE,
      encodeBatchCertificate(certifyAll(SETS.expired, THREE)),
      "EpochExpired",
    ),
    list("BLS-15 non-signers descending", [1, 0], "NonSignersNotAscending"),
    list("BLS-15 a non-signer twice", [1, 1], "NonSignersNotAscending"),
    list("BLS-15 non-signer equal to the count", [1, 3], "NonSignerOutOfRange"),
    list("BLS-01 nobody signed", [0, 1, 2], "EmptySignerSet"),
    list("BLS-04 another subset", [2], "AggregateKeyMismatch"),
    list("BLS-04 a subset as the full set", [], "AggregateKeyMismatch"),
  ];
}

/** A batch holds for all of its members or for none. */
function memberCases(): BatchCase[] {
  const [a, b, c] = THREE;
  const other = DIGESTS[5];
  if (a === undefined || b === undefined || c === undefined || other === undefined) return [];
  const whole = certifyAll(SETS.three, THREE);
  const bytes = encodeBatchCertificate(whole);
  const subset = certifyAll(SETS.three, THREE, [1]);
  const lacking = (batch: BatchCertificate, digest: Digest, missing: number[] = []) =>
    encodeBatchCertificate({
      ...batch,
      signature: batch.signature.subtract(certify(SETS.three, missing, digest).signature),
    });
  const oneOperatorLess = {
    ...whole,
    signature: whole.signature
      .subtract(certify(SETS.three, [], b).signature)
      .add(certify(SETS.three, [0], b).signature),
  };
  return [
    failing("BLS-11 another digest among them", [a, other, c], bytes, "MessageMismatch"),
    failing("digests in another order", [b, a, c], bytes, "MessageMismatch"),
    failing("a digest twice", [a, b, b], bytes, "MessageMismatch"),
    failing("a member that nobody signed", THREE, lacking(whole, c), "InvalidSignature"),
    failing("the same, subset", THREE, lacking(subset, a, [1]), "InvalidSignature"),
    failing(
      "a member that one operator did not sign",
      THREE,
      encodeBatchCertificate(oneOperatorLess),
      "InvalidSignature",
    ),
    failing(
      "a member signed twice instead of another",
      THREE,
      encodeBatchCertificate({
        ...whole,
        signature: whole.signature
          .subtract(certify(SETS.three, [], c).signature)
          .add(certify(SETS.three, [], a).signature),
      }),
      "InvalidSignature",
    ),
  ];
}

function pointCases(): BatchCase[] {
  const whole = certifyAll(SETS.three, THREE);
  const encoded = (changes: Partial<BatchCertificate>) =>
    encodeBatchCertificate({ ...whole, ...changes });
  const offCurve = encoded({});
  const at = 4 + 33 * 3 + 63;
  offCurve[at] = (offCurve[at] ?? 0) ^ 1;
  return [
    failing("BLS-02 signature zero", THREE, encoded({ signature: G1_ZERO }), "ZeroSignature"),
    failing("BLS-03 key zero", THREE, encoded({ aggregateKeyG2: G2_ZERO }), "ZeroAggregateKey"),
    failing("BLS-10 signature off the curve", THREE, offCurve, "InvalidPoint"),
  ];
}

function failing(
  name: string,
  digests: readonly Digest[],
  certificate: Uint8Array,
  fault: CertificateFault,
): BatchCase {
  return { name, digests, certificate, fault, signedWeight: 0n, totalWeight: 0n };
}
