import { CodedError } from "../bytes/errors.ts";

/** A commit cannot be made, signed or landed. */
export class CommitError extends CodedError<
  | "E_FIELD"
  | "E_JOURNAL_CORRUPT"
  | "E_STORE_AHEAD"
  | "E_FORKED"
  | "E_NOT_NEXT"
  | "E_TIMESTAMP"
  | "E_HEARTBEAT_NOT_DUE"
  | "E_COMMIT_VERSION"
  | "E_ROOT_MISMATCH"
  | "E_NOT_IN_SET"
  | "E_DIGEST_MISMATCH"
  | "E_TIMEOUT"
> {}
