import type { Signer } from "ethers";
import { fromHex } from "../bytes/hex.ts";
import type { KnownEpoch, LandedCommit } from "../commit/target.ts";
import {
  type G1Coordinates,
  type G2Coordinates,
  g1Coordinates,
  g1FromCoordinates,
  g2Coordinates,
  g2FromCoordinates,
  sumG2,
} from "../operators/bn254.ts";
import type { KeyPair } from "../operators/keyPair.ts";
import { type Operator, OperatorSet } from "../operators/operatorSet.ts";
import { provePossession } from "../operators/possession.ts";
import { type Contracts, reverts } from "./contracts.ts";
import { ChainError } from "./errors.ts";
import { landed } from "./landed.ts";

/** The newest operator set. @throws {ChainError} `UnknownEpoch` before the first */
export async function readOperatorSet({ operatorSets }: Contracts): Promise<OperatorSet> {
  return await reverts.run(async () => {
    const epoch = Number(await operatorSets.currentEpoch());
    return new OperatorSet(epoch, (await operatorSets.operatorsOf(epoch)).map(operatorOf));
  });
}

/** An epoch, ended or not; nothing if there is none of this number. */
export async function readEpoch(
  { operatorSets }: Contracts,
  epoch: number,
): Promise<KnownEpoch | undefined> {
  return await reverts.run(async () => {
    if (epoch < 1 || epoch > Number(await operatorSets.currentEpoch())) return undefined;
    const { expiresAt } = await operatorSets.epochOf(epoch);
    const set = new OperatorSet(epoch, (await operatorSets.operatorsOf(epoch)).map(operatorOf));
    return { set, expiresAtSeconds: expiresAt };
  });
}

/** Registers `keyPair` for the account of `signer`, with proof of possession. */
export async function registerOperator(
  { operatorSets }: Contracts,
  chainId: bigint,
  signer: Signer,
  keyPair: KeyPair,
): Promise<LandedCommit> {
  return await reverts.run(async () => {
    const operator = fromHex(await signer.getAddress());
    const registry = fromHex(await operatorSets.getAddress());
    const proof = provePossession({ chainId, registry, operator }, keyPair);
    const call = await operatorSets
      .connect(signer)
      .register(g1Coordinates(keyPair.keyG1), g2Coordinates(keyPair.keyG2), {
        ...proof,
        signature: g1Coordinates(proof.signature),
      });
    return landed(await call.wait());
  });
}

/** Sets an operator's weight; once there is an epoch, a greater one is only proposed. `owner` owns the registry. */
export async function setOperatorWeight(
  { operatorSets }: Contracts,
  owner: Signer,
  operator: string,
  weight: bigint,
): Promise<LandedCommit> {
  return await reverts.run(async () => {
    const call = await operatorSets.connect(owner).setWeight(operator, weight);
    return landed(await call.wait());
  });
}

/** Sets an operator's weight to what was proposed. @throws {ChainError} `TimelockActive` before its time */
export async function enactOperatorWeight(
  { operatorSets }: Contracts,
  caller: Signer,
  operator: string,
): Promise<LandedCommit> {
  return await reverts.run(async () => {
    const call = await operatorSets.connect(caller).enactWeight(operator);
    return landed(await call.wait());
  });
}

/** Starts the next epoch with what is queued. */
export async function startEpoch(
  { operatorSets }: Contracts,
  caller: Signer,
): Promise<LandedCommit> {
  return await reverts.run(async () => {
    const queued = (await operatorSets.queuedOperators()).map(operatorOf);
    if (queued.length === 0) throw new ChainError("EmptyOperatorSet", "no operator is queued", []);
    const aggregateKey = sumG2(queued.map(({ keyG2 }) => keyG2));
    const call = await operatorSets.connect(caller).startEpoch(g2Coordinates(aggregateKey));
    return landed(await call.wait());
  });
}

interface OperatorRecord {
  readonly operator: string;
  readonly weight: bigint;
  readonly keyG1: G1Coordinates;
  readonly keyG2: G2Coordinates;
}

function operatorOf({ operator, weight, keyG1, keyG2 }: OperatorRecord): Operator {
  return {
    address: fromHex(operator),
    weight,
    keyG1: g1FromCoordinates(keyG1),
    keyG2: g2FromCoordinates(keyG2),
  };
}
