import { ARTIFACT_KINDS } from "../artifact/kinds.ts";
import type { TreeKey } from "../bytes/brand.ts";

/**
 * The namespaces of the tree (docs/StateTree.md, "Tree keys"). The content-addressed, append-only ones are the artifact
 * kinds; the others are keyed by the hash of a key tuple and may change.
 */

/** Subtree of the tree under one first byte of the key. */
export interface Namespace {
  readonly namespace: number;
  readonly name: string;
  /** Leaves are content-addressed, never changed and never removed. */
  readonly appendOnly: boolean;
}

/** Numbers of the namespaces whose leaves may change. */
export const KEYED_NAMESPACES = { identity: 0x01, confidential: 0x02, secrets: 0x03 } as const;

/** Every namespace, by its number. */
export const NAMESPACES: ReadonlyMap<number, Namespace> = new Map(
  [
    ...Object.entries(KEYED_NAMESPACES).map(([name, namespace]) => ({
      namespace,
      name,
      appendOnly: false,
    })),
    ...Object.entries(ARTIFACT_KINDS).map(([name, { namespace }]) => ({
      namespace,
      name,
      appendOnly: true,
    })),
  ].map((row) => [row.namespace, row]),
);

/** First byte of `key`, whether or not it is a namespace. */
export function namespaceOf(key: TreeKey): number {
  return key[0] ?? 0;
}

/** Whether leaves of `namespace` are content-addressed, never changed and never removed. */
export function isAppendOnly(namespace: number): boolean {
  return NAMESPACES.get(namespace)?.appendOnly ?? false;
}
