import { CodedError } from "../bytes/errors.ts";

/** A commit cannot be made, signed, held or landed. */
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
  | "E_HOLD_RULES"
  | "E_HELD_CORRUPT"
  | "E_HELD_LIMIT"
  | "E_HELD_ORDER"
  | "E_HELD_CERTIFICATE"
  | "E_HELD_QUORUM"
  | "E_HELD_EXPIRED"
> {}
