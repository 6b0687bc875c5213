import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { ARTIFACT_KINDS } from "../../src/artifact/kinds.ts";
import type { ContentHash } from "../../src/bytes/brand.ts";
import { toHex } from "../../src/bytes/hex.ts";
import { keccak256 } from "../../src/bytes/keccak.ts";
import { reverts } from "../../src/chain/contracts.ts";
import { registerTemplate } from "../../src/chain/policies.ts";
import type { StateCommit } from "../../src/commit/message.ts";
import type { PolicyTemplate } from "../../src/policy/ids.ts";
import { artifactProofOf } from "../../src/state/artifactProof.ts";
import { contentKey } from "../../src/state/key.ts";
import { StateStore } from "../../src/state/store.ts";
import { pendingLeaf } from "../helpers/artifacts.ts";
import { asyncCodeOf } from "../helpers/codes.ts";
import { type LocalNetwork, openLocalNetwork } from "../helpers/localNetwork.ts";

/** One byte changed, wherever bytes travel: refused by name, and nothing lost. */

const CONTENT = `package tampered\n\ndefault allow := false\n${"# filler\n".repeat(40)}`;
const LEAF = pendingLeaf("rego", CONTENT);
const CONTENT_HASH = keccak256<ContentHash>(LEAF.content);

/** `bytes` with bit 0 of the byte at `index` flipped. */
function flipped(bytes: Uint8Array, index: number): Uint8Array {
  return bytes.map((byte, i) => (i === index ? byte ^ 1 : byte));
}

