import { BytesError } from "./errors.ts";

const ascii = new TextEncoder();

/** The bytes of an ASCII domain tag. */
export function tag(text: string): Uint8Array {
  return ascii.encode(text);
}

/** Unsigned `value` as `width` big-endian bytes. @throws {BytesError} `E_RANGE` if it does not fit. */
export function uintBytes(value: bigint | number, width: number): Uint8Array {
  const big = BigInt(value);
  if (big < 0n || big >> BigInt(8 * width) !== 0n) {
    throw new BytesError("E_RANGE", `expected an unsigned ${8 * width}-bit number, got ${value}`);
  }
  const out = new Uint8Array(width);
  let rest = big;
  for (let i = width - 1; i >= 0; i--) {
    out[i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return out;
}

/** The unsigned number that big-endian `bytes` spell. */
export function bytesToUint(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return value;
}

/** `parts`, one behind the other, in one fresh array. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

/**
 * Reads big-endian fields off a byte string from front to back. It never allocates more than is there, so a length field
 * cannot make it reserve memory.
 */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #label: string;
  #offset = 0;

  constructor(bytes: Uint8Array, label: string) {
    this.#bytes = bytes;
    this.#label = label;
  }

  /** Bytes not read yet. */
  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  /** The next `length` bytes, as a view. @throws {BytesError} `E_TRUNCATED` if there are fewer. */
  take(length: number): Uint8Array {
    if (length > this.remaining) {
      throw new BytesError(
        "E_TRUNCATED",
        `${this.#label}: expected ${length} more bytes at offset ${this.#offset}, got ${this.remaining}`,
      );
    }
    const out = this.#bytes.subarray(this.#offset, this.#offset + length);
    this.#offset += length;
    return out;
  }

  /** The next `width` bytes as an unsigned number. @throws {BytesError} `E_TRUNCATED` */
  uint(width: number): bigint {
    return bytesToUint(this.take(width));
  }

  /** The next `width` (at most 6) bytes as a number. @throws {BytesError} `E_TRUNCATED` */
  number(width: 1 | 2 | 4 | 6): number {
    return Number(this.uint(width));
  }

  /** Nothing may be left. @throws {BytesError} `E_TRAILING` */
  end(): void {
    if (this.remaining !== 0) {
      throw new BytesError("E_TRAILING", `${this.#label}: ${this.remaining} bytes left over`);
    }
  }
}
