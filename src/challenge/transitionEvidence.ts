import { type TreeKey, type ValueHash, zero32 } from "../bytes/brand.ts";
import { compareBytes } from "../bytes/compare.ts";
import { keccak256 } from "../bytes/keccak.ts";
import { type DeltaLeaf, parseDelta } from "../state/delta.ts";
import { StateError } from "../state/errors.ts";
import { leafRecord } from "../state/leaf.ts";
import { valueHash } from "../tree/hasher.ts";
import type { Update, VersionedTree } from "../tree/versionedTree.ts";
import type { SignedCommit } from "./signedCommit.ts";

/**
 * Evidence of an invalid transition: everything that `TransitionVerifier` needs to compute a commit's root itself
 * (docs/Transitions.md).
 */

/** As `TransitionEvidence` of contracts/types/Transition.sol. */
export interface TransitionEvidence {
  readonly signed: SignedCommit;
  readonly manifest: Uint8Array;
  /** The encoded delta; empty where the manifest alone breaks a rule. */
  readonly delta: Uint8Array;
  /** Under the previous root, of each key of the delta in its order; zero where there was no leaf. */
  readonly oldValueHashes: readonly ValueHash[];
  readonly proof: Uint8Array;
  readonly openings: Uint8Array;
}

const NOTHING = new Uint8Array(0);

/**
 * What shows whether `signed` follows from the state before it, faulty or not: a delta that cannot be read has no update
 * proof, and needs none.
 * @param before the tree at the commit before
 */
export function transitionEvidence(
  before: VersionedTree,
  signed: SignedCommit,
  manifest: Uint8Array,
  delta: Uint8Array,
): TransitionEvidence {
  const updates = updatesOf(delta);
  const bare = { signed, manifest, delta, oldValueHashes: [], proof: NOTHING, openings: NOTHING };
  if (updates === undefined || updates.length === 0) return bare;
  const { changes, proof, openings } = before.proveUpdate(updates);
  const oldValueHashes = changes.map(([, old]) => old ?? zero32<ValueHash>());
  return { ...bare, oldValueHashes, proof, openings };
}

/** What the delta does to the tree; nothing if it cannot be read or has no keys in order. */
function updatesOf(delta: Uint8Array): readonly Update[] | undefined {
  try {
    const { leaves } = parseDelta(delta);
    const isAscending = leaves.every(({ key }, i) => {
      const previous = leaves[i - 1];
      return previous === undefined || compareBytes(previous.key, key) < 0;
    });
    return isAscending ? leaves.map(updateOf) : undefined;
  } catch (error) {
    if (error instanceof StateError) return undefined;
    throw error;
  }
}

function updateOf(leaf: DeltaLeaf): readonly [TreeKey, ValueHash | null] {
  if (leaf.operation === "delete") return [leaf.key, null];
  return [leaf.key, valueHash(leafRecord(leaf.header, keccak256(leaf.content)))];
}
