import { expect } from "chai";
import { bytes32, type Digest } from "../../src/bytes/brand.ts";
import { toHex } from "../../src/bytes/hex.ts";
import { encodeG1, G1_GENERATOR } from "../../src/operators/bn254.ts";
import { CERTIFICATE_FAULTS, type CertificateFault } from "../../src/operators/certificate.ts";
import { eigenLayerCertificate, eigenLayerProof } from "../../src/operators/eigenLayer.ts";
import { codeOf } from "../helpers/codes.ts";
import { deployQuorum } from "../helpers/quorum.ts";
import { deployEigenLayer } from "../helpers/verifierBenches.ts";

type Setup = Awaited<ReturnType<typeof setUp>>;

const DIGEST = bytes32<Digest>(new Uint8Array(32).fill(7));
const OTHER = bytes32<Digest>(new Uint8Array(32).fill(8));
const SIGNATURE_AT = 132;

async function setUp() {
  const quorum = await deployQuorum(1);
  return { ...quorum, ...(await deployEigenLayer(quorum)) };
}

describe("adapter to EigenLayer's verifier", function () {
  this.timeout(120_000);
  let setup: Setup;
  let honest: Uint8Array;
  before(async () => {
    setup = await setUp();
    await setup.cache([4]);
    honest = setup.certify([DIGEST], [4]);
  });

  async function faultOf(bytes: Uint8Array, of = setup): Promise<CertificateFault | undefined> {
    const { fault, signedWeight, totalWeight } = await of.verifier.verify(DIGEST, bytes);
    expect(totalWeight === 0n && signedWeight === 0n).to.equal(fault !== 0n);
    return CERTIFICATE_FAULTS[Number(fault)];
  }

  /** `honest` with `bytes` written over it from `at` on. */
  const altered = (at: number, ...bytes: number[]): Uint8Array => {
    const copy = Uint8Array.from(honest);
    copy.set(bytes, at);
    return copy;
  };
  const withIndices = (...indices: number[]): Uint8Array =>
    Uint8Array.from([...honest.subarray(0, 196), ...indices.flatMap((index) => [0, 0, 0, index])]);

  it("counts the kind of weight it was built for", async () => {
    const { verifier } = setup;
    const { fault, signedWeight, totalWeight } = await verifier.verify(DIGEST, honest);
    expect([fault, signedWeight, totalWeight]).to.deep.equal([0n, 900n, 1_000n]);
    expect(await verifier.weightIndex()).to.equal(1n);
    expect((await verifier.operatorSet()).id).to.equal(7n);
    expect(await verifier.certificateVerifier()).to.equal(await setup.upstream.getAddress());
    expect(await verifier.maxAgeSeconds()).to.equal(86_400n);
  });

  it("says of a certificate that nobody can judge yet which record is missing", async () => {
    const { verifier, certify, cache } = setup;
    const early = certify([DIGEST], [4, 6]);
    await expect(verifier.verify(DIGEST, early))
      .to.be.revertedWithCustomError(verifier, "NonSignerNotCached")
      .withArgs(6);
    await cache([6]);
    expect(await faultOf(early)).to.equal("None");
  });

  const faults: [string, CertificateFault, () => Uint8Array][] = [
    ["ABI-05: no bytes", "InvalidEncoding", () => new Uint8Array(0)],
    ["half an index", "InvalidEncoding", () => honest.subarray(0, -2)],
    ["a reference timestamp without a table", "UnknownEpoch", () => altered(0, 0, 0, 0, 1)],
    ["BLS-15: a repeated index", "NonSignersNotAscending", () => withIndices(4, 4)],
    ["BLS-15: an index of nobody", "NonSignerOutOfRange", () => withIndices(10)],
    ["BLS-01: nobody signed", "EmptySignerSet", () => withIndices(0, 1, 2, 3, 4, 5, 6, 7, 8, 9)],
    ["BLS-02: a signature at infinity", "ZeroSignature", () => altered(132, ...Array(64).fill(0))],
    ["BLS-03: a key at infinity", "ZeroAggregateKey", () => altered(4, ...Array(128).fill(0))],
    ["BLS-09: a key coordinate not below p", "InvalidPoint", () => altered(4, 0xff)],
    ["BLS-09: a signature coordinate not below p", "InvalidPoint", () => altered(132, 0xff)],
    ["BLS-09: its other coordinate not below p", "InvalidPoint", () => altered(164, 0xff)],
    [
      "BLS-10: a signature off the curve",
      "InvalidPoint",
      () => altered(195, (honest[195] ?? 0) ^ 1),
    ],
    ["a key off the curve", "InvalidSignature", () => altered(131, (honest[131] ?? 0) ^ 1)],
    [
      "a signature of nobody",
      "InvalidSignature",
      () => altered(SIGNATURE_AT, ...encodeG1(G1_GENERATOR)),
    ],
    [
      "BLS-04: the key of others",
      "InvalidSignature",
      () => {
        const others = setup.certify([DIGEST], [5]);
        return Uint8Array.from([
          ...honest.subarray(0, 4),
          ...others.subarray(4, 132),
          ...honest.subarray(132),
        ]);
      },
    ],
  ];
  for (const [what, fault, make] of faults) {
    it(`names ${fault} for ${what}`, async () => {
      expect(await faultOf(make())).to.equal(fault);
    });
  }

  it("refuses tables that are too old for it, too old for EigenLayer, or disabled", async () => {
    const fresh = await setUp();
    const { networkHelpers, referenceTimestamp, upstream, operatorSet } = fresh;
    const certificate = fresh.certify([DIGEST], []);
    await networkHelpers.time.increaseTo(referenceTimestamp + 86_400);
    expect(await faultOf(certificate, fresh)).to.equal("None");
    await upstream.setMaxStaleness(60);
    expect(await faultOf(certificate, fresh)).to.equal("EpochExpired");
    await upstream.setMaxStaleness(0);
    expect(await faultOf(certificate, fresh)).to.equal("EpochExpired");

    const again = await setUp();
    await again.upstream.disable(operatorSet, again.referenceTimestamp);
    expect(await faultOf(again.certify([DIGEST], []), again)).to.equal("EpochExpired");
  });

  it("takes a batch only if every digest of it was signed", async () => {
    const { verifier, certify } = setup;
    const batch = certify([DIGEST, OTHER], [4]);
    const judged = async (digests: Digest[], bytes = batch) =>
      (await verifier.verifyBatch(digests.map(toHex), toHex(bytes))).fault;
    const none = BigInt(CERTIFICATE_FAULTS.indexOf("None"));
    const invalidSignature = BigInt(CERTIFICATE_FAULTS.indexOf("InvalidSignature"));
    const invalidEncoding = BigInt(CERTIFICATE_FAULTS.indexOf("InvalidEncoding"));
    expect(await judged([DIGEST, OTHER])).to.equal(none);
    expect(await judged([OTHER, DIGEST])).to.equal(invalidSignature);
    expect(await judged([DIGEST, DIGEST])).to.equal(invalidSignature);
    expect(await judged([])).to.equal(invalidEncoding);
    expect(await judged([DIGEST, OTHER], honest)).to.equal(invalidEncoding);
    expect(await judged(Array<Digest>(33).fill(DIGEST))).to.equal(invalidEncoding);
  });

  it("GAS-02: does not let a valid certificate look refused for want of gas", async () => {
    const { verifier } = setup;
    let [succeeded, named] = [0, 0];
    for (let gasLimit = 100_000n; gasLimit < 1_400_000n; gasLimit += 50_000n) {
      try {
        const { fault } = await verifier.verify(DIGEST, honest, { gasLimit });
        expect(fault).to.equal(0n);
        succeeded++;
      } catch (error) {
        if (`${error}`.includes("CertificateVerifierOutOfGas")) named++;
        expect(`${error}`).to.match(
          /CertificateVerifierOutOfGas|PrecompileOutOfGas|out of gas|ran out/,
        );
      }
    }
    expect(succeeded).to.be.greaterThan(0);
    expect(named).to.be.greaterThan(0);
  });

  it("refuses to be built on nothing, or on tables of any age", async () => {
    const { ethers, upstream, operatorSet, owner, verifier } = setup;
    const factory = await ethers.getContractFactory("EigenLayerQuorumVerifier");
    await expect(factory.deploy(owner, operatorSet, 0, 86_400)).to.be.revertedWithCustomError(
      verifier,
      "NotAContract",
    );
    for (const age of [3_599, 30 * 86_400 + 1]) {
      await expect(factory.deploy(upstream, operatorSet, 0, age))
        .to.be.revertedWithCustomError(verifier, "InvalidParameter")
        .withArgs(ethers.encodeBytes32String("maxAgeSeconds"), age);
    }
  });

  it("makes its certificates of complete signatures only", () => {
    const signers = { referenceTimestamp: 1, keys: [], signatures: [[]], nonSigners: [] };
    expect(codeOf(() => eigenLayerCertificate(signers))).to.equal("E_SIGNERS");
    expect(eigenLayerProof([bytes32(new Uint8Array(32))], 0).length).to.equal(0);
  });
});

