/**
 * Keccak-f[1600] of two states at once, one in each half of a vector (AssemblyScript, WebAssembly SIMD). The scalar twin, which
 * explains the steps, is src/bytes/assembly/keccak.ts.
 */
import { ROUND_CONSTANTS, ROUND_CONSTANTS_END } from "../../bytes/assembly/keccak";

/** Lane `index` of both states. */
function pair(lanes: usize, index: usize): v128 {
  return v128.load(lanes + (index << 4));
}

function xor(a: v128, b: v128): v128 {
  return v128.xor(a, b);
}

function parity(a: v128, b: v128, c: v128, d: v128, e: v128): v128 {
  return xor(xor(xor(xor(a, b), c), d), e);
}

function rotate(a: v128, bits: i32): v128 {
  return v128.or(i64x2.shl(a, bits), i64x2.shr_u(a, 64 - bits));
}

/** One lane of chi. */
function chi(a: v128, b: v128, c: v128): v128 {
  return xor(a, v128.andnot(c, b));
}

/**
 * Permutes the two states whose 25 pairs of lanes stand at `lanes`, and writes the first 32 bytes of each to `first` and
 * `second`. What stands at `lanes` does not change.
 */
export function digestPair(lanes: usize, first: usize, second: usize): void {
  let a0 = pair(lanes, 0),
    a1 = pair(lanes, 1),
    a2 = pair(lanes, 2),
    a3 = pair(lanes, 3),
    a4 = pair(lanes, 4);
  let a5 = pair(lanes, 5),
    a6 = pair(lanes, 6),
    a7 = pair(lanes, 7),
    a8 = pair(lanes, 8),
    a9 = pair(lanes, 9);
  let a10 = pair(lanes, 10),
    a11 = pair(lanes, 11),
    a12 = pair(lanes, 12),
    a13 = pair(lanes, 13),
    a14 = pair(lanes, 14);
  let a15 = pair(lanes, 15),
    a16 = pair(lanes, 16),
    a17 = pair(lanes, 17),
    a18 = pair(lanes, 18),
    a19 = pair(lanes, 19);
  let a20 = pair(lanes, 20),
    a21 = pair(lanes, 21),
    a22 = pair(lanes, 22),
    a23 = pair(lanes, 23),
    a24 = pair(lanes, 24);

  for (let constant = ROUND_CONSTANTS; constant < ROUND_CONSTANTS_END; constant += 8) {
    // theta
    const c0 = parity(a0, a5, a10, a15, a20);
    const c1 = parity(a1, a6, a11, a16, a21);
    const c2 = parity(a2, a7, a12, a17, a22);
    const c3 = parity(a3, a8, a13, a18, a23);
    const c4 = parity(a4, a9, a14, a19, a24);
    const d0 = xor(c4, rotate(c1, 1));
    const d1 = xor(c0, rotate(c2, 1));
    const d2 = xor(c1, rotate(c3, 1));
    const d3 = xor(c2, rotate(c4, 1));
    const d4 = xor(c3, rotate(c0, 1));

    // rho and pi: b[y, 2x + 3y] = rotl(a[x, y] ^ d[x], r[x, y]); chi, a row at a time, as soon as its five lanes are there
    let b0 = xor(a0, d0);
    let b1 = rotate(xor(a6, d1), 44);
    let b2 = rotate(xor(a12, d2), 43);
    let b3 = rotate(xor(a18, d3), 21);
    let b4 = rotate(xor(a24, d4), 14);
    const e0 = xor(chi(b0, b1, b2), v128.load_splat<u64>(constant));
    const e1 = chi(b1, b2, b3);
    const e2 = chi(b2, b3, b4);
    const e3 = chi(b3, b4, b0);
    const e4 = chi(b4, b0, b1);

    b0 = rotate(xor(a3, d3), 28);
    b1 = rotate(xor(a9, d4), 20);
    b2 = rotate(xor(a10, d0), 3);
    b3 = rotate(xor(a16, d1), 45);
    b4 = rotate(xor(a22, d2), 61);
    const e5 = chi(b0, b1, b2);
    const e6 = chi(b1, b2, b3);
    const e7 = chi(b2, b3, b4);
    const e8 = chi(b3, b4, b0);
    const e9 = chi(b4, b0, b1);

    b0 = rotate(xor(a1, d1), 1);
    b1 = rotate(xor(a7, d2), 6);
    b2 = rotate(xor(a13, d3), 25);
    b3 = rotate(xor(a19, d4), 8);
    b4 = rotate(xor(a20, d0), 18);
    const e10 = chi(b0, b1, b2);
    const e11 = chi(b1, b2, b3);
    const e12 = chi(b2, b3, b4);
    const e13 = chi(b3, b4, b0);
    const e14 = chi(b4, b0, b1);

    b0 = rotate(xor(a4, d4), 27);
    b1 = rotate(xor(a5, d0), 36);
    b2 = rotate(xor(a11, d1), 10);
    b3 = rotate(xor(a17, d2), 15);
    b4 = rotate(xor(a23, d3), 56);
    const e15 = chi(b0, b1, b2);
    const e16 = chi(b1, b2, b3);
    const e17 = chi(b2, b3, b4);
    const e18 = chi(b3, b4, b0);
    const e19 = chi(b4, b0, b1);

    b0 = rotate(xor(a2, d2), 62);
    b1 = rotate(xor(a8, d3), 55);
    b2 = rotate(xor(a14, d4), 39);
    b3 = rotate(xor(a15, d0), 41);
    b4 = rotate(xor(a21, d1), 2);
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

  v128.store(first, v128.shuffle<u64>(a0, a1, 0, 2));
  v128.store(first, v128.shuffle<u64>(a2, a3, 0, 2), 16);
  v128.store(second, v128.shuffle<u64>(a0, a1, 1, 3));
  v128.store(second, v128.shuffle<u64>(a2, a3, 1, 3), 16);
}
