/**
 * The artifact kinds. This table is the only place that lists them; a new kind is one file with its checks and one row
 * here. The namespace is the first byte of the tree key (docs/StateTree.md, "Tree keys").
 */

/** What the network needs to know of an artifact kind. */
export interface ArtifactKind {
  /** First byte of the tree key, 0x04 to 0x08. */
  readonly namespace: number;
  /** One line for people. */
  readonly title: string;
}

export const ARTIFACT_KINDS = {
  rego: { namespace: 0x04, title: "Rego policy" },
  "input-schema": { namespace: 0x05, title: "JSON Schema of params or call arguments" },
  "wasm-plugin": { namespace: 0x06, title: "WASM plugin" },
  "output-schema": { namespace: 0x07, title: "JSON Schema of a plugin's output" },
  "secrets-schema": { namespace: 0x08, title: "JSON Schema of secrets" },
} as const satisfies Record<string, ArtifactKind>;

/** Name of an artifact kind, as tasks and files spell it. */
export type ArtifactKindName = keyof typeof ARTIFACT_KINDS;
