import { CodedError } from "../bytes/errors.ts";

/** A commit is not one that could be signed. */
export class CommitError extends CodedError<"E_FIELD"> {}
