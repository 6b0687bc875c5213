import { bytes32, type StateRoot, type TreeKey, type ValueHash } from "../bytes/brand.ts";
import { concatBytes, uintBytes } from "../bytes/codec.ts";
import { equalBytes } from "../bytes/compare.ts";
import { foldPath } from "./engine/proofFolder.ts";
import { TreeError } from "./errors.ts";
import { EMPTY_ROOT, leafHash } from "./hasher.ts";
import { commonPrefixBits, KEY_BITS } from "./path.ts";
import type { ProofFault } from "./proofFault.ts";

/**
 * Packed proofs of presence and absence (docs/StateTree.md, "Proofs"), the same bytes as
 * `contracts/libraries/JellyfishMerkleProof.sol` takes; both name the same fault for the same bytes. Unlike the proofs of
 * the Rust crate, a sibling is its hash alone, and an empty one is a bit.
 */

const HEADER_BYTES = 3;
const OTHER_LEAF_BYTES = 64;
const TERMINAL_OWN_LEAF = 0;
const TERMINAL_EMPTY_SLOT = 1;
const TERMINAL_OTHER_LEAF = 2;

/** Longest proof there is: absence at depth 256 with no empty sibling. */
export const MAX_PROOF_BYTES = HEADER_BYTES + KEY_BITS / 8 + 32 * KEY_BITS + OTHER_LEAF_BYTES;

/** What stands where the queried key's path ends. */
export type Terminal =
  | { readonly kind: "own-leaf" }
  | { readonly kind: "empty-slot" }
  | { readonly kind: "other-leaf"; readonly key: TreeKey; readonly valueHash: ValueHash };

/** A proof, unpacked. */
export interface Proof {
  readonly terminal: Terminal;
  /** From the leaf up to the root; as many as the terminal is deep. Empty ones are the placeholder. */
  readonly siblings: readonly StateRoot[];
}

const TERMINALS = {
  "own-leaf": TERMINAL_OWN_LEAF,
  "empty-slot": TERMINAL_EMPTY_SLOT,
  "other-leaf": TERMINAL_OTHER_LEAF,
} as const satisfies Record<Terminal["kind"], number>;

/** The packed bytes of `proof`. */
export function encodeProof({ terminal, siblings }: Proof): Uint8Array {
  const depth = siblings.length;
  let bitmap = 0n;
  const given: Uint8Array[] = [];
  siblings.forEach((sibling, fromLeaf) => {
    if (equalBytes(sibling, EMPTY_ROOT)) bitmap |= 1n << BigInt(depth - 1 - fromLeaf);
    else given.push(sibling);
  });
  const last = terminal.kind === "other-leaf" ? [terminal.key, terminal.valueHash] : [];
  return concatBytes(
    uintBytes(TERMINALS[terminal.kind], 1),
    uintBytes(depth, 2),
    uintBytes(bitmap, bitmapBytes(depth)),
    ...given,
    ...last,
  );
}

/**
 * The proof that `bytes` pack. Only its form is checked, not what it proves.
 * @throws {TreeError} `E_PROOF` with the fault's name in the message
 */
export function decodeProof(bytes: Uint8Array): Proof {
  const opened = openProof(bytes);
  const fault = typeof opened === "string" ? opened : pathFault(opened);
  if (typeof opened === "string" || fault !== "None") {
    throw new TreeError("E_PROOF", `proof: expected its canonical form, got ${fault}`);
  }
  const siblings = siblingsOf(opened);
  if (siblings === undefined) {
    throw new TreeError("E_PROOF", "proof: expected its canonical form, got PlaceholderSibling");
  }
  if (opened.terminal === TERMINAL_OTHER_LEAF) {
    return { terminal: { kind: "other-leaf", ...otherLeaf(opened) }, siblings };
  }
  const kind = opened.terminal === TERMINAL_OWN_LEAF ? "own-leaf" : "empty-slot";
  return { terminal: { kind }, siblings };
}

/** What presence of a leaf is claimed for. */
export interface InclusionClaim {
  readonly root: StateRoot;
  readonly key: TreeKey;
  readonly valueHash: ValueHash;
}

/** The first fault that keeps `proof` from showing the claim; `None` if it does. */
export function verifyInclusion(claim: InclusionClaim, proof: Uint8Array): ProofFault {
  const opened = openProof(proof);
  if (typeof opened === "string") return opened;
  if (opened.terminal !== TERMINAL_OWN_LEAF) return "ProofKindMismatch";
  const fault = pathFault(opened);
  if (fault !== "None") return fault;
  const siblings = givenSiblings(opened);
  if (hasPlaceholder(siblings)) return "PlaceholderSibling";
  const node = leafHash(claim.key, claim.valueHash);
  const folded = foldPath(node, claim.key, { ...opened, siblings });
  return equalBytes(folded, claim.root) ? "None" : "RootMismatch";
}

