import { expect } from "chai";
import { bytes32, type DaCertHash, type StateRoot, zero32 } from "../../../src/bytes/brand.ts";
import { tag } from "../../../src/bytes/codec.ts";
import { keccak256 } from "../../../src/bytes/keccak.ts";
import { chunkCommitment } from "../../../src/state/chunk.ts";
import { MemoryDataAvailability } from "../../../src/state/daMemory.ts";
import { encodeDelta } from "../../../src/state/delta.ts";
import { contentKey } from "../../../src/state/key.ts";
import { daCertHashOf, encodeManifest } from "../../../src/state/manifest.ts";
import { publishDelta } from "../../../src/state/publish.ts";
import {
  applyCommit,
  CertifiedReader,
  type ReplicaCommit,
  rebuild,
  stageCommit,
} from "../../../src/state/replica.ts";
import type { LeafWrite } from "../../../src/state/stage.ts";
import type { StagedCommit, StateStore } from "../../../src/state/store.ts";
import { valueHash } from "../../../src/tree/hasher.ts";
import { verifyInclusion } from "../../../src/tree/proof.ts";
import { at } from "../../helpers/at.ts";
import { asyncCodeOf, codeOf } from "../../helpers/codes.ts";
import { artifact, CHAIN_ID, secret, Workspace } from "./fixtures.ts";

