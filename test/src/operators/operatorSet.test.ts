import { expect } from "chai";
import { SETS } from "../../../scripts/vectors/operatorSets.ts";
import { G1_ZERO } from "../../../src/operators/bn254.ts";
import { type Operator, OperatorSet } from "../../../src/operators/operatorSet.ts";
import { codeOf } from "../../helpers/codes.ts";

const { set } = SETS.ten;
const first = set.operatorAt(0);

describe("operator set", () => {
  it("knows its operators by index and by key", () => {
    for (const [index, operator] of set.operators.entries()) {
      expect(set.operatorAt(index)).to.equal(operator);
      expect(set.indexOfKey(operator.keyG1)).to.equal(index);
    }
    expect(set.indexOfKey(G1_ZERO)).to.equal(-1);
    for (const index of [-1, 10, 0.5])
      expect(codeOf(() => set.operatorAt(index))).to.equal("E_SIGNERS");
  });

  it("counts each operator's weight once", () => {
    const [a, b] = [set.operatorAt(2).weight, set.operatorAt(7).weight];
    expect(set.weightOf([])).to.equal(0n);
    expect(set.weightOf([2, 7, 2])).to.equal(a + b);
    expect(set.weightOf(set.operators.keys())).to.equal(set.totalWeight);
    expect(codeOf(() => set.weightOf([10]))).to.equal("E_SIGNERS");
  });

  it("lists who is missing, ascending", () => {
    expect(set.complementOf([9, 0, 5])).to.deep.equal([1, 2, 3, 4, 6, 7, 8]);
    expect(set.complementOf(set.operators.keys())).to.deep.equal([]);
    expect(codeOf(() => set.complementOf([10]))).to.equal("E_SIGNERS");
  });

  it("refuses sets that the registry could not hold", () => {
    const bad: [number, Operator[]][] = [
      [1, []],
      [1, Array.from({ length: 257 }, () => first)],
      [1, [first, first]],
      [1, [{ ...first, weight: 0n }]],
      [1, [{ ...first, weight: 1n << 120n }]],
      [1, [{ ...first, address: new Uint8Array(19) }]],
      [1, [{ ...first, keyG1: G1_ZERO }]],
      [1, SETS.cancelling.set.operators.slice(0, 2)],
      [0, [first]],
      [2 ** 32, [first]],
      [1.5, [first]],
    ];
    for (const [epoch, operators] of bad) {
      expect(codeOf(() => new OperatorSet(epoch, operators))).to.equal("E_OPERATOR_SET");
    }
    expect(new OperatorSet(1, [first]).totalWeight).to.equal(first.weight);
  });
});
