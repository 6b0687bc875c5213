import { CodedError } from "../bytes/errors.ts";

/**
 * A policy cannot be named, loaded, evaluated or decided.
 *
 * - `E_BINDING_…`: the data templates a policy reads
 * - `E_MANIFEST_…`, `E_FILE_…`: a policy folder
 * - `E_PARAMS_…`, `E_ARGS_…`, `E_OUTPUT_…`, `E_SECRETS_…`, `E_SCHEMA_MISSING`: schemas and what they are about
 * - `E_SAMPLE_…`: sample intents
 * - `E_REGO_…`: the Rego engine; `E_REGO_TIMEOUT` and `E_REGO_ENGINE` say nothing about the policy
 * - `E_PLUGIN_…`: running a plugin; `E_PLUGIN_TIMEOUT` depends on the machine, so callers abstain
 */
export class PolicyError extends CodedError<
  | "E_ADDRESS_LENGTH"
  | "E_BINDING_COUNT"
  | "E_BINDING_MISSING"
  | "E_BINDING_NAME"
  | "E_BINDING_ORDER"
  | "E_BINDING_UNUSED"
  | "E_ENTRYPOINT"
  | "E_FILE_MISSING"
  | "E_MANIFEST_INVALID"
  | "E_ENVIRONMENT"
  | "E_PARAMS_KEY"
  | "E_PARAMS_INVALID"
  | "E_ARGS_INVALID"
  | "E_OUTPUT_KEY"
  | "E_OUTPUT_INVALID"
  | "E_SECRETS_INVALID"
  | "E_SCHEMA_MISSING"
  | "E_SAMPLE_INVALID"
  | "E_SAMPLE_DECISION"
  | "E_REGO_VERSION"
  | "E_REGO_BUILTIN"
  | "E_REGO_FAIL_OPEN"
  | "E_REGO_TEST"
  | "E_REGO_PARSE"
  | "E_REGO_TYPE"
  | "E_REGO_RESERVED"
  | "E_REGO_UNDEFINED"
  | "E_REGO_EVALUATION"
  | "E_REGO_TIMEOUT"
  | "E_REGO_ENGINE"
  | "E_PLUGIN_MISSING"
  | "E_PLUGIN_INVALID"
  | "E_PLUGIN_IMPORT"
  | "E_PLUGIN_EXPORT"
  | "E_PLUGIN_INPUT_TOO_LARGE"
  | "E_PLUGIN_OUTPUT_TOO_LARGE"
  | "E_PLUGIN_OUTPUT_INVALID"
  | "E_PLUGIN_TRAP"
  | "E_PLUGIN_TIMEOUT"
  | "E_PLUGIN_ENGINE"
> {}
