import { join } from "node:path";
import { expect } from "chai";
import { ARTIFACT_KINDS } from "../../src/artifact/kinds.ts";
import { bytes32, type ContentHash, type DaCertHash } from "../../src/bytes/brand.ts";
import { tag } from "../../src/bytes/codec.ts";
import { toHex } from "../../src/bytes/hex.ts";
import { keccak256 } from "../../src/bytes/keccak.ts";
import { judge, submitChallenge } from "../../src/chain/challenges.ts";
import type { RewriteEvidence } from "../../src/challenge/evidence.ts";
import { quorumMessage } from "../../src/commit/message.ts";
import { type ReasonHash, recoveryDigest, type StateRecovery } from "../../src/commit/recovery.ts";
import { buildCertificate, encodeCertificate } from "../../src/operators/certificate.ts";
import { CorruptQuorum } from "../../src/sim/corruptQuorum.ts";
import { contentKey } from "../../src/state/key.ts";
import { applyCommit } from "../../src/state/replica.ts";
import { StateStore } from "../../src/state/store.ts";
import { VersionedTree } from "../../src/tree/versionedTree.ts";
import { pendingLeaf } from "../helpers/artifacts.ts";
import { type LocalNetwork, openLocalNetwork } from "../helpers/localNetwork.ts";

const LOST = "package lost\n\ndefault allow := false\n";
const { namespace: REGO } = ARTIFACT_KINDS.rego;
const KEY = contentKey(REGO, keccak256<ContentHash>(tag(LOST)));

describe("challenges around a recovery and a pause", () => {
  let network: LocalNetwork;
  let store: StateStore;

  beforeEach(async () => {
    network = await openLocalNetwork({ operatorCount: 3 });
    const { chainId } = network.chain;
    store = StateStore.open({ path: join(network.dataDir, "challenger.db"), chainId });
    network.local.lane.journal.add(pendingLeaf("rego", LOST));
    network.local.lane.journal.add(pendingLeaf("rego", "package kept\n"));
    await network.nextTick();
    const outcome = await network.local.lane.tick();
    if (outcome.status !== "committed") return expect.fail(outcome.status);
    await applyCommit(store, network.local.da, outcome.commit);
  });

  afterEach(() => {
    store.close();
    network.close();
  });

  function asOwner() {
    const { contracts, parts } = network.chain;
    return contracts.commits.connect(parts.cast.owner);
  }

  /** The tree without the leaf that was lost; its next version. */
  function treeWithoutLost(): VersionedTree {
    const tree = VersionedTree.restore(store.head.sequenceNo, store.entries());
    tree.commit(tree.stage([[KEY, null]]));
    return tree;
  }

  async function recoverTo(tree: VersionedTree): Promise<void> {
    const { target } = network.local;
    const commits = asOwner();
    const recovery: StateRecovery = {
      sequenceNo: (await commits.getSequenceNo()) + 1n,
      lostStateRoot: bytes32(await commits.getStateRoot()),
      newStateRoot: tree.root(),
      timestamp: network.clock.now() + 1n,
      daCertHash: keccak256<DaCertHash>(tag("manifest")),
      reasonHash: keccak256<ReasonHash>(tag("reason")),
    };
    const set = await target.operatorSet();
    const domain = { chainId: target.chainId, registry: target.registry };
    const message = quorumMessage(set.epoch, recoveryDigest(domain, recovery));
    const signatures = new Map(
      network.keys.map((key) => [set.indexOfKey(key.keyG1), key.sign(message)] as const),
    );
    const certificate = toHex(encodeCertificate(buildCertificate(set, message, signatures)));
    const step = {
      ...recovery,
      lostStateRoot: toHex(recovery.lostStateRoot),
      newStateRoot: toHex(recovery.newStateRoot),
      daCertHash: toHex(recovery.daCertHash),
      reasonHash: toHex(recovery.reasonHash),
    };
    await (await commits.proposeRecovery(step, certificate)).wait();
    await network.chain.mineAt(network.clock.advance((await commits.changeDelaySeconds()) + 120n));
    await (await commits.enactRecovery(step, certificate)).wait();
  }

  /** Evidence that the leaf of commit 1 is missing from `tree`, after commit `laterSequenceNo`. */
  function removalFrom(tree: VersionedTree, laterSequenceNo: bigint): RewriteEvidence {
    const leaf = store.leaf(KEY, 1n);
    if (leaf === undefined) return expect.fail("the leaf is gone");
    return {
      kind: "rewrite",
      key: KEY,
      earlierSequenceNo: 1n,
      earlierRecord: leaf.record,
      earlierProof: store.prove(KEY, 1n),
      laterSequenceNo,
      laterRecord: new Uint8Array(),
      laterProof: tree.prove(KEY),
    };
  }

  it("SEQ-13: convicts nobody for a leaf that was lost behind a recovery, and names that", async () => {
    const tree = treeWithoutLost();
    await recoverTo(tree);
    const { contracts } = network.chain;
    const evidence = removalFrom(tree, 2n);
    expect((await judge(contracts, evidence)).verdict).to.equal("RecoveredBetween");
    await submitChallenge(contracts, evidence, network.chain.deployment.stateCommitRegistry);
    expect(await contracts.challenges.faultCount()).to.equal(0n);
    // On either side of it, everything is judged as before.
    const earlier = { ...evidence, laterSequenceNo: 1n };
    expect((await judge(contracts, earlier)).verdict).to.equal("SequenceOrder");
    const later = { ...evidence, earlierSequenceNo: 2n, laterSequenceNo: 3n };
    expect((await judge(contracts, later)).verdict).to.equal("RootNotRetained");
  });

  it("ACL-07: judges, records and proves while commits are paused, and keeps every root", async () => {
    const { contracts } = network.chain;
    const leaf = store.leaf(KEY, 1n);
    if (leaf === undefined) return expect.fail("the leaf is gone");
    const { target, da } = network.local;
    const corrupt = new CorruptQuorum(network.keys, target, da, store);
    await network.nextTick();
    await corrupt.commit([{ operation: "delete", key: KEY }], network.clock.now());
    const record = toHex(leaf.record);
    const proof = toHex(store.prove(KEY, 1n));
    const roots = async () => [
      await contracts.commits.getSequenceNo(),
      await contracts.commits.getStateRoot(),
      await contracts.commits.stateRootAt(1n),
      await contracts.commits.retainedRange(),
      await contracts.commits.lastCommitTimes(),
    ];
    const before = await roots();
    await (await asOwner().pauseCommits()).wait();
    expect(await contracts.commits.isPaused()).to.equal(true);
    expect(await roots()).to.deep.equal(before);
    expect(await contracts.proofs.tryInclusion(1n, toHex(KEY), record, proof)).to.deep.equal([
      0n,
      0n,
    ]);
    const evidence = removalFrom(corrupt.tree, 2n);
    expect((await judge(contracts, evidence)).verdict).to.equal("Proven");
    await submitChallenge(contracts, evidence, network.chain.deployment.stateCommitRegistry);
    expect(await contracts.challenges.faultCount()).to.equal(1n);
    await (await asOwner().resumeCommits()).wait();
    expect(await roots()).to.deep.equal(before);
  });
});
