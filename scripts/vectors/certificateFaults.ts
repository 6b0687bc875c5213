import { bn254 } from "@noble/curves/bn254.js";
import { bytes32, type Digest } from "../../src/bytes/brand.ts";
import { bytesToUint, concatBytes, uintBytes } from "../../src/bytes/codec.ts";
import { quorumMessage } from "../../src/commit/message.ts";
import { encodeG2, G1_ZERO, G2_ZERO, P } from "../../src/operators/bn254.ts";
import {
  CERTIFICATE_HEAD_BYTES,
  type Certificate,
  type CertificateFault,
  encodeCertificate,
} from "../../src/operators/certificate.ts";
import { KeyPair } from "../../src/operators/keyPair.ts";
import { certify, DIGEST } from "./certify.ts";
import { SETS } from "./operatorSets.ts";
import { seededBytes } from "./seededBytes.ts";

/** Certificates over `DIGEST` that prove nothing, each with the fault both languages must name. */

/** A certificate that must fail. */
export interface FailingCase {
  readonly name: string;
  readonly certificate: Uint8Array;
  readonly fault: CertificateFault;
}

/** Offsets of docs/CommitMessage.md, "Certificate". */
const SIGNATURE = 37;
const KEY = 101;

const random = seededBytes("bls.json faults");
const OTHER_DIGEST = bytes32<Digest>(random(32));
const STRANGER = KeyPair.generate(random);

/** All of them, in the order of the faults. */
export function failingCases(): FailingCase[] {
  return [
    ...encodingCases(),
    ...epochCases(),
    ...signerCases(),
    ...zeroCases(),
    ...messageCases(),
    ...pointCases(),
    ...keyCases(),
    ...signatureCases(),
  ];
}

function encodingCases(): FailingCase[] {
  const full = encodeCertificate(certify(SETS.three));
  return [0, 1, 31, CERTIFICATE_HEAD_BYTES - 1, CERTIFICATE_HEAD_BYTES + 257].map((length) => ({
    name: `ABI-05 ${length} bytes`,
    certificate:
      length < full.length ? full.slice(0, length) : concatBytes(full, new Uint8Array(257)),
    fault: "InvalidEncoding",
  }));
}

function epochCases(): FailingCase[] {
  const full = certify(SETS.three);
  return [
    failing("OPS-05 epoch 0", { ...full, epoch: 0 }, "UnknownEpoch"),
    failing("OPS-05 an epoch to come", { ...full, epoch: 7 }, "UnknownEpoch"),
    failing("OPS-04 an epoch that ended a second ago", certify(SETS.expired), "EpochExpired"),
    failing("OPS-04 and somebody missing", certify(SETS.expired, [1]), "EpochExpired"),
  ];
}

function signerCases(): FailingCase[] {
  const full = encodeCertificate(certify(SETS.three));
  const subset = encodeCertificate(certify(SETS.three, [0, 2])).slice(0, CERTIFICATE_HEAD_BYTES);
  const list = (name: string, indices: number[], fault: CertificateFault): FailingCase => ({
    name,
    certificate: concatBytes(subset, Uint8Array.from(indices)),
    fault,
  });
  const nobody = { ...certify(SETS.three), signature: G1_ZERO, aggregateKeyG2: G2_ZERO };
  return [
    list("BLS-15 non-signers descending", [2, 0], "NonSignersNotAscending"),
    list("BLS-15 a non-signer twice", [0, 0], "NonSignersNotAscending"),
    list("BLS-15 a non-signer twice, out of range", [9, 9], "NonSignersNotAscending"),
    list("BLS-15 non-signer equal to the count", [0, 3], "NonSignerOutOfRange"),
    list("BLS-15 greatest index", [255], "NonSignerOutOfRange"),
    list("BLS-15 more non-signers than operators", [0, 1, 2, 3], "NonSignerOutOfRange"),
    failing(
      "BLS-01 nobody signed, zero points",
      { ...nobody, nonSigners: [0, 1, 2] },
      "EmptySignerSet",
    ),
    {
      name: "BLS-01 nobody signed, points of the full set",
      certificate: concatBytes(full, Uint8Array.of(0, 1, 2)),
      fault: "EmptySignerSet",
    },
    failing(
      "BLS-01 nobody signed, one operator",
      { ...certify(SETS.one), nonSigners: [0] },
      "EmptySignerSet",
    ),
  ];
}

