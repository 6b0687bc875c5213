import type { ContentHash } from "../bytes/brand.ts";
import { keccak256 } from "../bytes/keccak.ts";

/** `keccak256` of the exact stored bytes: no normalising, no compression. */
export function contentHashOf(bytes: Uint8Array): ContentHash {
  return keccak256<ContentHash>(bytes);
}
