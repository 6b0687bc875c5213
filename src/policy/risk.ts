import { importsOfPlugin } from "../artifact/wasmPlugin.ts";
import { isZero } from "../bytes/compare.ts";
import type { PolicyBundle } from "./folder.ts";

/**
 * How much there is to go wrong with a policy, as a number, so that a migration starts with what can do least harm. It is
 * made of facts that anybody can count again, and says nothing of what the policy protects (docs/Migration.md).
 */

/** What is counted. */
export interface RiskFacts {
  /** Secrets schemas: what a client deposits can be lost, late, or wrong where nobody sees it. */
  readonly secrets: number;
  /** Plugins: code beside the Rego. */
  readonly plugins: number;
  /** Plugins of at least {@link INTERPRETER_BYTES}, which bring an interpreter along. */
  readonly interpreters: number;
  /** Interfaces that plugins ask of their host. */
  readonly imports: number;
  readonly paramsBytes: number;
  readonly regoBytes: number;
}

/** Points for each; sizes count by the started KiB. */
export const RISK_POINTS = {
  secrets: 100,
  plugins: 40,
  interpreters: 20,
  imports: 10,
  paramsKib: 1,
  regoKib: 1,
} as const;

/** Plugins from AssemblyScript have some KiB, those with QuickJS some 480 KiB. */
export const INTERPRETER_BYTES = 65_536;

const KIB = 1_024;

/** Facts of a policy with the params it is to be instantiated with. @throws {ArtifactError} `E_WASM_INVALID` */
export function riskFactsOf({ data, rego }: PolicyBundle, params: Uint8Array): RiskFacts {
  const inClear = data.filter(({ template }) => isZero(template.cleartextHash));
  return {
    secrets: data.filter(({ template }) => !isZero(template.secretsSchemaHash)).length,
    plugins: data.length,
    interpreters: data.filter(({ wasm }) => wasm.length >= INTERPRETER_BYTES).length,
    imports: new Set(inClear.flatMap(({ wasm }) => importsOfPlugin(wasm))).size,
    paramsBytes: params.length,
    regoBytes: rego.length,
  };
}

/** The score of a policy: the sum of its points. */
export function riskScoreOf(facts: RiskFacts): number {
  return (
    facts.secrets * RISK_POINTS.secrets +
    facts.plugins * RISK_POINTS.plugins +
    facts.interpreters * RISK_POINTS.interpreters +
    facts.imports * RISK_POINTS.imports +
    Math.ceil(facts.paramsBytes / KIB) * RISK_POINTS.paramsKib +
    Math.ceil(facts.regoBytes / KIB) * RISK_POINTS.regoKib
  );
}

/** A policy with its facts. */
export interface RatedPolicy {
  readonly name: string;
  readonly score: number;
  readonly facts: RiskFacts;
}

/** The least risk first; of two with the same score the one with less Rego and params, then by name. */
export function compareRisk(a: RatedPolicy, b: RatedPolicy): number {
  const bytes = ({ facts }: RatedPolicy) => facts.regoBytes + facts.paramsBytes;
  return a.score - b.score || bytes(a) - bytes(b) || (a.name < b.name ? -1 : 1);
}