/** The first fault that keeps `proof` from showing that `key` has no leaf under `root`; `None` if it does. */
export function verifyAbsence(
  { root, key }: Pick<InclusionClaim, "root" | "key">,
  proof: Uint8Array,
): ProofFault {
  const opened = openProof(proof);
  if (typeof opened === "string") return opened;
  if (opened.terminal === TERMINAL_OWN_LEAF) return "ProofKindMismatch";
  const fault = pathFault(opened);
  if (fault !== "None") return fault;
  const siblings = givenSiblings(opened);
  if (hasPlaceholder(siblings)) return "PlaceholderSibling";

  let node = EMPTY_ROOT;
  if (opened.terminal === TERMINAL_OTHER_LEAF) {
    const other = otherLeaf(opened);
    if (equalBytes(other.key, key)) return "KeyPresent";
    if (commonPrefixBits(other.key, key) < opened.depth) return "NotANeighbour";
    node = leafHash(other.key, other.valueHash);
  }
  const folded = foldPath(node, key, { ...opened, siblings });
  return equalBytes(folded, root) ? "None" : "RootMismatch";
}

interface OpenedProof {
  readonly terminal: number;
  readonly depth: number;
  /** A big-endian number. */
  readonly bitmap: Uint8Array;
  /** Everything behind the bitmap. */
  readonly body: Uint8Array;
}

/** Checks length and terminal; a depth above 256 has no layout, so its body is not looked at. */
function openProof(proof: Uint8Array): OpenedProof | Exclude<ProofFault, "None"> {
  if (proof.length < HEADER_BYTES) return "ProofTooShort";
  const terminal = proof[0] ?? 0;
  const depth = ((proof[1] ?? 0) << 8) | (proof[2] ?? 0);
  let bitmap = proof.subarray(HEADER_BYTES, HEADER_BYTES);
  let body = proof.subarray(HEADER_BYTES);
  if (depth <= KEY_BITS) {
    if (body.length < bitmapBytes(depth)) return "ProofTooShort";
    bitmap = body.subarray(0, bitmapBytes(depth));
    body = body.subarray(bitmapBytes(depth));
    let given = 0;
    for (let i = 0; i < depth; i++) given += isEmptyAt(bitmap, i) ? 0 : 1;
    const wanted = 32 * given + (terminal === TERMINAL_OTHER_LEAF ? OTHER_LEAF_BYTES : 0);
    if (body.length < wanted) return "ProofTooShort";
    if (body.length > wanted) return "ProofTooLong";
  }
  if (terminal > TERMINAL_OTHER_LEAF) return "UnknownTerminal";
  return { terminal, depth, bitmap, body };
}

function pathFault({ depth, bitmap }: OpenedProof): ProofFault {
  if (depth > KEY_BITS) return "DepthOutOfRange";
  for (let i = depth; i < 8 * bitmap.length; i++) {
    if (isEmptyAt(bitmap, i)) return "NonCanonicalBitmap";
  }
  return "None";
}

/** Siblings from the leaf up, or nothing if one given in full is the placeholder. */
function siblingsOf({ depth, bitmap, body }: OpenedProof): StateRoot[] | undefined {
  const siblings: StateRoot[] = [];
  let offset = 0;
  for (let i = depth - 1; i >= 0; i--) {
    if (isEmptyAt(bitmap, i)) {
      siblings.push(EMPTY_ROOT);
      continue;
    }
    const sibling = bytes32<StateRoot>(body.subarray(offset, offset + 32));
    if (equalBytes(sibling, EMPTY_ROOT)) return undefined;
    siblings.push(sibling);
    offset += 32;
  }
  return siblings;
}

function otherLeaf({ body }: OpenedProof): { key: TreeKey; valueHash: ValueHash } {
  const leaf = body.subarray(body.length - OTHER_LEAF_BYTES);
  return {
    key: bytes32<TreeKey>(leaf.slice(0, 32)),
    valueHash: bytes32<ValueHash>(leaf.slice(32)),
  };
}

/** Siblings given in full, from the leaf up. */
function givenSiblings({ terminal, body }: OpenedProof): Uint8Array {
  return terminal === TERMINAL_OTHER_LEAF ? body.subarray(0, -OTHER_LEAF_BYTES) : body;
}

function bitmapBytes(depth: number): number {
  return (depth + 7) >> 3;
}

/** Bit `i` of the big-endian number `bitmap`: whether the sibling at depth `i` + 1 is empty. */
function isEmptyAt(bitmap: Uint8Array, i: number): boolean {
  return (((bitmap[bitmap.length - 1 - (i >> 3)] ?? 0) >> (i & 7)) & 1) === 1;
}

/** Whether a sibling given in full is the placeholder. */
function hasPlaceholder(siblings: Uint8Array): boolean {
  for (let at = 0; at < siblings.length; at += 32) {
    if (siblings[at] === EMPTY_ROOT[0] && equalBytes(siblings.subarray(at, at + 32), EMPTY_ROOT)) {
      return true;
    }
  }
  return false;
}
