import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { StateError } from "./errors.ts";

/**
 * Compression of encoded deltas, by zstd from Node's own zlib. What comes out is bounded before it is made, and so is the
 * decoder's window: a small bomb costs its reader no more than an honest delta of the announced length.
 */

/** Numbers of the codecs, as the manifest spells them. */
export const CODECS = { none: 0, zstd: 1 } as const;

/** A delta of no more bytes is not compressed: a contract must be able to read it, and none reads zstd. */
export const RAW_DELTA_BYTES = 65_536;

/** log2 of the largest window that is written and read: 8 MiB. */
const WINDOW_LOG = 23;

/** A delta as it is cut into chunks. */
export interface Packed {
  readonly codec: number;
  readonly payload: Uint8Array;
}

/** `delta` under the codec that makes it smaller; uncompressed if none does or it is small. */
export function pack(delta: Uint8Array): Packed {
  if (delta.length <= RAW_DELTA_BYTES) return { codec: CODECS.none, payload: delta };
  const payload = zstdCompressSync(delta, {
    params: { [constants.ZSTD_c_windowLog]: WINDOW_LOG },
  });
  if (payload.length < delta.length) return { codec: CODECS.zstd, payload };
  return { codec: CODECS.none, payload: delta };
}

/**
 * The encoded delta of exactly `deltaLength` bytes in `packed`.
 * @throws {StateError} `E_CODEC` unknown codec; `E_DECOMPRESS_LIMIT` more than `deltaLength` bytes, or a larger window than
 *   8 MiB; `E_DECOMPRESS` damaged; `E_LENGTH` another length, or bytes behind the end
 */
export function unpack({ codec, payload }: Packed, deltaLength: number): Uint8Array {
  if (codec !== CODECS.none && codec !== CODECS.zstd) {
    throw new StateError("E_CODEC", `codec: expected 0 or 1, got ${codec}`);
  }
  const delta = codec === CODECS.zstd ? decompress(payload, deltaLength) : payload;
  if (delta.length !== deltaLength) {
    throw new StateError("E_LENGTH", `delta: expected ${deltaLength} bytes, got ${delta.length}`);
  }
  return delta;
}

function decompress(payload: Uint8Array, maxBytes: number): Uint8Array {
  // @types/node does not know that `info` makes the result an object with the engine.
  const result: unknown = runZstd(payload, {
    maxOutputLength: Math.max(1, maxBytes),
    params: { [constants.ZSTD_d_windowLogMax]: WINDOW_LOG },
    info: true,
  });
  const { buffer, read } = inspect(result);
  if (read !== payload.length) {
    throw new StateError("E_LENGTH", `payload: ${payload.length - read} bytes behind the frame`);
  }
  return buffer;
}

function runZstd(payload: Uint8Array, options: object): unknown {
  try {
    return zstdDecompressSync(payload, options);
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    const isLimit =
      code === "ERR_BUFFER_TOO_LARGE" || code === "ZSTD_error_frameParameter_windowTooLarge";
    throw new StateError(isLimit ? "E_DECOMPRESS_LIMIT" : "E_DECOMPRESS", "payload", { cause });
  }
}

function inspect(result: unknown): { buffer: Uint8Array; read: number } {
  if (typeof result === "object" && result !== null && "buffer" in result && "engine" in result) {
    const { buffer, engine } = result;
    if (buffer instanceof Uint8Array && typeof engine === "object" && engine !== null) {
      const read = "bytesWritten" in engine ? engine.bytesWritten : undefined;
      if (typeof read === "number") return { buffer, read };
    }
  }
  throw new StateError("E_DECOMPRESS", "zlib did not say how much it read");
}
