/**
 * Named environments: what a policy may rely on. A template names one by its number, for good; a new engine or another
 * list is a new number.
 */

/** An environment. */
export interface RegoEnvironment {
  /** The language and the engine. */
  readonly title: string;
  /** Functions that may be called, each the same for every operator and in every release of the engine since. */
  readonly builtins: ReadonlySet<string>;
}

/** Nothing that reads a clock, the network, randomness or the engine, and nothing that selects keys by name unseen. */
const PURE_BUILTINS = [
  ...["abs", "ceil", "floor", "round", "count", "sum", "product", "max", "min", "sort"],
  ...["numbers.range", "to_number", "format_int", "bits.and", "bits.or", "bits.xor"],
  ...["bits.lsh", "bits.rsh", "bits.negate", "array.concat", "array.reverse", "array.slice"],
  ...["object.get", "object.keys", "object.union", "object.union_n", "object.remove"],
  ...["intersection", "union", "concat", "contains", "endswith", "indexof", "indexof_n"],
  ...["lower", "upper", "replace", "split", "sprintf", "startswith", "strings.reverse"],
  ...["substring", "trim", "trim_left", "trim_prefix", "trim_right", "trim_space", "trim_suffix"],
  ...["regex.match", "regex.is_valid", "glob.match", "is_array", "is_boolean", "is_null"],
  ...["is_number", "is_object", "is_set", "is_string", "type_name", "base64.decode"],
  ...["base64.encode", "hex.decode", "hex.encode", "crypto.sha256", "crypto.hmac.sha256"],
  ...["json.is_valid", "json.marshal", "json.unmarshal", "time.parse_rfc3339_ns"],
];

/** The environments, by number. */
export const REGO_ENVIRONMENTS: ReadonlyMap<number, RegoEnvironment> = new Map([
  [1, { title: "Rego v1 on Open Policy Agent 0.47", builtins: new Set(PURE_BUILTINS) }],
]);
