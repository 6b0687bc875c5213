import type { TreeKey, ValueHash } from "../bytes/brand.ts";
import { equalBytes, isZero } from "../bytes/compare.ts";
import { toHex } from "../bytes/hex.ts";
import { keccak256 } from "../bytes/keccak.ts";
import type { StateCommit } from "../commit/message.ts";
import { type DeltaLeaf, parseDelta } from "../state/delta.ts";
import { type DeltaSource, fetchDeltaBytes } from "../state/fetch.ts";
import { checkLeaf, leafRecord } from "../state/leaf.ts";
import { isAppendOnly, namespaceOf } from "../state/namespace.ts";
import { applyCommit } from "../state/replica.ts";
import type { StateStore } from "../state/store.ts";
import { valueHash } from "../tree/hasher.ts";
import { VersionedTree } from "../tree/versionedTree.ts";
import { ChallengeError } from "./errors.ts";
import type { Evidence } from "./evidence.ts";

/**
 * Finds what a quorum did wrong in one commit, from what is public: the state before (an honest replica's), the commit,
 * and its delta.
 */

const NO_RECORD = new Uint8Array(0);

/** The record that a leaf of a delta writes; none for a delete. */
function recordOf(leaf: DeltaLeaf): Uint8Array | undefined {
  if (leaf.operation === "delete") return undefined;
  return leafRecord(leaf.header, keccak256(leaf.content));
}

/**
 * Evidence of every leaf that `commit` should not have written or removed; empty for an honest commit. `store` stands at
 * the commit before and is not changed.
 * @throws {ChallengeError} `E_NOT_NEXT`; `E_INVALID_TRANSITION` if the delta does not lead to the committed root
 * @throws {DaError} {StateError} if the delta cannot be had or read
 */
export async function examineCommit(
  store: StateStore,
  deltas: DeltaSource,
  commit: StateCommit,
): Promise<readonly Evidence[]> {
  if (commit.sequenceNo !== store.head.sequenceNo + 1n) {
    const said = `store is at ${store.head.sequenceNo}, the commit is ${commit.sequenceNo}`;
    throw new ChallengeError("E_NOT_NEXT", said);
  }
  if (isZero(commit.daCertHash)) return [];
  const expected = { chainId: store.chainId, sequenceNo: commit.sequenceNo };
  const { leaves } = parseDelta(await fetchDeltaBytes(deltas, commit.daCertHash, expected));
  const after = treeAfter(store, commit, leaves);
  return leaves.flatMap((leaf) => faultsOf(store, after, commit, leaf));
}

/**
 * Follows the chain by one commit: examines it, and applies it if it is honest. With evidence in hand the store stays where
 * it was, which is what the evidence is about.
 * @throws as {@link examineCommit} and `applyCommit`
 */
export async function followCommit(
  store: StateStore,
  deltas: DeltaSource,
  commit: StateCommit,
): Promise<readonly Evidence[]> {
  const evidence = await examineCommit(store, deltas, commit);
  if (evidence.length === 0) await applyCommit(store, deltas, commit);
  return evidence;
}

/** The tree as the quorum signed it, rules or no rules. */
function treeAfter(
  store: StateStore,
  commit: StateCommit,
  leaves: readonly DeltaLeaf[],
): VersionedTree {
  const tree = VersionedTree.restore(store.head.sequenceNo, store.entries());
  const updates = leaves.map((leaf): readonly [TreeKey, ValueHash | null] => {
    const record = recordOf(leaf);
    return [leaf.key, record === undefined ? null : valueHash(record)];
  });
  const staged = tree.stage(updates);
  if (!equalBytes(staged.newRoot, commit.newStateRoot)) {
    const said = `expected root ${toHex(commit.newStateRoot)}, the delta makes ${toHex(staged.newRoot)}`;
    throw new ChallengeError("E_INVALID_TRANSITION", said);
  }
  tree.commit(staged);
  return tree;
}

function faultsOf(
  store: StateStore,
  after: VersionedTree,
  commit: StateCommit,
  leaf: DeltaLeaf,
): Evidence[] {
  const { key } = leaf;
  const { sequenceNo } = commit;
  const found: Evidence[] = [];
  const record = recordOf(leaf);
  const before = store.leaf(key)?.record;
  if (before !== undefined && isAppendOnly(namespaceOf(key))) {
    if (record === undefined || !equalBytes(before, record)) {
      found.push({
        kind: "rewrite",
        key,
        earlierSequenceNo: store.head.sequenceNo,
        earlierRecord: before,
        earlierProof: store.prove(key),
        laterSequenceNo: sequenceNo,
        laterRecord: record ?? NO_RECORD,
        laterProof: after.prove(key),
      });
    }
  }
  if (record !== undefined && checkLeaf(key, record, sequenceNo) !== "None") {
    found.push({ kind: "malformed-leaf", key, sequenceNo, record, proof: after.prove(key) });
  }
  return found;
}
