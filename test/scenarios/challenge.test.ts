import { join } from "node:path";
import { expect } from "chai";
import { ARTIFACT_KINDS } from "../../src/artifact/kinds.ts";
import type { ContentHash } from "../../src/bytes/brand.ts";
import { tag } from "../../src/bytes/codec.ts";
import { keccak256 } from "../../src/bytes/keccak.ts";
import { judge, submitChallenge } from "../../src/chain/challenges.ts";
import type { Evidence, RewriteEvidence } from "../../src/challenge/evidence.ts";
import { followCommit } from "../../src/challenge/examine.ts";
import type { StateCommit } from "../../src/commit/message.ts";
import { CorruptQuorum } from "../../src/sim/corruptQuorum.ts";
import type { DeltaLeaf } from "../../src/state/delta.ts";
import { contentKey, treeKeyOf } from "../../src/state/key.ts";
import { encodeHeader, HEADER_VERSION } from "../../src/state/leaf.ts";
import { KEYED_NAMESPACES } from "../../src/state/namespace.ts";
import { StateStore } from "../../src/state/store.ts";
import { pendingLeaf } from "../helpers/artifacts.ts";
import { asyncCodeOf } from "../helpers/codes.ts";
import { type LocalNetwork, openLocalNetwork } from "../helpers/localNetwork.ts";

const HONEST = "package honest\n\ndefault allow := false\n";
const { namespace: REGO } = ARTIFACT_KINDS.rego;
const KEY = contentKey(REGO, keccak256<ContentHash>(tag(HONEST)));

