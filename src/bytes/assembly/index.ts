/**
 * The module behind `keccak256` (AssemblyScript): a sponge whose state and input window stand at fixed places of a memory
 * of its own. The host copies input into the window and takes the digest from the state.
 */
import { absorb, clear, finish, RATE_BYTES, STATE_BYTES } from "./keccak";

/** Whole blocks that the window holds: 64 KiB, so that it stays in the second-level cache. */
const WINDOW_BLOCKS: usize = 481;

const STATE: usize = memory.data(200, 16);
const WINDOW: usize = memory.data(481 * 136 + 136, 16);

/** Address of the state, whose first 32 bytes are the digest after {@link hashLast}. */
export function stateAddress(): usize {
  return STATE;
}

/** Address of the input window. */
export function windowAddress(): usize {
  return WINDOW;
}

/** Bytes of input the window takes: whole blocks. */
export function windowBytes(): usize {
  return WINDOW_BLOCKS * RATE_BYTES;
}

/** Absorbs a full window. */
export function hashWindow(): void {
  absorb(STATE, WINDOW, WINDOW_BLOCKS);
}

/** Starts a new sponge. */
export function reset(): void {
  clear(STATE);
}

/** Absorbs the last `length` (at most a full window) bytes of the window and leaves the digest. */
export function hashLast(length: usize): void {
  finish(STATE, WINDOW, length);
}

/** Digest of the first `length` (at most a full window) bytes of the window. */
export function hashOnce(length: usize): void {
  memory.fill(STATE, 0, STATE_BYTES);
  finish(STATE, WINDOW, length);
}
