/**
 * Keccak-f[1600] and the Keccak-256 sponge over linear memory (AssemblyScript; FIPS 202 without its domain bits). One round
 * in a loop, not 24 unrolled: 24 copies of it leave the instruction cache. The twin for two states at once is keccakPair.ts.
 */

/** Bytes absorbed per permutation. */
export const RATE_BYTES: usize = 136;

/** Bytes of a state: 25 lanes. */
export const STATE_BYTES: usize = 200;

/** The 24 round constants. */
export const ROUND_CONSTANTS: usize = memory.data<u64>([
  0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000,
  0x000000000000808b, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
  0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
  0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003,
  0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
  0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
]);

/** Behind the last round constant. */
export const ROUND_CONSTANTS_END: usize = ROUND_CONSTANTS + 24 * 8;

/** Lane `index` of the state at `state`. */
function lane(state: usize, index: usize): u64 {
  return load<u64>(state + (index << 3));
}

/** One lane of chi. */
function chi(a: u64, b: u64, c: u64): u64 {
  return a ^ (~b & c);
}

/**
 * Absorbs `blocks` whole blocks from `input` into the state at `state`, permuting after each. Lanes stay in locals from
 * block to block.
 */
export function absorb(state: usize, input: usize, blocks: usize): void {
  let a0 = lane(state, 0),
    a1 = lane(state, 1),
    a2 = lane(state, 2),
    a3 = lane(state, 3),
    a4 = lane(state, 4);
  let a5 = lane(state, 5),
    a6 = lane(state, 6),
    a7 = lane(state, 7),
    a8 = lane(state, 8),
    a9 = lane(state, 9);
  let a10 = lane(state, 10),
    a11 = lane(state, 11),
    a12 = lane(state, 12),
    a13 = lane(state, 13),
    a14 = lane(state, 14);
  let a15 = lane(state, 15),
    a16 = lane(state, 16),
    a17 = lane(state, 17),
    a18 = lane(state, 18),
    a19 = lane(state, 19);
  let a20 = lane(state, 20),
    a21 = lane(state, 21),
    a22 = lane(state, 22),
    a23 = lane(state, 23),
    a24 = lane(state, 24);

  for (let left = blocks; left > 0; left--) {
    a0 ^= lane(input, 0);
    a1 ^= lane(input, 1);
    a2 ^= lane(input, 2);
    a3 ^= lane(input, 3);
    a4 ^= lane(input, 4);
    a5 ^= lane(input, 5);
    a6 ^= lane(input, 6);
    a7 ^= lane(input, 7);
    a8 ^= lane(input, 8);
    a9 ^= lane(input, 9);
    a10 ^= lane(input, 10);
    a11 ^= lane(input, 11);
    a12 ^= lane(input, 12);
    a13 ^= lane(input, 13);
    a14 ^= lane(input, 14);
    a15 ^= lane(input, 15);
    a16 ^= lane(input, 16);
    input += RATE_BYTES;

    for (let constant = ROUND_CONSTANTS; constant < ROUND_CONSTANTS_END; constant += 8) {
      // theta
      const c0 = a0 ^ a5 ^ a10 ^ a15 ^ a20;
      const c1 = a1 ^ a6 ^ a11 ^ a16 ^ a21;
      const c2 = a2 ^ a7 ^ a12 ^ a17 ^ a22;
      const c3 = a3 ^ a8 ^ a13 ^ a18 ^ a23;
      const c4 = a4 ^ a9 ^ a14 ^ a19 ^ a24;
      const d0 = c4 ^ rotl(c1, 1);
      const d1 = c0 ^ rotl(c2, 1);
      const d2 = c1 ^ rotl(c3, 1);
      const d3 = c2 ^ rotl(c4, 1);
      const d4 = c3 ^ rotl(c0, 1);

      // rho and pi: b[y, 2x + 3y] = rotl(a[x, y] ^ d[x], r[x, y]); chi, a row at a time, as soon as its five lanes are there
      let b0 = a0 ^ d0;
      let b1 = rotl(a6 ^ d1, 44);
      let b2 = rotl(a12 ^ d2, 43);
      let b3 = rotl(a18 ^ d3, 21);
      let b4 = rotl(a24 ^ d4, 14);
      const e0 = chi(b0, b1, b2) ^ load<u64>(constant);
      const e1 = chi(b1, b2, b3);
      const e2 = chi(b2, b3, b4);
      const e3 = chi(b3, b4, b0);
      const e4 = chi(b4, b0, b1);

      b0 = rotl(a3 ^ d3, 28);
      b1 = rotl(a9 ^ d4, 20);
      b2 = rotl(a10 ^ d0, 3);
      b3 = rotl(a16 ^ d1, 45);
      b4 = rotl(a22 ^ d2, 61);
      const e5 = chi(b0, b1, b2);
      const e6 = chi(b1, b2, b3);
      const e7 = chi(b2, b3, b4);
      const e8 = chi(b3, b4, b0);
      const e9 = chi(b4, b0, b1);

      b0 = rotl(a1 ^ d1, 1);
      b1 = rotl(a7 ^ d2, 6);
      b2 = rotl(a13 ^ d3, 25);
      b3 = rotl(a19 ^ d4, 8);
      b4 = rotl(a20 ^ d0, 18);
      const e10 = chi(b0, b1, b2);
      const e11 = chi(b1, b2, b3);
      const e12 = chi(b2, b3, b4);
      const e13 = chi(b3, b4, b0);
      const e14 = chi(b4, b0, b1);

      b0 = rotl(a4 ^ d4, 27);
      b1 = rotl(a5 ^ d0, 36);
      b2 = rotl(a11 ^ d1, 10);
      b3 = rotl(a17 ^ d2, 15);
      b4 = rotl(a23 ^ d3, 56);
      const e15 = chi(b0, b1, b2);
      const e16 = chi(b1, b2, b3);
      const e17 = chi(b2, b3, b4);
      const e18 = chi(b3, b4, b0);
      const e19 = chi(b4, b0, b1);

      b0 = rotl(a2 ^ d2, 62);
      b1 = rotl(a8 ^ d3, 55);
      b2 = rotl(a14 ^ d4, 39);
      b3 = rotl(a15 ^ d0, 41);
      b4 = rotl(a21 ^ d1, 2);
      a20 = chi(b0, b1, b2);
      a21 = chi(b1, b2, b3);
      a22 = chi(b2, b3, b4);
      a23 = chi(b3, b4, b0);
      a24 = chi(b4, b0, b1);

      a0 = e0;
      a1 = e1;
      a2 = e2;
      a3 = e3;
      a4 = e4;
      a5 = e5;
      a6 = e6;
      a7 = e7;
      a8 = e8;
      a9 = e9;
      a10 = e10;
      a11 = e11;
      a12 = e12;
      a13 = e13;
      a14 = e14;
      a15 = e15;
      a16 = e16;
      a17 = e17;
      a18 = e18;
      a19 = e19;
    }
  }

  store<u64>(state, a0, 0);
  store<u64>(state, a1, 8);
  store<u64>(state, a2, 16);
  store<u64>(state, a3, 24);
  store<u64>(state, a4, 32);
  store<u64>(state, a5, 40);
  store<u64>(state, a6, 48);
  store<u64>(state, a7, 56);
  store<u64>(state, a8, 64);
  store<u64>(state, a9, 72);
  store<u64>(state, a10, 80);
  store<u64>(state, a11, 88);
  store<u64>(state, a12, 96);
  store<u64>(state, a13, 104);
  store<u64>(state, a14, 112);
  store<u64>(state, a15, 120);
  store<u64>(state, a16, 128);
  store<u64>(state, a17, 136);
  store<u64>(state, a18, 144);
  store<u64>(state, a19, 152);
  store<u64>(state, a20, 160);
  store<u64>(state, a21, 168);
  store<u64>(state, a22, 176);
  store<u64>(state, a23, 184);
  store<u64>(state, a24, 192);
}

/** Makes the state at `state` that of an empty sponge. */
export function clear(state: usize): void {
  memory.fill(state, 0, STATE_BYTES);
}

/**
 * Absorbs the last `length` bytes at `input` and leaves the digest in the first 32 bytes of `state`. The bytes from
 * `input + length` to the end of that block are overwritten with the padding.
 */
export function finish(state: usize, input: usize, length: usize): void {
  const whole = length / RATE_BYTES;
  const tail = input + whole * RATE_BYTES;
  const tailBytes = length - whole * RATE_BYTES;
  memory.fill(tail + tailBytes, 0, RATE_BYTES - tailBytes);
  store<u8>(tail + tailBytes, 0x01);
  store<u8>(tail + RATE_BYTES - 1, load<u8>(tail + RATE_BYTES - 1) | 0x80);
  absorb(state, input, whole + 1);
}
