import { bytes32, type StateRoot, type TreeKey, type ValueHash } from "../../bytes/brand.ts";
import { toHex } from "../../bytes/hex.ts";
import { compileWasm, wasmFunction, wasmMemory } from "../../bytes/wasm.ts";
import { TreeError } from "../errors.ts";
import { WASM } from "./treeWasm.ts";

/**
 * The nodes of one tree, of all its retained versions, in one WebAssembly memory (src/tree/assembly). A node is known by a
 * number, its reference: 0 is the empty subtree. References stay what they are until the node is released; which versions share
 * a node is the caller's business ({@link TreeMemory.release}).
 */

/** Reference of a node: the address of its hash, odd for a leaf, 0 for the empty subtree. */
export type NodeRef = number;

/** A change of one key; `null` removes it. */
export type Update = readonly [TreeKey, ValueHash | null];

/** A leaf: its key and value hash. */
export type Entry = readonly [TreeKey, ValueHash];

/** Most that a memory of 32-bit addresses can hold: 4 GiB less one page. */
export const MAX_MEMORY_BYTES = 65_535 * 65_536;

/** Where a leaf's key and value hash stand before its hash; where an internal node's children stand behind it. */
const KEY_BEFORE_HASH = 64;
const VALUE_BEFORE_HASH = 32;
const LEFT_BEHIND_HASH = 32;
const RIGHT_BEHIND_HASH = 36;

const OUTCOME_DUPLICATE_KEY = 1;
const OUTCOME_FULL = 2;

const compiled = compileWasm(WASM);

export class TreeMemory {
  readonly #instance = new WebAssembly.Instance(compiled);
  readonly #memory = wasmMemory(this.#instance);
  readonly #takeWindow = this.#function("takeWindow");
  readonly #finishBatch = this.#function("finishBatch");
  readonly #findLeaf = this.#function("findLeaf");
  readonly #proveQuery = this.#function("proveQuery");
  readonly #listLeaves = this.#function("listLeaves");
  readonly #release = this.#function("release");
  readonly #window = this.#function("windowAddress")();
  readonly #windowUpdates = this.#function("windowUpdates")();
  readonly #actions = this.#function("actionsAddress")();
  readonly #query = this.#function("queryAddress")();
  readonly #proof = this.#function("proofAddress")();
  readonly #listing = this.#function("listingAddress")();
  readonly #limitBytes: number;
  #bytes = new Uint8Array(this.#memory.buffer);
  #view = new DataView(this.#memory.buffer);
  #isFilling = false;

  /** `limitBytes`: what the memory may grow to; at most {@link MAX_MEMORY_BYTES}. */
  constructor(limitBytes: number = MAX_MEMORY_BYTES) {
    this.#limitBytes = Math.min(limitBytes, MAX_MEMORY_BYTES);
    this.#function("open")(this.#limitBytes);
  }

  /** Nodes in use, and bytes: what was ever used, and what the memory has grown to. */
  get usage() {
    return {
      leafNodes: this.#function("leafNodes")() >>> 0,
      internalNodes: this.#function("internalNodes")() >>> 0,
      usedBytes: this.#function("usedBytes")() >>> 0,
      memoryBytes: this.#memory.buffer.byteLength,
    };
  }

