import { createMerkleProof, MerklePatriciaTrie } from "@ethereumjs/mpt";
import { SparseMerkleTree } from "@fuel-ts/merkle";
import { toHex } from "../../src/bytes/hex.ts";
import { type Entry, VersionedTree } from "../../src/tree/versionedTree.ts";

/** Trees over the same keys and values, in memory, each as its own documentation says to use it. */
export interface PeerTree {
  /** Makes what the tree takes in place of bytes, before the clock starts. */
  prepare?(entries: readonly Entry[]): void;
  /** Puts the leaves, as one batch where the tree knows batches. */
  put(entries: readonly Entry[]): Promise<void>;
  prove(key: Entry[0]): Promise<unknown>;
}

/** This project's tree. One batch is one version. */
export function ownTree(): PeerTree & { readonly tree: VersionedTree } {
  const tree = new VersionedTree();
  return {
    tree,
    async put(entries) {
      tree.commit(tree.stage(entries));
    },
    async prove(key) {
      return tree.prove(key);
    },
  };
}

/** Merkle Patricia trie of `@ethereumjs/mpt`, keccak256 of `@noble/hashes`; keys are not hashed again. */
export function mptTree(): PeerTree {
  const trie = new MerklePatriciaTrie();
  return {
    async put(entries) {
      await trie.batch(entries.map(([key, value]) => ({ type: "put", key, value })));
    },
    prove: (key) => createMerkleProof(trie, key),
  };
}

/** Sparse Merkle tree of `@fuel-ts/merkle`, sha256. It takes hex, which is made before the clock starts. */
export function fuelTree(): PeerTree {
  const tree = new SparseMerkleTree();
  const hexes = new Map<Uint8Array, string>();
  const hexOf = (word: Uint8Array) => hexes.get(word) ?? toHex(word);
  return {
    prepare(entries) {
      for (const word of entries.flat()) hexes.set(word, toHex(word));
    },
    async put(entries) {
      for (const [key, value] of entries) tree.update(hexOf(key), hexOf(value));
    },
    async prove(key) {
      return tree.prove(hexOf(key));
    },
  };
}
