import { CodedError } from "../bytes/errors.ts";

/** A tree was asked for what it cannot give, or a file about trees does not have its form. */
export class TreeError extends CodedError<
  | "E_DUPLICATE_KEY"
  | "E_STALE_STAGE"
  | "E_VERSION_UNKNOWN"
  | "E_VERSION_PRUNED"
  | "E_INTERVAL"
  | "E_TREE_FULL"
  | "E_TREE_BUSY"
  | "E_PROOF"
  | "E_LEAF_COUNT"
  | "E_VECTOR_SYNTAX"
  | "E_VECTOR_FORMAT"
  | "E_VECTOR_HASH"
  | "E_VECTOR_LIMIT"
> {}
