/** Folding a proof's siblings up to the root (AssemblyScript): one state at a time, for each hash needs the one before. */
import { absorb, clear } from "../../bytes/assembly/keccak";
import { KEY_BITS, keyBit, PLACEHOLDER } from "./layout";
import { QUERY } from "./read";

/** The hash that is folded, from the leaf's to the root's. */
export const FOLDED: usize = memory.data(32, 16);
/** Which siblings are empty: a big-endian number of as many bytes as the depth needs. */
export const FOLD_BITMAP: usize = memory.data(32, 16);
/** The other siblings, from the leaf up. */
export const FOLD_SIBLINGS: usize = memory.data(8192, 16);

const STATE: usize = memory.data(200, 16);
/** A block that holds "JMT::IntrnalNode", two hashes and the padding of 80 bytes. */
const BLOCK: usize = memory.data<u64>([
  0x746e493a3a544d4a, 0x65646f4e6c616e72, 0, 0, 0, 0, 0, 0, 0, 0, 0x01, 0, 0, 0, 0, 0,
  0x8000000000000000,
]);
const BLOCK_LEFT: usize = 16;
const BLOCK_RIGHT: usize = 48;

/** Folds {@link FOLDED}, which stands `depth` deep on the path of the query, with its siblings. */
export function foldSiblings(depth: i32): void {
  if (depth > KEY_BITS) unreachable();
  const lastByte = FOLD_BITMAP + ((depth + 7) >> 3) - 1;
  let next = FOLD_SIBLINGS;
  for (let i = depth - 1; i >= 0; i--) {
    const isEmpty = ((load<u8>(lastByte - (i >> 3)) >> <u8>(i & 7)) & 1) === 1;
    const sibling = isEmpty ? PLACEHOLDER : next;
    if (!isEmpty) next += 32;
    const isRight = keyBit(QUERY, i) === 1;
    copyHash(BLOCK + BLOCK_LEFT, isRight ? sibling : FOLDED);
    copyHash(BLOCK + BLOCK_RIGHT, isRight ? FOLDED : sibling);
    clear(STATE);
    absorb(STATE, BLOCK, 1);
    copyHash(FOLDED, STATE);
  }
}

function copyHash(to: usize, from: usize): void {
  v128.store(to, v128.load(from));
  v128.store(to, v128.load(from, 16), 16);
}
