import { type Bytes32, bytes32, type ContentHash, type TreeKey } from "../bytes/brand.ts";
import { StateError } from "./errors.ts";
import { NAMESPACES } from "./namespace.ts";

/**
 * Key of the leaf with this id: namespace byte, then the first 31 bytes of the id.
 * @throws {StateError} `E_NAMESPACE` unless `namespace` is one
 */
export function treeKeyOf(namespace: number, id: Bytes32): TreeKey {
  if (!NAMESPACES.has(namespace)) {
    throw new StateError("E_NAMESPACE", `namespace: expected 0x01 to 0x09, got ${namespace}`);
  }
  return prefixed(namespace, id);
}

/** Key of a content-addressed leaf, also of one in a namespace that does not exist. */
export function contentKey(namespace: number, contentHash: ContentHash): TreeKey {
  return prefixed(namespace, contentHash);
}

function prefixed(namespace: number, id: Bytes32): TreeKey {
  const key = new Uint8Array(32);
  key[0] = namespace;
  key.set(id.subarray(0, 31), 1);
  return bytes32<TreeKey>(key);
}
