import { bytes32, type StateRoot, type TreeKey } from "../../bytes/brand.ts";
import { compileWasm, wasmFunction, wasmMemory } from "../../bytes/wasm.ts";
import { WASM } from "./treeWasm.ts";

/** The path from a node up to the root, as a proof packs it. */
export interface PackedPath {
  /** At most 256. */
  readonly depth: number;
  /** Which siblings are empty: a big-endian number of ⌈depth / 8⌉ bytes. */
  readonly bitmap: Uint8Array;
  /** The others, from the node up, 32 bytes each. */
  readonly siblings: Uint8Array;
}

const instance = new WebAssembly.Instance(compileWasm(WASM));
wasmFunction(instance, "open")(0);
const memory = new Uint8Array(wasmMemory(instance).buffer);
const foldSiblings = wasmFunction(instance, "foldSiblings");
const QUERY = wasmFunction(instance, "queryAddress")();
const FOLDED = wasmFunction(instance, "foldedAddress")();
const BITMAP = wasmFunction(instance, "foldBitmapAddress")();
const SIBLINGS = wasmFunction(instance, "foldSiblingsAddress")();

/** The root that follows from `node`, which stands at the end of `path` on the path of `key`. */
export function foldPath(node: StateRoot, key: TreeKey, path: PackedPath): StateRoot {
  memory.set(node, FOLDED);
  memory.set(key, QUERY);
  memory.set(path.bitmap, BITMAP);
  memory.set(path.siblings, SIBLINGS);
  foldSiblings(path.depth);
  return bytes32<StateRoot>(memory.slice(FOLDED, FOLDED + 32));
}
