import type { JsonObject } from "../artifact/json.ts";
import type { RegoEnvironment } from "../artifact/regoEnvironment.ts";
import {
  closingOf,
  dottedName,
  isFinished,
  isReferenceAt,
  type RegoReference,
  referenceAt,
  stringValue,
} from "../artifact/regoReference.ts";
import { type RegoRule, rulesOf } from "../artifact/regoRules.ts";
import { line } from "../artifact/regoText.ts";
import { type RegoToken, tokenize } from "../artifact/regoTokens.ts";
import { type PathStep, type SchemaView, stepInto, viewOf } from "../artifact/schemaPath.ts";
import { PolicyError } from "./errors.ts";

/**
 * What a module calls and what it reads, held against its environment and its schemas. Values are followed through `:=`,
 * `=`, `some … in`, `every … in`, rules that name a part of a document, and the parameters of the module's own functions;
 * what is computed is not followed.
 */

/** Schemas of the documents, by what the Rego calls them. */
export interface DocumentSchemas {
  readonly params: JsonObject | undefined;
  /** Of plugin outputs, by binding name. */
  readonly wasm: ReadonlyMap<string, JsonObject | undefined>;
}

/** Rounds in which aliases of aliases are found. */
const MAX_ROUNDS = 8;

/**
 * What is wrong with the calls and reads of the module, in the order of its text: `E_REGO_BUILTIN`, `E_PARAMS_KEY`,
 * `E_OUTPUT_KEY`, `E_SCHEMA_MISSING`.
 * @throws {ArtifactError} `E_REGO_INVALID` for a text that has no tokens
 */
export function faultsOfReads(
  text: string,
  environment: RegoEnvironment,
  schemas: DocumentSchemas,
): PolicyError[] {
  return new ModuleReads(text, environment, schemas).faults();
}

/** Where a value may come from; undefined in the list stands for a value that is not followed. */
type Views = readonly SchemaView[];

class ModuleReads {
  readonly #text: string;
  readonly #environment: RegoEnvironment;
  readonly #schemas: DocumentSchemas;
  readonly #tokens: readonly RegoToken[];
  readonly #rules: readonly RegoRule[];
  /** Views by `<rule number>/<variable>`, and by `/<rule>` for the value of a rule. */
  #views = new Map<string, SchemaView[]>();
  /** Names of the same kind whose value is not, or not always, part of a document. */
  #unknown = new Set<string>();

  constructor(text: string, environment: RegoEnvironment, schemas: DocumentSchemas) {
    this.#text = text;
    this.#environment = environment;
    this.#schemas = schemas;
    this.#tokens = tokenize(text);
    this.#rules = rulesOf(this.#tokens);
  }