function zeroCases(): FailingCase[] {
  const full = certify(SETS.three);
  const subset = certify(SETS.three, [1]);
  const cancelled = { ...certify(SETS.cancelling, [0]), nonSigners: [2] };
  return [
    failing("BLS-02 signature zero", { ...full, signature: G1_ZERO }, "ZeroSignature"),
    failing("BLS-02 signature zero, subset", { ...subset, signature: G1_ZERO }, "ZeroSignature"),
    failing(
      "BLS-02 signature and key zero",
      { ...full, signature: G1_ZERO, aggregateKeyG2: G2_ZERO },
      "ZeroSignature",
    ),
    failing("BLS-03 key zero", { ...full, aggregateKeyG2: G2_ZERO }, "ZeroAggregateKey"),
    failing("BLS-03 key zero, subset", { ...subset, aggregateKeyG2: G2_ZERO }, "ZeroAggregateKey"),
    failing("BLS-08 signers' keys cancel", cancelled, "ZeroAggregateKey"),
  ];
}

function messageCases(): FailingCase[] {
  const full = certify(SETS.three);
  const { hintY } = full;
  const ofOtherEpoch = certify(SETS.three, [], DIGEST, SETS.ten.set.epoch);
  return [
    failing("BLS-11 another digest", certify(SETS.three, [], OTHER_DIGEST), "MessageMismatch"),
    failing(
      "BLS-11 another digest, subset",
      certify(SETS.ten, [3], OTHER_DIGEST),
      "MessageMismatch",
    ),
    failing("OPS-13 signed for another epoch", withHintOf(full, ofOtherEpoch), "MessageMismatch"),
    failing("hint y odd", { ...full, hintY: P - hintY }, "MessageMismatch"),
    failing("hint y not below p", { ...full, hintY: hintY + P }, "MessageMismatch"),
    failing("hint y even, not below p", { ...full, hintY: P - hintY + P }, "MessageMismatch"),
    failing("hint y zero", { ...full, hintY: 0n }, "MessageMismatch"),
    failing(
      "hint counter of no candidate",
      { ...full, counter: full.counter + 1 },
      "MessageMismatch",
    ),
  ];
}

function pointCases(): FailingCase[] {
  const full = encodeCertificate(certify(SETS.three));
  const subset = encodeCertificate(certify(SETS.three, [1]));
  const patched = [
    ["BLS-09 signature x plus p", patch(full, SIGNATURE, (x) => x + P)],
    ["BLS-09 signature y plus p, subset", patch(subset, SIGNATURE + 32, (y) => y + P)],
    ["BLS-09 key x real plus p", patch(full, KEY + 32, (x) => x + P)],
    ["BLS-09 key y imaginary plus p, subset", patch(subset, KEY + 64, (y) => y + P)],
    ["BLS-10 signature off the curve", patch(full, SIGNATURE, (x) => (x + 1n) % P)],
    ["BLS-10 signature off the curve, subset", patch(subset, SIGNATURE, (x) => (x + 1n) % P)],
    ["BLS-10 key off the curve", patch(full, KEY, (x) => (x + 1n) % P)],
    ["BLS-10 key off the curve, subset", patch(subset, KEY, (x) => (x + 1n) % P)],
    ["BLS-10 key on the twist, out of the subgroup", splice(full, KEY, pointOutOfSubgroup())],
    ["BLS-10 the same, subset", splice(subset, KEY, pointOutOfSubgroup())],
    ["BLS-20 key limbs swapped", splice(full, KEY, swappedLimbs(full))],
    ["BLS-20 key limbs swapped, subset", splice(subset, KEY, swappedLimbs(subset))],
  ] as const;
  return patched.map(([name, certificate]) => ({ name, certificate, fault: "InvalidPoint" }));
}

