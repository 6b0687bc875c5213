import { ArtifactError } from "./errors.ts";
import type { ArtifactKind } from "./kind.ts";
import {
  line,
  type RegoText,
  readRego,
  rulesFalseByDefault,
  rulesWithDefault,
  SYNTAX_IMPORT,
} from "./regoText.ts";
import { REGO_MAX_NESTING } from "./regoTokens.ts";
import { strictText } from "./text.ts";

/** Most bytes of a Rego module: every operator parses it. */
export const REGO_MAX_BYTES = 1_048_576;

/**
 * What a module may not say, each with the reason. A decision must be the same for every operator and rest on nothing
 * but `input`, `data.params` and `data.wasm`.
 */
const FORBIDDEN: readonly { readonly pattern: RegExp; readonly why: string }[] = [
  {
    pattern: /(?<![\w.])(?:http|io|net|opa|providers|rand|rego|uuid)\s*[.[]/,
    why: "a builtin that reads the world",
  },
  { pattern: /(?<![\w.])time\s*(?:\.\s*now_ns\b|\[)/, why: "a builtin that reads the clock" },
  {
    // OPA takes `(time).now_ns()` for the builtin.
    pattern: /\(\s*(?:crypto|http|io|net|opa|providers|rand|rego|time|uuid)\s*\)/,
    why: "a group of builtins in parentheses",
  },
  {
    pattern: /(?<![\w.])crypto\s*(?:\.\s*x509\b|\[)/,
    why: "a builtin that reads the clock to judge certificates",
  },
  {
    pattern: /(?<![\w.])data\b(?!\.params\b|\.wasm\.[A-Za-z_])/,
    why: "data beside params and wasm.<name>",
  },
  { pattern: /(?<![\w.])with\s+(?=\S)(?!input\b|data\b)/, why: "a builtin replaced by `with`" },
];

/**
 * The module, if its text is acceptable.
 * @throws {ArtifactError} `E_TEXT_ENCODING`; `E_REGO_FAIL_OPEN` if its only defaults are not false;
 *   `E_REGO_INVALID` unless it has a package, a rule that is false by default, bounded nesting, and says nothing forbidden
 */
export function checkRego(bytes: Uint8Array): RegoText {
  const rego = readRego(strictText(bytes, "rego"));
  if (rulesFalseByDefault(rego).size === 0) {
    const open = rulesWithDefault(rego).at(0);
    if (open !== undefined) throw failOpen(open);
    throw new ArtifactError("E_REGO_INVALID", "rego: no rule with `default … := false`");
  }
  checkNesting(rego);
  // `rego.v1` is no builtin.
  const code = rego.code.replace(SYNTAX_IMPORT, (part) => " ".repeat(part.length));
  for (const { pattern, why } of FORBIDDEN) {
    const at = code.search(pattern);
    if (at !== -1) {
      throw new ArtifactError("E_REGO_INVALID", `rego: ${why}, in line ${line(code, at)}`);
    }
  }
  return rego;
}

/**
 * As {@link checkRego}, for the rule that decides.
 * @throws {ArtifactError} `E_REGO_FAIL_OPEN` if that rule is not false by default; `E_REGO_INVALID` also unless
 *   `entrypoint` is `package.rule` of this module
 */
export function checkRegoEntrypoint(bytes: Uint8Array, entrypoint: string): RegoText {
  const rego = checkRego(bytes);
  const rule = ruleOf(rego, entrypoint);
  if (!rulesFalseByDefault(rego).has(rule)) {
    if (rulesWithDefault(rego).includes(rule)) throw failOpen(rule);
    throw new ArtifactError("E_REGO_INVALID", `rego: expected \`default ${rule} := false\``);
  }
  return rego;
}

function failOpen(rule: string): ArtifactError {
  const message = `rego: \`default ${rule}\` is not false: what is not known would be allowed`;
  return new ArtifactError("E_REGO_FAIL_OPEN", message);
}

/** The rule's name in `entrypoint`. @throws {ArtifactError} `E_REGO_INVALID` unless it is in the module's package */
export function ruleOf({ packageName }: RegoText, entrypoint: string): string {
  const rule = entrypoint.slice(packageName.length + 1);
  if (`${packageName}.${rule}` !== entrypoint || !/^[A-Za-z_]\w*$/.test(rule)) {
    const shown = entrypoint.slice(0, 140);
    throw new ArtifactError(
      "E_REGO_INVALID",
      `rego: entrypoint "${shown}" is not ${packageName}.<rule>`,
    );
  }
  return rule;
}

function checkNesting({ code }: RegoText): void {
  let depth = 0;
  for (const char of code) {
    if ("([{".includes(char)) depth++;
    else if (")]}".includes(char)) depth--;
    if (depth > REGO_MAX_NESTING) {
      throw new ArtifactError(
        "E_REGO_INVALID",
        `rego: brackets nested deeper than ${REGO_MAX_NESTING}`,
      );
    }
  }
}

export const REGO = {
  namespace: 0x04,
  title: "Rego policy",
  maxBytes: REGO_MAX_BYTES,
  mayBeEncrypted: false,
  check: (bytes) => {
    checkRego(bytes);
  },
} as const satisfies ArtifactKind;
