import { ArtifactError } from "./errors.ts";

/**
 * The sections of a WebAssembly binary, as far as they say what it asks of its host: imports, memories, tables, counts.
 * Both formats are a head of 8 bytes and then sections of an id, a length and that many bytes (WebAssembly core
 * specification, section 5.5; component model, `design/mvp/Binary.md`).
 */

/** One section. */
export interface WasmSection {
  readonly id: number;
  readonly body: WasmReader;
}

/** Size of a memory in pages of 64 KiB, or of a table in entries. `max` is undefined where none is declared. */
export interface WasmLimits {
  readonly min: number;
  readonly max: number | undefined;
}

const HEAD_BYTES = 8;
/** Most sections of one binary. */
const MAX_SECTIONS = 4_096;
/** Most characters of a name. */
const MAX_NAME_BYTES = 1_024;

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** The sections of `binary`, in order. @throws {ArtifactError} `E_WASM_INVALID` */
export function* wasmSections(binary: Uint8Array): Generator<WasmSection> {
  const reader = new WasmReader(binary.subarray(HEAD_BYTES));
  for (let count = 0; !reader.isAtEnd; count++) {
    if (count === MAX_SECTIONS) throw invalid(`more than ${MAX_SECTIONS} sections`);
    const id = reader.byte();
    yield { id, body: new WasmReader(reader.bytes(reader.u32())) };
  }
}

/** Reads a section from front to back. Every method throws `E_WASM_INVALID` at the end of the bytes. */
export class WasmReader {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#offset === this.#bytes.length;
  }

  byte(): number {
    const byte = this.#bytes[this.#offset++];
    if (byte === undefined) throw invalid("ends too soon");
    return byte;
  }

  bytes(length: number): Uint8Array {
    if (length > this.#bytes.length - this.#offset) throw invalid("ends too soon");
    this.#offset += length;
    return this.#bytes.subarray(this.#offset - length, this.#offset);
  }

  /** The bytes that are left. */
  rest(): Uint8Array {
    return this.bytes(this.#bytes.length - this.#offset);
  }

  /** LEB128, at most 5 bytes. */
  u32(): number {
    const value = this.#leb(5);
    if (value > 0xffff_ffff) throw invalid("a number above 32 bits");
    return value;
  }

  name(): string {
    const length = this.u32();
    if (length > MAX_NAME_BYTES) throw invalid(`a name of ${length} bytes`);
    try {
      return utf8.decode(this.bytes(length));
    } catch (cause) {
      if (cause instanceof ArtifactError) throw cause;
      throw invalid("a name that is no UTF-8");
    }
  }

  /** Flags, then the minimum and perhaps a maximum; of a memory of 64 bits too. */
  limits(): WasmLimits {
    const flags = this.byte();
    if (flags > 7) throw invalid(`limits of kind ${flags}`);
    const maxBytes = (flags & 4) === 0 ? 5 : 10;
    const min = this.#leb(maxBytes);
    return { min, max: (flags & 1) === 0 ? undefined : this.#leb(maxBytes) };
  }

  /** A reference type: one byte, or a prefix and a heap type. */
  refType(): void {
    const form = this.byte();
    if (form === 0x63 || form === 0x64) this.#leb(5);
  }

  /** As a double: above 2^53 it is rounded, which no bound here comes near. */
  #leb(maxBytes: number): number {
    let value = 0;
    for (let i = 0; i < maxBytes; i++) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) return value;
    }
    throw invalid("a number that is too long");
  }
}

function invalid(what: string): ArtifactError {
  return new ArtifactError("E_WASM_INVALID", `wasm plugin: ${what}`);
}
