import { expect } from "chai";
import fc from "fast-check";
import { batchCases, certifyAll } from "../../../scripts/vectors/batchCases.ts";
import { certify, DIGEST } from "../../../scripts/vectors/certify.ts";
import { NOW_SECONDS, SETS, type VectorSet } from "../../../scripts/vectors/operatorSets.ts";
import { bytes32, type Digest } from "../../../src/bytes/brand.ts";
import { quorumMessage } from "../../../src/commit/message.ts";
import {
  type BatchContext,
  decodeBatchCertificate,
  encodeBatchCertificate,
  MAX_BATCH,
  mergeCertificates,
  verifyBatchCertificate,
} from "../../../src/operators/batchCertificate.ts";
import { CERTIFICATE_FAULTS, encodeCertificate } from "../../../src/operators/certificate.ts";
import { codeOf } from "../../helpers/codes.ts";

const EPOCHS = new Map<number, VectorSet>(Object.values(SETS).map((set) => [set.set.epoch, set]));

function contextOf(digests: readonly Digest[]): BatchContext {
  return {
    epochOf: (epoch) => EPOCHS.get(epoch),
    messagesOf: (epoch) => digests.map((digest) => quorumMessage(epoch, digest)),
    nowSeconds: NOW_SECONDS,
  };
}

describe("batch certificate", () => {
  for (const { name, digests, certificate, fault, signedWeight, totalWeight } of batchCases()) {
    it(`${name}: ${fault === "None" ? "proves its weight" : `is refused as ${fault}`}`, () => {
      const verdict = verifyBatchCertificate(certificate, digests.length, contextOf(digests));
      expect(verdict).to.deep.equal({ fault, signedWeight, totalWeight });
    });
  }

  it("has a vector for every fault", () => {
    const seen = new Set(batchCases().map(({ fault }) => fault));
    expect([...CERTIFICATE_FAULTS].filter((fault) => !seen.has(fault))).to.deep.equal([]);
  });

  it("over one message is that message's certificate, byte for byte", () => {
    for (const missing of [[], [2]]) {
      const certificate = certify(SETS.ten, missing);
      expect(encodeBatchCertificate(mergeCertificates([certificate]))).to.deep.equal(
        encodeCertificate(certificate),
      );
    }
  });

  it("reads what it writes, byte for byte", () => {
    for (const { certificate, digests, fault } of batchCases()) {
      if (fault !== "None") continue;
      const read = decodeBatchCertificate(certificate, digests.length);
      expect(encodeBatchCertificate(read)).to.deep.equal(certificate);
    }
  });

  it("ABI-04: is refused with any byte flipped", function () {
    this.timeout(60_000);
    const digests = [DIGEST, bytes32<Digest>(new Uint8Array(32).fill(7))];
    const bytes = encodeBatchCertificate(certifyAll(SETS.three, digests, [1]));
    for (let at = 0; at < bytes.length; at += 3) {
      const flipped = Uint8Array.from(bytes);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
      const { fault } = verifyBatchCertificate(flipped, 2, contextOf(digests));
      expect(fault, `byte ${at}`).not.to.equal("None");
    }
  });

  it("is refused, never thrown at, whatever the bytes", () => {
    const digests = [DIGEST, DIGEST];
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), fc.nat(40), (bytes, count) => {
        const { fault } = verifyBatchCertificate(bytes, count, contextOf(digests));
        expect(fault).not.to.equal("None");
      }),
    );
  });

  it("is not merged from none, too many, other epochs or other signers", () => {
    const one = certify(SETS.three);
    const refused = [
      [],
      Array.from({ length: MAX_BATCH + 1 }, () => one),
      [one, certify(SETS.ten)],
      [one, certify(SETS.three, [1])],
      [certify(SETS.three, [1]), certify(SETS.three, [2])],
    ];
    for (const certificates of refused) {
      expect(codeOf(() => mergeCertificates(certificates))).to.equal("E_CERTIFICATE");
    }
  });

  it("BLS-15: is not written with a bad count of hints or bad non-signers", () => {
    const whole = certifyAll(SETS.three, [DIGEST]);
    for (const nonSigners of [[1, 0], [1, 1], [256], [-1], [0.5]]) {
      expect(codeOf(() => encodeBatchCertificate({ ...whole, nonSigners }))).to.equal(
        "E_CERTIFICATE",
      );
    }
    expect(codeOf(() => encodeBatchCertificate({ ...whole, hints: [] }))).to.equal("E_CERTIFICATE");
    expect(codeOf(() => decodeBatchCertificate(new Uint8Array(229), 2))).to.equal("E_CERTIFICATE");
  });
});
