import { ARTIFACT_KINDS, type ArtifactKindName } from "../artifact/kinds.ts";
import type { ContentHash } from "../bytes/brand.ts";
import { equalBytes, isZero } from "../bytes/compare.ts";
import type { PolicyDataTemplate, PolicyTemplate } from "../policy/ids.ts";
import { contentKey } from "../state/key.ts";
import type {
  DanglingDataEvidence,
  DanglingTemplateEvidence,
  LaterLeaf,
  RewriteEvidence,
} from "./evidence.ts";

/** Which registrations a lost leaf leaves dangling. */

/** A registered template, and the newest commit at its registration. */
export type Registered =
  | { readonly of: "template"; readonly template: PolicyTemplate; readonly sequenceNo: bigint }
  | { readonly of: "data"; readonly template: PolicyDataTemplate; readonly sequenceNo: bigint };

/** Artifacts of a registered template, in the order of their indices. */
function artifactsOf(
  registered: Registered,
): readonly (readonly [kind: ArtifactKindName, contentHash: ContentHash])[] {
  if (registered.of === "template") {
    const { regoHash, paramsSchemaHash } = registered.template;
    return [
      ["rego", regoHash],
      ["input-schema", paramsSchemaHash],
    ];
  }
  const { wasmHash, argsSchemaHash, outputSchemaHash, secretsSchemaHash } = registered.template;
  return [
    ["wasm-plugin", wasmHash],
    ["input-schema", argsSchemaHash],
    ["output-schema", outputSchemaHash],
    ["secrets-schema", secretsSchemaHash],
  ];
}

/** Evidence that artifact `artifactIndex` of a registration is what `later` shows. */
export function danglingEvidence(
  registered: Registered,
  artifactIndex: number,
  later: LaterLeaf,
): DanglingTemplateEvidence | DanglingDataEvidence {
  if (registered.of === "template") {
    return { kind: "dangling-template", template: registered.template, artifactIndex, later };
  }
  return { kind: "dangling-data", template: registered.template, artifactIndex, later };
}

/**
 * Evidence of every registration that names the leaf lost by `loss`. One artifact is one fault: the first piece of evidence
 * of an artifact proves it for all.
 */
export function danglingBy(
  loss: RewriteEvidence,
  registrations: readonly Registered[],
): readonly (DanglingTemplateEvidence | DanglingDataEvidence)[] {
  const later: LaterLeaf = {
    sequenceNo: loss.laterSequenceNo,
    record: loss.laterRecord,
    proof: loss.laterProof,
  };
  return registrations
    .filter(({ sequenceNo }) => sequenceNo < loss.laterSequenceNo)
    .flatMap((registered) =>
      artifactsOf(registered).flatMap(([kind, contentHash], artifactIndex) => {
        const { namespace } = ARTIFACT_KINDS[kind];
        const isLost =
          !isZero(contentHash) && equalBytes(contentKey(namespace, contentHash), loss.key);
        return isLost ? [danglingEvidence(registered, artifactIndex, later)] : [];
      }),
    );
}
