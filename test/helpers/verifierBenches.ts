import { seededBytes } from "../../scripts/vectors/seededBytes.ts";
import type { Digest } from "../../src/bytes/brand.ts";
import { uintBytes } from "../../src/bytes/codec.ts";
import { fromHex, toHex } from "../../src/bytes/hex.ts";
import { keccak256 } from "../../src/bytes/keccak.ts";
import { quorumMessage } from "../../src/commit/message.ts";
import { encodeBatchCertificate, mergeCertificates } from "../../src/operators/batchCertificate.ts";
import { bls12381Certificate } from "../../src/operators/bls12381/certificate.ts";
import {
  type Bls12381G1,
  encodeBls12381G1,
  encodeBls12381G2,
  sumBls12381G1,
} from "../../src/operators/bls12381/curve.ts";
import { Bls12381KeyPair } from "../../src/operators/bls12381/keyPair.ts";
import { type G1, g1Coordinates, g2Coordinates, sumG1, sumG2 } from "../../src/operators/bn254.ts";
import { buildCertificate, encodeCertificate } from "../../src/operators/certificate.ts";
import {
  eigenLayerCertificate,
  eigenLayerLeaf,
  eigenLayerProof,
  eigenLayerTreeRoot,
  signForEigenLayer,
} from "../../src/operators/eigenLayer.ts";
import { KeyPair } from "../../src/operators/keyPair.ts";
import type { deployQuorum } from "./quorum.ts";

/** Every implementation of `IQuorumVerifier`, each with ten operators of weight 100 that sign for it. */

type Quorum = Awaited<ReturnType<typeof deployQuorum>>;

export const OPERATOR_COUNT = 10;
const WEIGHT = 100n;

/** A verifier with its operators. */
export interface VerifierBench {
  /** Address of the verifier. */
  readonly address: string;
  /** Certificate over `digest` by all operators but `missing`. */
  certify(digest: Digest, missing?: readonly number[]): Promise<Uint8Array>;
  /** One certificate over several digests. */
  certifyBatch(digests: readonly Digest[], missing: readonly number[]): Uint8Array;
  /** How much more or less a verification may cost, by luck with the hash to the curve. */
  readonly hashRetriesGas: number;
  /** How the verifier says that a certificate is for another digest. */
  readonly wrongDigestFault: "MessageMismatch" | "InvalidSignature";
}

/** The benches by name, each deployed beside the contracts of a quorum on the same chain. */
export const VERIFIER_BENCHES = {
  BlsQuorumVerifier: bn254Bench,
  Bls12381QuorumVerifier: bls12381Bench,
  EigenLayerQuorumVerifier: eigenLayerBench,
} as const satisfies Record<string, (quorum: Quorum) => Promise<VerifierBench>>;

async function bn254Bench({ verifier, setOf, operators }: Quorum): Promise<VerifierBench> {
  const certificateOf = (digest: Digest, missing: readonly number[]) => {
    const message = quorumMessage(1, digest);
    const signatures = new Map<number, G1>();
    for (const [index, { key }] of operators.entries()) {
      if (!missing.includes(index)) signatures.set(index, key.sign(message));
    }
    return buildCertificate(setOf(1), message, signatures);
  };
  return {
    address: await verifier.getAddress(),
    hashRetriesGas: 0,
    wrongDigestFault: "MessageMismatch",
    certify: async (digest, missing = []) => encodeCertificate(certificateOf(digest, missing)),
    certifyBatch: (digests, missing) =>
      encodeBatchCertificate(
        mergeCertificates(digests.map((digest) => certificateOf(digest, missing))),
      ),
  };
}

async function bls12381Bench({ ethers, chainId, owner, accounts }: Quorum): Promise<VerifierBench> {
  const verifier = await ethers.deployContract("Bls12381QuorumVerifier", [owner, 172_800]);
  const address = await verifier.getAddress();
  const operators = accounts
    .slice(1, 1 + OPERATOR_COUNT)
    .sort((a, b) => Number(BigInt(a.address) - BigInt(b.address) > 0n) * 2 - 1)
    .map((account, index) => ({
      account,
      key: Bls12381KeyPair.generate(seededBytes(`bench operator ${index}`)),
    }));
  for (const { account, key } of operators) {
    const operator = fromHex(account.address);
    const proof = key.provePossession({ chainId, verifier: fromHex(address), operator });
    await verifier.connect(account).register(wordsOfG2(key), wordsOfG1(proof));
  }
  await verifier.startEpoch(
    operators.map(({ account }) => account.address),
    operators.map(() => WEIGHT),
    0,
  );
  const set = {
    epoch: 1,
    operators: operators.map(({ key: { key } }) => ({ key, weight: WEIGHT })),
  };
  const certifyBatch = (digests: readonly Digest[], missing: readonly number[]) => {
    const signatures = new Map<number, Bls12381G1>();
    for (const [index, { key }] of operators.entries()) {
      if (missing.includes(index)) continue;
      const own = digests.map((digest) => key.sign(quorumMessage(1, digest)));
      signatures.set(index, sumBls12381G1(own));
    }
    return bls12381Certificate(set, signatures);
  };
  return {
    address,
    hashRetriesGas: 0,
    wrongDigestFault: "InvalidSignature",
    certify: async (digest, missing = []) => certifyBatch([digest], missing),
    certifyBatch,
  };
}

