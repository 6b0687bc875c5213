import { DatabaseSync } from "node:sqlite";
import { expect } from "chai";
import { bytes32, type StateRoot, type TreeKey, zero32 } from "../../../src/bytes/brand.ts";
import { tag } from "../../../src/bytes/codec.ts";
import { keccak256 } from "../../../src/bytes/keccak.ts";
import { contentKey, treeKeyOf } from "../../../src/state/key.ts";
import { FLAG_ENCRYPTED } from "../../../src/state/leaf.ts";
import type { DeleteWrite, LeafWrite, PutWrite } from "../../../src/state/stage.ts";
import { RETAINED_VERSIONS, type StateStore } from "../../../src/state/store.ts";
import { EMPTY_ROOT, valueHash } from "../../../src/tree/hasher.ts";
import { verifyAbsence, verifyInclusion } from "../../../src/tree/proof.ts";
import { codeOf } from "../../helpers/codes.ts";
import { artifact, CHAIN_ID, secret, Workspace } from "./fixtures.ts";

function keyOf({ namespace, id }: PutWrite): TreeKey {
  return treeKeyOf(namespace, id);
}

function removal(write: PutWrite): DeleteWrite {
  return { operation: "delete", key: keyOf(write) };
}

function commit(store: StateStore, ...writes: LeafWrite[]) {
  return store.commit(store.stage(writes));
}

