import { CodedError } from "../bytes/errors.ts";

/**
 * A durable file cannot be used. After a write that failed the database takes no more writes (`E_STORE_FAILED`) until it is
 * opened again: a failed sync must not be followed by an acknowledged one.
 */
export class DurableError extends CodedError<
  | "E_LOCKED"
  | "E_STORE_FULL"
  | "E_STORE_IO"
  | "E_STORE_READONLY"
  | "E_STORE_UNREADABLE"
  | "E_STORE_SCHEMA"
  | "E_STORE_CLOSED"
  | "E_STORE_FAILED"
> {}

/** Primary result codes of SQLite (https://www.sqlite.org/rescode.html). */
const SQLITE_CODES: ReadonlyMap<number, DurableError["code"]> = new Map([
  // ERROR, TOOBIG, CONSTRAINT: the statements are known to fit the tables, so the tables are no longer what they were.
  [1, "E_STORE_UNREADABLE"],
  [18, "E_STORE_UNREADABLE"],
  [19, "E_STORE_UNREADABLE"],
  [5, "E_LOCKED"], // BUSY
  [6, "E_LOCKED"], // LOCKED
  [8, "E_STORE_READONLY"],
  [10, "E_STORE_IO"], // IOERR
  [11, "E_STORE_UNREADABLE"], // CORRUPT
  [13, "E_STORE_FULL"],
  [14, "E_STORE_READONLY"], // CANTOPEN: the file is there, but it or its log cannot be opened for writing
  [26, "E_STORE_UNREADABLE"], // NOTADB
]);

const FILE_CODES: ReadonlyMap<unknown, DurableError["code"]> = new Map([
  ["EACCES", "E_STORE_READONLY"],
  ["EPERM", "E_STORE_READONLY"],
  ["EROFS", "E_STORE_READONLY"],
  ["ENOSPC", "E_STORE_FULL"],
  ["EDQUOT", "E_STORE_FULL"],
]);

/** `cause`, of SQLite or the file system, under its name here. Errors that have a code of this project pass through. */
export function durableError(cause: unknown, path: string): CodedError {
  if (cause instanceof CodedError) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  return new DurableError(codeOf(cause), `${path}: ${message}`, { cause });
}

/** Runs `work` on `path`; what fails has its name. @throws {DurableError} */
export function withNamedFailures<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw durableError(cause, path);
  }
}

function codeOf(cause: unknown): DurableError["code"] {
  const result = fieldOf(cause, "errcode");
  // Extended codes carry the primary one in their low byte.
  if (typeof result === "number") return SQLITE_CODES.get(result & 0xff) ?? "E_STORE_IO";
  return FILE_CODES.get(fieldOf(cause, "code")) ?? "E_STORE_IO";
}

/** A field that Node sets on the errors of SQLite and of the file system. */
export function fieldOf(error: unknown, name: "code" | "errcode"): unknown {
  return typeof error === "object" && error !== null ? Reflect.get(error, name) : undefined;
}
