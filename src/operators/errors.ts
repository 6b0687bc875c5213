import { CodedError } from "../bytes/errors.ts";

/** Something about keys, signatures, operator sets or votes is not as it must be. */
export class OperatorError extends CodedError<
  | "E_POINT"
  | "E_SECRET_KEY"
  | "E_HASH_TO_G1"
  | "E_CERTIFICATE"
  | "E_OPERATOR_SET"
  | "E_SIGNERS"
  | "E_DOUBLE_VOTE"
  | "E_KEY_FILE"
> {}
