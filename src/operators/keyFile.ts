import { closeSync, constants, fstatSync, fsyncSync, openSync, readSync, writeSync } from "node:fs";
import { bytesToHex } from "@noble/hashes/utils.js";
import { fromHex } from "../bytes/hex.ts";
import { OperatorError } from "./errors.ts";
import { KeyPair, type RandomSource, SECRET_KEY_BYTES } from "./keyPair.ts";

/**
 * An operator's secret key in a file of its own: 64 hex digits and a line feed, readable by its owner alone. A file that
 * others can read, or a symbolic link, is refused.
 */

const OWNER_ONLY = 0o600;
const OTHERS_MASK = 0o077;
const FILE_BYTES = 2 * SECRET_KEY_BYTES + 1;

/**
 * The key in `path`.
 * @throws {OperatorError} `E_KEY_FILE` unless it is a regular file with mode 0600 and 64 hex digits
 */
export function readKeyFile(path: string): KeyPair {
  const text = readOwnerOnly(path);
  // The text is a secret: whatever is wrong with it, it must not be repeated in an error.
  if (!/^[0-9a-f]{64}\n?$/.test(text)) {
    throw new OperatorError("E_KEY_FILE", `${path}: expected 64 hex digits`);
  }
  return KeyPair.fromSecret(fromHex(`0x${text.trimEnd()}`));
}

/**
 * Makes a fresh key and writes it to `path`; on disk when this returns.
 * @throws {OperatorError} `E_KEY_FILE` if the file is there already or cannot be written
 */
export function createKeyFile(path: string, random: RandomSource): KeyPair {
  const keyPair = KeyPair.generate(random);
  let file: number | undefined;
  try {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    file = openSync(path, flags, OWNER_ONLY);
    writeSync(file, `${bytesToHex(keyPair.exportSecret())}\n`);
    fsyncSync(file);
    return keyPair;
  } catch (cause) {
    throw new OperatorError("E_KEY_FILE", `${path}: cannot be created: ${reasonOf(cause)}`);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function readOwnerOnly(path: string): string {
  let file: number | undefined;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    const status = fstatSync(file);
    if (!status.isFile() || (status.mode & OTHERS_MASK) !== 0) {
      throw new OperatorError("E_KEY_FILE", `${path}: others can read it; run chmod 600 on it`);
    }
    const buffer = Buffer.alloc(FILE_BYTES);
    return buffer.subarray(0, readSync(file, buffer)).toString("latin1");
  } catch (cause) {
    if (cause instanceof OperatorError) throw cause;
    throw new OperatorError("E_KEY_FILE", `${path}: cannot be read: ${reasonOf(cause)}`);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** The system's code (`ENOENT`, `ELOOP`, …) only: messages of failed reads may quote what was read. */
function reasonOf(cause: unknown): string {
  const code: unknown = Reflect.get(Object(cause), "code");
  return typeof code === "string" ? code : "unknown reason";
}
