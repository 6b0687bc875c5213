import { CodedError } from "../bytes/errors.ts";

/** Bytes that are refused before anything is stored. The code names the rule; the message the place. */
export class ArtifactError extends CodedError<
  | "E_KIND_UNKNOWN"
  | "E_KIND_NOT_ENCRYPTABLE"
  | "E_ARTIFACT_EMPTY"
  | "E_ARTIFACT_TOO_LARGE"
  | "E_HASH_MISMATCH"
  | "E_TEXT_ENCODING"
  | "E_JSON_INVALID"
  | "E_JSON_DUPLICATE_KEY"
  | "E_JSON_FORBIDDEN_KEY"
  | "E_JSON_DEPTH"
  | "E_NUMBER_RANGE"
  | "E_SCHEMA_DIALECT"
  | "E_SCHEMA_REF"
  | "E_SCHEMA_LIMIT"
  | "E_SCHEMA_REGEX"
  | "E_SCHEMA_INVALID"
  | "E_REGO_INVALID"
  | "E_REGO_FAIL_OPEN"
  | "E_WASM_INVALID"
  | "E_WASM_IMPORT"
  | "E_WASM_LIMIT"
  | "E_SECRET"
> {}
