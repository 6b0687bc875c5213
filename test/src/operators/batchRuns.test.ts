import { expect } from "chai";
import fc from "fast-check";
import { certify } from "../../../scripts/vectors/certify.ts";
import { SETS } from "../../../scripts/vectors/operatorSets.ts";
import { MAX_BATCH, mergeCertificates } from "../../../src/operators/batchCertificate.ts";
import { batchRuns } from "../../../src/operators/batchRuns.ts";
import { decodeCertificate, encodeCertificate } from "../../../src/operators/certificate.ts";

/** One certificate by all but each of these, packed. */
const BY = new Map(
  [[], [1], [2], [1, 2]].map((missing) => [
    missing.join(),
    encodeCertificate(certify(SETS.ten, missing)),
  ]),
);
const OTHER_EPOCH = encodeCertificate(certify(SETS.three));

function cut(certificates: readonly Uint8Array[], most?: number): number[] {
  return batchRuns(certificates, (certificate) => certificate, most).map(({ length }) => length);
}

function by(...missing: string[]): Uint8Array[] {
  return missing.map((list) => BY.get(list) ?? new Uint8Array());
}

describe("batch runs", () => {
  it("are one where all have the same signers", () => {
    expect(cut(by("1", "1", "1"))).to.deep.equal([3]);
  });

  it("are fewer per run where signers differ", () => {
    expect(cut(by("", "", "1", "1", "2", ""))).to.deep.equal([2, 2, 1, 1]);
  });

  it("are cut where the epoch changes", () => {
    expect(cut([...by("", ""), OTHER_EPOCH, ...by("")])).to.deep.equal([2, 1, 1]);
  });

  it("are none of nothing, and no longer than the limit", () => {
    expect(cut([])).to.deep.equal([]);
    expect(cut(Array.from({ length: MAX_BATCH + 1 }, () => by("")).flat())).to.deep.equal([
      MAX_BATCH,
      1,
    ]);
    expect(cut(by("", "", ""), 2)).to.deep.equal([2, 1]);
    expect(cut(by("", ""), 0)).to.deep.equal([1, 1]);
  });

  it("keep the order, can all be merged, and are as few as can be", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...BY.keys()), { maxLength: 40 }), (lists) => {
        const certificates = by(...lists);
        const runs = batchRuns(certificates, (certificate) => certificate);
        expect(runs.flat()).to.deep.equal(certificates);
        for (const run of runs) mergeCertificates(run.map(decodeCertificate));
        const changes = lists.filter((list, i) => i > 0 && list !== lists[i - 1]).length;
        const longest = lists.length <= MAX_BATCH;
        if (longest) expect(runs.length).to.equal(lists.length === 0 ? 0 : changes + 1);
      }),
      { numRuns: 30 },
    );
  });
});