describe("ChallengeVerifier against a corrupt quorum", () => {
  let network: LocalNetwork;
  let store: StateStore;
  let corrupt: CorruptQuorum | undefined;

  /** A challenger that has followed one honest commit. */
  beforeEach(async () => {
    corrupt = undefined;
    network = await openLocalNetwork({ operatorCount: 3 });
    const { chainId } = network.chain;
    store = StateStore.open({ path: join(network.dataDir, "challenger.db"), chainId });
    network.local.lane.journal.add(pendingLeaf("rego", HONEST));
    network.local.lane.journal.add(pendingLeaf("rego", "package other\n"));
    expect(await follow(await honestCommit())).to.deep.equal([]);
  });

  afterEach(() => {
    store.close();
    network.close();
  });

  async function honestCommit(): Promise<StateCommit> {
    await network.nextTick();
    const outcome = await network.local.lane.tick();
    if (outcome.status !== "committed") return expect.fail(outcome.status);
    return outcome.commit;
  }

  async function corruptCommit(leaves: readonly DeltaLeaf[]): Promise<StateCommit> {
    await network.nextTick();
    return await adversary().commit(leaves, network.clock.now());
  }

  function adversary(): CorruptQuorum {
    const { target, da } = network.local;
    corrupt ??= new CorruptQuorum(network.keys, target, da, store);
    return corrupt;
  }

  async function follow(commit: StateCommit): Promise<readonly Evidence[]> {
    return await followCommit(store, network.local.da, commit);
  }

  function leafWith(key: Uint8Array, content: string, namespace: number): DeltaLeaf {
    const bytes = tag(content);
    const header = encodeHeader({
      version: HEADER_VERSION,
      namespace,
      flags: 0,
      contentLength: BigInt(bytes.length),
      sequenceNo: store.head.sequenceNo + 1n,
    });
    return { operation: "put", key: key as typeof KEY, header, content: bytes };
  }

  async function rewriteEvidence(leaves: readonly DeltaLeaf[]): Promise<RewriteEvidence> {
    const evidence = await follow(await corruptCommit(leaves));
    const rewrite = evidence.find((found) => found.kind === "rewrite");
    return rewrite?.kind === "rewrite" ? rewrite : expect.fail("no rewrite found");
  }

  it("CHV4 CHL-01: proves that a leaf was rewritten, and records who proved it", async () => {
    const evidence = await rewriteEvidence([leafWith(KEY, "other bytes", REGO)]);
    const { contracts } = network.chain;
    const { verdict, faultId } = await judge(contracts, evidence);
    expect(verdict).to.equal("Proven");
    const challenger = await network.chain.parts.cast.challenger.getAddress();
    await submitChallenge(contracts, evidence, challenger);
    const record = await contracts.challenges.faultRecord(faultId);
    expect(record.challenger).to.equal(challenger);
    expect(record.fault).to.equal(1n);
    expect(await contracts.challenges.faultCount()).to.equal(1n);
  });

  it("CHV4: proves that a leaf was removed", async () => {
    const evidence = await rewriteEvidence([{ operation: "delete", key: KEY }]);
    expect(evidence.laterRecord.length).to.equal(0);
    expect((await judge(network.chain.contracts, evidence)).verdict).to.equal("Proven");
  });

  it("CHV4: proves that a leaf's header names another namespace than its key", async () => {
    const key = treeKeyOf(KEYED_NAMESPACES.secrets, keccak256(tag("tuple")));
    const leaf = leafWith(key, "envelope", KEYED_NAMESPACES.identity);
    const [evidence] = await follow(await corruptCommit([leaf]));
    if (evidence === undefined) return expect.fail("nothing found");
    expect(evidence.kind).to.equal("malformed-leaf");
    const { contracts } = network.chain;
    expect((await judge(contracts, evidence)).verdict).to.equal("Proven");
    await submitChallenge(contracts, evidence, network.chain.deployment.stateCommitRegistry);
    expect((await judge(contracts, evidence)).verdict).to.equal("AlreadyRecorded");
  });

  it("CHV2 CHL-02: records one loss once, shown as a rewrite and later as a removal", async () => {
    const rewrite = await rewriteEvidence([leafWith(KEY, "other bytes", REGO)]);
    const { contracts } = network.chain;
    const credited = await network.chain.parts.cast.challenger.getAddress();
    await submitChallenge(contracts, rewrite, credited);
    // The same leaf, now gone: other evidence of the same loss.
    await corruptCommit([{ operation: "delete", key: KEY }]);
    const removal: RewriteEvidence = {
      ...rewrite,
      laterSequenceNo: 3n,
      laterRecord: new Uint8Array(),
      laterProof: adversary().tree.prove(KEY),
    };
    expect((await judge(contracts, removal)).verdict).to.equal("AlreadyRecorded");
    await submitChallenge(contracts, removal, credited);
    expect(await contracts.challenges.faultCount()).to.equal(1n);
  });

  it("CHV3 CHL-03: gives a verdict and no record for evidence of an honest commit", async () => {
    network.local.lane.journal.add(pendingLeaf("rego", "package second\n"));
    expect(await follow(await honestCommit())).to.deep.equal([]);
    const leaf = store.leaf(KEY, 1n);
    if (leaf === undefined) return expect.fail("the leaf is gone");
    const evidence: RewriteEvidence = {
      kind: "rewrite",
      key: KEY,
      earlierSequenceNo: 1n,
      earlierRecord: leaf.record,
      earlierProof: store.prove(KEY, 1n),
      laterSequenceNo: 2n,
      laterRecord: leaf.record,
      laterProof: store.prove(KEY, 2n),
    };
    const { contracts } = network.chain;
    const verdictOf = async (change: Partial<RewriteEvidence>) =>
      (await judge(contracts, { ...evidence, ...change })).verdict;
    expect(await verdictOf({})).to.equal("NoFault");
    expect(await verdictOf({ laterSequenceNo: 1n })).to.equal("SequenceOrder");
    expect(await verdictOf({ laterSequenceNo: 3n })).to.equal("RootNotRetained");
    expect(await verdictOf({ earlierSequenceNo: 0n })).to.equal("RootNotRetained");
    expect(await verdictOf({ earlierProof: new Uint8Array() })).to.equal("InvalidInclusionProof");
    expect(await verdictOf({ laterProof: new Uint8Array() })).to.equal("InvalidLaterProof");
    expect(await verdictOf({ laterRecord: tag("lie") })).to.equal("InvalidLaterProof");
    expect(await verdictOf({ earlierRecord: new Uint8Array(4_097) })).to.equal("InvalidRecord");
    const secret = treeKeyOf(KEYED_NAMESPACES.secrets, keccak256(tag("tuple")));
    expect(await verdictOf({ key: secret })).to.equal("NotAppendOnly");
    await submitChallenge(contracts, evidence, network.chain.deployment.stateCommitRegistry);
    expect(await contracts.challenges.faultCount()).to.equal(0n);
  });

  it("CHV3: gives NoFault for a well-formed leaf and refuses its proof under another root", async () => {
    const leaf = store.leaf(KEY);
    if (leaf === undefined) return expect.fail("the leaf is gone");
    const evidence = {
      kind: "malformed-leaf",
      key: KEY,
      sequenceNo: 1n,
      record: leaf.record,
      proof: store.prove(KEY),
    } as const;
    const { contracts } = network.chain;
    expect((await judge(contracts, evidence)).verdict).to.equal("NoFault");
    const verdictOf = async (change: object) =>
      (await judge(contracts, { ...evidence, ...change })).verdict;
    expect(await verdictOf({ sequenceNo: 9n })).to.equal("RootNotRetained");
    expect(await verdictOf({ record: tag("lie") })).to.equal("InvalidInclusionProof");
    expect(await verdictOf({ record: new Uint8Array(4_097) })).to.equal("InvalidRecord");
    await submitChallenge(contracts, evidence, network.chain.deployment.stateCommitRegistry);
    expect(await contracts.challenges.faultCount()).to.equal(0n);
  });

  it("is not followed by an honest operator, whoever signed it", async () => {
    await corruptCommit([leafWith(KEY, "other bytes", REGO)]);
    const [operator] = network.local.operators;
    expect(await asyncCodeOf(() => operator?.signer.sync())).to.equal("E_LEAF");
    expect(operator?.signer.store.head.sequenceNo).to.equal(1n);
    expect(await asyncCodeOf(() => network.local.lane.tick())).to.equal("E_LEAF");
  });

  it("E_NOT_NEXT: is not examined by a challenger that missed a commit", async () => {
    network.local.lane.journal.add(pendingLeaf("rego", "package second\n"));
    await honestCommit();
    network.local.lane.journal.add(pendingLeaf("rego", "package third\n"));
    const third = await honestCommit();
    expect(await asyncCodeOf(() => follow(third))).to.equal("E_NOT_NEXT");
    expect(store.head.sequenceNo).to.equal(1n);
  });

  it("E_INVALID_TRANSITION: names a delta that does not lead to the committed root", async () => {
    const commit = await corruptCommit([leafWith(KEY, "other bytes", REGO)]);
    const newStateRoot = keccak256<typeof commit.newStateRoot>(tag("elsewhere"));
    expect(await asyncCodeOf(() => follow({ ...commit, newStateRoot }))).to.equal(
      "E_INVALID_TRANSITION",
    );
  });

  it("CHV1: finds nothing in twenty honest commits of every kind", async () => {
    for (let i = 0; i < 20; i++) {
      for (const kind of ["rego", "input-schema", "output-schema"] as const) {
        network.local.lane.journal.add(pendingLeaf(kind, `content ${i % 7} of ${kind} ${i}`));
      }
      expect(await follow(await honestCommit())).to.deep.equal([]);
    }
    expect(store.leafCount()).to.equal(62);
  });
});
