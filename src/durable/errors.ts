import { CodedError } from "../bytes/errors.ts";

/**
 * A durable file cannot be used. After `E_STORE_FULL` or `E_STORE_IO` the database takes no more writes
 * (`E_STORE_FAILED`) until it is opened again: a failed sync must not be followed by an acknowledged one.
 */
export class DurableError extends CodedError<
  | "E_LOCKED"
  | "E_STORE_FULL"
  | "E_STORE_IO"
  | "E_STORE_READONLY"
  | "E_STORE_UNREADABLE"
  | "E_STORE_VERSION"
  | "E_STORE_CLOSED"
  | "E_STORE_FAILED"
> {}
