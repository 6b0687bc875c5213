import { bytes32, type StateRoot, type TreeKey, type ValueHash } from "../bytes/brand.ts";
import { tag } from "../bytes/codec.ts";
import { keccak256 } from "../bytes/keccak.ts";

/**
 * Hashes of the state tree (docs/StateTree.md, "Hashing"): those of the Rust crate `jmt` 0.12 with keccak256. The three
 * kinds of node have disjoint preimages: 77 bytes, 80 bytes, none.
 */

const LEAF_TAG = tag("JMT::LeafNode");
const INTERNAL_TAG = tag("JMT::IntrnalNode");

/** Hash of an empty subtree, and root of the tree without leaves. Shared: do not write to it. */
export const EMPTY_ROOT: StateRoot = bytes32(tag("SPARSE_MERKLE_PLACEHOLDER_HASH__"));

/** What the tree commits to for a leaf whose record (or, in vectors, value) is `record`. */
export function valueHash(record: Uint8Array): ValueHash {
  return keccak256<ValueHash>(record);
}

/** Hash of the leaf of `key`. */
export function leafHash(key: TreeKey, value: ValueHash): StateRoot {
  return keccak256<StateRoot>(LEAF_TAG, key, value);
}

/** Hash of the node over two subtrees of which together at least two leaves hang. */
export function internalHash(left: Uint8Array, right: Uint8Array): StateRoot {
  return keccak256<StateRoot>(INTERNAL_TAG, left, right);
}