describe("adapter to a verifier that misbehaves", function () {
  this.timeout(120_000);

  async function adversary() {
    const setup = await setUp();
    const { ethers, operatorSet, table, certify } = setup;
    const upstream = await ethers.deployContract("EigenLayerAdversaryMock");
    await upstream.setTable(table);
    const verifier = await ethers.deployContract("EigenLayerQuorumVerifier", [
      upstream,
      operatorSet,
      1,
      86_400,
    ]);
    const coder = ethers.AbiCoder.defaultAbiCoder();
    const answer = (...weights: bigint[]) => coder.encode(["uint256[]"], [weights]);
    return { ...setup, upstream, verifier, answer, certificate: certify([DIGEST], []) };
  }

  it("passes on weights that are within the table's", async () => {
    const { upstream, verifier, answer, certificate } = await adversary();
    await upstream.setAnswer(answer(0n, 1_000n), false);
    const { fault, signedWeight } = await verifier.verify(DIGEST, certificate);
    expect([fault, signedWeight]).to.deep.equal([0n, 1_000n]);
  });

  it("refuses more weight than there is, and other numbers of weights", async () => {
    const { upstream, verifier, answer, certificate, table } = await adversary();
    const answers = [answer(0n, 1_001n), answer(0n), answer(), answer(0n, 1n, 2n)];
    for (const data of answers) {
      await upstream.setAnswer(data, false);
      await expect(verifier.verify(DIGEST, certificate)).to.be.revertedWithCustomError(
        verifier,
        "InconsistentWeights",
      );
    }
    await upstream.setTable({ ...table, totalWeights: [1n] });
    await expect(verifier.verify(DIGEST, certificate)).to.be.revertedWithCustomError(
      verifier,
      "InconsistentWeights",
    );
  });

  it("takes no reason it does not know for a fault of the certificate", async () => {
    const { upstream, verifier, certificate } = await adversary();
    const reasons = ["0x", "0xdeadbeef", `0xdeadbeef${"00".repeat(4_096)}`];
    for (const reason of reasons) {
      await upstream.setAnswer(reason, true);
      await expect(verifier.verify(DIGEST, certificate))
        .to.be.revertedWithCustomError(verifier, "CertificateVerifierFailed")
        .withArgs(reason === "0x" ? "0x00000000" : "0xdeadbeef");
    }
    await upstream.setWriting();
    await expect(verifier.verify(DIGEST, certificate)).to.be.revertedWithCustomError(
      verifier,
      "CertificateVerifierFailed",
    );
  });

  it("accepts nothing from an answer that is no list of weights", async () => {
    const { ethers, upstream, verifier, certificate } = await adversary();
    const word = (value: bigint) => ethers.toBeHex(value, 32).slice(2);
    const answers = [
      "0x",
      "0x01",
      `0x${word(1_000n)}`,
      `0x${word(32n)}${word(1n << 200n)}`,
      `0x${word(1n << 255n)}${word(2n)}${word(0n)}${word(1_000n)}`,
    ];
    for (const data of answers) {
      await upstream.setAnswer(data, false);
      await expect(verifier.verify(DIGEST, certificate)).to.be.revert(ethers);
    }
  });

  it("maps every error that EigenLayer documents", async () => {
    const { ethers, upstream, verifier, certificate } = await adversary();
    const errors: [string, CertificateFault][] = [
      ["CertificateStale", "EpochExpired"],
      ["RootDisabled", "EpochExpired"],
      ["ReferenceTimestampDoesNotExist", "UnknownEpoch"],
      ["NonSignerIndicesNotSorted", "NonSignersNotAscending"],
      ["InvalidOperatorIndex", "NonSignerOutOfRange"],
      ["VerificationFailed", "InvalidSignature"],
    ];
    for (const [error, fault] of errors) {
      await upstream.setAnswer(ethers.id(`${error}()`).slice(0, 10), true);
      const { fault: got } = await verifier.verify(DIGEST, certificate);
      expect(CERTIFICATE_FAULTS[Number(got)]).to.equal(fault);
    }
  });
});