function keyCases(): FailingCase[] {
  const full = certify(SETS.three);
  const subset = certify(SETS.three, [1]);
  const signature = STRANGER.sign(quorumMessage(SETS.three.set.epoch, DIGEST));
  const strange = { signature, aggregateKeyG2: STRANGER.keyG2 };
  const { aggregateKeyG2 } = full;
  return [
    failing(
      "BLS-04 a stranger's key and signature",
      { ...full, ...strange },
      "AggregateKeyMismatch",
    ),
    failing("BLS-04 the same, subset", { ...subset, ...strange }, "AggregateKeyMismatch"),
    failing(
      "BLS-04 key of the full set for a subset",
      { ...subset, aggregateKeyG2 },
      "AggregateKeyMismatch",
    ),
    failing(
      "BLS-04 a subset as the full set",
      { ...subset, nonSigners: [] },
      "AggregateKeyMismatch",
    ),
    failing("BLS-04 another subset", { ...subset, nonSigners: [2] }, "AggregateKeyMismatch"),
    failing("the full set as a subset", { ...full, nonSigners: [1] }, "AggregateKeyMismatch"),
    failing(
      "key negated",
      { ...full, aggregateKeyG2: aggregateKeyG2.negate() },
      "AggregateKeyMismatch",
    ),
  ];
}

function signatureCases(): FailingCase[] {
  const full = certify(SETS.three);
  const subset = certify(SETS.three, [1]);
  const other = certify(SETS.three, [], OTHER_DIGEST);
  const otherSubset = certify(SETS.three, [1], OTHER_DIGEST);
  return [
    failing(
      "BLS-11 signature over another digest",
      { ...full, signature: other.signature },
      "InvalidSignature",
    ),
    failing(
      "the same, subset",
      { ...subset, signature: otherSubset.signature },
      "InvalidSignature",
    ),
    failing("signature of a subset", { ...full, signature: subset.signature }, "InvalidSignature"),
    failing(
      "signature of more than the subset",
      { ...subset, signature: full.signature },
      "InvalidSignature",
    ),
    failing(
      "signature negated",
      { ...full, signature: full.signature.negate() },
      "InvalidSignature",
    ),
    failing(
      "signature doubled, subset",
      { ...subset, signature: subset.signature.double() },
      "InvalidSignature",
    ),
  ];
}

function failing(name: string, certificate: Certificate, fault: CertificateFault): FailingCase {
  return { name, certificate: encodeCertificate(certificate), fault };
}

function withHintOf(certificate: Certificate, other: Certificate): Certificate {
  const { counter, hintY, signature } = other;
  return { ...certificate, counter, hintY, signature };
}

function patch(
  certificate: Uint8Array,
  offset: number,
  change: (word: bigint) => bigint,
): Uint8Array {
  const word = bytesToUint(certificate.subarray(offset, offset + 32));
  return splice(certificate, offset, uintBytes(change(word), 32));
}

function splice(certificate: Uint8Array, offset: number, bytes: Uint8Array): Uint8Array {
  const out = Uint8Array.from(certificate);
  out.set(bytes, offset);
  return out;
}

function swappedLimbs(certificate: Uint8Array): Uint8Array {
  const limb = (i: number) => certificate.slice(KEY + 32 * i, KEY + 32 * i + 32);
  return concatBytes(limb(1), limb(0), limb(3), limb(2));
}

/** The first point of the twist with x = (n, 0); a random one is in the subgroup with probability 2⁻²⁵⁴. */
function pointOutOfSubgroup(): Uint8Array {
  const { Fp2 } = bn254.fields;
  const { b } = bn254.G2.Point.CURVE();
  for (let n = 1n; ; n++) {
    const x = Fp2.fromBigTuple([n, 0n]);
    const square = Fp2.add(Fp2.mul(Fp2.sqr(x), x), b);
    try {
      return encodeG2(bn254.G2.Point.fromAffine({ x, y: Fp2.sqrt(square) }));
    } catch {
      // Not a square: try the next x.
    }
  }
}