describe("StateStore", () => {
  let workspace: Workspace;
  let store: StateStore;
  beforeEach(() => {
    workspace = new Workspace();
    store = workspace.open();
  });
  afterEach(() => workspace.dispose());

  /** The refusal's code; head and leaves must be as they were. */
  function refusal(run: () => unknown): string {
    const before = [store.head, [...store.entries()]];
    const code = codeOf(run);
    expect([store.head, [...store.entries()]]).to.deep.equal(before);
    return code;
  }

  function reopen(options = {}): StateStore {
    store.close();
    store = workspace.open("store.db", options);
    return store;
  }

  it("starts before the first commit, with a zero root to extend", () => {
    expect(store.head).to.deep.equal({ sequenceNo: 0n, stateRoot: zero32() });
    expect(store.stage([]).delta.newStateRoot).to.deep.equal(EMPTY_ROOT);
    expect(store.chainId).to.equal(CHAIN_ID);
    expect(RETAINED_VERSIONS).to.equal(720);
  });

  it("gives back leaves with record, header and content, and proves them", () => {
    const encrypted = artifact("ciphertext", 6, FLAG_ENCRYPTED);
    const { stateRoot: root } = commit(store, encrypted, secret("s", "envelope"));
    for (const write of [encrypted, secret("s", "envelope")]) {
      const key = keyOf(write);
      const leaf = store.leaf(key);
      if (leaf === undefined) throw new Error("expected a leaf");
      expect(leaf.content).to.deep.equal(write.content);
      expect(leaf.contentHash).to.deep.equal(keccak256(write.content));
      expect(leaf.header.flags).to.equal(write.flags);
      expect(leaf.header.sequenceNo).to.equal(1n);
      const claim = { root, key, valueHash: valueHash(leaf.record) };
      expect(verifyInclusion(claim, store.prove(key))).to.equal("None");
    }
    const absent = keyOf(artifact("absent"));
    expect(store.leaf(absent)).to.equal(undefined);
    expect(verifyAbsence({ root, key: absent }, store.prove(absent))).to.equal("None");
    expect(store.leafCount()).to.equal(2);
  });

  it("stages without changing anything", () => {
    const staged = store.stage([artifact("a")]);
    expect(staged.delta.leaves).to.have.length(1);
    expect(store.head.sequenceNo).to.equal(0n);
    expect(reopen().head.sequenceNo).to.equal(0n);
  });

  it("leaves out an identical append-only leaf and the removal of an absent one", () => {
    commit(store, artifact("a"), secret("s", "x"));
    const again = store.stage([artifact("a"), removal(secret("t", ""))]);
    expect(again.delta.leaves).to.deep.equal([]);
    expect(again.delta.newStateRoot).to.deep.equal(store.head.stateRoot);
    expect(store.stage([secret("s", "x")]).delta.leaves).to.have.length(1);
  });

  it("refuses to rewrite or remove an append-only leaf", () => {
    commit(store, artifact("a"));
    const asEncrypted = artifact("a", 6, FLAG_ENCRYPTED);
    expect(refusal(() => store.stage([asEncrypted]))).to.equal("E_APPEND_ONLY");
    expect(refusal(() => store.stage([removal(artifact("a"))]))).to.equal("E_APPEND_ONLY");
  });

  it("does not see what its caller writes into a staged content", () => {
    const write = artifact("content");
    const staged = store.stage([write]);
    const key = keyOf(write);
    write.content.fill(0);
    store.commit(staged);
    expect(store.leaf(key)?.content).to.deep.equal(tag("content"));
  });

  it("refuses a stage that is stale, of another store, or made up", () => {
    const stale = store.stage([artifact("a")]);
    commit(store, artifact("b"));
    expect(refusal(() => store.commit(stale))).to.equal("E_STALE_STAGE");
    const foreign = workspace.open("other.db").stage([artifact("a")]);
    expect(refusal(() => store.commit(foreign))).to.equal("E_STALE_STAGE");
    const { delta } = store.stage([artifact("c")]);
    expect(refusal(() => store.commit({ delta }))).to.equal("E_STALE_STAGE");
  });

  it("keeps every version readable: updates, removals, and returns", () => {
    const key = keyOf(secret("s", ""));
    commit(store, secret("s", "one"));
    commit(store, secret("s", "two"));
    commit(store, removal(secret("s", "")));
    commit(store, secret("s", "one"));
    const contents = () =>
      [1n, 2n, 3n, 4n].map((sequenceNo) => store.leaf(key, sequenceNo)?.content);
    const expected = [tag("one"), tag("two"), undefined, tag("one")];
    expect(contents()).to.deep.equal(expected);
    reopen();
    expect(contents()).to.deep.equal(expected);
  });

  it("JMT-18: prunes beyond the retained versions, and keeps the roots", () => {
    reopen({ retainedVersions: 3 });
    const roots = [1, 2, 3, 4, 5, 6].map((i) =>
      commit(store, secret("s", `v${i}`), secret(`only ${i}`, "x"), artifact(`a${i}`)),
    );
    const check = () => {
      expect(store.oldest).to.equal(4n);
      const key = keyOf(secret("s", ""));
      expect(store.leaf(key, 4n)?.content).to.deep.equal(tag("v4"));
      for (const ask of [
        (v: bigint) => store.leaf(key, v),
        (v: bigint) => store.prove(key, v),
        (v: bigint) => store.entries(v),
        (v: bigint) => store.leafCount(v),
      ]) {
        expect(codeOf(() => ask(3n))).to.equal("E_VERSION_PRUNED");
        expect(codeOf(() => ask(7n))).to.equal("E_VERSION_UNKNOWN");
      }
      for (const { sequenceNo, stateRoot } of roots) {
        expect(store.rootAt(sequenceNo)).to.deep.equal(stateRoot);
      }
      expect(codeOf(() => store.rootAt(7n))).to.equal("E_VERSION_UNKNOWN");
      expect(store.leaf(keyOf(artifact("a1")))?.content).to.deep.equal(tag("a1"));
    };
    check();
    reopen({ retainedVersions: 3 });
    check();
    // Keeping more from now on does not bring back what is gone.
    reopen();
    check();
  });

  it("prunes removed leaves and the contents nobody has any more", () => {
    reopen({ retainedVersions: 1 });
    commit(store, secret("s", "shared"), secret("t", "shared"), secret("u", "alone"));
    commit(store, removal(secret("s", "")), removal(secret("u", "")));
    commit(store, secret("v", "alone again"));
    expect(store.leaf(keyOf(secret("t", "")))?.content).to.deep.equal(tag("shared"));
    expect(reopen({ retainedVersions: 1 }).leafCount()).to.equal(2);
    expect(store.leaf(keyOf(secret("t", "")))?.content).to.deep.equal(tag("shared"));
    expect(store.leaf(keyOf(secret("u", "")))).to.equal(undefined);
  });

  it("keeps a content once, however many leaves have it", () => {
    commit(store, secret("s", "shared"), secret("t", "shared"), artifact("shared"));
    commit(store, artifact("shared", 4));
    store.close();
    const database = new DatabaseSync(workspace.path());
    const count = (table: string) =>
      database.prepare(`SELECT count(*) AS count FROM ${table}`).get()?.count;
    expect(count("content")).to.equal(1);
    expect(count("leaf")).to.equal(4);
    database.close();
  });

  describe("stageDelta", () => {
    let source: StateStore;
    beforeEach(() => {
      source = workspace.open("source.db");
    });

    it("takes the delta of another store and comes to the same root", () => {
      const staged = source.stage([artifact("a"), secret("s", "x")]);
      expect(store.commit(store.stageDelta(staged.delta))).to.deep.equal(source.commit(staged));
    });

    it("DA-05, DA-11, DA-12: refuses what does not extend it", () => {
      commit(source, secret("s", "x"));
      commit(store, secret("s", "x"));
      const { delta } = source.stage([artifact("a")]);
      const other = keccak256<StateRoot>(tag("other"));
      const code = (changed: Partial<typeof delta>) =>
        refusal(() => store.stageDelta({ ...delta, ...changed }));
      expect(code({ chainId: 11n })).to.equal("E_WRONG_CHAIN");
      expect(code({ sequenceNo: 3n })).to.equal("E_GAP");
      expect(code({ sequenceNo: 1n })).to.equal("E_DELTA_CONFLICT");
      expect(code({ prevStateRoot: other })).to.equal("E_PREV_ROOT");
      expect(code({ newStateRoot: other })).to.equal("E_ROOT_MISMATCH");
      const [leaf] = delta.leaves;
      if (leaf === undefined) throw new Error("expected a leaf");
      expect(code({ leaves: [leaf, leaf] })).to.equal("E_DELTA_ORDER");
      const key = keyOf(secret("absent", ""));
      expect(code({ leaves: [{ operation: "delete", key }] })).to.equal("E_ABSENT_KEY");
    });

    it("refuses a second write of an append-only leaf", () => {
      commit(store, artifact("a"));
      commit(source, secret("s", "x"));
      const { delta } = source.stage([artifact("a")]);
      const { stateRoot: prevStateRoot } = store.head;
      const rewrite = { ...delta, prevStateRoot };
      expect(refusal(() => store.stageDelta(rewrite))).to.equal("E_APPEND_ONLY");
    });
  });

  it("refuses everything but proofs once it is closed", () => {
    commit(store, artifact("a"));
    const staged = store.stage([artifact("b")]);
    store.close();
    store.close();
    expect(codeOf(() => store.stage([]))).to.equal("E_STORE_CLOSED");
    expect(codeOf(() => store.commit(staged))).to.equal("E_STORE_CLOSED");
    expect(codeOf(() => store.rootAt(1n))).to.equal("E_STORE_CLOSED");
    expect(codeOf(() => store.leaf(keyOf(artifact("a"))))).to.equal("E_STORE_CLOSED");
  });

  it("finds the key of a content by its hash", () => {
    const write = artifact("a", 4);
    expect(keyOf(write)).to.deep.equal(contentKey(4, bytes32(write.id)));
  });
});