describe("a changed byte", () => {
  let network: LocalNetwork;

  beforeEach(async () => {
    network = await openLocalNetwork({ operatorCount: 4 });
    network.local.lane.journal.add(LEAF);
    await network.nextTick();
  });

  afterEach(() => network.close());

  async function landed(): Promise<StateCommit> {
    const outcome = await network.local.lane.tick();
    return outcome.status === "committed" ? outcome.commit : expect.fail(outcome.status);
  }

  /** Proposes without a quorum, so that a commit and its blobs are there and nothing has landed. */
  async function proposed() {
    network.local.setOffline(2);
    const outcome = await network.local.lane.tick();
    network.local.setOffline(0);
    return outcome.status === "no-quorum" ? outcome : expect.fail(outcome.status);
  }

  it("in a blob is refused by every operator, and the commit lands when the blob is whole again", async () => {
    await proposed();
    const folder = join(network.dataDir, "da");
    const blobs = readdirSync(folder, { recursive: true, encoding: "utf8" })
      .map((name) => join(folder, name))
      .filter((path) => statSync(path).isFile());
    expect(blobs.length).to.equal(2);
    for (const path of blobs) {
      const whole = readFileSync(path);
      for (const index of [0, Math.floor(whole.length / 2), whole.length - 1]) {
        writeFileSync(path, flipped(whole, index));
        for (const { signer } of network.local.operators) {
          const { store } = signer;
          expect(store.head.sequenceNo).to.equal(0n);
        }
        const outcome = await tickWithoutRepublishing();
        expect(new Set(outcome)).to.deep.equal(new Set(["E_BLOB_HASH"]));
      }
      writeFileSync(path, whole);
    }
    expect((await network.local.target.head()).sequenceNo).to.equal(0n);
    expect((await landed()).sequenceNo).to.equal(1n);
  });

  /** Asks every operator for the open proposal, whose blobs are as they lie there; gives the codes of refusals. */
  async function tickWithoutRepublishing(): Promise<string[]> {
    const { da, lane } = network.local;
    const { put } = da;
    // A gateway publishes again when it proposes again: keep the damaged blob in place of the good one.
    da.put = async (payload) => keccak256(payload);
    try {
      const outcome = await lane.tick();
      if (outcome.status !== "no-quorum") return expect.fail(outcome.status);
      return outcome.signatures.refusals.map(({ code }) => code);
    } finally {
      da.put = put;
    }
  }

  it("in an operator's signature costs that operator its place, and the commit lands with the others", async () => {
    const [liar] = network.local.operators;
    if (liar === undefined) return expect.fail("no operator");
    const honest = liar.sign.bind(liar);
    liar.sign = async (proposal) => {
      const { operatorIndex, signature } = await honest(proposal);
      return { operatorIndex, signature: flipped(signature, 40) };
    };
    const outcome = await network.local.lane.tick();
    if (outcome.status !== "committed") return expect.fail(outcome.status);
    expect(outcome.signatures.refusals.map(({ code }) => code)).to.deep.equal(["E_POINT"]);
    expect(outcome.signatures.signers.length).to.equal(3);
  });

  it("in a certificate is refused by the registry, which then takes the whole one", async () => {
    const outcome = await proposed();
    const { target, operators } = network.local;
    const set = await target.operatorSet();
    const { collectSignatures } = await import("../../src/commit/collect.ts");
    const { commitDigest } = await import("../../src/commit/message.ts");
    const { chainId, registry } = target;
    const { commit } = outcome;
    const digest = commitDigest({ chainId, registry }, commit);
    const proposal = { chainId, commit, epoch: set.epoch, digest };
    // Three of four sign: the certificate names a non-signer, so all its fields are in use.
    const { certificate } = await collectSignatures(proposal, set, operators.slice(1));
    if (certificate === undefined) return expect.fail("nobody signed");
    for (let index = 0; index < certificate.length; index += 3) {
      const code = await asyncCodeOf(() => target.land(commit, flipped(certificate, index)));
      expect(code, `byte ${index}`).to.equal("CertificateRejected");
    }
    for (const bytes of [certificate.slice(0, -1), Uint8Array.of(...certificate, 0)]) {
      expect(await asyncCodeOf(() => target.land(commit, bytes))).to.equal("CertificateRejected");
    }
    expect((await target.head()).sequenceNo).to.equal(0n);
    await target.land(commit, certificate);
    expect((await target.head()).sequenceNo).to.equal(1n);
  });

  it("in a commit's fields is refused by the registry", async () => {
    const outcome = await proposed();
    const { target } = network.local;
    const { certificate } = outcome.signatures;
    if (certificate === undefined) return expect.fail("nobody signed");
    const { commit } = outcome;
    const changes: Partial<StateCommit>[] = [
      { newStateRoot: keccak256(commit.newStateRoot) },
      { daCertHash: keccak256(commit.daCertHash) },
      { timestamp: commit.timestamp + 1n },
    ];
    for (const change of changes) {
      const code = await asyncCodeOf(() => target.land({ ...commit, ...change }, certificate));
      expect(code).to.equal("CertificateRejected");
    }
    expect((await target.head()).sequenceNo).to.equal(0n);
  });

  it("in a proof or a record is refused on chain, for readers and for registration", async () => {
    const { sequenceNo } = await landed();
    const { contracts, parts } = network.chain;
    const { store } = network.local.lane;
    const key = contentKey(ARTIFACT_KINDS.rego.namespace, CONTENT_HASH);
    const leaf = store.leaf(key);
    const artifact = artifactProofOf(store, ARTIFACT_KINDS.rego.namespace, CONTENT_HASH);
    if (leaf === undefined || artifact === undefined) return expect.fail("the leaf is gone");
    const check = (record: Uint8Array, proof: Uint8Array) =>
      asyncCodeOf(() =>
        reverts.run(() =>
          contracts.proofs.verifyInclusion(sequenceNo, toHex(key), toHex(record), toHex(proof)),
        ),
      );
    expect(await check(leaf.record, artifact.proof)).to.equal("none");
    for (let i = 0; i < leaf.record.length; i++) {
      expect(await check(flipped(leaf.record, i), artifact.proof)).to.equal("InvalidLeaf");
    }
    for (let i = 0; i < artifact.proof.length; i++) {
      expect(await check(leaf.record, flipped(artifact.proof, i))).to.equal("InvalidLeaf");
    }
    const template: PolicyTemplate = {
      regoHash: CONTENT_HASH,
      paramsSchemaHash: new Uint8Array(32) as ContentHash,
      entrypoint: "tampered.allow",
      environment: 1,
      data: [],
    };
    const { client } = parts.cast;
    const register = (proof: typeof artifact) =>
      asyncCodeOf(() => registerTemplate(contracts, client, template, [proof]));
    const header = flipped(artifact.header, 19);
    expect(await register({ ...artifact, header })).to.equal("DanglingArtifact");
    const proof = flipped(artifact.proof, 2);
    expect(await register({ ...artifact, proof })).to.equal("DanglingArtifact");
    expect(await register(artifact)).to.equal("none");
  });

  it("in an artifact on disk is never served", async () => {
    await landed();
    const { dataDir } = network;
    network.close();
    const path = join(dataDir, "gateway/state.db");
    const bytes = readFileSync(path);
    const at = bytes.indexOf(Buffer.from("package tampered"));
    expect(at).to.be.greaterThan(0);
    bytes[at + 10] = (bytes[at + 10] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    const store = StateStore.open({ path, chainId: network.chain.chainId });
    try {
      const key = contentKey(ARTIFACT_KINDS.rego.namespace, CONTENT_HASH);
      expect(await asyncCodeOf(() => store.leaf(key))).to.equal("E_CORRUPT_LEAF");
    } finally {
      store.close();
    }
  });
});
