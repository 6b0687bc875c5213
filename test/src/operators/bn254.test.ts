import { expect } from "chai";
import fc from "fast-check";
import { failingCases } from "../../../scripts/vectors/certificateFaults.ts";
import { scaledG2Vectors } from "../../../scripts/vectors/scaledG2.ts";
import {
  decodeG1,
  decodeG2,
  encodeG1,
  encodeG2,
  G1_GENERATOR,
  G1_ZERO,
  G2_GENERATOR,
  G2_ZERO,
  g1Coordinates,
  g1FromCoordinates,
  g2Coordinates,
  g2FromCoordinates,
  P,
  pairingIsOne,
  R,
  scaleG1,
  sumG1,
  sumG2,
} from "../../../src/operators/bn254.ts";
import { codeOf } from "../../helpers/codes.ts";
import { vectorText } from "../../helpers/vectors.ts";

const scalar = fc.bigInt(1n, R - 1n);
const few = { numRuns: 20 };

describe("bn254", () => {
  it("has small multiples of G2 in a vector file that its generator writes", () => {
    expect(vectorText("scaledG2")).to.equal(`${JSON.stringify(scaledG2Vectors(), null, 2)}\n`);
  });

  it("reads every point it writes", () => {
    fc.assert(
      fc.property(scalar, (k) => {
        const [g1, g2] = [G1_GENERATOR.multiply(k), G2_GENERATOR.multiply(k)];
        expect(decodeG1(encodeG1(g1)).equals(g1)).to.equal(true);
        expect(decodeG2(encodeG2(g2)).equals(g2)).to.equal(true);
        expect(g1FromCoordinates(g1Coordinates(g1)).equals(g1)).to.equal(true);
        expect(g2FromCoordinates(g2Coordinates(g2)).equals(g2)).to.equal(true);
      }),
      few,
    );
  });

  it("writes infinity as zeros and reads it back", () => {
    expect(encodeG1(G1_ZERO)).to.deep.equal(new Uint8Array(64));
    expect(encodeG2(G2_ZERO)).to.deep.equal(new Uint8Array(128));
    expect(decodeG1(new Uint8Array(64)).is0()).to.equal(true);
    expect(decodeG2(new Uint8Array(128)).is0()).to.equal(true);
  });

  it("BLS-09: refuses coordinates that are negative or not below p", () => {
    const g1 = g1Coordinates(G1_GENERATOR);
    const g2 = g2Coordinates(G2_GENERATOR);
    const bad: (() => unknown)[] = [
      () => g1FromCoordinates({ ...g1, x: g1.x + P }),
      () => g1FromCoordinates({ ...g1, y: g1.y - P }),
      () => g1FromCoordinates({ x: P, y: P }),
      () => g2FromCoordinates({ ...g2, xReal: g2.xReal + P }),
      () => g2FromCoordinates({ ...g2, yImaginary: g2.yImaginary - P }),
      () => g2FromCoordinates({ xImaginary: P, xReal: 0n, yImaginary: 0n, yReal: 0n }),
    ];
    for (const work of bad) expect(codeOf(work)).to.equal("E_POINT");
  });

  it("BLS-10, BLS-20: refuses points off the curve, out of the subgroup, or with limbs swapped", () => {
    const { x, y } = g1Coordinates(G1_GENERATOR);
    expect(codeOf(() => g1FromCoordinates({ x, y: y + 1n }))).to.equal("E_POINT");
    const { xImaginary, xReal, yImaginary, yReal } = g2Coordinates(G2_GENERATOR);
    const swapped = { xImaginary: xReal, xReal: xImaginary, yImaginary: yReal, yReal: yImaginary };
    expect(codeOf(() => g2FromCoordinates(swapped))).to.equal("E_POINT");
    const outside = failingCases().find(({ name }) => name.includes("out of the subgroup"));
    expect(outside?.certificate.length).to.equal(229);
    expect(
      codeOf(() => decodeG2(outside?.certificate.subarray(101, 229) ?? new Uint8Array())),
    ).to.equal("E_POINT");
  });

  it("refuses encodings of another length", () => {
    for (const length of [0, 63, 65, 128]) {
      expect(codeOf(() => decodeG1(new Uint8Array(length)))).to.equal("E_POINT");
    }
    expect(codeOf(() => decodeG2(new Uint8Array(127)))).to.equal("E_POINT");
  });

  it("pairs to one exactly when both halves have one secret", () => {
    fc.assert(
      fc.property(scalar, scalar, (a, b) => {
        const key = G2_GENERATOR.multiply(b);
        const isOne = pairingIsOne(G1_GENERATOR.multiply(a), G1_GENERATOR, key);
        expect(isOne).to.equal(a === b);
        expect(pairingIsOne(scaleG1(G1_GENERATOR, b + R), G1_GENERATOR, key)).to.equal(true);
      }),
      few,
    );
  });

  it("BLS-17: pairs infinities to one, as the precompile does", () => {
    expect(pairingIsOne(G1_ZERO, G1_ZERO, G2_ZERO)).to.equal(true);
    expect(pairingIsOne(G1_GENERATOR, G1_ZERO, G2_ZERO)).to.equal(false);
  });

  it("sums nothing to infinity", () => {
    expect(sumG1([]).is0()).to.equal(true);
    expect(sumG2([G2_GENERATOR, G2_GENERATOR.negate()]).is0()).to.equal(true);
    expect(scaleG1(G1_GENERATOR, R).is0()).to.equal(true);
  });
});
