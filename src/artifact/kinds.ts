import { ArtifactError } from "./errors.ts";
import { INPUT_SCHEMA } from "./inputSchema.ts";
import type { ArtifactKind } from "./kind.ts";
import { OUTPUT_SCHEMA } from "./outputSchema.ts";
import { PARAMS } from "./params.ts";
import { REGO } from "./rego.ts";
import { SECRETS_SCHEMA } from "./secretsSchema.ts";
import { WASM_PLUGIN } from "./wasmPlugin.ts";

/**
 * The artifact kinds. This table is the only place that lists them; a new kind is one file with its checks and one row
 * here. The namespace is the first byte of the tree key (docs/StateTree.md, "Tree keys").
 */
export const ARTIFACT_KINDS = {
  rego: REGO,
  "input-schema": INPUT_SCHEMA,
  "wasm-plugin": WASM_PLUGIN,
  "output-schema": OUTPUT_SCHEMA,
  "secrets-schema": SECRETS_SCHEMA,
  params: PARAMS,
} as const satisfies Record<string, ArtifactKind>;

/** Name of an artifact kind, as tasks and files spell it. */
export type ArtifactKindName = keyof typeof ARTIFACT_KINDS;

/** The kind called `name`. @throws {ArtifactError} `E_KIND_UNKNOWN` */
export function kindOf(name: string): ArtifactKind {
  return ARTIFACT_KINDS[kindNameOf(name)];
}

/** `name` as the name of a kind. @throws {ArtifactError} `E_KIND_UNKNOWN` */
export function kindNameOf(name: string): ArtifactKindName {
  if (isKindName(name)) return name;
  const known = Object.keys(ARTIFACT_KINDS).join(", ");
  throw new ArtifactError("E_KIND_UNKNOWN", `kind "${name.slice(0, 80)}" is none of ${known}`);
}

/** Whether there is a kind called `name`. */
export function isKindName(name: string): name is ArtifactKindName {
  return Object.hasOwn(ARTIFACT_KINDS, name);
}
