import type { Bytes32 } from "../bytes/brand.ts";
import { ADDRESS_BYTES } from "../bytes/eip712.ts";
import { toHex } from "../bytes/hex.ts";
import { keccak256 } from "../bytes/keccak.ts";
import { encodeG1, encodeG2, type G1, type G2, sumG1, sumG2 } from "./bn254.ts";
import { OperatorError } from "./errors.ts";

/** What one index byte of a certificate can name. */
export const MAX_OPERATORS = 256;

/** One operator of an epoch. Its index is its place in the set. */
export interface Operator {
  /** 20 bytes. */
  readonly address: Uint8Array;
  /** 1 to 2¹²⁰ − 1. */
  readonly weight: bigint;
  readonly keyG1: G1;
  readonly keyG2: G2;
}

/** The operators of one epoch, as `OperatorSetRegistry.operatorsOf` lists them. Immutable. */
export class OperatorSet {
  readonly epoch: number;
  readonly operators: readonly Operator[];
  readonly totalWeight: bigint;
  readonly aggregateKeyG1: G1;
  readonly aggregateKeyG2: G2;
  /** `keccak256` of the encoded {@link aggregateKeyG2}, as the registry keeps it. */
  readonly aggregateKeyHash: Bytes32;

  /** @throws {OperatorError} `E_OPERATOR_SET` unless the registry could hold this set. */
  constructor(epoch: number, operators: readonly Operator[]) {
    assertPossible(epoch, operators);
    this.epoch = epoch;
    this.operators = [...operators];
    this.totalWeight = operators.reduce((sum, { weight }) => sum + weight, 0n);
    this.aggregateKeyG1 = sumG1(operators.map(({ keyG1 }) => keyG1));
    this.aggregateKeyG2 = sumG2(operators.map(({ keyG2 }) => keyG2));
    if (this.aggregateKeyG1.is0() || this.aggregateKeyG2.is0()) {
      throw new OperatorError("E_OPERATOR_SET", "the keys sum to the point at infinity");
    }
    this.aggregateKeyHash = keccak256(encodeG2(this.aggregateKeyG2));
  }

  /** The operator at `index`. @throws {OperatorError} `E_SIGNERS` if there is none. */
  operatorAt(index: number): Operator {
    const operator = this.operators[index];
    if (operator === undefined) {
      throw new OperatorError("E_SIGNERS", `index ${index} of ${this.operators.length} operators`);
    }
    return operator;
  }

  /** Index of the operator with this G1 key, or -1. */
  indexOfKey(keyG1: G1): number {
    return this.operators.findIndex((operator) => operator.keyG1.equals(keyG1));
  }

  /** Summed weight of the operators at `indices`, each counted once. @throws {OperatorError} `E_SIGNERS` */
  weightOf(indices: Iterable<number>): bigint {
    let sum = 0n;
    for (const index of new Set(indices)) sum += this.operatorAt(index).weight;
    return sum;
  }

  /** Indices that are not among `indices`, ascending. @throws {OperatorError} `E_SIGNERS` */
  complementOf(indices: Iterable<number>): number[] {
    const given = new Set(indices);
    for (const index of given) this.operatorAt(index);
    return [...this.operators.keys()].filter((index) => !given.has(index));
  }
}

function assertPossible(epoch: number, operators: readonly Operator[]): void {
  if (!Number.isInteger(epoch) || epoch < 1 || epoch > 0xffff_ffff) {
    throw new OperatorError("E_OPERATOR_SET", `epoch: expected 1 to 2^32 - 1, got ${epoch}`);
  }
  if (operators.length < 1 || operators.length > MAX_OPERATORS) {
    throw new OperatorError(
      "E_OPERATOR_SET",
      `expected 1 to 256 operators, got ${operators.length}`,
    );
  }
  const keys = new Set<string>();
  for (const [index, { address, weight, keyG1, keyG2 }] of operators.entries()) {
    if (address.length !== ADDRESS_BYTES || weight < 1n || weight >> 120n !== 0n) {
      throw new OperatorError("E_OPERATOR_SET", `operator ${index}: bad address or weight`);
    }
    if (keyG1.is0() || keyG2.is0()) {
      throw new OperatorError("E_OPERATOR_SET", `operator ${index}: key at infinity`);
    }
    const key = toHex(encodeG1(keyG1));
    if (keys.has(key))
      throw new OperatorError("E_OPERATOR_SET", `operator ${index}: key used twice`);
    keys.add(key);
  }
}