  faults(): PolicyError[] {
    for (let round = 0, known = -1; known !== this.#size() && round < MAX_ROUNDS; round++) {
      known = this.#size();
      for (const [number, rule] of this.#rules.entries()) this.#learn(rule, number);
    }
    const faults: PolicyError[] = [];
    for (const [number, rule] of this.#rules.entries()) {
      for (let i = rule.start; i < rule.end; i++) {
        if (!isReferenceAt(this.#tokens, i)) continue;
        const fault = this.#faultOf(referenceAt(this.#tokens, i), number, i);
        if (fault !== undefined) faults.push(fault);
      }
    }
    return faults;
  }

  #size(): number {
    let size = this.#unknown.size;
    for (const views of this.#views.values()) size += views.length;
    return size;
  }

  /** Binds names to the parts of documents that they stand for. */
  #learn(rule: RegoRule, number: number): void {
    this.#learnValue(rule, number);
    for (let i = rule.headEnd; i < rule.end; i++) {
      const { text = "", kind } = this.#tokens[i] ?? {};
      if (text === "some" || text === "every") this.#learnMembers(i, number);
      const value = valueAt(this.#tokens, i + 1);
      if (kind === "name" && value !== undefined && this.#tokens[i - 1]?.text !== ".") {
        this.#bind(`${number}/${text}`, this.#viewsAt(value, number) ?? []);
      }
      if (isReferenceAt(this.#tokens, i)) this.#learnCall(referenceAt(this.#tokens, i), number);
    }
  }

  /** The value of a rule is that of its head; a rule with a body alone is true. */
  #learnValue({ name, headEnd }: RegoRule, number: number): void {
    const value = valueAt(this.#tokens, headEnd);
    const views = value === undefined ? undefined : this.#viewsAt(value, number);
    if (views === undefined) this.#unknown.add(`/${name}`);
    else this.#bind(`/${name}`, views);
  }

  /** `some v in d`, `some k, v in d`, `every v in d`: `v` is any part of `d`. */
  #learnMembers(index: number, number: number): void {
    const names: string[] = [];
    let at = index + 1;
    while (this.#tokens[at]?.kind === "name" && this.#tokens[at]?.text !== "in") {
      names.push(this.#tokens[at]?.text ?? "");
      at += this.#tokens[at + 1]?.text === "," ? 2 : 1;
    }
    if (this.#tokens[at]?.text !== "in") return;
    const views = this.#viewsAt(at + 1, number) ?? [];
    this.#bind(`${number}/${names.at(-1) ?? ""}`, intoAll(views, "any"));
  }

  /** What a function of the module is called with, its parameters stand for. */
  #learnCall(reference: RegoReference, number: number): void {
    if (reference.args === undefined || reference.steps.length > 0) return;
    for (const [callee, rule] of this.#rules.entries()) {
      if (rule.name !== reference.root || rule.params === undefined) continue;
      for (const [i, param] of rule.params.entries()) {
        const views = this.#viewsAt(reference.args[i] ?? -1, number);
        if (views === undefined) this.#unknown.add(`${callee}/${param}`);
        else this.#bind(`${callee}/${param}`, views);
      }
    }
  }

  #bind(name: string, views: Views): void {
    const known = this.#views.get(name) ?? [];
    for (const view of views) {
      if (!known.some(({ node }) => node === view.node)) known.push(view);
    }
    this.#views.set(name, known);
  }

  /** Views of the expression at token number `index`, if it is a reference and nothing else. */
  #viewsAt(index: number, number: number): Views | undefined {
    if (!isReferenceAt(this.#tokens, index)) return undefined;
    const reference = referenceAt(this.#tokens, index);
    if (!isFinished(this.#tokens, reference.end)) return undefined;
    return this.#viewsOf(reference, number);
  }

  #viewsOf(reference: RegoReference, number: number): Views | undefined {
    const start = this.#startOf(reference, number);
    if (start === undefined || start.views === undefined) return undefined;
    return start.steps.reduce<Views>(intoAll, start.views);
  }

  /** The document or variable where a reference starts, and the steps that are left. */
  #startOf(
    { root, steps }: RegoReference,
    number: number,
  ): { readonly views: Views | undefined; readonly steps: readonly PathStep[] } | undefined {
    if (root === "data") {
      const [first, second] = steps;
      if (isKey(first, "params")) {
        return { views: viewsOfSchema(this.#schemas.params), steps: steps.slice(1) };
      }
      if (!isKey(first, "wasm") || second === undefined || second === "any") return undefined;
      const schema = this.#schemas.wasm.get(second.key);
      return { views: viewsOfSchema(schema), steps: steps.slice(2) };
    }
    for (const name of [`${number}/${root}`, `/${root}`]) {
      const views = this.#views.get(name);
      if (this.#unknown.has(name)) return undefined;
      if (views !== undefined && views.length > 0) return { views, steps };
    }
    return undefined;
  }

  #faultOf(reference: RegoReference, number: number, index: number): PolicyError | undefined {
    if (reference.args !== undefined) {
      const called = this.#faultOfCall(reference, number, index);
      if (called !== undefined) return called;
    }
    const start = this.#startOf(reference, number);
    if (start === undefined) return undefined;
    if (start.views === undefined) {
      const [, plugin] = reference.steps;
      const whose = isKey(reference.steps[0], "params") || plugin === undefined || plugin === "any";
      const what = whose ? "params" : `the output of "${plugin.key}"`;
      return this.#fault(
        "E_SCHEMA_MISSING",
        index,
        `${dottedName(reference)}: ${what} has no schema`,
      );
    }
    return this.#faultOfSteps(reference, start.views, start.steps, index);
  }

  #faultOfSteps(
    reference: RegoReference,
    start: Views,
    steps: readonly PathStep[],
    index: number,
  ): PolicyError | undefined {
    let views = start;
    for (const step of steps) {
      const next = intoAll(views, step);
      if (next.length === 0) {
        const key = step === "any" ? "nothing is inside" : `no key "${step.key}" in its schema`;
        const isOutput = [...this.#schemas.wasm.values()].some((schema) => {
          return views.some(({ root }) => root === schema);
        });
        const code = isOutput ? "E_OUTPUT_KEY" : "E_PARAMS_KEY";
        return this.#fault(code, index, `${dottedName(reference)}: ${key}`);
      }
      views = next;
    }
    return undefined;
  }

  #faultOfCall(reference: RegoReference, number: number, index: number): PolicyError | undefined {
    const name = dottedName(reference);
    const isOwn = this.#rules.some((rule) => rule.name === name && rule.params !== undefined);
    if (!isOwn && !this.#environment.builtins.has(name)) {
      const why = `${name} is no function of the environment "${this.#environment.title}"`;
      return this.#fault("E_REGO_BUILTIN", index, why);
    }
    if (name !== "object.get") return undefined;
    // object.get(document, "key", …) and object.get(document, ["a", "b"], …) read by name.
    const [document = -1, key = -1] = reference.args ?? [];
    const views = this.#viewsAt(document, number);
    if (views === undefined) return undefined;
    const steps = keysAt(this.#tokens, key);
    return this.#faultOfSteps(referenceAt(this.#tokens, document), views, steps, index);
  }

  #fault(code: PolicyError["code"], index: number, message: string): PolicyError {
    const at = line(this.#text, this.#tokens[index]?.start ?? 0);
    return new PolicyError(code, `line ${at}: ${message}`);
  }
}

/** Number of the token behind `:=` or a single `=` at token number `index`. */
function valueAt(tokens: readonly RegoToken[], index: number): number | undefined {
  const [first, second] = tokens.slice(index, index + 2);
  if (first?.text === ":" && second?.text === "=") return index + 2;
  if (first?.text === "=" && second?.text !== "=") return index + 1;
  return undefined;
}

/** The constant key, or list of keys, at token number `index`. */
function keysAt(tokens: readonly RegoToken[], index: number): PathStep[] {
  const token = tokens[index];
  if (token?.kind === "string") return [{ key: stringValue(token.text) }];
  if (token?.text !== "[") return [];
  const steps: PathStep[] = [];
  for (const { kind, text } of tokens.slice(index + 1, closingOf(tokens, index))) {
    if (kind === "string") steps.push({ key: stringValue(text) });
    else if (text !== ",") return [];
  }
  return steps;
}

function intoAll(views: Views, step: PathStep): Views {
  return views.flatMap((view) => stepInto(view, step));
}

function viewsOfSchema(schema: JsonObject | undefined): Views | undefined {
  return schema === undefined ? undefined : [viewOf(schema)];
}

function isKey(step: PathStep | undefined, key: string): boolean {
  return step !== undefined && step !== "any" && step.key === key;
}
