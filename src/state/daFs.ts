import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { DaCertHash } from "../bytes/brand.ts";
import { toHex } from "../bytes/hex.ts";
import { keccak256 } from "../bytes/keccak.ts";
import { sweepTemporary, TEMPORARY_SUFFIX } from "../durable/file.ts";
import { CHUNK_BYTES } from "./chunk.ts";
import {
  assertBlob,
  assertBlobLength,
  type DaLimits,
  type DataAvailability,
  type GetOptions,
  type ManifestSource,
} from "./dataAvailability.ts";
import { DaError } from "./errors.ts";
import { MAX_MANIFEST_BYTES } from "./manifest.ts";

/**
 * Data availability in a directory: one file per blob, named by its keccak256, which is also the pointer. A file appears
 * whole or not at all (temporary file, fsync, rename, fsync of the directory), and its name is hex of 32 bytes, so that no
 * pointer leads out of the directory.
 */
export class FsDataAvailability implements DataAvailability, ManifestSource {
  readonly id = "fs";
  readonly #directory: string;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /** Creates the directory if it is not there, and removes what was left by a writer that was killed. @throws {DaError} `E_DA_READONLY`, `E_DA_FULL`, `E_DA_IO` */
  static async open(directory: string): Promise<FsDataAvailability> {
    try {
      await mkdir(directory, { recursive: true });
      sweepTemporary(directory);
    } catch (cause) {
      throw ioError(cause);
    }
    return new FsDataAvailability(directory);
  }

  /** The blobs in a directory of somebody else, in which nothing is made and nothing removed; it may not even be there. */
  static reader(directory: string): Pick<DataAvailability, "get"> & ManifestSource {
    return new FsDataAvailability(directory);
  }

  async limits(): Promise<DaLimits> {
    return { maxPayloadBytes: CHUNK_BYTES, retentionSeconds: Number.POSITIVE_INFINITY };
  }

  async put(payload: Uint8Array): Promise<Uint8Array> {
    if (payload.length > CHUNK_BYTES) {
      throw new DaError("E_DA_TOO_LARGE", `expected at most ${CHUNK_BYTES}, got ${payload.length}`);
    }
    const pointer = keccak256(payload);
    const path = this.#pathOf(pointer);
    const temporary = join(this.#directory, `${randomUUID()}${TEMPORARY_SUFFIX}`);
    try {
      // Written again even if it is there: what is there may be damaged.
      await writeDurably(temporary, payload);
      await rename(temporary, path);
      await syncDirectory(this.#directory);
    } catch (cause) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw ioError(cause);
    }
    return pointer;
  }

  async get(pointer: Uint8Array, options: GetOptions): Promise<Uint8Array> {
    const bytes = await readBounded(this.#pathOf(pointer), options);
    assertBlob(bytes, options);
    return bytes;
  }

  async manifest(daCertHash: DaCertHash): Promise<Uint8Array> {
    const expected = { scheme: "keccak256", digest: daCertHash } as const;
    return this.get(daCertHash, { expected, maxBytes: MAX_MANIFEST_BYTES });
  }

  #pathOf(pointer: Uint8Array): string {
    if (pointer.length !== 32) {
      throw new DaError("E_DA_POINTER", `pointer: expected 32 bytes, got ${pointer.length}`);
    }
    return join(this.#directory, toHex(pointer).slice(2));
  }
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, "wx");
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

async function readBounded(path: string, options: GetOptions): Promise<Uint8Array> {
  try {
    // A pipe would be waited for.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const status = await file.stat();
      if (!status.isFile()) throw new DaError("E_DA_IO", "directory: no plain file");
      const { size } = status;
      assertBlobLength(size, options);
      const buffer = new Uint8Array(size);
      const { bytesRead } = await file.read(buffer, 0, size, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw ioError(cause);
  }
}

const IO_CODES: Readonly<Record<string, DaError["code"]>> = {
  ENOENT: "E_DA_NOT_FOUND",
  ENOSPC: "E_DA_FULL",
  EDQUOT: "E_DA_FULL",
  EROFS: "E_DA_READONLY",
  EACCES: "E_DA_READONLY",
  EPERM: "E_DA_READONLY",
};

function ioError(cause: unknown): DaError {
  if (cause instanceof DaError) return cause;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  return new DaError(IO_CODES[code] ?? "E_DA_IO", `directory: ${code || "failed"}`, { cause });
}
