import { randomUUID } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { fieldOf } from "./errors.ts";

/**
 * Files that appear whole or not at all: written under a temporary name, synced, moved into place. Failures are those of
 * the file system, to be named by whoever knows what the file is.
 */

/** Ends the names of files that were never finished. */
export const TEMPORARY_SUFFIX = ".tmp";
/** What has not been touched for so long is nobody's work in progress. */
export const ABANDONED_AFTER_MS = 60_000;

/** Makes `path` by `build`, which gets another name to write to. If somebody else has made it meanwhile, that one stays. */
export function createOnce(path: string, build: (temporary: string) => void): void {
  const temporary = temporaryName(path);
  try {
    build(temporary);
    syncPath(temporary);
    linkSync(temporary, path);
    syncPath(dirname(path));
  } catch (cause) {
    if (fieldOf(cause, "code") !== "EEXIST") throw cause;
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** Replaces `path` by `bytes`. On disk when this returns, but for the directory entry, which {@link syncPath} sees to. */
export function replaceFile(path: string, bytes: Uint8Array): void {
  const temporary = temporaryName(path);
  try {
    writeFileSync(temporary, bytes, { flag: "wx", flush: true });
    renameSync(temporary, path);
  } catch (cause) {
    removeQuietly(temporary);
    throw cause;
  }
}

/** Waits until the file or directory `path` is on disk. */
export function syncPath(path: string): void {
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Bytes that {@link rewriteFile} holds at a time. */
const REWRITE_BYTES = 1_048_576;

/**
 * Writes the bytes of the file `path` over themselves and waits until they are on disk. After a sync that failed, a file may
 * read as if it were on disk and not be there: a later sync only waits for what was written since.
 */
export function rewriteFile(path: string): void {
  const file = openSync(path, "r+");
  try {
    const buffer = new Uint8Array(REWRITE_BYTES);
    for (let at = 0; ; ) {
      const read = readSync(file, buffer, 0, REWRITE_BYTES, at);
      if (read === 0) break;
      writeAll(file, buffer.subarray(0, read), at);
      at += read;
    }
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Writes all of `bytes`, from `position` on or where the file is: one write may take fewer bytes than it is given. */
export function writeAll(file: number, bytes: Uint8Array, position?: number): void {
  for (let at = 0; at < bytes.length; ) {
    const where = position === undefined ? null : position + at;
    const written = writeSync(file, bytes, at, bytes.length - at, where);
    if (written === 0) throw new Error("a write took nothing");
    at += written;
  }
}

/**
 * Removes what {@link createOnce} and {@link replaceFile} left in `directory` when they were killed: temporary files whose
 * names begin with `prefix` and that were not written to for {@link ABANDONED_AFTER_MS}. Gives their number.
 */
export function sweepTemporary(directory: string, prefix = ""): number {
  let swept = 0;
  for (const name of readdirSync(directory)) {
    // SQLite keeps a journal beside a file it fills.
    const isTemporary =
      name.endsWith(TEMPORARY_SUFFIX) || name.endsWith(`${TEMPORARY_SUFFIX}-journal`);
    if (!isTemporary || !name.startsWith(prefix)) continue;
    const path = join(directory, name);
    const state = statSync(path, { throwIfNoEntry: false });
    if (state === undefined || Date.now() - state.mtimeMs < ABANDONED_AFTER_MS) continue;
    rmSync(path, { force: true });
    swept++;
  }
  return swept;
}

function temporaryName(path: string): string {
  return join(dirname(path), `${basename(path)}.${randomUUID()}${TEMPORARY_SUFFIX}`);
}

function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // What went wrong before is what counts; the next sweep removes the file.
  }
}
