import { expect } from "chai";
import { network } from "hardhat";
import { seededBytes } from "../../scripts/vectors/seededBytes.ts";
import { bytes32, type Digest, zero32 } from "../../src/bytes/brand.ts";
import { tag } from "../../src/bytes/codec.ts";
import { fromHex, toHex } from "../../src/bytes/hex.ts";
import { keccak256 } from "../../src/bytes/keccak.ts";
import { commitArgument } from "../../src/chain/commitArgument.ts";
import { commitDigest, quorumMessage, type StateCommit } from "../../src/commit/message.ts";
import {
  type G1,
  type G2,
  g1Coordinates,
  g2Coordinates,
  sumG2,
} from "../../src/operators/bn254.ts";
import {
  buildCertificate,
  CERTIFICATE_FAULTS,
  type CertificateFault,
  encodeCertificate,
} from "../../src/operators/certificate.ts";
import { KeyPair } from "../../src/operators/keyPair.ts";
import { OperatorSet } from "../../src/operators/operatorSet.ts";
import { type Possession, provePossession } from "../../src/operators/possession.ts";

export { commitArgument };

/** A chain with the contracts of the quorum and operators that sign with real keys. */

export const MIN_EPOCH_SECONDS = 3_600;
export const OVERLAP_SECONDS = 600;
export const HEARTBEAT_SECONDS = 21_600;
export const CHANGE_DELAY_SECONDS = 3 * 86_400;

/** The ABI form of a proof. */
export function possessionArgument({ signature, counter, hintY }: Possession) {
  return { signature: g1Coordinates(signature), counter, hintY };
}

/** Contracts on a fresh chain; `operatorCount` operators with weight 100 each, in the first epoch. */
export async function deployQuorum(operatorCount: number, networkName = "mainnet") {
  const connection = await network.create({
    network: networkName,
    chainType: networkName === "mainnet" ? "l1" : "op",
  });
  const { ethers, networkHelpers } = connection;
  const { chainId } = await ethers.provider.getNetwork();
  const accounts = await ethers.getSigners();
  const [owner] = accounts;
  if (owner === undefined) throw new Error("no accounts");

  const operatorSets = await ethers.deployContract("OperatorSetRegistry", [
    owner,
    MIN_EPOCH_SECONDS,
    OVERLAP_SECONDS,
    CHANGE_DELAY_SECONDS,
  ]);
  const deployRegistry = async () => {
    const made = await ethers.deployContract("BlsStateCommitRegistry", [
      owner,
      operatorSets,
      ethers.ZeroAddress,
      6_667,
      60,
      HEARTBEAT_SECONDS,
      CHANGE_DELAY_SECONDS,
    ]);
    await operatorSets.addEpochSink(made);
    // As the registry that it is with any verifier.
    return await ethers.getContractAt("StateCommitRegistry", await made.getAddress());
  };
  const registry = await deployRegistry();
  const verifier = await ethers.deployContract("BlsQuorumVerifier", [operatorSets]);
  await operatorSets.addEpochSink(verifier);
  const setsAddress = fromHex(await operatorSets.getAddress());

  const operators = accounts.slice(1, 1 + operatorCount).map((account, index) => ({
    account,
    key: KeyPair.generate(seededBytes(`quorum operator ${index}`)),
  }));
  const domainOf = (account: { address: string }) => ({
    chainId,
    registry: setsAddress,
    operator: fromHex(account.address),
  });
  const register = (account: (typeof accounts)[number], key: KeyPair) =>
    operatorSets
      .connect(account)
      .register(
        g1Coordinates(key.keyG1),
        g2Coordinates(key.keyG2),
        possessionArgument(provePossession(domainOf(account), key)),
      );
  for (const { account, key } of operators) {
    await register(account, key);
    await operatorSets.setWeight(account, 100);
  }
  const startEpoch = (keys: readonly G2[] = operators.map(({ key }) => key.keyG2)) =>
    operatorSets.startEpoch(g2Coordinates(sumG2(keys)));
  if (operatorCount > 0) await startEpoch();

  const setOf = (epoch: number, of = operators) =>
    new OperatorSet(
      epoch,
      of.map(({ account, key: { keyG1, keyG2 } }) => ({
        address: fromHex(account.address),
        weight: 100n,
        keyG1,
        keyG2,
      })),
    );

  /** The next commit, with a root of its own; `changes` go on top. */
  async function nextCommit(
    changes: Partial<StateCommit> = {},
    on = registry,
  ): Promise<StateCommit> {
    const sequenceNo = (await on.getSequenceNo()) + 1n;
    const [last] = await on.lastCommitTimes();
    const now = BigInt(await networkHelpers.time.latest());
    return {
      version: 2,
      sequenceNo,
      prevStateRoot: bytes32(await on.getStateRoot()),
      newStateRoot: keccak256(tag(`root ${sequenceNo}`)),
      timestamp: (last > now ? last : now) + 1n,
      daCertHash: keccak256(tag("manifest")),
      pcr0Commitment: zero32(),
      ...changes,
    };
  }

  /** Certificate over `commit` by all operators of `set` but `missing`, signed for `on`. */
  async function certify(
    commit: StateCommit,
    missing: readonly number[] = [],
    { epoch = 1, of = operators, on = registry, onChain = chainId } = {},
  ): Promise<string> {
    const domain = { chainId: onChain, registry: fromHex(await on.getAddress()) };
    return certifyDigest(commitDigest(domain, commit), missing, { epoch, of });
  }

  /** Certificate over `digest` by all operators of `of` but `missing`. */
  function certifyDigest(
    digest: Digest,
    missing: readonly number[] = [],
    { epoch = 1, of = operators } = {},
  ): string {
    const message = quorumMessage(epoch, digest);
    const signatures = new Map<number, G1>();
    for (const [index, { key }] of of.entries()) {
      if (!missing.includes(index)) signatures.set(index, key.sign(message));
    }
    return toHex(encodeCertificate(buildCertificate(setOf(epoch, of), message, signatures)));
  }

  /** Everything a commit may change. */
  async function stateOf(on = registry): Promise<string> {
    const sequenceNo = await on.getSequenceNo();
    const state = [
      sequenceNo,
      await on.getStateRoot(),
      await on.lastCommitTimes(),
      await on.retainedRange(),
      await on.tryStateRootAt(sequenceNo + 1n),
      await on.isPaused(),
    ];
    return state.map(String).join();
  }

  return {
    ethers,
    networkHelpers,
    chainId,
    owner,
    accounts,
    operatorSets,
    verifier,
    registry,
    deployRegistry,
    operators,
    domainOf,
    register,
    startEpoch,
    setOf,
    nextCommit,
    certify,
    certifyDigest,
    stateOf,
  };
}

/** The contracts and operators of one chain. */
export type Quorum = Awaited<ReturnType<typeof deployQuorum>>;

const faultNumber = (name: CertificateFault) => CERTIFICATE_FAULTS.indexOf(name);

/** Asserts that the registry refuses with `CertificateRejected(fault)` and stays as it is. */
export async function expectRejected(
  { registry, stateOf }: Quorum,
  commit: Parameters<typeof commitArgument>[0],
  certificate: string,
  fault: CertificateFault,
  on = registry,
): Promise<void> {
  const before = await stateOf(on);
  await expect(on.commitStateRoot(commitArgument(commit), certificate))
    .to.be.revertedWithCustomError(on, "CertificateRejected")
    .withArgs(faultNumber(fault));
  expect(await stateOf(on)).to.equal(before);
}