  /**
   * The tree `root` after `updates`, in any order. The nodes of `root` stay.
   * @throws {TreeError} `E_DUPLICATE_KEY`, `E_TREE_FULL`, `E_TREE_BUSY` if the updates come from a batch of the same memory
   */
  apply(root: NodeRef, updates: Iterable<Update>): { root: NodeRef; addedLeaves: number } {
    this.assertIdle();
    this.#isFilling = true;
    let outcome = OUTCOME_FULL;
    try {
      if (this.#takeUpdates(updates)) outcome = this.#finishBatch(root);
      else this.#function("abandonBatch")();
    } catch (error) {
      this.#function("abandonBatch")();
      throw error;
    } finally {
      this.#isFilling = false;
    }
    if (outcome === OUTCOME_DUPLICATE_KEY) {
      const key = this.#copy(this.#query, 32);
      throw new TreeError("E_DUPLICATE_KEY", `two updates of ${toHex(key)}`);
    }
    if (outcome === OUTCOME_FULL) {
      throw new TreeError("E_TREE_FULL", `no room for the updates in ${this.#limitBytes} bytes`);
    }
    const newRoot = this.#function("batchRoot")() >>> 0;
    return { root: newRoot, addedLeaves: this.#function("addedLeaves")() };
  }

  /** Frees the nodes of the tree `root` that the tree `other` does not share; nobody may refer to them any more. */
  release(root: NodeRef, other: NodeRef): void {
    this.assertIdle();
    this.#release(root, other);
  }

  /** Nothing may change while updates are taken. @throws {TreeError} `E_TREE_BUSY` */
  assertIdle(): void {
    if (this.#isFilling)
      throw new TreeError("E_TREE_BUSY", "the tree is reading a batch of updates");
  }

  /** The value hash under `key` in the tree `root`. */
  get(root: NodeRef, key: TreeKey): ValueHash | undefined {
    this.#ask(key);
    const leaf = this.#findLeaf(root) >>> 0;
    return leaf === 0 ? undefined : this.#valueHash(leaf);
  }

  /** The packed proof of `key` in the tree `root`. */
  prove(root: NodeRef, key: TreeKey): Uint8Array {
    this.#ask(key);
    return this.#copy(this.#proof, this.#proveQuery(root));
  }

  /** The first few leaves of the tree `root` that are not before `from`, in key order; none iff there are none. */
  list(root: NodeRef, from: TreeKey): Entry[] {
    this.#ask(from);
    const count = this.#listLeaves(root);
    return Array.from({ length: count }, (_, i) => {
      const at = this.#listing + 64 * i;
      return [bytes32<TreeKey>(this.#copy(at, 32)), bytes32<ValueHash>(this.#copy(at + 32, 32))];
    });
  }

  isInternal(node: NodeRef): boolean {
    return node !== 0 && (node & 1) === 0;
  }

  /** Hash of the subtree. */
  hash(node: NodeRef): StateRoot {
    return bytes32<StateRoot>(this.#copy(hashAddress(node), 32));
  }

  /** Left child of an internal node. */
  left(node: NodeRef): NodeRef {
    return this.#live().getUint32(node + LEFT_BEHIND_HASH, true);
  }

  /** Right child of an internal node. */
  right(node: NodeRef): NodeRef {
    return this.#live().getUint32(node + RIGHT_BEHIND_HASH, true);
  }

  /** What of the subtree `node` at `depth` lies on the side of `bit`. A leaf alone stands on every level of its path. */
  child(node: NodeRef, depth: number, bit: 0 | 1): NodeRef {
    if (this.isInternal(node)) return bit === 0 ? this.left(node) : this.right(node);
    if (node === 0) return 0;
    const byte = this.#live().getUint8(hashAddress(node) - KEY_BEFORE_HASH + (depth >> 3));
    return ((byte >> (7 - (depth & 7))) & 1) === bit ? node : 0;
  }

  /** Key and value hash of a leaf. */
  leaf(leaf: NodeRef): Entry {
    const key = this.#copy(hashAddress(leaf) - KEY_BEFORE_HASH, 32);
    return [bytes32<TreeKey>(key), this.#valueHash(leaf)];
  }

  /** Hands the updates over, a window at a time. @returns whether there was room */
  #takeUpdates(updates: Iterable<Update>): boolean {
    if (Array.isArray(updates)) this.#function("expectUpdates")(updates.length);
    let filled = 0;
    for (const [key, value] of updates) {
      if (filled === this.#windowUpdates) {
        if (this.#takeWindow(filled) === 0) return false;
        filled = 0;
      }
      this.#live();
      this.#bytes[this.#actions + filled] = value === null ? 1 : 0;
      const at = this.#window + 64 * filled;
      this.#write(key, at);
      if (value !== null) this.#write(value, at + 32);
      filled++;
    }
    return this.#takeWindow(filled) === 1;
  }

  #valueHash(leaf: NodeRef): ValueHash {
    return bytes32<ValueHash>(this.#copy(hashAddress(leaf) - VALUE_BEFORE_HASH, 32));
  }

  #ask(key: TreeKey): void {
    this.#live();
    this.#write(key, this.#query);
  }

  #write(word: Uint8Array, at: number): void {
    if (word.length !== 32) bytes32(word, "key or value hash");
    this.#bytes.set(word, at);
  }

  #copy(at: number, length: number): Uint8Array {
    this.#live();
    return this.#bytes.slice(at, at + length);
  }

  /** Growing the memory detaches what saw it before. */
  #live(): DataView {
    if (this.#bytes.length === 0) {
      this.#bytes = new Uint8Array(this.#memory.buffer);
      this.#view = new DataView(this.#memory.buffer);
    }
    return this.#view;
  }

  #function(name: string) {
    return wasmFunction(this.#instance, name);
  }
}

function hashAddress(node: NodeRef): number {
  return (node & ~1) >>> 0;
}