function wordsOfG2({ key }: Bls12381KeyPair) {
  const [xRealHigh = 0n, xRealLow = 0n, xImaginaryHigh = 0n, xImaginaryLow = 0n, ...y] = wordsOf(
    encodeBls12381G2(key),
  );
  const [yRealHigh = 0n, yRealLow = 0n, yImaginaryHigh = 0n, yImaginaryLow = 0n] = y;
  const x = { xRealHigh, xRealLow, xImaginaryHigh, xImaginaryLow };
  return { ...x, yRealHigh, yRealLow, yImaginaryHigh, yImaginaryLow };
}

function wordsOfG1(point: Bls12381G1) {
  const [xHigh = 0n, xLow = 0n, yHigh = 0n, yLow = 0n] = wordsOf(encodeBls12381G1(point));
  return { xHigh, xLow, yHigh, yLow };
}

function wordsOf(bytes: Uint8Array): bigint[] {
  const words: bigint[] = [];
  for (let at = 0; at < bytes.length; at += 32)
    words.push(BigInt(toHex(bytes.subarray(at, at + 32))));
  return words;
}

/** EigenLayer's stand-in with a table of ten operators, and the adapter to it. */
export async function deployEigenLayer({ ethers, networkHelpers, accounts }: Quorum) {
  const upstream = await ethers.deployContract("EigenLayerCertificateVerifierMock");
  const operatorSet = { avs: accounts[0]?.address ?? ethers.ZeroAddress, id: 7 };
  const referenceTimestamp = await networkHelpers.time.latest();
  const keys = Array.from({ length: OPERATOR_COUNT }, (_, index) =>
    KeyPair.generate(seededBytes(`bench operator ${index}`)),
  );
  // Two kinds of weight; the adapter counts the second.
  const records = keys.map(({ keyG1 }) => ({
    pubkey: g1Coordinates(keyG1),
    weights: [1n, WEIGHT],
  }));
  const record = "tuple(tuple(uint256 x, uint256 y) pubkey, uint256[] weights)";
  const leaves = records.map((value) =>
    eigenLayerLeaf(fromHex(ethers.AbiCoder.defaultAbiCoder().encode([record], [value]))),
  );
  const table = {
    operatorInfoTreeRoot: toHex(eigenLayerTreeRoot(leaves)),
    numOperators: BigInt(OPERATOR_COUNT),
    aggregatePubkey: g1Coordinates(sumG1(keys.map(({ keyG1 }) => keyG1))),
    totalWeights: [BigInt(OPERATOR_COUNT), WEIGHT * BigInt(OPERATOR_COUNT)],
  };
  await upstream.setTable(operatorSet, referenceTimestamp, table);
  const verifier = await ethers.deployContract("EigenLayerQuorumVerifier", [
    upstream,
    operatorSet,
    1,
    86_400,
  ]);

  const signersOf = (digests: readonly Digest[], missing: readonly number[]) => {
    const signers = keys.filter((_, index) => !missing.includes(index));
    const signatures = digests.map((digest) => {
      const message = quorumMessage(referenceTimestamp, digest);
      return signers.map((key) => signForEigenLayer(key, referenceTimestamp, message));
    });
    return { keys: signers.map(({ keyG2 }) => keyG2), signatures };
  };

  /** Has EigenLayer keep the records of `missing`, as anybody can with any certificate that lacks them. */
  async function cache(missing: readonly number[]): Promise<void> {
    const digest = keccak256<Digest>(uintBytes(missing.length, 4));
    const { keys: signers, signatures } = signersOf([digest], missing);
    const apk = g2Coordinates(sumG2(signers));
    await upstream.verifyCertificate(operatorSet, {
      referenceTimestamp,
      messageHash: toHex(quorumMessage(referenceTimestamp, digest)),
      signature: g1Coordinates(sumG1(signatures[0] ?? [])),
      apk: { x: [apk.xImaginary, apk.xReal], y: [apk.yImaginary, apk.yReal] },
      nonSignerWitnesses: missing.map((operatorIndex) => ({
        operatorIndex,
        operatorInfoProof: toHex(eigenLayerProof(leaves, operatorIndex)),
        operatorInfo: records[operatorIndex] ?? { pubkey: { x: 0n, y: 0n }, weights: [] },
      })),
    });
  }

  const certify = (digests: readonly Digest[], missing: readonly number[]) =>
    eigenLayerCertificate({
      referenceTimestamp,
      ...signersOf(digests, missing),
      nonSigners: missing,
    });
  return { upstream, verifier, operatorSet, referenceTimestamp, keys, table, cache, certify };
}

async function eigenLayerBench(quorum: Quorum): Promise<VerifierBench> {
  const { verifier, cache, certify } = await deployEigenLayer(quorum);
  await cache([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  await cache([9]);
  return {
    address: await verifier.getAddress(),
    hashRetriesGas: 30_000,
    wrongDigestFault: "InvalidSignature",
    certify: async (digest, missing = []) => certify([digest], missing),
    certifyBatch: certify,
  };
}
