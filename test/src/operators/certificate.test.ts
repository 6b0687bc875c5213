import { expect } from "chai";
import fc from "fast-check";
import { blsVectors } from "../../../scripts/vectors/bls.ts";
import { certificateCases } from "../../../scripts/vectors/certificateCases.ts";
import { certify, DIGEST } from "../../../scripts/vectors/certify.ts";
import { NOW_SECONDS, SETS, type VectorSet } from "../../../scripts/vectors/operatorSets.ts";
import type { Digest } from "../../../src/bytes/brand.ts";
import { quorumMessage } from "../../../src/commit/message.ts";
import {
  buildCertificate,
  CERTIFICATE_FAULTS,
  type CertificateContext,
  decodeCertificate,
  encodeCertificate,
  verifyCertificate,
} from "../../../src/operators/certificate.ts";
import { codeOf } from "../../helpers/codes.ts";
import { vectorText } from "../../helpers/vectors.ts";

const EPOCHS = new Map<number, VectorSet>(Object.values(SETS).map((set) => [set.set.epoch, set]));

function contextOf(digest: Digest): CertificateContext {
  return {
    epochOf: (epoch) => EPOCHS.get(epoch),
    messageOf: (epoch) => quorumMessage(epoch, digest),
    nowSeconds: NOW_SECONDS,
  };
}

describe("certificate", () => {
  it("BLS-18: has vectors, with 10,000 hashes to G1 folded, that its generator writes", function () {
    this.timeout(60_000);
    expect(`${JSON.stringify(blsVectors(), null, 2)}\n` === vectorText("bls")).to.equal(true);
  });

  for (const {
    name,
    digest,
    certificate,
    fault,
    signedWeight,
    totalWeight,
  } of certificateCases()) {
    it(`${name}: ${fault === "None" ? "proves its weight" : `is refused as ${fault}`}`, () => {
      const verdict = verifyCertificate(certificate, contextOf(digest));
      expect(verdict).to.deep.equal({ fault, signedWeight, totalWeight });
    });
  }

  it("has a vector for every fault", () => {
    const seen = new Set(certificateCases().map(({ fault }) => fault));
    expect([...CERTIFICATE_FAULTS].filter((fault) => !seen.has(fault))).to.deep.equal([]);
  });

  it("reads what it writes, byte for byte", () => {
    for (const { certificate, fault } of certificateCases()) {
      if (fault !== "None") continue;
      expect(encodeCertificate(decodeCertificate(certificate))).to.deep.equal(certificate);
    }
  });

  it("ABI-04: is refused with any byte flipped", function () {
    this.timeout(120_000);
    const bytes = encodeCertificate(certify(SETS.ten, [0, 4, 9]));
    for (let at = 0; at < bytes.length; at += 3) {
      const flipped = Uint8Array.from(bytes);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
      expect(verifyCertificate(flipped, contextOf(DIGEST)).fault, `byte ${at}`).not.to.equal(
        "None",
      );
    }
  });

  it("is refused, never thrown at, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        expect(verifyCertificate(bytes, contextOf(DIGEST)).fault).not.to.equal("None");
      }),
    );
  });

  it("proves the weight of any signers", function () {
    this.timeout(60_000);
    const signers = fc.uniqueArray(fc.nat(9), { minLength: 1 });
    fc.assert(
      fc.property(signers, (indices) => {
        const missing = SETS.ten.set.complementOf(indices);
        const bytes = encodeCertificate(certify(SETS.ten, missing));
        const { fault, signedWeight } = verifyCertificate(bytes, contextOf(DIGEST));
        expect(fault).to.equal("None");
        expect(signedWeight).to.equal(SETS.ten.set.weightOf(indices));
      }),
      { numRuns: 8 },
    );
  });

  it("BLS-16: cannot be built from nobody's signatures or a stranger's index", () => {
    expect(codeOf(() => buildCertificate(SETS.three.set, DIGEST, new Map()))).to.equal("E_SIGNERS");
    const { signature } = certify(SETS.three);
    expect(
      codeOf(() => buildCertificate(SETS.three.set, DIGEST, new Map([[3, signature]]))),
    ).to.equal("E_SIGNERS");
  });

  it("BLS-15: cannot be written with non-signers out of order or beyond a byte", () => {
    const full = certify(SETS.three);
    for (const nonSigners of [[1, 0], [1, 1], [256], [-1], [0.5]]) {
      expect(codeOf(() => encodeCertificate({ ...full, nonSigners }))).to.equal("E_CERTIFICATE");
    }
  });

  it("ABI-05: cannot be read from another length or with bad points", () => {
    const bytes = encodeCertificate(certify(SETS.three));
    for (const length of [0, 1, 31, 228]) {
      expect(codeOf(() => decodeCertificate(bytes.slice(0, length)))).to.equal("E_CERTIFICATE");
    }
    expect(codeOf(() => decodeCertificate(new Uint8Array(229 + 257)))).to.equal("E_CERTIFICATE");
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    expect(codeOf(() => decodeCertificate(bytes))).to.equal("E_POINT");
  });
});