describe("replica", () => {
  let workspace: Workspace;
  let gateway: StateStore;
  let store: StateStore;
  const da = new MemoryDataAvailability();
  beforeEach(() => {
    workspace = new Workspace();
    gateway = workspace.open("gateway.db");
    store = workspace.open("replica.db");
  });
  afterEach(() => workspace.dispose());

  /** Commits on the gateway and gives what the chain would say. */
  async function commit(...writes: LeafWrite[]): Promise<ReplicaCommit> {
    const staged = gateway.stage(writes);
    const { sequenceNo, prevStateRoot, newStateRoot, leaves } = staged.delta;
    const isHeartbeat = leaves.length === 0;
    const daCertHash = isHeartbeat
      ? zero32<DaCertHash>()
      : (await publishDelta(da, staged.delta)).daCertHash;
    gateway.commit(staged);
    return { sequenceNo, prevStateRoot, newStateRoot, daCertHash };
  }

  /** The refusal's code; the store must be as it was. */
  async function refusal(bad: ReplicaCommit): Promise<string> {
    const before = store.head;
    const code = await asyncCodeOf(() => applyCommit(store, da, bad));
    expect(store.head).to.deep.equal(before);
    return code;
  }

  it("follows commits, removals and heartbeats to the same root", async () => {
    const commits = [
      await commit(artifact("a"), secret("s", "1")),
      await commit(secret("s", "2"), artifact("b", 4)),
      await commit(),
      await commit({ operation: "delete", key: at([...gateway.entries()], 0)[0] }),
    ];
    expect(await rebuild(store, da, commits)).to.deep.equal(gateway.head);
    expect(store.head.sequenceNo).to.equal(4n);
    expect(store.rootAt(3n)).to.deep.equal(store.rootAt(2n));
    expect([...store.entries()]).to.deep.equal([...gateway.entries()]);
  });

  it("DA-04: applies a commit once, however often it comes", async () => {
    const first = await commit(artifact("a"));
    const second = await commit(artifact("b"));
    await rebuild(store, da, [first, second]);
    const head = store.head;
    expect(await applyCommit(store, da, first)).to.deep.equal(head);
    expect(await applyCommit(store, da, second)).to.deep.equal(head);
    expect(await stageCommit(store, da, second)).to.equal(undefined);
  });

  it("DA-04: refuses another commit of a number it has, and one of another history", async () => {
    const first = await commit(artifact("a"));
    await applyCommit(store, da, first);
    const other = keccak256<StateRoot>(tag("other"));
    expect(await refusal({ ...first, newStateRoot: other })).to.equal("E_DELTA_CONFLICT");
    const second = await commit(artifact("b"));
    expect(await refusal({ ...second, prevStateRoot: other })).to.equal("E_DELTA_CONFLICT");
  });

  it("DA-17: refuses a commit whose predecessor is missing", async () => {
    await commit(artifact("a"));
    const second = await commit(artifact("b"));
    expect(await refusal(second)).to.equal("E_GAP");
    expect(await refusal({ ...second, sequenceNo: 0n })).to.equal("E_GAP");
  });

  it("DA-05: refuses a delta whose result is not the committed root", async () => {
    const { delta } = gateway.stage([artifact("a")]);
    const lie = { ...delta, newStateRoot: keccak256<StateRoot>(tag("lie")) };
    const { daCertHash } = await publishDelta(da, lie);
    expect(await refusal({ ...lie, daCertHash })).to.equal("E_ROOT_MISMATCH");
    const honest = await publishDelta(da, delta);
    const { daCertHash: honestHash } = honest;
    expect(await refusal({ ...lie, daCertHash: honestHash })).to.equal("E_ROOT_MISMATCH");
  });

  it("DA-02: refuses every flipped byte of a delta, also under a manifest made for it", async () => {
    const { delta } = gateway.stage([artifact("a"), secret("s", "x")]);
    const encoded = encodeDelta(delta);
    for (let i = 0; i < encoded.length; i++) {
      const blob = encoded.with(i, (encoded[i] ?? 0) ^ 0x04);
      const pointer = await da.put(blob);
      const manifest = encodeManifest({
        chainId: CHAIN_ID,
        sequenceNo: 1n,
        codec: 0,
        deltaLength: blob.length,
        chunks: [{ length: blob.length, commitment: chunkCommitment(blob), pointer }],
      });
      await da.put(manifest);
      const code = await refusal({ ...delta, daCertHash: daCertHashOf(manifest) });
      expect(code, `byte ${i}`).to.match(/^E_/);
    }
    expect(store.leafCount()).to.equal(0);
  });

  it("refuses a heartbeat with a manifest, a change without one, and a heartbeat first", async () => {
    const zero = zero32<StateRoot>();
    const none = zero32<DaCertHash>();
    const genesis = { sequenceNo: 1n, prevStateRoot: zero, newStateRoot: zero, daCertHash: none };
    expect(await refusal(genesis)).to.equal("E_HEARTBEAT");
    const first = await commit(artifact("a"));
    expect(await refusal({ ...first, daCertHash: none })).to.equal("E_HEARTBEAT");
    await applyCommit(store, da, first);
    const beat = await commit();
    const some = bytes32<DaCertHash>(first.daCertHash);
    expect(await refusal({ ...beat, daCertHash: some })).to.equal("E_HEARTBEAT");
    expect((await applyCommit(store, da, beat)).sequenceNo).to.equal(2n);
  });

  it("keeps what it had when a rebuild stops", async () => {
    const first = await commit(artifact("a"));
    const second = await commit(artifact("b"));
    const broken = { ...second, daCertHash: keccak256<DaCertHash>(tag("nowhere")) };
    const code = await asyncCodeOf(() => rebuild(store, da, [first, broken]));
    expect(code).to.equal("E_DA_NOT_FOUND");
    expect(store.head.sequenceNo).to.equal(1n);
    expect(await rebuild(store, da, [second])).to.deep.equal(gateway.head);
  });

  describe("certified reader", () => {
    it("P8: serves nothing before its root equals a certified one", async () => {
      await applyCommit(store, da, await commit(artifact("a")));
      const reader = new CertifiedReader(store);
      const { content, id } = artifact("a");
      const key = contentKey(6, bytes32(id));
      expect(reader.isServing).to.equal(false);
      expect(codeOf(() => reader.leaf(key))).to.equal("E_NOT_CERTIFIED");
      expect(codeOf(() => reader.prove(key))).to.equal("E_NOT_CERTIFIED");
      expect(codeOf(() => reader.certify({ ...gateway.head, sequenceNo: 2n }))).to.equal("E_GAP");
      expect(codeOf(() => reader.certify({ ...gateway.head, sequenceNo: 0n }))).to.equal("E_GAP");
      expect(reader.isServing).to.equal(false);

      reader.certify(gateway.head);
      const leaf = reader.leaf(key);
      expect(leaf?.content).to.deep.equal(content);
      const claim = {
        root: gateway.head.stateRoot,
        key,
        valueHash: valueHash(leaf?.record ?? key),
      };
      expect(verifyInclusion(claim, reader.prove(key))).to.equal("None");
    });

    it("serves the certified commit, not the one after it", async () => {
      const reader = new CertifiedReader(store);
      await applyCommit(store, da, await commit(secret("s", "old")));
      reader.certify(gateway.head);
      await applyCommit(store, da, await commit(secret("s", "new")));
      const key = at([...store.entries()], 0)[0];
      expect(reader.head.sequenceNo).to.equal(1n);
      expect(reader.leaf(key)?.content).to.deep.equal(tag("old"));
      reader.certify(gateway.head);
      expect(reader.leaf(key)?.content).to.deep.equal(tag("new"));
    });

    it("stops serving when the chain has another root", async () => {
      await applyCommit(store, da, await commit(artifact("a")));
      const reader = new CertifiedReader(store);
      reader.certify(gateway.head);
      const other = { sequenceNo: 1n, stateRoot: keccak256<StateRoot>(tag("other")) };
      expect(codeOf(() => reader.certify(other))).to.equal("E_NOT_CERTIFIED");
      expect(reader.isServing).to.equal(false);
    });
  });

  it("stages for a signer without storing", async () => {
    const first = await commit(artifact("a"));
    const staged: StagedCommit | undefined = await stageCommit(store, da, first);
    expect(staged?.delta.newStateRoot).to.deep.equal(first.newStateRoot);
    expect(store.head.sequenceNo).to.equal(0n);
  });
});
